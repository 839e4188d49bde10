// Claims as jobs of a queue. A job's id is that of the study's job, so adding it twice adds it once; the queue is named after the
// plan. Beside it lies what workers need to make the plan again without reading all clips.

import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue, Job as QueueJob } from 'bullmq';
import type { Claims } from '../../study/claims.js';
import type { PlanDigest } from '../../study/work.js';
import { type EngineOptions, isAway, openEngine, type QueueEngine } from './engine.js';

/** A worker that gives no sign for so long, ms, is lost. */
const LOCK = 60_000;
/** Between two looks at an empty queue, and between two tries of a server that is away, ms. */
const POLL = 500;
/** A worker that ends does not wait longer for a server that is away, ms: what it holds runs out by itself. */
const FAREWELL = 3000;
/** A job comes back as often as it loses its worker: other workers are lost, not the job. */
const STALLS = 1_000_000;
/** Jobs that are added by one call. */
const BATCH = 1000;

export interface QueueOptions extends EngineOptions {
  /** Hash of the plan. */
  readonly plan: string;
  /** A worker that gives no sign for so long, ms, is lost. Default a minute. */
  readonly expire?: number;
}

function queueName({ plan }: Pick<QueueOptions, 'plan'>): string {
  return `losscope-${plan.slice(0, 32)}`;
}

/**
 * Puts jobs into the queue of a plan; returns how many wait there. A queue of which all is done is made again. Jobs of which
 * the queue says that they are done are done again if they are `missing` from the results.
 */
export async function enqueueJobs(
  options: QueueOptions,
  jobs: readonly string[],
  { missing = false }: { readonly missing?: boolean } = {},
): Promise<number> {
  return withQueue(options, queueName(options), async (queue) => {
    if ((await openJobs(queue)) === 0) await queue.obliterate({ force: true });
    else if (missing) await forget(queue, new Set(jobs));
    for (let start = 0; start < jobs.length; start += BATCH) {
      const some = jobs.slice(start, start + BATCH);
      await queue.addBulk(some.map((job) => ({ name: 'job', data: {}, opts: { jobId: job } })));
    }
    return openJobs(queue);
  });
}

/** Takes jobs out of the queue that are done there. */
async function forget(queue: Queue, jobs: ReadonlySet<string>): Promise<void> {
  for (const job of await queue.getJobs('completed')) {
    if (job.id !== undefined && jobs.has(job.id)) await job.remove();
  }
}

/** Keeps the digest of a plan under a name that all workers of the study know before they plan. */
export async function publishPlan(options: EngineOptions, study: string, digest: PlanDigest): Promise<void> {
  await withQueue(options, planName(study), async (queue) => {
    await (await queue.getJob(PLAN))?.remove();
    await queue.add(PLAN, digest, { jobId: PLAN });
  });
}

/** What was published under the name; undefined when nothing was, or the queue was lost. */
export async function publishedPlan(options: EngineOptions, study: string): Promise<PlanDigest | undefined> {
  return withQueue(options, planName(study), async (queue) => (await queue.getJob(PLAN))?.data);
}

const PLAN = 'plan';

/** Nobody works on this queue: it only keeps. */
function planName(study: string): string {
  return `losscope-plan-${study.slice(0, 32)}`;
}

async function withQueue<T>(
  options: EngineOptions,
  name: string,
  use: (queue: Queue) => Promise<T>,
): Promise<T> {
  const engine = await openEngine(options);
  try {
    const queue = await engine.queue(name);
    try {
      return await use(queue);
    } finally {
      await queue.close();
    }
  } finally {
    await engine.close();
  }
}

/** How the queue of a plan stands. */
export interface QueueStatus {
  readonly waiting: number;
  readonly done: number;
  /** Jobs that the engine has given up; none, unless somebody else used the queue. */
  readonly failed: number;
  /** Workers that hold jobs now, "node7-4711", with how many. One that was lost stands here until its job is taken over. */
  readonly held: readonly { readonly worker: string; readonly jobs: number }[];
}

export async function queueStatus(options: QueueOptions): Promise<QueueStatus> {
  return withQueue(options, queueName(options), async (queue) => {
    const counts = await queue.getJobCounts('waiting', 'delayed', 'prioritized', 'completed', 'failed');
    const held = new Map<string, number>();
    for (const { processedBy = 'unknown' } of await queue.getJobs('active'))
      held.set(processedBy, (held.get(processedBy) ?? 0) + 1);
    return {
      waiting: counts.waiting + counts.delayed + counts.prioritized,
      done: counts.completed,
      failed: counts.failed,
      held: [...held].map(([worker, jobs]) => ({ worker, jobs })),
    };
  });
}

/** Claims from the queue of a plan. */
export async function queueClaims(options: QueueOptions): Promise<Claims> {
  const { expire = LOCK } = options;
  const engine = await openEngine(options);
  const name = queueName(options);
  const queue = await engine.queue(name);
  const worker = await engine.worker(name, {
    name: `${hostname()}-${process.pid}`,
    autorun: false,
    lockDuration: expire,
    stalledInterval: Math.max(1000, expire / 2),
    maxStalledCount: STALLS,
  });
  const token = randomBytes(12).toString('hex');
  const taken = new Map<string, QueueJob>();
  const stillMine = async (job: QueueJob): Promise<boolean> =>
    (await job.extendLock(token, expire).catch(() => 0)) === 1;
  await worker.startStalledCheckTimer();
  return {
    async next(stopped) {
      while (!stopped()) {
        const job = await patiently(engine, stopped, () => worker.getNextJob(token, { block: false }));
        if (job?.id !== undefined) {
          taken.set(job.id, job);
          return { job: job.id, taken: Math.max(1, job.attemptsStarted) };
        }
        if ((await patiently(engine, stopped, () => openJobs(queue))) === 0) return undefined;
        await sleep(POLL);
      }
      return undefined;
    },
    async keep({ job }) {
      return (await taken.get(job)?.extendLock(token, expire)) === 1;
    },
    async done({ job: id }) {
      const job = taken.get(id);
      taken.delete(id);
      if (!job) return;
      try {
        await patiently(
          engine,
          () => false,
          () => job.moveToCompleted({}, token, false),
        );
      } catch (error) {
        // The worker that took it over reports it as done. Any other failure is an error.
        if (await stillMine(job)) throw error;
      }
    },
    async release({ job: id }) {
      const job = taken.get(id);
      taken.delete(id);
      // Another one has it, or the server is away: it then runs out by itself.
      await within(FAREWELL, async () => job?.moveToWait(token).catch(() => undefined));
    },
    async close() {
      await within(FAREWELL, async () => {
        await worker.close(true);
        await queue.close();
      });
      await engine.close();
    },
  };
}

/** Tries again while the server is away; undefined when it was stopped meanwhile. */
async function patiently<T>(
  engine: QueueEngine,
  stopped: () => boolean,
  task: () => Promise<T>,
): Promise<T | undefined> {
  for (;;) {
    try {
      const value = await task();
      engine.well();
      return value;
    } catch (error) {
      if (!isAway(error)) throw error;
    }
    if (stopped()) return undefined;
    await sleep(POLL);
  }
}

/** Ends after some time, whatever becomes of the task. */
async function within(ms: number, task: () => Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  const { signal } = patience;
  await Promise.race([task(), sleep(ms, undefined, { signal })]);
  patience.abort();
}

function openJobs(queue: Queue): Promise<number> {
  return queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized', 'failed');
}
