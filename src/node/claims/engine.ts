// Engines of a queue: BullMQ over Redis or PostgreSQL, whichever the address names. The packages are loaded when asked for. A
// server that does not answer at first is an error; one that goes away later is waited for, and said once.

import { createRequire } from 'node:module';
import type { Queue, Worker } from 'bullmq';

const require = createRequire(import.meta.url);

/** Connections of each pool to PostgreSQL, which allows 100 in all by default. */
const CONNECTIONS = 1;

export interface EngineOptions {
  /** `redis://host[:port]`, `rediss://...` or `postgres://user@host/database`. */
  readonly url: string;
  /** Hears in one line when the server has gone away. */
  readonly onTrouble?: (line: string) => void;
}

/** How a worker of BullMQ is made; see queue.ts. */
export interface WorkerSettings {
  /** Stands in the jobs that it holds. */
  readonly name: string;
  readonly autorun: false;
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly maxStalledCount: number;
}

export interface QueueEngine {
  queue(name: string): Promise<Queue>;
  worker(name: string, settings: WorkerSettings): Promise<Worker>;
  /** Says that the server answers again. */
  well(): void;
  close(): Promise<void>;
}

/** Connects to a server. @throws one line when it does not answer, or a package is missing. */
export async function openEngine(options: EngineOptions): Promise<QueueEngine> {
  return requireEngine(options.url) === 'redis' ? redisEngine(options) : postgresEngine(options);
}

const PACKAGES = { redis: ['bullmq', 'ioredis'], postgres: ['bullmq', 'pg'] } as const;
const VERSIONS = { bullmq: '6.7.0', ioredis: '6.0.0', pg: '8.23.1' } as const;

/** Which engine an address means. @throws one line when it is none, or packages of that one are not installed. */
export function requireEngine(url: string): keyof typeof PACKAGES {
  const [, scheme] = /^(redis|postgres)(?:s|ql)?:\/\//.exec(url) ?? [];
  // A port or a host that cannot be.
  if ((scheme !== 'redis' && scheme !== 'postgres') || !URL.canParse(url)) {
    throw new Error(
      `--queue ${withoutPassword(url)}: expected redis://host, rediss://host or postgres://user@host/database`,
    );
  }
  const absent = PACKAGES[scheme].filter((name) => !isInstalled(name));
  if (absent.length === 0) return scheme;
  const install = absent.map((name) => `${name}@${VERSIONS[name]}`).join(' ');
  throw new Error(
    `--queue ${scheme}: needs ${absent.join(' and ')}, which losscope does not bring along; where it is installed: npm install ${install}`,
  );
}

function isInstalled(name: string): boolean {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** An address as it may be shown. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^/@]*?):[^/]*@/, '$1:***@');
}

async function redisEngine(options: EngineOptions): Promise<QueueEngine> {
  const { Redis } = await import('ioredis');
  const { Queue, Worker } = await import('bullmq');
  // Commands wait while the server is away. The connection is ours: BullMQ cannot end one that never was there.
  const connection = new Redis(options.url, { lazyConnect: true, maxRetriesPerRequest: null });
  const trouble = troubleWith(options);
  let isOpen = false;
  let cause: unknown;
  connection.on('error', (error) => {
    cause = error;
    if (isOpen) trouble.tell(error);
  });
  connection.on('ready', trouble.end);
  try {
    await connection.connect();
    isOpen = true;
  } catch (error) {
    connection.disconnect();
    throw unanswered(options.url, cause ?? error);
  }
  return {
    async queue(name) {
      const queue = new Queue(name, { connection });
      queue.on('error', trouble.tell);
      await queue.waitUntilReady();
      return queue;
    },
    async worker(name, settings) {
      const worker = new Worker(name, null, { connection, ...settings });
      worker.on('error', trouble.tell);
      await worker.waitUntilReady();
      return worker;
    },
    well: trouble.end,
    async close() {
      connection.disconnect();
    },
  };
}

type Ready = Pick<Queue, 'waitUntilReady' | 'disconnect'> | Pick<Worker, 'waitUntilReady' | 'disconnect'>;

async function postgresEngine(options: EngineOptions): Promise<QueueEngine> {
  const { createPostgresBackend, withBackend } = await import('bullmq');
  const classes = withBackend(createPostgresBackend);
  const connection = { connectionString: options.url, migrate: true, max: CONNECTIONS };
  const trouble = troubleWith(options);
  const ready = async <T extends Ready>(made: T): Promise<T> => {
    try {
      await made.waitUntilReady();
      return made;
    } catch (error) {
      await made.disconnect();
      throw unanswered(options.url, error);
    }
  };
  return {
    queue(name) {
      const queue = new classes.Queue(name, { connection }) as unknown as Queue;
      queue.on('error', trouble.tell);
      return ready(queue);
    },
    worker(name, settings) {
      const worker = new classes.Worker(name, null, { connection, ...settings }) as unknown as Worker;
      worker.on('error', trouble.tell);
      return ready(worker);
    },
    well: trouble.end,
    async close() {
      // Each queue and worker has connections of its own.
    },
  };
}

/** Says once that the server is away, until it is back. */
function troubleWith({ url, onTrouble }: EngineOptions): {
  readonly tell: (error: Error) => void;
  readonly end: () => void;
} {
  let told = false;
  return {
    tell(error) {
      if (told || !isAway(error)) return;
      told = true;
      onTrouble?.(`${withoutPassword(url)} does not answer (${wordsOf(error)}); waiting until it does`);
    },
    end() {
      told = false;
    },
  };
}

/** Whether an error says that the server is away, and nothing of the job. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  // System errors; of PostgreSQL classes 08 (connection) and 57P (shutdown, starting). Its driver gives others as words.
  return /^(E[A-Z]+|08\w{3}|57P\d\d)$/.test(code) || /connection (terminated|is closed)/i.test(error.message);
}

function unanswered(url: string, error: unknown): Error {
  return new Error(
    `--queue ${withoutPassword(url)}: does not answer (${wordsOf(error)}); start it, or mend the address`,
  );
}

function wordsOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(wordsOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
