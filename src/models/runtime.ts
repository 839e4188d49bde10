// What the core asks of a platform to run a graph. Node (onnxruntime-node in worker threads) and the browser
// (onnxruntime-web) implement it; the core imports neither.

import type { FiniteScan, NonFinite } from '../onnx/finite.js';

/** A tensor by value. `data` is row-major over `dims`. */
export type Tensor =
  | { readonly type: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'int64'; readonly dims: readonly number[]; readonly data: BigInt64Array }
  | { readonly type: 'int32'; readonly dims: readonly number[]; readonly data: Int32Array };

/**
 * A float32 tensor that stayed where the session runs (keys and values of a prefix): fed back without a copy. With a
 * smaller first dimension than it has, it stands for so many of its rows.
 */
export interface Kept {
  readonly kept: number;
  readonly dims: readonly number[];
  /** The first of those rows. Default 0. */
  readonly from?: number;
}

/** An ONNX model whose large tensors lie in files beside it. */
export interface ModelGraph {
  /** For error messages and profiles: "encodec-convolutions", "musicgen-decoder". */
  readonly name: string;
  /** Serialised ONNX ModelProto. */
  readonly onnx: Uint8Array;
}

export interface RunOptions {
  /** Outputs to return by value. */
  readonly fetch: readonly string[];
  /** Outputs to keep in the session, to be fed back by handle. */
  readonly keep?: readonly string[];
  /**
   * Outputs to write over kept tensors, or rows of them, while the graph runs: an input that is the same memory holds
   * them for all nodes that come after the one that makes them.
   */
  readonly over?: Readonly<Record<string, Kept>>;
}

export interface RunResult {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly kept: Readonly<Record<string, Kept>>;
}

/** A loaded graph. Runs are queued: one at a time, in the order asked for. */
export interface Session {
  run(feeds: Readonly<Record<string, Tensor | Kept>>, options: RunOptions): Promise<RunResult>;
  /** A kept float32 tensor of zeros. */
  allocate(dims: readonly number[]): Promise<Kept>;
  /** Forget kept tensors. */
  release(kept: readonly Kept[]): Promise<void>;
  close(): Promise<void>;
}

/** Files of one checkpoint folder, as the platform gives them. Names are relative, never lead outside. */
export interface CheckpointFiles {
  /** What the user called the folder. */
  readonly name: string;
  has(file: string): Promise<boolean>;
  size(file: string): Promise<number>;
  /** Bytes [start, end) of a file. */
  read(file: string, start: number, end: number): Promise<Uint8Array>;
  /** The name under which a graph refers to the file as external data (the base name of its real path). */
  location(file: string): Promise<string>;
  /**
   * Reads a file once from start to end: its SHA-256 in lower-case hex, and what `scan` finds in its bytes. A platform may
   * remember both of a file that did not change since, and then starts no scan. The runtime refuses to go on with a file
   * that changed after its survey.
   */
  survey(file: string, scan: () => FiniteScan): Promise<Survey>;
}

/** What is known of all bytes of a file. */
export interface Survey {
  /** 64 hex digits. */
  readonly sha256: string;
  readonly nonFinite: readonly NonFinite[];
}

/** What a runtime can do. The core asks before it relies on any of it. */
export interface Abilities {
  /**
   * Whether a row has the same bits whatever is computed beside it, so that a run on what an earlier one kept gives
   * those of a run from the start. If not, everything is computed whole.
   */
  readonly resumes: boolean;
  /** Whether outputs can be written over given tensors (RunOptions.over), which generation needs. */
  readonly overwrites: boolean;
  /**
   * Whether it has kernels for onnxruntime's FusedMatMul and for LogSoftmax. If not, graphs say the same in plain operators
   * (other bits, the same numbers to rounding): on a GPU, what has no kernel there is copied to the CPU and back.
   */
  readonly fused: boolean;
}

export interface Runtime extends Abilities {
  /** Recorded with every number: "onnxruntime-node 1.30.0". */
  readonly version: string;
  /** Recorded with every number: "cpu". */
  readonly device: string;
  /** Recorded with every number: the processor's instruction set, which chooses the kernels: "avx2", "avx512", "neon". */
  readonly instructions: string;
  open(graph: ModelGraph, files: CheckpointFiles): Promise<Session>;
  close(): Promise<void>;
}
