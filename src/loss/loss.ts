// Loss: the negative log-likelihood of every code, per codebook, on the frame axis.

import type { Codes } from '../audio/codes.js';
import { checkCodes, type Model } from '../models/model.js';
import type { Condition } from '../models/musicgen/condition.js';
import {
  columnsFor,
  delayed,
  isTrained,
  type Layout,
  toColumns,
  toFrames,
  undelayed,
  unshifted,
} from '../models/musicgen/delay.js';
import type { Predictions, Prefix } from '../models/musicgen/language.js';

/**
 * How the decoder is fed.
 * `delayed`: the model's own likelihood under its delay pattern; the last d_k frames of codebook k are undefined.
 * `undelayed`: the convention of the paper's released scripts (no delay, no start token); frame 0 is undefined.
 * `unshifted`: what the released script for Melody measured, for comparison with it only. Fed as `undelayed`, but code
 * (k, t) is compared with the prediction made *after* frame t was read: how much the next frame is expected to repeat
 * this one, not a likelihood.
 */
export const PROTOCOLS = ['delayed', 'undelayed', 'unshifted'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** Token-wise loss of one clip in nats. Entry (k, t) is the loss of code (k, t), whatever column predicted it. */
export interface Loss {
  readonly protocol: Protocol;
  /** K. */
  readonly codebooks: number;
  /** T. */
  readonly frames: number;
  /** [K, T] row-major, nats; NaN where the protocol leaves the loss undefined, never zero. */
  readonly values: Float32Array;
}

/** A loss as a pass gives it, with how sure the model was. */
export interface LossAndEntropy extends Loss {
  /** [K, T] row-major, nats: entropy of the distribution that predicted code (k, t); NaN where the loss is. */
  readonly entropy: Float32Array;
}

export interface ScoreOptions {
  /** Default: `delayed`. */
  readonly protocol?: Protocol;
  /**
   * The last d_k frames of codebook k, delayed: `undefined` (NaN, the default), or `scored`, though training never
   * asks for them (`keep_only_valid_steps` of audiocraft).
   */
  readonly untrained?: 'undefined' | 'scored';
  /** What the model is told beside the codes. Default: nothing. */
  readonly condition?: Condition;
  /** From `scoreAndKeep` of codes of the same length, under the same protocol and condition: only what may differ is computed. */
  readonly prefix?: Prefix;
  /** With `prefix`: only frames before this one are scored, to the same bits; NaN from there on. Default: all. */
  readonly end?: number;
}

/**
 * Scores codes [K, T] under a protocol. One column of sequence costs as much as any other, so T is limited by
 * memory only: positions beyond the training length are computed as Hugging Face computes them. T = 1 undelayed has
 * nothing to score and is NaN throughout.
 */
export async function score(model: Model, codes: Codes, options: ScoreOptions = {}): Promise<LossAndEntropy> {
  if (options.prefix && !model.resumes) {
    throw new Error(
      `${model.name}: on ${model.runtime}, ${model.device}, a prefix would change the bits; score without it`,
    );
  }
  const { language, layout, tokens } = await prepare(model, codes, options);
  const none = new Float32Array(0);
  const predictions =
    tokens.columns > layout.ahead
      ? await language.predict(tokens, {
          prefix: options.prefix,
          ahead: layout.ahead,
          end: options.end === undefined ? undefined : columnsFor(layout, options.end, tokens.columns),
        })
      : { nll: none, entropy: none };
  return lossOf(predictions, codes, layout, options);
}

/** A pass that is kept. */
export interface KeptPass {
  readonly loss: LossAndEntropy;
  readonly prefix: Prefix;
}

/** Scores codes and keeps the model's state, for versions of them that differ from some frame on: release it. */
export async function scoreAndKeep(
  model: Model,
  codes: Codes,
  options: Omit<ScoreOptions, 'prefix' | 'end'> = {},
): Promise<KeptPass> {
  const { language, layout, tokens } = await prepare(model, codes, options);
  const prefix = await language.keep(tokens, { ahead: layout.ahead });
  return { loss: lossOf(prefix, codes, layout, options), prefix };
}

async function prepare(model: Model, codes: Codes, { protocol = 'delayed', condition }: ScoreOptions) {
  if (!model.language) throw new Error(`${model.name}: a codec alone has no language model to score with`);
  checkCodes(codes, model);
  const language = condition ? await model.conditioned(condition) : model.language;
  const layout = layoutOf(protocol, codes.codebooks, model.channels);
  return { language, layout, tokens: toColumns(codes, layout, language.startToken) };
}

function layoutOf(protocol: Protocol, codebooks: number, channels: number): Layout {
  switch (protocol) {
    case 'delayed':
      return delayed(codebooks, channels);
    case 'undelayed':
      return undelayed(codebooks);
    case 'unshifted':
      return unshifted(codebooks);
  }
}

function lossOf(
  { nll, entropy }: Predictions,
  { codebooks, frames }: Codes,
  layout: Layout,
  options: ScoreOptions,
): LossAndEntropy {
  const { protocol = 'delayed' } = options;
  const onFrames = (columns: Float32Array): Float32Array =>
    framesOf(columns, { codebooks, frames }, layout, options);
  return { protocol, codebooks, frames, values: onFrames(nll), entropy: onFrames(entropy) };
}

/** [K, T] of what stands in columns; NaN where it is not asked for or not trained. */
function framesOf(
  columns: Float32Array,
  { codebooks, frames }: Pick<Codes, 'codebooks' | 'frames'>,
  layout: Layout,
  { untrained = 'undefined', end = frames }: ScoreOptions,
): Float32Array {
  // The first codebooks' predictions reach further than the last one's: all end at one frame.
  const values = toFrames(columns, layout, frames).map((value, i) => (i % frames < end ? value : Number.NaN));
  if (untrained === 'undefined') {
    for (let k = 0; k < codebooks; k++) {
      for (let t = 0; t < frames; t++) {
        if (!isTrained(layout, k, t, frames)) values[k * frames + t] = Number.NaN;
      }
    }
  }
  return values;
}

/** Rows [K][T] of a loss as plain arrays, NaN where undefined (JSON.stringify writes null). */
export function rowsOfLoss(loss: Loss): number[][] {
  return Array.from({ length: loss.codebooks }, (_, k) =>
    Array.from(loss.values.subarray(k * loss.frames, (k + 1) * loss.frames)),
  );
}

/** Mean over all defined codes, nats per code. */
export function meanLoss(loss: Loss): number {
  return meanOfDefined(loss.values);
}

/** [K] means over the defined frames of each codebook, nats. */
export function meanByCodebook(loss: Loss): number[] {
  return Array.from({ length: loss.codebooks }, (_, k) =>
    meanOfDefined(loss.values.subarray(k * loss.frames, (k + 1) * loss.frames)),
  );
}

/** Means by channel over the defined codes, nats: left and right of a stereo model, whose rows alternate. */
export function meanByChannel(loss: Loss, channels: number): number[] {
  return Array.from({ length: channels }, (_, channel) =>
    meanOfDefined(loss.values.filter((_value, i) => Math.floor(i / loss.frames) % channels === channel)),
  );
}

/**
 * [T] means over codebooks, nats. NaN where any codebook is undefined: a mean over fewer codebooks is another
 * quantity (the first codebook is the easiest to predict), not a noisier version of the same one.
 */
export function meanByFrame(loss: Loss): Float64Array {
  const mean = new Float64Array(loss.frames);
  for (let k = 0; k < loss.codebooks; k++) {
    for (let t = 0; t < loss.frames; t++) mean[t] += loss.values[k * loss.frames + t] / loss.codebooks;
  }
  return mean;
}

function meanOfDefined(values: Float32Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? Number.NaN : sum / count;
}
