// losscope work: one of any number of workers of a study, in a shared folder or at a queue.

import { spawn } from 'node:child_process';
import { availableParallelism, hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Command, InvalidArgumentError } from 'commander';
import { BEATS, claimsFolder, EXPIRE, folderClaims } from '../node/claims/folder.js';
import type { DeviceChoice } from '../node/device.js';
import { openStore } from '../node/store/index.js';
import { parseSpan } from '../perturb/parse.js';
import type { Claims } from '../study/claims.js';
import type { Library } from '../study/dataset.js';
import { type PlannedStudy, planStudy } from '../study/plan.js';
import type { Store } from '../study/store.js';
import { plannedAgain, workStudy } from '../study/work.js';
import { onFirstInterrupt } from './interrupt.js';
import { deviceOption, wholeNumber } from './options.js';
import { printLine, say } from './output.js';
import { openStudy, standardStore } from './study.js';

/** The program itself, for scripts and processes that call it again. */
export const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

interface Options {
  readonly out?: string;
  readonly queue?: string;
  readonly workers: number;
  readonly threads?: number;
  readonly expire: number;
  readonly device: DeviceChoice;
}

export function addWork(losscope: Command): void {
  losscope
    .command('work')
    .description('work on a study together with other machines, in a shared folder or at a queue')
    .argument('<study>', 'a YAML file: models, groups of clips, disturbances')
    .option('-o, --out <folder>', 'the store: shared, or with --queue also local (default: runs/STUDY)')
    .option('--queue <url>', 'take jobs from a queue: redis://host or postgres://host (see losscope enqueue)')
    .option(
      '--workers <n>',
      'processes on this machine; cores or GPUs are divided among them',
      wholeNumber({ min: 1 }),
      1,
    )
    .option(
      '--threads <n>',
      'threads of each worker (default: its part of the cores)',
      wholeNumber({ min: 1 }),
    )
    .option(
      '--expire <time>',
      'a worker that gives no sign for so long is lost; the same for all workers (60s)',
      expireOf,
      EXPIRE,
    )
    .addOption(deviceOption())
    .action((file: string, options: Options) =>
      options.workers > 1 ? several(file, options) : work(file, options),
    );
}

async function work(file: string, options: Options): Promise<void> {
  const { expire } = options;
  const opened = await openStudy(file, { ...options, threads: options.threads ?? threadsHere(1) });
  const out = options.out ?? standardStore(opened.study);
  const store = await openStore(out, { create: true });
  let claims: Claims | undefined;
  let stopped = false;
  const release = onFirstInterrupt(() => {
    stopped = true;
    say('');
    say('losscope: finishing the cell or map under way, then giving the job back (again: stop at once)');
  });
  try {
    const { planned, library } = await planOf(opened, store);
    claims = await claimsOf(planned, { out, ...options });
    const done = await workStudy(planned, {
      ...{ library, store, claims, openExact: opened.openExact, repeat: every(expire / BEATS) },
      stopped: () => stopped,
      onJob: (job) =>
        tell(`done: ${job.kind === 'clip' ? job.item.name : 'comparison with fp32'}, ${job.model.spec.name}`),
      onLost: (job) =>
        tell(`another worker took over ${job.kind === 'clip' ? job.item.name : 'a comparison'}`),
    });
    printLine(
      stopped
        ? `${done} jobs done here; go on with the same command`
        : `${done} jobs done here, none is left; losscope finish ${out} checks and gathers`,
    );
    if (stopped) process.exitCode = 130;
  } finally {
    release();
    await claims?.close();
    await store.close();
    await opened.close();
  }
}

/** Calls a function every so many ms. */
function every(ms: number): (sign: () => Promise<void>) => () => void {
  return (sign) => {
    const timer = setInterval(() => void sign(), ms);
    return () => clearInterval(timer);
  };
}

/** A line of this worker in a log that several share. */
function tell(line: string): void {
  say(`${hostname()}-${process.pid}: ${line}`);
}

/** The plan of the store, as it is; of a new store a plan of our own, which another worker may have written meanwhile. */
async function planOf(
  { study, library, models }: Awaited<ReturnType<typeof openStudy>>,
  store: Store,
): Promise<{ readonly planned: PlannedStudy; readonly library: Library }> {
  const plan = await store.plan();
  if (plan) return plannedAgain(study, plan, { library, models });
  const planned = await planStudy(study, { library, models });
  await store.writePlan(planned.plan);
  return { planned, library };
}

async function claimsOf(
  { plan, jobs }: PlannedStudy,
  { out, queue, expire }: Pick<Options, 'queue' | 'expire'> & { readonly out: string },
): Promise<Claims> {
  if (queue === undefined) {
    return folderClaims(claimsFolder(out, plan.hash), { jobs: jobs.map(({ id }) => id), expire });
  }
  const { queueClaims } = await import('../node/claims/queue.js');
  return queueClaims({ url: queue, plan: plan.hash, expire });
}

function threadsHere(workers: number): number {
  const given = Number(process.env.SLURM_CPUS_PER_TASK);
  const cores = Number.isInteger(given) && given > 0 ? given : availableParallelism();
  return Math.max(1, Math.floor(cores / workers));
}

/** Starts workers as processes of their own, each with its part of the cores, or a GPU of its own; ends when all have. */
async function several(file: string, options: Options): Promise<void> {
  const { workers, device } = options;
  const devices = (process.env.CUDA_VISIBLE_DEVICES ?? '').split(',').filter((name) => name !== '');
  const args = ['work', file, '--threads', String(options.threads ?? threadsHere(workers))];
  for (const name of ['out', 'queue'] as const) {
    const value = options[name];
    if (value !== undefined) args.push(`--${name}`, value);
  }
  args.push('--device', device, '--expire', `${options.expire}ms`);
  const children = Array.from({ length: workers }, (_, i) => {
    const own = device === 'cuda' ? (devices[i % devices.length] ?? String(i)) : undefined;
    const env = { ...process.env, ...(own === undefined ? {} : { CUDA_VISIBLE_DEVICES: own }) };
    return spawn(process.execPath, [MAIN, ...args], { stdio: 'inherit', env });
  });
  const release = onFirstInterrupt(() => {
    for (const child of children) child.kill('SIGTERM');
  });
  const codes = await Promise.all(
    children.map((child) => new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)))),
  );
  release();
  process.exitCode = Math.max(...codes);
}

function expireOf(text: string): number {
  try {
    const span = parseSpan(text);
    if ('seconds' in span && span.seconds >= 1) return 1000 * span.seconds;
  } catch {
    // Said below, as for tokens: the same remedy.
  }
  throw new InvalidArgumentError('Expected a time of at least a second, as 60s.');
}
