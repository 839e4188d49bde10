// A language model over codes, as a session: columns of tokens in, the negative log-likelihood of each next
// token out. Knows nothing of protocols or frames; what stands in which column is delay.ts's business.

import { type Decoding, type DecodingOptions, startDecoding } from './decoding.js';
import { type Ahead, type Columns, firstDifference } from './delay.js';
import { names } from './musicgen.js';
import type { Kept, RunResult, Session, Tensor } from './runtime.js';

/** What is known of the decoder that a session runs. */
export interface LanguageShape {
  readonly codebooks: number;
  readonly codebookSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly hidden: number;
}

export interface LanguageModel extends LanguageShape {
  /** The token that stands where no code does: V. */
  readonly startToken: number;
  /**
   * [K, columns - 1] float32, nats: entry (k, c) is -log p(token (k, c + 1) | columns 0..c), NaN where that token
   * is the start token. With `prefix`, only what may differ from it is computed, to the same bits. With `ahead` 0,
   * [K, columns]: entry (k, c) is of token (k, c) itself, though it was read.
   */
  nll(tokens: Columns, options?: NllOptions): Promise<Float32Array>;
  /** The same, keeping the keys and values of all columns for later runs. Release the prefix when done. */
  keep(tokens: Columns, options?: Pick<NllOptions, 'ahead'>): Promise<Prefix>;
  /** [columns - 1, V] of one codebook: for looking closer; big. */
  logits(tokens: Columns, codebook: number): Promise<Float32Array>;
  /** For sampling: columns read one by one. Release it when done. */
  decoding(options: DecodingOptions): Promise<Decoding>;
}

export interface NllOptions {
  readonly prefix?: Prefix | undefined;
  /** Default 1. */
  readonly ahead?: Ahead;
}

/** A run that others may begin with. */
export interface Prefix {
  readonly tokens: Columns;
  /** Under which condition. */
  readonly condition: string;
  readonly ahead: Ahead;
  /** As nll gives it. */
  readonly nll: Float32Array;
  /** Keys and values, by the decoder's name for the input that takes them. */
  readonly past: Readonly<Record<string, Kept>>;
  release(): Promise<void>;
}

/** What a decoder is told beside the tokens, as its graph takes it. */
export interface Conditions {
  /** Two runs are under the same condition when these are equal. */
  readonly key: string;
  /** Vectors that stand before the first column. */
  readonly columns: number;
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** The same when the vectors are in the past already. */
  readonly feedsAfter: Readonly<Record<string, Tensor>>;
}

export const UNCONDITIONAL: Conditions = { key: 'none', columns: 0, feeds: {}, feedsAfter: {} };

export interface LanguageParts {
  /** The decoder's session, opened when first asked for. */
  readonly session: () => Promise<Session>;
  /** The session that reads single columns, likewise. Absent under a condition. */
  readonly decodingSession?: () => Promise<Session>;
  /** [columns, hidden] float32. */
  readonly positions: (columns: number) => Promise<Float32Array>;
  /** For errors. */
  readonly name: string;
  /** Default: none. */
  readonly conditions?: Conditions;
}

export function languageModel(shape: LanguageShape, parts: LanguageParts): LanguageModel {
  const { codebooks, codebookSize, layers, heads, hidden } = shape;
  const { conditions = UNCONDITIONAL } = parts;
  const startToken = codebookSize;
  const layerIndices = Array.from({ length: layers }, (_, layer) => layer);
  const presents = layerIndices.flatMap((layer) => [names.keys(layer), names.values(layer)]);
  const pasts = layerIndices.flatMap((layer) => [names.pastKeys(layer), names.pastValues(layer)]);
  const none: Tensor = { type: 'float32', dims: [heads, 0, hidden / heads], data: new Float32Array(0) };
  const nothing = Object.fromEntries(pasts.map((name) => [name, none]));

  const run = async (
    tokens: Columns,
    from: number,
    past: Readonly<Record<string, Kept>> | undefined,
    {
      ahead = 1,
      ...options
    }: { readonly fetch: readonly string[]; readonly keep?: readonly string[]; readonly ahead?: Ahead },
  ): Promise<RunResult> => {
    checkTokens(tokens, shape, ahead, parts.name);
    const end = tokens.columns - ahead;
    const dims = [codebooks, end - from];
    // Rows of the sequence: what stands before the first column, then columns.
    const rows = conditions.columns + end;
    const firstRow = past ? conditions.columns + from : 0;
    const positions = await parts.positions(rows);
    const session = await parts.session();
    const feeds: Record<string, Kept | Tensor> = {
      ...(past ?? nothing),
      ...(past ? conditions.feedsAfter : conditions.feeds),
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
    };
    return session.run(feeds, options);
  };

  const scored = (
    tokens: Columns,
    from: number,
    ahead: Ahead,
    result: RunResult,
    before?: Float32Array,
  ): Float32Array =>
    joined(tokens, { from, ahead, startToken }, floats(result, names.nll, parts.name), before, parts.name);

  return {
    ...shape,
    startToken,
    async nll(tokens, { prefix, ahead = 1 } = {}) {
      const from = prefix ? firstToRun(prefix, tokens, { key: conditions.key, ahead }, parts.name) : 0;
      if (prefix && from === tokens.columns - ahead) return prefix.nll.slice();
      const result = await run(tokens, from, prefix?.past, { ahead, fetch: [names.nll] });
      return scored(tokens, from, ahead, result, prefix?.nll);
    },
    async keep(tokens, { ahead = 1 } = {}) {
      const result = await run(tokens, 0, undefined, { ahead, fetch: [names.nll], keep: presents });
      const past = Object.fromEntries(pasts.map((name, i) => [name, result.kept[presents[i]]]));
      const release = async () => (await parts.session()).release(Object.values(result.kept));
      const nll = scored(tokens, 0, ahead, result);
      return { tokens, condition: conditions.key, ahead, nll, past, release };
    },
    async logits(tokens, codebook) {
      const name = names.logits(codebook);
      return floats(await run(tokens, 0, undefined, { fetch: [name] }), name, parts.name);
    },
    async decoding(options) {
      if (!parts.decodingSession) {
        throw new Error(
          `${parts.name}: cannot generate under a condition yet (a melody model always has one)`,
        );
      }
      const positions = await parts.positions(options.columns);
      const session = await parts.decodingSession();
      return startDecoding({ ...shape, session, positions, name: parts.name }, options);
    },
  };
}

/** The first column to run again: the one whose prediction is compared with the first token that differs. */
function firstToRun(
  prefix: Prefix,
  tokens: Columns,
  { key, ahead }: { readonly key: string; readonly ahead: Ahead },
  name: string,
): number {
  if (prefix.condition !== key || prefix.ahead !== ahead) {
    const other = prefix.ahead === ahead ? 'condition' : 'protocol';
    throw new Error(`${name}: a prefix scored under another ${other} cannot begin this run; score it anew`);
  }
  if (prefix.tokens.columns !== tokens.columns) {
    throw new Error(
      `${name}: a prefix of ${prefix.tokens.columns} columns cannot begin a run of ${tokens.columns}; ` +
        'both must be as long, or the bits differ',
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

/** What was known before column `from` and what was computed from there on, NaN where the start token stands. */
function joined(
  tokens: Columns,
  { from, ahead, startToken }: { readonly from: number; readonly ahead: Ahead; readonly startToken: number },
  computed: Float32Array,
  before: Float32Array | undefined,
  name: string,
): Float32Array {
  const width = tokens.columns - ahead;
  const nll = new Float32Array(tokens.codebooks * width);
  for (let k = 0; k < tokens.codebooks; k++) {
    for (let c = 0; c < width; c++) {
      const value = c < from && before ? before[k * width + c] : computed[k * (width - from) + c - from];
      const isCode = tokens.data[k * tokens.columns + c + ahead] !== startToken;
      if (isCode && !Number.isFinite(value)) {
        throw new Error(
          `${name}: the loss of codebook ${k} at column ${c} is ${value}; the weights are damaged`,
        );
      }
      nll[k * width + c] = isCode ? value : Number.NaN;
    }
  }
  return nll;
}

function floats(result: RunResult, output: string, name: string): Float32Array {
  const tensor = result.tensors[output];
  if (tensor?.type !== 'float32') throw new Error(`${name}: the decoder gave no float32 ${output}`);
  return tensor.data;
}

function checkTokens(tokens: Columns, shape: LanguageShape, ahead: Ahead, name: string): void {
  if (tokens.codebooks !== shape.codebooks) {
    throw new Error(`${name}: tokens of ${tokens.codebooks} codebooks, the model has ${shape.codebooks}`);
  }
  if (tokens.columns < 1 + ahead)
    throw new Error(`${name}: ${tokens.columns} columns, at least ${1 + ahead} are needed to predict`);
  for (const token of tokens.data) {
    if (token < 0 || token > shape.codebookSize) {
      throw new Error(`${name}: token ${token}, expected 0 to ${shape.codebookSize} (the start token)`);
    }
  }
}
