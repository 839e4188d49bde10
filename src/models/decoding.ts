// Stepwise decoding: columns of tokens in, one at a time, the logits of the next out. Keys and values stay where the
// session runs, in memory taken once for all columns and written in place.

import { STALE } from './decoding_graph.js';
import { decodingWidth, names } from './musicgen.js';
import type { Kept, Session, Tensor } from './runtime.js';

export interface Decoding {
  /**
   * Reads the next column of every stream, [K, R] tokens 0..V, and gives the logits of the column after it: by
   * codebook, [R, V] each. They are to the bit those of a full pass over all `columns`, whatever else runs beside.
   */
  step(tokens: Int32Array): Promise<readonly Float32Array[]>;
  /** Forgets keys and values. */
  release(): Promise<void>;
}

export interface DecodingOptions {
  /** N: how many columns will be read at most. */
  readonly columns: number;
  /** R: sequences that run side by side, each for itself. */
  readonly streams: number;
}

export interface DecodingParts {
  readonly codebooks: number;
  readonly codebookSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly hidden: number;
  /** The session of decodingGraph. */
  readonly session: Session;
  /** [at least N, hidden] float32. */
  readonly positions: Float32Array;
  /** For errors. */
  readonly name: string;
}

/** Takes the memory for keys and values: 8 N R hidden layers bytes. */
export async function startDecoding(parts: DecodingParts, options: DecodingOptions): Promise<Decoding> {
  const { codebooks, codebookSize, layers, heads, hidden, session, name } = parts;
  const { columns, streams } = options;
  const caches: Cache[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const dims = [columns, streams, heads, hidden / heads];
    const [keys, values] = [await session.allocate(dims), await session.allocate(dims)];
    caches.push({ input: names.pastKeys(layer), output: names.keys(layer), memory: keys });
    caches.push({ input: names.pastValues(layer), output: names.values(layer), memory: values });
  }
  const logits = Array.from({ length: codebooks }, (_, k) => names.logits(k));
  let column = 0;
  return {
    async step(tokens) {
      if (column === columns) throw new Error(`${name}: all ${columns} columns of this decoding are read`);
      checkColumn(tokens, codebooks, streams, codebookSize, name);
      const width = decodingWidth(column, columns);
      const position = parts.positions.subarray(column * hidden, (column + 1) * hidden);
      const feeds: Record<string, Tensor | Kept> = {
        [names.tokens]: { type: 'int32', dims: [codebooks, streams], data: tokens },
        [names.positions]: { type: 'float32', dims: [1, hidden], data: position },
        [names.pastColumns]: { type: 'int32', dims: [1], data: Int32Array.of(column) },
      };
      const over: Record<string, Kept> = {};
      for (const { input, output, memory } of caches) {
        const [, ...rest] = memory.dims;
        feeds[input] = { kept: memory.kept, dims: [width, ...rest] };
        over[output] = { kept: memory.kept, dims: [1, ...rest], from: column };
      }
      column++;
      const { tensors } = await session.run(feeds, { fetch: [...logits, STALE], over });
      if (tensors[STALE]?.data[0] !== 0) {
        throw new Error(
          `${name}: the runtime does not write keys and values in place; it cannot decode by steps`,
        );
      }
      return logits.map((output) => finite(tensors[output], name));
    },
    release: () => session.release(caches.map(({ memory }) => memory)),
  };
}

/** Keys or values of one layer, [N, R, heads, size], fed and given back under the graph's names. */
interface Cache {
  readonly input: string;
  readonly output: string;
  readonly memory: Kept;
}

function checkColumn(
  tokens: Int32Array,
  codebooks: number,
  streams: number,
  codebookSize: number,
  name: string,
): void {
  if (tokens.length !== codebooks * streams) {
    throw new Error(`${name}: ${tokens.length} tokens in a column, expected ${codebooks} x ${streams}`);
  }
  const bad = tokens.find((token) => token < 0 || token > codebookSize);
  if (bad !== undefined) throw new Error(`${name}: token ${bad}, expected 0 to ${codebookSize}`);
}

function finite(tensor: Tensor | undefined, name: string): Float32Array {
  if (tensor?.type !== 'float32') throw new Error(`${name}: the decoder gave no float32 logits`);
  const bad = tensor.data.findIndex((logit) => !Number.isFinite(logit));
  if (bad >= 0) throw new Error(`${name}: a logit is ${tensor.data[bad]}; the weights are damaged`);
  return tensor.data;
}
