// Generation: codes drawn from the language model, one by one in the order in which it reads.

import type { Codes } from '../audio/codes.js';
import { counted } from '../counted.js';
import type { Condition } from '../models/condition.js';
import { languageOf, type Model } from '../models/model.js';

/** Default guidance of MusicGen in Hugging Face and audiocraft. */
const GUIDANCE = 3;

/** How a code is drawn from its logits: see `draw`. */
export interface Sampling {
  /** Logits are divided by it; above 0. */
  readonly temperature: number;
  /** How many of the likeliest codes may be drawn; 0 is all. */
  readonly topK: number;
  /** In (0, 1]: the likeliest codes that reach this probability together may be drawn; 1 is all. */
  readonly topP: number;
}

/** Default sampling of audiocraft's MusicGen. */
export const SAMPLING: Sampling = { temperature: 1, topK: 250, topP: 1 };

/** Where chance comes from: see stats/random.ts. */
export interface Uniform {
  /** Uniform in [0, 1). */
  uniform(): number;
}

export interface GenerateOptions {
  /** T. Positions beyond the training length are computed as for scoring. */
  readonly frames: number;
  /**
   * One for each sequence, which are made side by side and do not change each other. A sequence draws one number for
   * each of its codes, in the order in which the model reads (MusicGen: column by column, codebooks in order).
   */
  readonly randoms: readonly Uniform[];
  readonly sampling?: Sampling;
  /** Condition of all sequences. Default: none. */
  readonly condition?: Condition;
  /** G of classifier-free guidance, at least 1, which is the condition as it is: see guidanceOf. */
  readonly guidance?: number;
  /** Hears of every column that is done, of as many as the model reads (MusicGen: T + the largest delay). */
  readonly onColumn?: (done: number, columns: number) => void;
}

/** Draws codes [K, T], as many as there are sources of chance. */
export async function generate(model: Model, options: GenerateOptions): Promise<Codes[]> {
  const { frames, randoms, sampling = SAMPLING, onColumn } = options;
  if (!Number.isInteger(frames) || frames < 1)
    throw new Error(`generate: ${counted(frames, 'frame')}, expected 1 or more`);
  checkSampling(sampling);
  const guidance = guidanceOf(options);
  const language = await languageOf(model, options.condition);
  if (!language.generate) throw new Error(`${model.name}: a model that scores only; it cannot generate`);
  return language.generate({
    ...{ frames, streams: randoms.length },
    ...(guidance === undefined ? {} : { guidance }),
    draw: (logits, { stream }) => draw(logits, sampling, randoms[stream]),
    ...(onColumn && { onStep: onColumn }),
  });
}

/**
 * How much a condition counts: G as given, or 3 as Hugging Face has it. Absent where no text and no melody is given.
 * @throws when there is nothing to guide with, or G is below 1.
 */
export function guidanceOf({
  condition = {},
  guidance,
}: Pick<GenerateOptions, 'condition' | 'guidance'>): number | undefined {
  const { prompt, textIds, chroma } = condition;
  if (prompt === undefined && textIds === undefined && chroma === undefined) {
    if (guidance === undefined) return undefined;
    throw new Error('generate: guidance needs a prompt or a melody to guide with; give one, or leave it out');
  }
  if (guidance === undefined) return GUIDANCE;
  if (!(guidance >= 1 && Number.isFinite(guidance)))
    throw new Error(`generate: guidance ${guidance}, expected at least 1 (1: the condition as it is)`);
  return guidance;
}

/**
 * Draws a code by its probability among those that may be drawn. As in Hugging Face's generation: temperature,
 * then the top k, then of what is left the fewest that reach top p. Of equal logits the lower code is taken for the
 * likelier, so exactly k are left, and k = 1 is the first maximum, whatever the random number (Hugging Face keeps all
 * that equal the k-th). The random number runs through the codes in their order.
 */
export function draw(logits: Float32Array, sampling: Sampling, random: Uniform): number {
  const { temperature, topK, topP } = sampling;
  let codes = highest(logits, topK === 0 ? logits.length : topK);
  let top = Number.NEGATIVE_INFINITY;
  for (const code of codes) top = Math.max(top, logits[code]);
  let weights = new Float64Array(codes.map((code) => Math.exp((logits[code] - top) / temperature)));
  if (topP < 1) {
    const kept = highest(weights, shortest(weights, topP));
    codes = kept.map((i) => codes[i]);
    weights = new Float64Array(kept.map((i) => weights[i]));
  }
  let left = random.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < codes.length - 1; i++) {
    left -= weights[i];
    if (left < 0) return codes[i];
  }
  return codes[codes.length - 1];
}

/** Where the `count` highest values are, in order of place; of equal ones the first. All if there are fewer. */
function highest(values: Float32Array | Float64Array, count: number): number[] {
  const least = count < values.length ? values.toSorted()[values.length - count] : Number.NEGATIVE_INFINITY;
  let equals = count;
  for (const value of values) if (value > least) equals--;
  const places: number[] = [];
  for (let i = 0; i < values.length; i++) {
    if (values[i] > least || (values[i] === least && equals-- > 0)) places.push(i);
  }
  return places;
}

/** How many of the weights, the largest first, reach `share` of their sum. */
function shortest(weights: Float64Array, share: number): number {
  const enough = share * weights.reduce((sum, weight) => sum + weight, 0);
  const sorted = weights.toSorted();
  let sum = 0;
  for (let count = 1; count < sorted.length; count++) {
    sum += sorted[sorted.length - count];
    if (sum >= enough) return count;
  }
  return sorted.length;
}

function checkSampling({ temperature, topK, topP }: Sampling): void {
  if (!(temperature > 0 && Number.isFinite(temperature))) {
    throw new Error(`generate: temperature ${temperature}, expected above 0 (--top-k 1 takes the likeliest)`);
  }
  if (!Number.isInteger(topK) || topK < 0) {
    throw new Error(`generate: top k ${topK}, expected a whole number, 0 for all`);
  }
  if (!(topP > 0 && topP <= 1)) throw new Error(`generate: top p ${topP}, expected above 0 and at most 1`);
}
