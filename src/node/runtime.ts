// Runtime over onnxruntime-node: every session lives in a worker thread of its own, so that progress, signals
// and timers stay alive while a graph runs, and an idle session does not keep the process from ending.

import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CheckpointFiles, Kept, ModelGraph, Runtime, Session, Tensor } from '../models/runtime.js';
import type { FolderFiles } from './files.js';
import { instructionSet } from './instructions.js';
import type { Response, SessionRequest, Settings } from './session_worker.js';
import { turnTelemetryOff } from './telemetry.js';

/** Where graphs run: onnxruntime's execution providers. What the others have no kernel for is left to the CPU. */
export const DEVICES = ['cpu', 'cuda', 'dml', 'coreml', 'webgpu'] as const;
export type Device = (typeof DEVICES)[number];

/** How many threads one run uses; a function is asked whenever a session is opened. */
export type Threads = number | (() => Promise<number>);

export interface NodeRuntimeOptions {
  /** Threads that one run uses. Default: as many as the machine has cores. */
  readonly threads?: Threads;
  /** Default `cpu`. Must be there: see findDevice. */
  readonly device?: Device;
}

const require = createRequire(import.meta.url);

/** How to close each session of the process, also one that is still being loaded. */
const closers = new Set<() => Promise<void>>();

/**
 * Closes every session of the process, after the runs under way. To be awaited before `process.exit`: onnxruntime
 * aborts a process that ends in the middle of a run.
 */
export async function closeSessions(): Promise<void> {
  await Promise.all([...closers].map((close) => close()));
}

export function nodeRuntime(options: NodeRuntimeOptions = {}): Runtime {
  const { threads = availableParallelism(), device = 'cpu' } = options;
  const sessions = new Set<NodeSession>();
  return {
    version: `onnxruntime-node ${ortVersion()}`,
    device,
    instructions: instructionSet(),
    // Kept tensors come back to memory from any device, but only of the CPU's kernels is it known what bits they give.
    resumes: device === 'cpu',
    // Elsewhere what is given and what comes back are copies of what lies on the device.
    overwrites: device === 'cpu',
    fused: device === 'cpu',
    async open(graph, files) {
      if (!isFolder(files))
        throw new Error(`${files.name}: this runtime needs a folder on disk (openFolder)`);
      const count = typeof threads === 'number' ? threads : await threads();
      const settings = { dataFolder: files.dataFolder(), threads: count, device };
      const open = () => openSession(graph, settings);
      const loaded = device === 'cpu' ? await open() : takingTurns(await inTurn(open));
      const session = overFiles(loaded, files);
      sessions.add(session);
      void session.ended.then(() => sessions.delete(session));
      try {
        await files.requireUnchanged();
      } catch (error) {
        await session.close();
        throw error;
      }
      return session;
    },
    async close() {
      await Promise.all([...sessions].map((session) => session.close()));
    },
  };
}

function ortVersion(): string {
  const { version } = require('onnxruntime-node/package.json') as { version: string };
  return version;
}

function isFolder(files: CheckpointFiles): files is FolderFiles {
  return 'dataFolder' in files && typeof files.dataFolder === 'function';
}

/** What was last asked of a device beside the CPU. */
let turn: Promise<unknown> = Promise.resolve();

/** A device beside the CPU has one state for all threads of the process: what is asked of it takes turns. */
function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const result = turn.then(task);
  turn = result.catch(() => undefined); // the caller gets the error; the next run is not affected
  return result;
}

function takingTurns(session: NodeSession): NodeSession {
  return {
    ...session,
    run: (feeds, options) => inTurn(() => session.run(feeds, options)),
    close: () => inTurn(() => session.close()),
  };
}

/** onnxruntime maps weights into memory: bytes written over them in place would enter a run. */
function overFiles(session: NodeSession, files: FolderFiles): NodeSession {
  return {
    ...session,
    async run(feeds, options) {
      const result = await session.run(feeds, options);
      await files.requireUnchanged();
      return result;
    },
  };
}

type Answer = Exclude<Response, { readonly error: string }>;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

interface NodeSession extends Session {
  /** Settled when the worker has ended. */
  readonly ended: Promise<void>;
}

/** Starts a worker and loads the graph in it. */
async function openSession(graph: ModelGraph, settings: Settings): Promise<NodeSession> {
  turnTelemetryOff();
  // Without the flags that node itself was started with: `--input-type` of a one-liner stops a worker.
  const worker = new Worker(require.resolve('#session-worker'), { execArgv: [] });
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let closing = false;
  let gone: string | undefined;

  const ask = (
    request: DistributedOmit<SessionRequest, 'id'>,
    transfer: ArrayBuffer[] = [],
  ): Promise<Answer> => {
    if (gone !== undefined) return Promise.reject(new Error(`${graph.name}: ${gone}`));
    return new Promise((resolve, reject) => {
      const id = nextId++;
      pending.set(id, { resolve, reject });
      worker.ref(); // as long as an answer is owed
      worker.postMessage({ ...request, id }, transfer);
    });
  };
  const lose = (cause: string) => {
    gone ??= cause;
    for (const { reject } of pending.values()) reject(new Error(`${graph.name}: ${gone}`));
    pending.clear();
  };
  worker.on('message', (response: Response) => {
    const waiting = pending.get(response.id);
    pending.delete(response.id);
    if (pending.size === 0 && !closing) worker.unref();
    if ('error' in response) waiting?.reject(new Error(`${graph.name}: ${oneLine(response.error)}`));
    else waiting?.resolve(response);
  });
  worker.on('error', (error) => lose(`its worker failed (${oneLine(error.message)})`));
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', (code) => {
      lose(code === 0 ? 'the session is closed' : `its worker ended with code ${code}`);
      closers.delete(close);
      resolve();
    });
  });
  const close = async () => {
    closing = true;
    worker.ref();
    worker.postMessage({ id: 0, kind: 'close' } satisfies SessionRequest); // nobody waits for the answer, but for the end
    await ended;
  };
  closers.add(close);

  try {
    await ask({ kind: 'open', onnx: graph.onnx, settings });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async run(feeds, { fetch, keep = [], over = {} }) {
      const copies = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, copyOf(value)]));
      const buffers = Object.values(copies).flatMap((value) => ('kept' in value ? [] : [value.data.buffer]));
      const { tensors, kept } = await ask({ kind: 'run', feeds: copies, fetch, keep, over }, buffers);
      return { tensors, kept };
    },
    async allocate(dims) {
      return (await ask({ kind: 'allocate', dims })).kept.allocated;
    },
    async release(kept) {
      await ask({ kind: 'release', kept: kept.map((tensor) => tensor.kept) });
    },
    close,
    ended,
  };
}

type DistributedOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A copy that can be given away: the caller's array is neither detached nor sent with the buffer around it. */
function copyOf(value: Tensor | Kept): Kept | (Tensor & { readonly data: { readonly buffer: ArrayBuffer } }) {
  if ('kept' in value) return value;
  if (value.type === 'float32') return { ...value, data: new Float32Array(value.data) };
  if (value.type === 'int32') return { ...value, data: new Int32Array(value.data) };
  return { ...value, data: new BigInt64Array(value.data) };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 400);
}
