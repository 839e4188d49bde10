// The worker thread of one session: onnxruntime's run() blocks the thread that calls it, so none of it happens
// on the main one. Requests come numbered and are answered in order; kept tensors stay here, known by number. No array
// is left to the garbage collector: it waits for 64 MiB of them in each worker, which malloc then has in pieces.

import { MessageChannel, parentPort } from 'node:worker_threads';
import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { Kept, Tensor } from '../models/runtime.js';

export type SessionRequest =
  | { readonly id: number; readonly kind: 'open'; readonly onnx: Uint8Array; readonly settings: Settings }
  | {
      readonly id: number;
      readonly kind: 'run';
      readonly feeds: Readonly<Record<string, Tensor | Kept>>;
      readonly fetch: readonly string[];
      readonly keep: readonly string[];
      readonly over: Readonly<Record<string, Kept>>;
    }
  | { readonly id: number; readonly kind: 'allocate'; readonly dims: readonly number[] }
  | { readonly id: number; readonly kind: 'release'; readonly kept: readonly number[] }
  | { readonly id: number; readonly kind: 'close' };

export interface Settings {
  /** Where external data lies. */
  readonly dataFolder: string;
  /** Threads that one run uses. */
  readonly threads: number;
  /** An execution provider of onnxruntime. */
  readonly device: string;
}

export type Response =
  | { readonly id: number; readonly error: string }
  | {
      readonly id: number;
      readonly tensors: Readonly<Record<string, Tensor>>;
      readonly kept: Readonly<Record<string, Kept>>;
    };

// What it says while it looks for a device's libraries; errors are thrown as well.
env.logLevel = 'fatal';

const kept = new Map<number, OrtTensor>();
let nextKept = 1;
let session: InferenceSession | undefined;

async function answer(request: SessionRequest): Promise<Response> {
  const { id } = request;
  const nothing = { id, tensors: {}, kept: {} };
  if (request.kind === 'open') {
    session = await load(request.onnx, request.settings);
    return nothing;
  }
  if (request.kind === 'release') {
    free(request.kept.flatMap((number) => kept.get(number) ?? []));
    for (const number of request.kept) kept.delete(number);
    return nothing;
  }
  if (request.kind === 'allocate') {
    const { dims } = request;
    const zeros = new Float32Array(sizeOf(dims));
    return { ...nothing, kept: { allocated: keepHere(new OrtTensor('float32', zeros, dims)) } };
  }
  if (request.kind === 'close') {
    kept.clear();
    await session?.release();
    session = undefined;
    return nothing;
  }
  if (!session) throw new Error('the session is not open');
  const feeds = Object.fromEntries(
    Object.entries(request.feeds).map(([name, value]) => [name, toOrt(`input ${name}`, value)]),
  );
  const outputs: Record<string, OrtTensor | null> = {};
  for (const name of [...request.fetch, ...request.keep]) outputs[name] = null;
  for (const [name, value] of Object.entries(request.over)) outputs[name] = toOrt(`output ${name}`, value);
  const results = await session.run(feeds, outputs);
  free(Object.values(request.feeds).flatMap((value) => ('kept' in value ? [] : value)));
  return {
    id,
    tensors: Object.fromEntries(request.fetch.map((name) => [name, fromOrt(results[name])])),
    kept: Object.fromEntries(request.keep.map((name) => [name, keepHere(results[name])])),
  };
}

const { port1: nowhere, port2: closed } = new MessageChannel();
closed.close();

/** Gives the memory of tensors back at once, by transferring it to nobody. */
function free(tensors: readonly Pick<OrtTensor, 'data'>[]): void {
  nowhere.postMessage(undefined, [...new Set(tensors.flatMap(bufferOf))]);
}

function bufferOf({ data }: Pick<OrtTensor, 'data'>): ArrayBuffer[] {
  return 'buffer' in data && data.buffer instanceof ArrayBuffer ? [data.buffer] : [];
}

/** Fetched tensors go to the main thread without a copy, but for what stays here as well. */
function givenAway(request: SessionRequest, response: Response): ArrayBuffer[] {
  if (request.kind !== 'run' || 'error' in response) return [];
  const { keep, over } = request;
  return Object.entries(response.tensors).flatMap(([name, tensor]) =>
    keep.includes(name) || name in over ? [] : bufferOf(tensor),
  );
}

function load(onnx: Uint8Array, settings: Settings): Promise<InferenceSession> {
  return InferenceSession.create(onnx, {
    executionProviders: [settings.device],
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    // An arena keeps what one run ever needed: 4.6 GiB instead of 2.1 for MusicGen Small, and no faster.
    enableCpuMemArena: false,
    // Warnings are about folding; errors are thrown as well.
    logSeverityLevel: 4,
    extra: {
      session: {
        model_external_initializers_file_folder_path: settings.dataFolder,
        // Threads that wait give way: sessions run side by side, and one that spins takes from the others.
        intra_op: { allow_spinning: '0' },
      },
    },
  });
}

function toOrt(what: string, value: Tensor | Kept): OrtTensor {
  if (!('kept' in value)) return new OrtTensor(value.type, value.data, value.dims);
  const tensor = kept.get(value.kept);
  if (!tensor) throw new Error(`${what} is a kept tensor that was released`);
  return value.dims[0] === tensor.dims[0] ? tensor : rowsOf(what, tensor, value);
}

/** Some rows of a kept tensor, on the same memory. */
function rowsOf(what: string, tensor: OrtTensor, { dims, from = 0 }: Kept): OrtTensor {
  const { data } = tensor;
  const fits = from + dims[0] <= tensor.dims[0] && dims.slice(1).join() === tensor.dims.slice(1).join();
  if (!(data instanceof Float32Array) || !fits) {
    throw new Error(
      `${what} is a kept ${tensor.type} [${tensor.dims}], asked for as float32 [${dims}] from row ${from}`,
    );
  }
  const start = from * sizeOf(dims.slice(1));
  return new OrtTensor('float32', data.subarray(start, start + sizeOf(dims)), dims);
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((size, dim) => size * dim, 1);
}

function fromOrt(tensor: OrtTensor): Tensor {
  const { dims, data } = tensor;
  if (data instanceof Float32Array) return { type: 'float32', dims, data };
  if (data instanceof Int32Array) return { type: 'int32', dims, data };
  if (data instanceof BigInt64Array) return { type: 'int64', dims, data };
  throw new Error(`an output is ${tensor.type}, expected float32, int32 or int64`);
}

function keepHere(tensor: OrtTensor): Kept {
  const number = nextKept++;
  kept.set(number, tensor);
  return { kept: number, dims: tensor.dims };
}

const port = parentPort;
if (!port) throw new Error('session_worker is started by src/node/runtime.ts as a worker thread');
// One request at a time, in the order they came, though answer() is asynchronous.
let last: Promise<void> = Promise.resolve();
port.on('message', (request: SessionRequest) => {
  last = last.then(async () => {
    let response: Response;
    try {
      response = await answer(request);
    } catch (error) {
      response = { id: request.id, error: error instanceof Error ? error.message : String(error) };
    }
    port.postMessage(response, givenAway(request, response));
    if (request.kind === 'close') port.close();
  });
});
