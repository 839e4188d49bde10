// A language model over codes, as a session: columns of tokens in, the negative log-likelihood of each next
// token out. Knows nothing of protocols or frames; what stands in which column is delay.ts's business.

import { type Columns, firstDifference } from './delay.js';
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
   * is the start token. With `prefix`, only what may differ from it is computed, to the same bits.
   */
  nll(tokens: Columns, options?: { readonly prefix?: Prefix | undefined }): Promise<Float32Array>;
  /** The same, keeping the keys and values of all columns for later runs. Release the prefix when done. */
  keep(tokens: Columns): Promise<Prefix>;
  /** [columns - 1, V] of one codebook: for looking closer; big. */
  logits(tokens: Columns, codebook: number): Promise<Float32Array>;
}

/** A run that others may begin with. */
export interface Prefix {
  readonly tokens: Columns;
  /** As nll gives it. */
  readonly nll: Float32Array;
  /** Keys and values, by the decoder's name for the input that takes them. */
  readonly past: Readonly<Record<string, Kept>>;
  release(): Promise<void>;
}

export interface LanguageParts {
  /** The decoder's session, opened when first asked for. */
  readonly session: () => Promise<Session>;
  /** [columns, hidden] float32. */
  readonly positions: (columns: number) => Promise<Float32Array>;
  /** For errors. */
  readonly name: string;
}

export function languageModel(shape: LanguageShape, parts: LanguageParts): LanguageModel {
  const { codebooks, codebookSize, layers, heads, hidden } = shape;
  const startToken = codebookSize;
  const layerIndices = Array.from({ length: layers }, (_, layer) => layer);
  const presents = layerIndices.flatMap((layer) => [names.keys(layer), names.values(layer)]);
  const pasts = layerIndices.flatMap((layer) => [names.pastKeys(layer), names.pastValues(layer)]);
  const none: Tensor = { type: 'float32', dims: [heads, 0, hidden / heads], data: new Float32Array(0) };
  const nothing = Object.fromEntries(pasts.map((name) => [name, none]));

  const run = async (
    tokens: Columns,
    from: number,
    past: Readonly<Record<string, Kept | Tensor>>,
    options: { readonly fetch: readonly string[]; readonly keep?: readonly string[] },
  ): Promise<RunResult> => {
    checkTokens(tokens, shape, parts.name);
    const end = tokens.columns - 1;
    const dims = [codebooks, end - from];
    const positions = await parts.positions(end);
    const session = await parts.session();
    const feeds: Record<string, Kept | Tensor> = {
      ...past,
      [names.tokens]: { type: 'int32', dims, data: columnsOf(tokens, from, end, startToken) },
      // The start token is no code: its place is scored as code 0, and the score dropped.
      [names.targets]: { type: 'int32', dims, data: columnsOf(tokens, from + 1, end + 1, 0, startToken) },
      [names.positions]: {
        type: 'float32',
        dims: [end - from, hidden],
        data: positions.subarray(from * hidden, end * hidden),
      },
      [names.pastColumns]: { type: 'int32', dims: [1], data: Int32Array.of(from) },
    };
    return session.run(feeds, options);
  };

  const scored = (tokens: Columns, from: number, result: RunResult, before?: Float32Array): Float32Array =>
    joined(tokens, from, floats(result, names.nll, parts.name), before, startToken, parts.name);

  return {
    ...shape,
    startToken,
    async nll(tokens, { prefix } = {}) {
      const from = prefix ? firstToRun(prefix, tokens, parts.name) : 0;
      if (prefix && from === tokens.columns - 1) return prefix.nll.slice();
      const result = await run(tokens, from, prefix?.past ?? nothing, { fetch: [names.nll] });
      return scored(tokens, from, result, prefix?.nll);
    },
    async keep(tokens) {
      const result = await run(tokens, 0, nothing, { fetch: [names.nll], keep: presents });
      const past = Object.fromEntries(pasts.map((name, i) => [name, result.kept[presents[i]]]));
      const release = async () => (await parts.session()).release(Object.values(result.kept));
      return { tokens, nll: scored(tokens, 0, result), past, release };
    },
    async logits(tokens, codebook) {
      const name = names.logits(codebook);
      return floats(await run(tokens, 0, nothing, { fetch: [name] }), name, parts.name);
    },
  };
}

/** The first column to run again: the one that predicts the first token that differs. */
function firstToRun(prefix: Prefix, tokens: Columns, name: string): number {
  if (prefix.tokens.columns !== tokens.columns) {
    throw new Error(
      `${name}: a prefix of ${prefix.tokens.columns} columns cannot begin a run of ${tokens.columns}; ` +
        'both must be as long, or the bits differ',
    );
  }
  return Math.max(0, firstDifference(prefix.tokens, tokens) - 1);
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
  from: number,
  computed: Float32Array,
  before: Float32Array | undefined,
  startToken: number,
  name: string,
): Float32Array {
  const width = tokens.columns - 1;
  const nll = new Float32Array(tokens.codebooks * width);
  for (let k = 0; k < tokens.codebooks; k++) {
    for (let c = 0; c < width; c++) {
      const value = c < from && before ? before[k * width + c] : computed[k * (width - from) + c - from];
      const isCode = tokens.data[k * tokens.columns + c + 1] !== startToken;
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

function checkTokens(tokens: Columns, shape: LanguageShape, name: string): void {
  if (tokens.codebooks !== shape.codebooks) {
    throw new Error(`${name}: tokens of ${tokens.codebooks} codebooks, the model has ${shape.codebooks}`);
  }
  if (tokens.columns < 2)
    throw new Error(`${name}: ${tokens.columns} columns, at least 2 are needed to predict`);
  for (const token of tokens.data) {
    if (token < 0 || token > shape.codebookSize) {
      throw new Error(`${name}: token ${token}, expected 0 to ${shape.codebookSize} (the start token)`);
    }
  }
}
