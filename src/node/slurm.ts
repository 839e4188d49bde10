// A study on a SLURM cluster: an array of workers that share a folder, and a job after them that finishes. Tasks that are
// requeued, lost or late change nothing: what they have claimed is taken over, what they store twice is the same.

import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { writeWhole } from './output.js';

/** Seconds before the time limit at which a worker is asked to finish what is under way. */
const GRACE = 60;

export interface SlurmJob {
  /** Name of the study. */
  readonly study: string;
  /** The store; logs and scripts lie in its folder `slurm`. */
  readonly out: string;
  /** Workers. */
  readonly tasks: number;
  /** What a worker runs, and what finishes, each with its arguments. */
  readonly work: readonly string[];
  readonly finish: readonly string[];
  /** Options for sbatch, for the workers: `--partition=gpu`. */
  readonly options: readonly string[];
}

export interface SlurmScripts {
  readonly work: string;
  readonly finish: string;
}

/** The scripts of both jobs. */
export function slurmScripts({ study, out, tasks, work, finish, options }: SlurmJob): SlurmScripts {
  const logs = path.join(path.resolve(out), 'slurm');
  const name = `losscope-${study.replace(/[^\w.-]/g, '-')}`;
  return {
    work: [
      '#!/bin/bash',
      `#SBATCH --job-name=${name}`,
      `#SBATCH --array=1-${tasks}`,
      `#SBATCH --output=${logs}/%A_%a.log`,
      '#SBATCH --open-mode=append',
      '#SBATCH --requeue',
      `#SBATCH --signal=B:TERM@${GRACE}`,
      ...grouped(options).map(sbatchLine),
      '# One arena of the allocator for all threads: the memory of a worker then stays flat.',
      'export MALLOC_ARENA_MAX=1',
      '# Any number of these share the folder: each takes jobs that nobody works on.',
      `exec ${work.map(shellWord).join(' ')} --threads "\${SLURM_CPUS_PER_TASK:-1}"`,
      '',
    ].join('\n'),
    finish: [
      '#!/bin/bash',
      `#SBATCH --job-name=${name}-finish`,
      `#SBATCH --output=${logs}/%j_finish.log`,
      ...grouped(options).filter(isOfAccount).map(sbatchLine),
      '# After the workers, whatever became of them. Its exit code says whether the study is complete.',
      `exec ${finish.map(shellWord).join(' ')}`,
      '',
    ].join('\n'),
  };
}

/** Writes and submits both scripts; returns the numbers of the jobs. @throws one line when sbatch is missing or refuses. */
export async function submitSlurm(
  job: SlurmJob,
): Promise<{ readonly work: string; readonly finish: string }> {
  const scripts = slurmScripts(job);
  const folder = path.join(job.out, 'slurm');
  const [work, finish] = [path.join(folder, 'work.sh'), path.join(folder, 'finish.sh')];
  await writeWhole(work, scripts.work);
  await writeWhole(finish, scripts.finish);
  const workers = await sbatch([work]);
  // afterany: after failed tasks, too. A job behind them that can never start is no use.
  const after = ['--dependency', `afterany:${workers}`, '--kill-on-invalid-dep=yes'];
  return { work: workers, finish: await sbatch([...after, finish]) };
}

/** Options with their values: `-p`, `all` and `--mem=1G` become two. */
function grouped(words: readonly string[]): string[][] {
  const options: string[][] = [];
  for (const word of words) {
    const last = options.at(-1);
    if (word.startsWith('-') || !last) options.push([word]);
    else last.push(word);
  }
  return options;
}

/** Account and partition hold for the finishing job too; what workers need beside does not. */
function isOfAccount([option]: readonly string[]): boolean {
  return /^(--(partition|account|qos)(=|$)|-[pAq])/.test(option);
}

/** Options stand in the script: what is printed or kept is all that was submitted. */
function sbatchLine(option: readonly string[]): string {
  return `#SBATCH ${option.map(shellWord).join(' ')}`;
}

async function sbatch(args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('sbatch', ['--parsable', ...args]);
    return stdout.trim().split(';')[0];
  } catch (error) {
    const { code, stderr = '' } = error as { readonly code?: string | number; readonly stderr?: string };
    if (code === 'ENOENT') {
      throw new Error('sbatch: not found; submit where SLURM is, or print the script with --print');
    }
    throw new Error(`sbatch: ${stderr.trim().replace(/\s*\n\s*/g, ' ') || code}`);
  }
}

function shellWord(word: string): string {
  return /^[\w./@+:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
