// Runtime over onnxruntime-web. It runs in the thread that calls it, which therefore must be a worker: a run blocks. All
// sessions share one WebAssembly memory, and runs of all of them take turns.

import { env, InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/wasm';
import type { CheckpointFiles, Kept, ModelGraph, Runtime, Session, Tensor } from '../models/runtime.js';
import { newGraph } from '../onnx/graph.js';
import { BlobArray, blobReader, wholeFile } from './blob_array.js';
import type { BlobFiles } from './checkpoint_files.js';

export interface WebRuntimeOptions {
  /** Where onnxruntime's two files are: a folder's address, ending in a slash. */
  readonly assets: string;
  /** Threads that one run uses; more than one only where the page is cross-origin isolated. Default: 1. */
  readonly threads?: number;
  /** Default: false, which holds whatever the kernels do. See self_check.ts. */
  readonly resumes?: boolean;
}

/** Bytes of weights that may lie in memory whole. */
const MOST_WHOLE = 10 ** 9;

/** onnxruntime-web's version, as package.json pins it; a test holds them equal. */
const ORT_WEB_VERSION = '1.30.0';

export function webRuntime({ assets, threads = 1, resumes = false }: WebRuntimeOptions): Runtime {
  env.logLevel = 'fatal';
  env.wasm.numThreads = globalThis.crossOriginIsolated ? threads : 1;
  env.wasm.wasmPaths = {
    mjs: `${assets}ort-wasm-simd-threaded.mjs`,
    wasm: `${assets}ort-wasm-simd-threaded.wasm`,
  };
  const sessions = new Set<Session>();
  // Compiling takes a second, beside the loading of files. What goes wrong here goes wrong again with the first graph.
  inTurn(compiled).catch(() => undefined);
  return {
    version: `onnxruntime-web ${ORT_WEB_VERSION}`,
    device: 'wasm',
    instructions: 'wasm simd128',
    resumes,
    overwrites: false,
    fused: true,
    async open(graph, files) {
      if (!areBlobs(files)) throw new Error(`${files.name}: this runtime needs files as blobs (openBlobs)`);
      const session = sessionOf(graph, await inTurn(() => load(graph, files)));
      sessions.add(session);
      return session;
    },
    async close() {
      await Promise.all([...sessions].map((session) => session.close()));
      sessions.clear();
    },
  };
}

function areBlobs(files: CheckpointFiles): files is BlobFiles {
  return 'located' in files && typeof files.located === 'function';
}

let turn: Promise<unknown> = Promise.resolve();

/** One run or load at a time: all sessions share one memory. */
function inTurn<T>(task: () => Promise<T>): Promise<T> {
  const result = turn.then(task);
  turn = result.catch(() => undefined); // the caller gets the error; the next run is not affected
  return result;
}

/** Makes onnxruntime compile its WebAssembly, by a graph that does nothing. */
async function compiled(): Promise<void> {
  const graph = newGraph('start');
  graph.output('y', graph.Mul(graph.input('x', 'float32', [1]), graph.float(1)), 'float32', [1]);
  const session = await InferenceSession.create(graph.toBytes(), { executionProviders: ['wasm'] });
  await session.release();
}

async function load({ name, onnx }: ModelGraph, files: BlobFiles): Promise<InferenceSession> {
  const read = blobReader();
  const blobs = [...files.located()];
  const create = (externalData: { path: string; data: Uint8Array }[]) =>
    InferenceSession.create(onnx, {
      executionProviders: ['wasm'],
      executionMode: 'sequential',
      enableCpuMemArena: false,
      logSeverityLevel: 4,
      // Threads that wait give way to the page, which draws meanwhile.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
      externalData,
    });
  const whole = async () =>
    create(await Promise.all(blobs.map(async ([path, blob]) => ({ path, data: await wholeFile(blob) }))));
  try {
    if (!read) return await whole();
    try {
      return await create(blobs.map(([path, blob]) => ({ path, data: new BlobArray(blob, read) })));
    } catch (error) {
      // An onnxruntime that asks its data for more than BlobArray answers; if the fault is another, it shows again. A large
      // file does not fit a second time, and to try would hide that memory is what is missing.
      const bytes = blobs.reduce((sum, [, { size }]) => sum + size, 0);
      if (bytes > MOST_WHOLE) {
        const size = `${(bytes / 1e9).toFixed(1)} GB of weights`;
        throw new Error(`${size} could not be loaded, probably for want of memory (${oneLine(error)})`, {
          cause: error,
        });
      }
      return await whole();
    }
  } catch (error) {
    throw new Error(`${name}: ${oneLine(error)}`, { cause: error });
  }
}

/** A loaded graph. What it keeps lies on the JavaScript heap, known by number. */
function sessionOf({ name }: ModelGraph, loaded: InferenceSession): Session {
  const kept = new Map<number, OrtTensor>();
  let nextKept = 1;
  let closed = false;
  const keepHere = (tensor: OrtTensor): Kept => {
    const number = nextKept++;
    kept.set(number, tensor);
    return { kept: number, dims: tensor.dims };
  };
  const toOrt = (input: string, value: Tensor | Kept): OrtTensor => {
    if (!('kept' in value)) return new OrtTensor(value.type, value.data, value.dims);
    const tensor = kept.get(value.kept);
    if (!tensor) throw new Error(`input ${input} is a kept tensor that was released`);
    return value.dims[0] === tensor.dims[0] ? tensor : rowsOf(input, tensor, value);
  };
  const inOneLine = async <T>(task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      throw new Error(`${name}: ${oneLine(error)}`, { cause: error });
    }
  };
  return {
    run: (feeds, { fetch, keep = [], over = {} }) =>
      inTurn(() =>
        inOneLine(async () => {
          if (closed) throw new Error('the session is closed');
          if (Object.keys(over).length > 0) throw new Error('cannot write over given tensors');
          const given = Object.entries(feeds).map(([input, value]) => [input, toOrt(input, value)]);
          const results = await loaded.run(Object.fromEntries(given), [...fetch, ...keep]);
          return {
            tensors: Object.fromEntries(
              fetch.map((output) => [output, fromOrt(results[output], keep.includes(output))]),
            ),
            kept: Object.fromEntries(keep.map((output) => [output, keepHere(results[output])])),
          };
        }),
      ),
    async allocate(dims) {
      return keepHere(new OrtTensor('float32', new Float32Array(sizeOf(dims)), dims));
    },
    async release(tensors) {
      for (const { kept: number } of tensors) kept.delete(number);
    },
    close: () =>
      inTurn(async () => {
        if (closed) return;
        closed = true;
        kept.clear();
        await loaded.release();
      }),
  };
}

/** Some rows of a kept tensor, on the same memory. */
function rowsOf(input: string, tensor: OrtTensor, { dims, from = 0 }: Kept): OrtTensor {
  const { data } = tensor;
  const fits = from + dims[0] <= tensor.dims[0] && dims.slice(1).join() === tensor.dims.slice(1).join();
  if (!(data instanceof Float32Array) || !fits) {
    throw new Error(
      `input ${input} is a kept ${tensor.type} [${tensor.dims}], asked for as float32 [${dims}] from row ${from}`,
    );
  }
  const start = from * sizeOf(dims.slice(1));
  return new OrtTensor('float32', data.subarray(start, start + sizeOf(dims)), dims);
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((size, dim) => size * dim, 1);
}

/** By value; a copy where the tensor stays in the session as well. */
function fromOrt(tensor: OrtTensor, stays: boolean): Tensor {
  const { dims, data } = tensor;
  if (data instanceof Float32Array) return { type: 'float32', dims, data: stays ? data.slice() : data };
  if (data instanceof Int32Array) return { type: 'int32', dims, data: stays ? data.slice() : data };
  if (data instanceof BigInt64Array) return { type: 'int64', dims, data: stays ? data.slice() : data };
  throw new Error(`an output is ${tensor.type}, expected float32, int32 or int64`);
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').trim().slice(0, 400);
}
