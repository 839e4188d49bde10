// A rotary decoder as a session: tokens in, the negative log-likelihood of each next token, and the entropy and spread of what
// predicted it, out. Knows nothing of what tokens stand for.

import { counted } from '../../counted.js';
import type { Kept, RunResult, Session, Tensor } from '../runtime.js';
import type { RotaryForm } from './config.js';
import { names } from './graph.js';

/** Each [N - 1], nats: entry i is of token i + 1, predicted from tokens 0..i. */
export interface TokenScores {
  readonly nll: Float32Array;
  /** Of what predicted it: entropy, and standard deviation of -log p. */
  readonly entropy: Float32Array;
  readonly spread: Float32Array;
}

export interface TokenPass {
  /** With it, only what may differ is computed, to the same bits. */
  readonly prefix?: TokenPrefix | undefined;
  /** With `prefix`: only entries before this one; NaN from there on. Default: all. */
  readonly end?: number | undefined;
}

/** A pass that others may begin with. */
export interface TokenPrefix {
  readonly tokens: Int32Array;
  readonly scores: TokenScores;
  /** Keys and values, by the name of the input that takes them. */
  readonly past: Readonly<Record<string, Kept>>;
  release(): Promise<void>;
}

export interface TokenDecoder {
  score(tokens: Int32Array, pass?: TokenPass): Promise<TokenScores>;
  /** The same, keeping keys and values. Release the prefix when done. */
  keep(tokens: Int32Array): Promise<TokenPrefix>;
}

export function tokenDecoder(
  form: RotaryForm,
  { open, name }: { readonly open: () => Promise<Session>; readonly name: string },
): TokenDecoder {
  const { layers, keyHeads, size } = form;
  const each = Array.from({ length: layers }, (_, layer) => layer);
  const presents = each.flatMap((layer) => [names.keys(layer), names.values(layer)]);
  const pasts = each.flatMap((layer) => [names.pastKeys(layer), names.pastValues(layer)]);
  const none: Tensor = { type: 'float32', dims: [keyHeads, 0, size], data: new Float32Array(0) };
  const nothing = Object.fromEntries(pasts.map((past) => [past, none]));
  const angles = anglesOf(form);

  /** Tokens [from, end) of all but the last, which is only scored. */
  const run = async (
    tokens: Int32Array,
    { from, end }: Span,
    keep: readonly string[],
    prefix?: TokenPrefix,
  ) => {
    checkTokens(tokens, form, name);
    const int32 = (data: Int32Array): Tensor => ({ type: 'int32', dims: [data.length], data });
    const turns = (data: Float32Array): Tensor => {
      const width = size / 2;
      return { type: 'float32', dims: [end - from, width], data: data.subarray(from * width, end * width) };
    };
    const { cosine, sine } = angles(end);
    const feeds: Record<string, Tensor | Kept> = {
      ...(prefix?.past ?? nothing),
      [names.tokens]: int32(tokens.slice(from, end)),
      [names.targets]: int32(tokens.slice(from + 1, end + 1)),
      [names.cosine]: turns(cosine),
      [names.sine]: turns(sine),
      [names.past]: int32(Int32Array.of(from)),
      [names.all]: int32(Int32Array.of(tokens.length - 1)),
    };
    return (await open()).run(feeds, { fetch: [names.nll, names.entropy, names.spread], keep });
  };
  const joined = (tokens: Int32Array, span: Span, result: RunResult, known?: TokenScores): TokenScores => {
    const rows = (output: keyof TokenScores) => {
      const values = new Float32Array(tokens.length - 1).fill(Number.NaN);
      if (known) values.set(known[output].subarray(0, span.from));
      values.set(finite(result, names[output], name), span.from);
      return values;
    };
    return { nll: rows('nll'), entropy: rows('entropy'), spread: rows('spread') };
  };
  return {
    async score(tokens, { prefix, end = tokens.length - 1 } = {}) {
      if (!prefix) {
        const all = { from: 0, end: tokens.length - 1 };
        return joined(tokens, all, await run(tokens, all, []));
      }
      const from = firstToRun(prefix.tokens, tokens, name);
      if (from >= end) return endedAt(prefix.scores, end);
      return joined(tokens, { from, end }, await run(tokens, { from, end }, [], prefix), prefix.scores);
    },
    async keep(tokens) {
      const all = { from: 0, end: tokens.length - 1 };
      const result = await run(tokens, all, presents);
      const past = Object.fromEntries(pasts.map((input, i) => [input, result.kept[presents[i]]]));
      const session = await open();
      const release = () => session.release(Object.values(result.kept));
      return { tokens, scores: joined(tokens, all, result), past, release };
    },
  };
}

interface Span {
  readonly from: number;
  readonly end: number;
}

/**
 * Cosines and sines [tokens, size / 2] of positions 0.., in float32 as PyTorch has them: frequency i is
 * theta ^ (-2 i / size), its angle the float32 product with the position.
 */
function anglesOf({ size, theta }: RotaryForm) {
  const width = size / 2;
  const frequencies = Float32Array.from({ length: width }, (_, i) => {
    return 1 / Math.fround(theta ** Math.fround((2 * i) / size));
  });
  let cosine: Float32Array = new Float32Array(0);
  let sine: Float32Array = new Float32Array(0);
  return (tokens: number) => {
    if (cosine.length < tokens * width) {
      const angles = Float32Array.from(
        { length: tokens * width },
        (_, i) => Math.floor(i / width) * frequencies[i % width],
      );
      cosine = angles.map(Math.cos);
      sine = angles.map(Math.sin);
    }
    return { cosine, sine };
  };
}

/** The first token to run again: the one before the first that differs. */
function firstToRun(before: Int32Array, tokens: Int32Array, name: string): number {
  if (before.length !== tokens.length) {
    throw new Error(
      `${name}: a prefix of ${counted(before.length, 'token')} cannot begin a run of ${tokens.length}; both must be as long, or the bits differ`,
    );
  }
  const first = tokens.findIndex((token, i) => token !== before[i]);
  return first < 0 ? tokens.length - 1 : Math.max(0, first - 1);
}

function endedAt({ nll, entropy, spread }: TokenScores, end: number): TokenScores {
  const cut = (values: Float32Array) => values.map((value, i) => (i < end ? value : Number.NaN));
  return { nll: cut(nll), entropy: cut(entropy), spread: cut(spread) };
}

function finite(result: RunResult, output: string, name: string): Float32Array {
  const tensor = result.tensors[output];
  if (tensor?.type !== 'float32') throw new Error(`${name}: the decoder gave no float32 ${output}`);
  const bad = tensor.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new Error(
      `${name}: the ${output} of token ${bad} of a run is ${tensor.data[bad]}; the weights are damaged`,
    );
  }
  return tensor.data;
}

function checkTokens(tokens: Int32Array, { vocabulary, context }: RotaryForm, name: string): void {
  if (tokens.length < 2)
    throw new Error(`${name}: ${counted(tokens.length, 'token')}, at least 2 are needed to predict`);
  if (tokens.length > context) {
    throw new Error(
      `${name}: ${counted(tokens.length, 'token')}, the model reads ${context} at most; score a shorter passage, or windows of it`,
    );
  }
  const bad = tokens.find((token) => token < 0 || token >= vocabulary);
  if (bad !== undefined) throw new Error(`${name}: token ${bad}, expected 0 to ${vocabulary - 1}`);
}
