// losscope submit: a study on a SLURM cluster.

import path from 'node:path';
import type { Command } from 'commander';
import { counted, verb } from '../counted.js';
import type { DeviceChoice } from '../node/device.js';
import { type SlurmJob, slurmScripts, submitSlurm } from '../node/slurm.js';
import { openStore } from '../node/store/index.js';
import { planStudy } from '../study/plan.js';
import { deviceOption, expireOption, graceOption, wholeNumber } from './options.js';
import { printLine } from './output.js';
import { openStudy, standardStore } from './study.js';
import { MAIN } from './workers.js';

interface Options {
  readonly out?: string;
  readonly tasks: number;
  readonly print?: boolean;
  readonly expire: number;
  readonly grace: number;
  readonly device: DeviceChoice;
}

export function addSubmit(losscope: Command): void {
  losscope
    .command('submit')
    .description('plan a study and submit it to SLURM: an array of workers, and a job that finishes')
    .argument('<study>', 'a YAML file: models, groups of clips, disturbances')
    .argument(
      '[sbatch...]',
      'after --: options for sbatch, as --partition=gpu --gres=gpu:1 --cpus-per-task=8',
    )
    .option('-o, --out <folder>', 'the store, in a folder that all nodes see (default: runs/STUDY)')
    .option('--tasks <n>', 'workers', wholeNumber({ min: 1 }), 8)
    .option('--print', 'only print the scripts; plans and submits nothing')
    .addOption(expireOption())
    .addOption(graceOption())
    .addOption(deviceOption())
    .action(run);
}

async function run(file: string, sbatch: readonly string[], options: Options): Promise<void> {
  const opened = await openStudy(file, options);
  try {
    const { study } = opened;
    const out = path.resolve(options.out ?? standardStore(study));
    const losscope = [process.execPath, MAIN];
    const job: SlurmJob = {
      study: study.name,
      out,
      tasks: options.tasks,
      work: [
        ...[...losscope, 'work', path.resolve(file), '--out', out, '--device', options.device],
        ...['--expire', `${options.expire}ms`, '--grace', `${options.grace}ms`],
      ],
      finish: [...losscope, 'finish', out],
      options: sbatch,
    };
    if (options.print) {
      const { work, finish } = slurmScripts(job);
      printLine(`${work}\n${finish}`.trimEnd());
      return;
    }
    const { plan, jobs } = await planStudy(study, opened);
    const store = await openStore(out, { create: true });
    await store.writePlan(plan);
    await store.close();
    const { work, finish } = await submitSlurm(job);
    printLine(
      `${counted(plan.cells.length, 'cell')} in ${counted(jobs.length, 'job')}: ${counted(options.tasks, 'worker')} ${verb(options.tasks, 'is', 'are')} job ${work}, job ${finish} finishes after them; ` +
        `losscope status ${out} shows how far they are`,
    );
  } finally {
    await opened.close();
  }
}
