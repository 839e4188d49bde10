// How far raters agree, and so how high any score can correlate with their mean.

import { pearson } from './correlate.js';
import { mean } from './describe.js';
import { generator, seedOf } from './random.js';

export interface Reliability {
  /** Reliability of the mean rating, 0 to 1. */
  readonly reliability: number;
  /** Its square root: what a score that knows the true value would correlate with the mean rating. */
  readonly ceiling: number;
  /** Clips with two ratings or more. */
  readonly clips: number;
  /** Ratings of such a clip, on average. */
  readonly raters: number;
}

/**
 * Split-half reliability: each clip's ratings are split at random into two halves (an odd one is left out), the halves' means
 * correlated over clips (Pearson), the mean of 100 splits stepped up from half to all ratings by Spearman (1910) and Brown (1910):
 * k r / (1 + (k - 1) r), k = raters / raters of a half. NaN below three such clips or where ratings do not vary; negative r count as 0.
 */
export function splitHalf(
  ratings: readonly (readonly number[])[],
  {
    seed = 0,
    name = '',
    splits = 100,
  }: { readonly seed?: number; readonly name?: string; readonly splits?: number } = {},
): Reliability {
  const rated = ratings.filter((each) => each.length >= 2);
  const raters = mean(rated.map((each) => each.length));
  const found = { clips: rated.length, raters };
  if (rated.length < 3) return { reliability: Number.NaN, ceiling: Number.NaN, ...found };
  const random = generator(seedOf(seed, name, 'split half'));
  const correlations = Array.from({ length: splits }, () => {
    const halves = rated.map((each) => {
      const order = shuffled(each, random.integer);
      const half = Math.floor(each.length / 2);
      return [mean(order.slice(0, half)), mean(order.slice(half, 2 * half))];
    });
    return pearson(
      halves.map(([a]) => a),
      halves.map(([, b]) => b),
    ).r;
  });
  const r = Math.max(0, mean(correlations));
  const k = raters / mean(rated.map((each) => Math.floor(each.length / 2)));
  const reliability = (k * r) / (1 + (k - 1) * r);
  return { reliability, ceiling: Math.sqrt(reliability), ...found };
}

function shuffled(values: readonly number[], integer: (n: number) => number): number[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
