// losscope work: one of any number of workers of a study, in a shared folder or at a queue.

import { hostname } from 'node:os';
import type { Command } from 'commander';
import { counted } from '../counted.js';
import { BEATS, claimsFolder, folderClaims } from '../node/claims/folder.js';
import type { DeviceChoice } from '../node/device.js';
import { openStore } from '../node/store/index.js';
import { joinWorkers } from '../node/workers_here.js';
import type { Claims } from '../study/claims.js';
import type { Library } from '../study/dataset.js';
import { type PlannedStudy, planStudy } from '../study/plan.js';
import type { Study } from '../study/spec.js';
import type { Store } from '../study/store.js';
import { type PlanDigest, plannedAgain, studyName, workStudy } from '../study/work.js';
import { onFirstInterrupt, SIGNALS } from './interrupt.js';
import { deviceOption, expireOption, graceOption, wholeNumber } from './options.js';
import { printLine, say } from './output.js';
import { openStudy, standardStore } from './study.js';
import { coresGiven, isPrepared, placesOf, startWorkers, threadsOf } from './workers.js';

interface Options {
  readonly out?: string;
  readonly queue?: string;
  readonly workers: number;
  readonly threads?: number;
  readonly expire: number;
  readonly grace: number;
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
    .addOption(expireOption())
    .addOption(graceOption())
    .addOption(deviceOption())
    .action((file: string, options: Options) =>
      options.workers > 1 || !isPrepared() ? inProcesses(file, options) : work(file, options),
    );
}

async function work(file: string, options: Options): Promise<void> {
  const { expire, queue } = options;
  if (queue !== undefined) (await import('../node/claims/engine.js')).requireEngine(queue);
  const here = await joinWorkers();
  const threads = options.threads ?? coresGiven() ?? here.threads;
  const opened = await openStudy(file, { ...options, threads });
  const out = options.out ?? standardStore(opened.study);
  const store = await openStore(out, { create: true });
  let claims: Claims | undefined;
  let stopped = false;
  let giveUp = (): void => undefined;
  const givenUp = new Promise<void>((resolve) => {
    giveUp = resolve;
  });
  let patience: NodeJS.Timeout | undefined;
  const release = onFirstInterrupt(() => {
    stopped = true;
    patience = setTimeout(giveUp, options.grace);
    say('');
    say(
      `losscope: finishing the cell or map under way within ${options.grace / 1000} s, then giving the job back (again: stop at once)`,
    );
  });
  try {
    const { planned, library } = await planOf(opened, store, options);
    claims = await claimsOf(planned, { out, ...options });
    tell(`works on ${planned.study.name}: ${counted(planned.jobs.length, 'job')} in all`);
    const done = await workStudy(planned, {
      ...{ library, store, claims, openExact: opened.openExact, repeat: every(expire / BEATS) },
      stopped: () => stopped,
      givenUp,
      onJob: (job) =>
        tell(`done: ${job.kind === 'clip' ? job.item.name : 'comparison with fp32'}, ${job.model.spec.name}`),
      onLost: (job) =>
        tell(`another worker took over ${job.kind === 'clip' ? job.item.name : 'a comparison'}`),
    });
    printLine(
      stopped
        ? `${counted(done, 'job')} done here; go on with the same command`
        : `${counted(done, 'job')} done here, none is left; losscope finish ${out} checks and gathers`,
    );
    if (stopped) process.exitCode = SIGNALS.SIGINT;
  } finally {
    release();
    clearTimeout(patience);
    await claims?.close();
    await store.close();
    await opened.close();
    await here.leave();
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

/**
 * The plan of the store, as it is, or that of the queue; of a new store without either a plan of our own, which another worker
 * may have written meanwhile.
 */
async function planOf(
  { study, library, models }: Awaited<ReturnType<typeof openStudy>>,
  store: Store,
  { queue }: Pick<Options, 'queue'>,
): Promise<{ readonly planned: PlannedStudy; readonly library: Library }> {
  const kept = await store.plan();
  const there = kept ?? (queue === undefined ? undefined : await digestAt(queue, study, library));
  const made = there
    ? await plannedAgain(study, there, { library, models })
    : { planned: await planStudy(study, { library, models }), library };
  if (!kept) await store.writePlan(made.planned.plan);
  return made;
}

async function digestAt(url: string, study: Study, library: Library): Promise<PlanDigest | undefined> {
  const { publishedPlan } = await import('../node/claims/queue.js');
  return publishedPlan({ url }, await studyName(study, library));
}

async function claimsOf(
  { plan, jobs }: PlannedStudy,
  { out, queue, expire }: Pick<Options, 'queue' | 'expire'> & { readonly out: string },
): Promise<Claims> {
  if (queue === undefined) {
    return folderClaims(claimsFolder(out, plan.hash), { jobs: jobs.map(({ id }) => id), expire });
  }
  const { queueClaims } = await import('../node/claims/queue.js');
  return queueClaims({ url: queue, plan: plan.hash, expire, onTrouble: tell });
}

/** Starts the same command in processes of their own. */
async function inProcesses(file: string, options: Options): Promise<void> {
  const { workers, device, expire, grace } = options;
  const places = placesOf(workers, device);
  const args = ['work', file, '--device', device, '--expire', `${expire}ms`, '--grace', `${grace}ms`];
  const threads = options.threads ?? (workers > 1 ? threadsOf(workers) : undefined);
  for (const [name, value] of Object.entries({ threads, out: options.out, queue: options.queue }))
    if (value !== undefined) args.push(`--${name}`, String(value));
  await startWorkers(places, args);
}
