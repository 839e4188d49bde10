// Claims as jobs of a queue: BullMQ over Redis or PostgreSQL, whichever the address names. The packages are loaded when asked
// for. A job's id is that of the study's job, so adding it twice adds it once; the queue is named after the plan.

import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue, Job as QueueJob, Worker } from 'bullmq';
import type { Claims } from '../../study/claims.js';

const require = createRequire(import.meta.url);

/** A worker that gives no sign for so long, ms, is lost. */
const LOCK = 60_000;
/** Between two looks at an empty queue, ms. */
const POLL = 500;
/** A job comes back as often as it loses its worker: other workers are lost, not the job. */
const STALLS = 1_000_000;
/** Jobs that are added by one call. */
const BATCH = 1000;

export interface QueueOptions {
  /** `redis://host[:port]`, `rediss://...` or `postgres://user@host/database`. */
  readonly url: string;
  /** Hash of the plan. */
  readonly plan: string;
  /** A worker that gives no sign for so long, ms, is lost. Default a minute. */
  readonly expire?: number;
}

interface Engine {
  queue(): Promise<Queue>;
  worker(): Promise<Worker>;
}

/** Puts jobs into the queue of a plan; returns how many there are. A queue of which all is done is made again. */
export async function enqueueJobs(options: QueueOptions, jobs: readonly string[]): Promise<number> {
  const queue = await (await engineOf(options)).queue();
  try {
    if ((await openJobs(queue)) === 0) await queue.obliterate({ force: true });
    for (let start = 0; start < jobs.length; start += BATCH) {
      const some = jobs.slice(start, start + BATCH);
      await queue.addBulk(some.map((job) => ({ name: 'job', data: {}, opts: { jobId: job } })));
    }
    return await openJobs(queue);
  } finally {
    await queue.close();
  }
}

/** Claims from the queue of a plan. */
export async function queueClaims(options: QueueOptions): Promise<Claims> {
  const { expire = LOCK } = options;
  const engine = await engineOf(options);
  const [queue, worker] = [await engine.queue(), await engine.worker()];
  const token = randomBytes(12).toString('hex');
  const taken = new Map<string, QueueJob>();
  await worker.startStalledCheckTimer();
  return {
    async next(stopped) {
      while (!stopped()) {
        const job: QueueJob | undefined = await worker.getNextJob(token, { block: false });
        if (job?.id !== undefined) {
          taken.set(job.id, job);
          return { job: job.id, taken: Math.max(1, job.attemptsStarted) };
        }
        if ((await openJobs(queue)) === 0) return undefined;
        await sleep(POLL);
      }
      return undefined;
    },
    async keep({ job }) {
      return (await taken.get(job)?.extendLock(token, expire)) === 1;
    },
    async done({ job }) {
      try {
        await taken.get(job)?.moveToCompleted({}, token, false);
      } catch (error) {
        // Whoever took it over meanwhile says that it is done. What else goes wrong is an error.
        if (await stillMine(taken.get(job))) throw error;
      }
      taken.delete(job);
    },
    async release({ job }) {
      await taken.get(job)?.moveToWait(token);
      taken.delete(job);
    },
    async close() {
      await worker.close();
      await queue.close();
    },
  };

  async function stillMine(job: QueueJob | undefined): Promise<boolean> {
    return (await job?.extendLock(token, expire).catch(() => 0)) === 1;
  }
}

function openJobs(queue: Queue): Promise<number> {
  return queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized', 'failed');
}

async function engineOf({ url, plan, expire = LOCK }: QueueOptions): Promise<Engine> {
  const name = `losscope-${plan.slice(0, 32)}`;
  const settings = {
    autorun: false,
    lockDuration: expire,
    stalledInterval: Math.max(1000, expire / 2),
    maxStalledCount: STALLS,
  } as const;
  if (/^postgres(ql)?:\/\//.test(url)) {
    requirePackages('bullmq', 'pg');
    const { createPostgresBackend, withBackend } = await import('bullmq');
    const classes = withBackend(createPostgresBackend);
    const connection = { connectionString: url, migrate: true };
    return ready({
      queue: () => new classes.Queue(name, { connection }) as unknown as Queue,
      worker: () => new classes.Worker(name, null, { connection, ...settings }) as unknown as Worker,
    });
  }
  if (!/^rediss?:\/\//.test(url)) {
    throw new Error(`--queue ${url}: expected redis://host, rediss://host or postgres://user@host/database`);
  }
  requirePackages('bullmq', 'ioredis');
  const bull = await import('bullmq');
  const connection = { url, maxRetriesPerRequest: null };
  return ready({
    queue: () => new bull.Queue(name, { connection }),
    worker: () => new bull.Worker(name, null, { connection, ...settings }),
  });
}

/** Waits until the server answers. A connection that is lost later is tried again by the library; it is no fault. */
function ready(make: { readonly queue: () => Queue; readonly worker: () => Worker }): Engine {
  const told = (): void => undefined;
  return {
    async queue() {
      const queue = make.queue();
      queue.on('error', told);
      await queue.waitUntilReady();
      return queue;
    },
    async worker() {
      const worker = make.worker();
      worker.on('error', told);
      await worker.waitUntilReady();
      return worker;
    },
  };
}

const VERSIONS: Readonly<Record<string, string>> = { bullmq: '6.7.0', ioredis: '6.0.0', pg: '8.23.1' };

/** @throws one line naming the first package that is not installed. */
function requirePackages(...names: readonly string[]): void {
  for (const name of names) {
    try {
      require.resolve(name);
    } catch {
      throw new Error(`--queue needs the package ${name}; install it: npm install ${name}@${VERSIONS[name]}`);
    }
  }
}
