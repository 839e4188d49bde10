// Stepwise decoding: columns of tokens in, one at a time, the logits of the next out. Keys and values stay where the
// session runs, in memory taken once for all columns and written in place.

import { counted } from '../../counted.js';
import { keysSeen } from '../attention.js';
import { firstNonFinite } from '../finite.js';
import type { Kept, Session, Tensor } from '../runtime.js';
import { type Conditions, rowFeeds, rowsBefore, rowsTold } from './conditioning.js';
import { STALE } from './decoding_graph.js';
import { names } from './graph.js';

export interface Decoding {
  /**
   * Reads the next column of every stream, [K, R] tokens 0..V, and gives the logits of the column after it: by
   * codebook, [R, V] each. They are to the bit those of a full pass over all columns, whatever else runs beside.
   */
  step(tokens: Int32Array): Promise<readonly Float32Array[]>;
  /** Forgets keys and values. */
  release(): Promise<void>;
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

export interface StreamOptions {
  /** How many columns will be read at most. */
  readonly columns: number;
  /** Conditions of R sequences that run side by side: equally many rows each. */
  readonly streams: readonly Conditions[];
}

/**
 * Takes the memory for keys and values, 8 N R hidden layers bytes for N rows: columns, and what stands before the
 * first of them, which is read here.
 */
export async function startDecoding(parts: DecodingParts, options: StreamOptions): Promise<Decoding> {
  const { codebooks, codebookSize, hidden, session, name } = parts;
  const { columns, streams } = options;
  const told = rowsTold(streams[0], hidden);
  const before = rowsBefore(streams[0], hidden);
  const rows = before + columns;
  const own = await allocated(parts, [rows, streams.length], ownNames);
  const attended = before < told ? await allocated(parts, [told, streams.length], textNames) : [];
  const logits = Array.from({ length: codebooks }, (_, k) => names.logits(k));
  let row = 0;
  let heard = 0;

  /** Reads the conditions of the streams up to row `end`, and a column of tokens, or none. */
  const read = async (tokens: Int32Array, end: number, fetch: readonly string[]) => {
    const count = tokens.length / (codebooks * streams.length) + (before === 0 ? 0 : end - heard);
    const positions = parts.positions.subarray(row * hidden, (row + count) * hidden);
    const feeds: Record<string, Tensor | Kept> = {
      ...rowFeeds(streams, { start: heard, end, hidden }),
      [names.tokens]: { type: 'int32', dims: [codebooks, tokens.length / codebooks], data: tokens },
      [names.positions]: {
        type: 'float32',
        dims: [count * streams.length, hidden],
        data: eachRepeated(positions, streams.length, hidden),
      },
      [names.pastColumns]: { type: 'int32', dims: [1], data: Int32Array.of(row) },
    };
    const over: Record<string, Kept> = {};
    for (const { input, output, memory } of own) {
      feeds[input] = rowsOf(memory, 0, keysSeen(row, rows));
      over[output] = rowsOf(memory, row, row + count);
    }
    for (const { input, output, memory } of attended) {
      feeds[input] = memory;
      if (end > heard) over[output] = rowsOf(memory, heard, end);
    }
    row += count;
    heard = end;
    const { tensors } = await session.run(feeds, { fetch: [...fetch, STALE], over });
    if (tensors[STALE]?.data[0] !== 0) {
      throw new Error(
        `${name}: the runtime does not write keys and values in place; it cannot decode by steps`,
      );
    }
    return tensors;
  };

  // In pieces that meet as many keys as they do in the full pass.
  while (row < before) await read(new Int32Array(0), Math.min(before, keysSeen(row, rows)), []);
  return {
    async step(tokens) {
      if (row === rows)
        throw new Error(`${name}: this decoding has ${counted(columns, 'column')}, all of it read`);
      checkColumn(tokens, codebooks, streams.length, codebookSize, name);
      const tensors = await read(tokens, told, logits);
      return logits.map((output) => finite(tensors[output], name));
    },
    release: () => session.release([...own, ...attended].map(({ memory }) => memory)),
  };
}

/** Keys or values of one layer, [rows, R, heads, size], fed and given back under the graph's names. */
interface Cache {
  readonly input: string;
  readonly output: string;
  readonly memory: Kept;
}

/** A layer's inputs and outputs: of keys, of values. */
type CacheNames = (layer: number) => readonly (readonly [input: string, output: string])[];

const ownNames: CacheNames = (layer) => [
  [names.pastKeys(layer), names.keys(layer)],
  [names.pastValues(layer), names.values(layer)],
];
const textNames: CacheNames = (layer) => [
  [names.pastTextKeys(layer), names.textKeys(layer)],
  [names.pastTextValues(layer), names.textValues(layer)],
];

async function allocated(
  { layers, heads, hidden, session }: DecodingParts,
  dims: readonly number[],
  namesOf: CacheNames,
): Promise<Cache[]> {
  const caches: Cache[] = [];
  for (let layer = 0; layer < layers; layer++) {
    for (const [input, output] of namesOf(layer)) {
      const memory = await session.allocate([...dims, heads, hidden / heads]);
      caches.push({ input, output, memory });
    }
  }
  return caches;
}

function rowsOf({ kept, dims: [, ...rest] }: Kept, start: number, end: number): Kept {
  return { kept, dims: [end - start, ...rest], from: start };
}

/** Rows [count, width], each `times` times in turn. */
function eachRepeated(rows: Float32Array, times: number, width: number): Float32Array {
  const repeated = new Float32Array(rows.length * times);
  for (let at = 0; at < rows.length; at += width) {
    const row = rows.subarray(at, at + width);
    for (let i = 0; i < times; i++) repeated.set(row, at * times + i * width);
  }
  return repeated;
}

function checkColumn(
  tokens: Int32Array,
  codebooks: number,
  streams: number,
  codebookSize: number,
  name: string,
): void {
  if (tokens.length !== codebooks * streams) {
    throw new Error(
      `${name}: ${counted(tokens.length, 'token')} in a column, expected ${codebooks} x ${streams}`,
    );
  }
  const bad = tokens.find((token) => token < 0 || token > codebookSize);
  if (bad !== undefined) throw new Error(`${name}: token ${bad}, expected 0 to ${codebookSize}`);
}

function finite(tensor: Tensor | undefined, name: string): Float32Array {
  if (tensor?.type !== 'float32') throw new Error(`${name}: the decoder gave no float32 logits`);
  const bad = firstNonFinite(tensor.data);
  if (bad >= 0) throw new Error(`${name}: a logit is ${tensor.data[bad]}; the weights are damaged`);
  return tensor.data;
}
