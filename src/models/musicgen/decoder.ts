// MusicGen's decoder as a session: columns of tokens in, the negative log-likelihood of each next token, and the entropy and
// spread of what predicted it, out. Knows nothing of protocols or frames; what stands in which column is delay.ts's business.

import { counted } from '../../counted.js';
import type { Kept, RunResult, Session, Tensor } from '../runtime.js';
import {
  type Conditions,
  rowFeeds,
  rowsBefore,
  rowsTold,
  sayingNothing,
  UNCONDITIONAL,
} from './conditioning.js';
import { type Decoding, startDecoding } from './decoding.js';
import { type Ahead, type Columns, firstDifference } from './delay.js';
import { names } from './graph.js';
import { guided } from './guidance.js';

/** What is known of the decoder that a session runs. */
export interface DecoderShape {
  readonly codebooks: number;
  readonly codebookSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly hidden: number;
}

/** Each [K, columns - ahead], nats. */
export interface ColumnScores {
  /** Entry (k, c) is -log p(token (k, c + ahead) | columns 0..c), NaN where that token is the start token. */
  readonly nll: Float32Array;
  /** Entropy of what was predicted; NaN in the same places. */
  readonly entropy: Float32Array;
  /** Standard deviation of -log p over what was predicted; NaN in the same places. */
  readonly spread: Float32Array;
  /** Rank of the token among what was predicted, 1 for the likeliest; where it was asked for. */
  readonly rank?: Float32Array;
}

export interface Decoder extends DecoderShape {
  /** The token that stands where no code does: V. */
  readonly startToken: number;
  /** With `prefix`, only what may differ from it is computed, to the same bits. */
  score(tokens: Columns, options?: PassOptions): Promise<ColumnScores>;
  /** The same, keeping the keys and values of all columns for later passes. Release the prefix when done. */
  keep(tokens: Columns, options?: Pick<PassOptions, 'ahead' | 'ranks'>): Promise<Prefix>;
  /** [columns - 1, V] of one codebook: for looking closer; big. */
  logits(tokens: Columns, codebook: number): Promise<Float32Array>;
  /** For sampling: columns read one by one. Release it when done. */
  decoding(options: DecodingOptions): Promise<Decoding>;
  /** The same decoder under the null condition, in as many rows: what guidance steers away from. */
  unguided(): Decoder;
}

export interface DecodingOptions {
  /** How many columns will be read at most. */
  readonly columns: number;
  /** R: sequences that run side by side, each for itself. */
  readonly streams: number;
  /** How much the condition counts: see guidance.ts. Default: the condition's logits as they are. */
  readonly guidance?: number;
}

export interface PassOptions {
  readonly prefix?: Prefix | undefined;
  /** With `prefix`: only entries of columns before this one, to the same bits; NaN from there on. Default: all. */
  readonly end?: number | undefined;
  /** Default 1. */
  readonly ahead?: Ahead;
  /** Also ranks; a prefix must have them too. Default: false. */
  readonly ranks?: boolean;
}

/** A pass that others may begin with. */
export interface Prefix {
  readonly tokens: Columns;
  readonly ahead: Ahead;
  readonly scores: ColumnScores;
  /** Keys and values, by the decoder's name for the input that takes them. */
  readonly past: Readonly<Record<string, Kept>>;
  release(): Promise<void>;
}

export interface DecoderParts {
  /** The decoder's session, opened when first asked for. */
  readonly session: () => Promise<Session>;
  /** The session that reads single columns, likewise. */
  readonly decodingSession: () => Promise<Session>;
  /** [columns, hidden] float32. */
  readonly positions: (columns: number) => Float32Array;
  /** For errors. */
  readonly name: string;
  /** Default: none. */
  readonly conditions?: Conditions;
}

export function decoderOf(shape: DecoderShape, parts: DecoderParts): Decoder {
  const { codebooks, codebookSize, layers, heads, hidden } = shape;
  const { conditions = UNCONDITIONAL } = parts;
  const startToken = codebookSize;
  const layerIndices = Array.from({ length: layers }, (_, layer) => layer);
  const presents = layerIndices.flatMap((layer) => [names.keys(layer), names.values(layer)]);
  const logitNames = Array.from({ length: codebooks }, (_, k) => names.logits(k));
  const fetched = (ranks: boolean) => [names.nll, names.entropy, names.spread, ...(ranks ? logitNames : [])];
  const pasts = layerIndices.flatMap((layer) => [names.pastKeys(layer), names.pastValues(layer)]);
  const none: Tensor = { type: 'float32', dims: [heads, 0, hidden / heads], data: new Float32Array(0) };
  const nothing = Object.fromEntries(pasts.map((name) => [name, none]));

  const run = async (
    tokens: Columns,
    from: number,
    past: Readonly<Record<string, Kept>> | undefined,
    {
      ahead = 1,
      end = tokens.columns - ahead,
      ...options
    }: {
      readonly fetch: readonly string[];
      readonly keep?: readonly string[];
      readonly ahead?: Ahead;
      readonly end?: number;
    },
  ): Promise<RunResult> => {
    checkTokens(tokens, shape, ahead, parts.name);
    const dims = [codebooks, end - from];
    // Rows of the sequence: what stands before the first column, then columns.
    const before = rowsBefore(conditions, hidden);
    const rows = before + end;
    const firstRow = past ? before + from : 0;
    const positions = parts.positions(rows);
    const session = await parts.session();
    const feeds: Record<string, Kept | Tensor> = {
      ...(past ?? nothing),
      // What stands before the first column is in the past already, if there is one.
      ...rowFeeds([conditions], { start: past ? before : 0, end: rowsTold(conditions, hidden), hidden }),
      [names.tokens]: { type: 'int32', dims, data: columnsOf(tokens, from, end, startToken) },
      // The start token is no code: its place is scored as code 0, and the score dropped.
      [names.targets]: {
        type: 'int32',
        dims,
        data: columnsOf(tokens, from + ahead, end + ahead, 0, startToken),
      },
      [names.positions]: {
        type: 'float32',
        dims: [rows - firstRow, hidden],
        data: positions.subarray(firstRow * hidden, rows * hidden),
      },
      [names.pastColumns]: { type: 'int32', dims: [1], data: Int32Array.of(firstRow) },
      [names.allColumns]: { type: 'int32', dims: [1], data: Int32Array.of(before + tokens.columns - ahead) },
    };
    return session.run(feeds, options);
  };

  const scored = (tokens: Columns, span: Span, result: RunResult, known?: ColumnScores): ColumnScores => {
    const rows = (computed: Float32Array, before: Float32Array | undefined) =>
      joined(tokens, { ...span, startToken }, computed, before, parts.name);
    const given = (output: string) => floats(result, output, parts.name);
    return {
      nll: rows(given(names.nll), known?.nll),
      entropy: rows(given(names.entropy), known?.entropy),
      spread: rows(given(names.spread), known?.spread),
      ...(logitNames[0] in result.tensors
        ? { rank: rows(ranksOf(tokens, span, logitNames.map(given)), known?.rank) }
        : {}),
    };
  };

  return {
    ...shape,
    startToken,
    async score(tokens, { prefix, ahead = 1, end = tokens.columns - ahead, ranks = false } = {}) {
      if (!prefix) {
        const result = await run(tokens, 0, undefined, { ahead, fetch: fetched(ranks) });
        return scored(tokens, { from: 0, end: tokens.columns - ahead, ahead }, result);
      }
      const from = firstToRun(prefix, tokens, ahead, parts.name);
      if (from >= end) return endedAt(prefix.scores, codebooks, end);
      const result = await run(tokens, from, prefix.past, { ahead, end, fetch: fetched(ranks) });
      return scored(tokens, { from, end, ahead }, result, prefix.scores);
    },
    async keep(tokens, { ahead = 1, ranks = false } = {}) {
      const result = await run(tokens, 0, undefined, { ahead, fetch: fetched(ranks), keep: presents });
      const past = Object.fromEntries(pasts.map((name, i) => [name, result.kept[presents[i]]]));
      const session = await parts.session();
      const release = () => session.release(Object.values(result.kept));
      const scores = scored(tokens, { from: 0, end: tokens.columns - ahead, ahead }, result);
      return { tokens, ahead, scores, past, release };
    },
    async logits(tokens, codebook) {
      const name = names.logits(codebook);
      return floats(await run(tokens, 0, undefined, { fetch: [name] }), name, parts.name);
    },
    async decoding({ columns, streams, guidance }) {
      const sides = guidance === undefined ? [conditions] : [conditions, sayingNothing(conditions)];
      const told = sides.flatMap((side) => new Array<Conditions>(streams).fill(side));
      const positions = parts.positions(rowsBefore(conditions, hidden) + columns);
      const session = await parts.decodingSession();
      const decoding = await startDecoding(
        { ...shape, session, positions, name: parts.name },
        { columns, streams: told },
      );
      return guidance === undefined ? decoding : guided(decoding, { guidance, codebooks });
    },
    unguided: () => decoderOf(shape, { ...parts, conditions: sayingNothing(conditions) }),
  };
}

/** The first column to run again: the one whose prediction is compared with the first token that differs. */
function firstToRun(prefix: Prefix, tokens: Columns, ahead: Ahead, name: string): number {
  if (prefix.ahead !== ahead || prefix.tokens.columns !== tokens.columns) {
    throw new Error(
      `${name}: a prefix of ${counted(prefix.tokens.columns, 'column')} cannot begin a run of ${tokens.columns}; ` +
        'both must be as long and of one protocol, or the bits differ',
    );
  }
  return Math.max(0, firstDifference(prefix.tokens, tokens) - ahead);
}

/** Columns [start, end) as [K, end - start]; `replacement` in the place of `unwanted`. */
function columnsOf(
  tokens: Columns,
  start: number,
  end: number,
  replacement: number,
  unwanted = replacement,
): Int32Array {
  const width = end - start;
  const data = new Int32Array(tokens.codebooks * width);
  for (let k = 0; k < tokens.codebooks; k++) {
    data.set(tokens.data.subarray(k * tokens.columns + start, k * tokens.columns + end), k * width);
  }
  return data.map((token) => (token === unwanted ? replacement : token));
}

/** Columns [from, end) were run, to predict so many ahead. */
interface Span {
  readonly from: number;
  readonly end: number;
  readonly ahead: Ahead;
}

/** Ranks [K, end - from] of the tokens that came, by the logits [columns, V] of each codebook: 1 and what is greater. */
function ranksOf(tokens: Columns, { from, end, ahead }: Span, logits: readonly Float32Array[]): Float32Array {
  const width = end - from;
  const ranks = new Float32Array(tokens.codebooks * width);
  logits.forEach((rows, k) => {
    const size = rows.length / width;
    for (let c = 0; c < width; c++) {
      const row = rows.subarray(c * size, (c + 1) * size);
      // Of the start token, which is no code, joined() makes NaN.
      const own = row[tokens.data[k * tokens.columns + from + c + ahead]];
      let rank = 1;
      for (const logit of row) if (logit > own) rank++;
      ranks[k * width + c] = rank;
    }
  });
  return ranks;
}

/** What was known before the run and what it computed; NaN after it, and where the start token stands. */
function joined(
  tokens: Columns,
  { from, end, ahead, startToken }: Span & { readonly startToken: number },
  computed: Float32Array,
  known: Float32Array | undefined,
  name: string,
): Float32Array {
  const width = tokens.columns - ahead;
  const nll = new Float32Array(tokens.codebooks * width).fill(Number.NaN);
  for (let k = 0; k < tokens.codebooks; k++) {
    for (let c = 0; c < end; c++) {
      if (tokens.data[k * tokens.columns + c + ahead] === startToken) continue;
      const value = c < from && known ? known[k * width + c] : computed[k * (end - from) + c - from];
      if (!Number.isFinite(value)) {
        throw new Error(
          `${name}: the loss of codebook ${k} at column ${c} is ${value}; the weights are damaged`,
        );
      }
      nll[k * width + c] = value;
    }
  }
  return nll;
}

/** Entries [K, columns] of columns before `end`; NaN from there on. */
function endedAt({ nll, entropy, spread, rank }: ColumnScores, codebooks: number, end: number): ColumnScores {
  const width = nll.length / codebooks;
  const cut = (values: Float32Array) => values.map((value, i) => (i % width < end ? value : Number.NaN));
  const ranks = rank ? { rank: cut(rank) } : {};
  return { nll: cut(nll), entropy: cut(entropy), spread: cut(spread), ...ranks };
}

function floats(result: RunResult, output: string, name: string): Float32Array {
  const tensor = result.tensors[output];
  if (tensor?.type !== 'float32') throw new Error(`${name}: the decoder gave no float32 ${output}`);
  return tensor.data;
}

function checkTokens(tokens: Columns, shape: DecoderShape, ahead: Ahead, name: string): void {
  if (tokens.codebooks !== shape.codebooks) {
    throw new Error(
      `${name}: tokens of ${counted(tokens.codebooks, 'codebook')}, the model has ${shape.codebooks}`,
    );
  }
  if (tokens.columns < 1 + ahead)
    throw new Error(
      `${name}: ${counted(tokens.columns, 'column')}, at least ${1 + ahead} are needed to predict`,
    );
  for (const token of tokens.data) {
    if (token < 0 || token > shape.codebookSize) {
      throw new Error(`${name}: token ${token}, expected 0 to ${shape.codebookSize} (the start token)`);
    }
  }
}
