// Pairs of different clips: whether the damaged version of one has the larger score than the clean version of another, and the
// share of such pairs as a statistic of clips.

import { type ClusterStatistic, countDraws } from '../stats/cluster.js';
import { mean } from '../stats/describe.js';

/** 1 where a is larger, one half where they are equal, NaN where either is undefined. */
export function tie(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  return a > b ? 1 : Number(a === b) / 2;
}

/** [n, n] whether damaged clip i has the larger score than clean clip j; NaN for pairs that are not compared. */
export function winsOf(
  damaged: readonly number[],
  clean: readonly number[],
  compared: (i: number, j: number) => boolean,
): Float64Array {
  const n = clean.length;
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return compared(i, j) ? tie(damaged[i], clean[j]) : Number.NaN;
  });
}

/** Entry by entry, over the matrices that have it. */
export function meanOfMatrices(all: readonly Float64Array[]): Float64Array {
  return Float64Array.from(all[0], (_, i) =>
    mean(all.map((each) => each[i]).filter((value) => !Number.isNaN(value))),
  );
}

/**
 * Mean over pairs of different clips as a statistic of clips: a pair counts as often as both its clips are drawn; a clip
 * never meets itself.
 */
export function betweenClips(won: Float64Array, n: number): ClusterStatistic {
  const times = new Int32Array(n);
  const entries = [...won.keys()].filter((at) => Math.floor(at / n) !== at % n && !Number.isNaN(won[at]));
  const value = Float64Array.from(entries, (at) => won[at]);
  const [damaged, clean] = [
    Int32Array.from(entries, (at) => Math.floor(at / n)),
    Int32Array.from(entries, (at) => at % n),
  ];
  return {
    clusters: n,
    of: (drawn) => {
      countDraws(drawn, times);
      let sum = 0;
      let pairs = 0;
      for (let i = 0; i < value.length; i++) {
        const count = times[damaged[i]] * times[clean[i]];
        sum += count * value[i];
        pairs += count;
      }
      return pairs === 0 ? Number.NaN : sum / pairs;
    },
  };
}

/** So many clips, each beside all others, make as many pairs as are compared here (with groups there are fewer). */
export function clipsOfPairs(won: Float64Array, n: number): number {
  const pairs = won.filter((value, at) => Math.floor(at / n) !== at % n && !Number.isNaN(value)).length;
  return Math.floor((1 + Math.sqrt(1 + 4 * pairs)) / 2);
}

export function shareOfPairs(won: Float64Array, n: number): number {
  return betweenClips(won, n).of(Int32Array.from({ length: n }, (_, i) => i));
}
