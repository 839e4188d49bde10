// Correlation and slope pooled over clips, where a clip gives several pairs (one a length, say), as cluster statistics:
// `estimate(pooledPearson(clips))` draws whole clips. For two of them on the same clips: `differenceOf`.
// They agree with pearson, spearman and line of the pairs of the clips drawn, put end to end.

import { type ClusterStatistic, countDraws } from './cluster.js';
import { requireFinite, requirePaired } from './defined.js';
import { mean } from './describe.js';

/** The pairs of one clip, x[i] beside y[i]. */
export interface ClipPairs {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Pearson's correlation of all pairs; NaN where a side does not vary. Throws on unpaired or infinite values. */
export function pooledPearson(clips: readonly ClipPairs[]): ClusterStatistic {
  return fromSums(clips, ({ xx, xy, yy }) => xy / Math.sqrt(xx * yy));
}

/** Least-squares slope of y on x over all pairs, in units of y per unit of x. Throws as `pooledPearson`. */
export function pooledSlope(clips: readonly ClipPairs[]): ClusterStatistic {
  return fromSums(clips, ({ xx, xy }) => xy / xx);
}

/**
 * Spearman's correlation of all pairs, ranked anew in every draw (a pair drawn twice is a tie); throws as `pooledPearson`.
 * The pairs are sorted once: a draw only changes how often each counts.
 */
export function pooledSpearman(clips: readonly ClipPairs[]): ClusterStatistic {
  const pairs = pairsOf(clips);
  const [orderX, orderY] = [ascending(pairs.x), ascending(pairs.y)];
  const [ranksX, ranksY] = [new Float64Array(pairs.x.length), new Float64Array(pairs.x.length)];
  const times = new Int32Array(clips.length);
  return {
    clusters: clips.length,
    of: (drawn) => {
      countDraws(drawn, times);
      const total = rankWeighted(pairs.x, orderX, pairs.clip, times, ranksX);
      rankWeighted(pairs.y, orderY, pairs.clip, times, ranksY);
      const centre = (total + 1) / 2;
      let [xx, xy, yy] = [0, 0, 0];
      for (let i = 0; i < ranksX.length; i++) {
        const weight = times[pairs.clip[i]];
        const [dx, dy] = [ranksX[i] - centre, ranksY[i] - centre];
        xx += weight * dx * dx;
        xy += weight * dx * dy;
        yy += weight * dy * dy;
      }
      return xy / Math.sqrt(xx * yy);
    },
  };
}

/** Sums of squares and products about the means of the pairs drawn. */
interface Sums {
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

/** A statistic that depends on the pairs through their moments alone: each clip is summed once. */
function fromSums(clips: readonly ClipPairs[], value: (sums: Sums) => number): ClusterStatistic {
  const pairs = pairsOf(clips);
  // About the means of all pairs, so that the subtraction below loses nothing that matters.
  const [centreX, centreY] = [mean(pairs.x), mean(pairs.y)];
  const rows = 6;
  const sums = new Float64Array(rows * clips.length);
  for (let i = 0; i < pairs.x.length; i++) {
    const [dx, dy] = [pairs.x[i] - centreX, pairs.y[i] - centreY];
    for (const [row, term] of [1, dx, dy, dx * dx, dx * dy, dy * dy].entries())
      sums[rows * pairs.clip[i] + row] += term;
  }
  const total = new Float64Array(rows);
  return {
    clusters: clips.length,
    of: (drawn) => {
      total.fill(0);
      for (let i = 0; i < drawn.length; i++)
        for (let row = 0; row < rows; row++) total[row] += sums[rows * drawn[i] + row];
      const [n, x, y] = [total[0], total[1], total[2]];
      return value({
        xx: spread(total[3], (x * x) / n),
        xy: total[4] - (x * y) / n,
        yy: spread(total[5], (y * y) / n),
      });
    },
  };
}

/** Sum of squares about the mean; NaN where what is left is rounding, so that a side that does not vary is undefined. */
function spread(square: number, ofMean: number): number {
  const left = square - ofMean;
  return left > 1e-12 * square ? left : Number.NaN;
}

/** All pairs end to end, and the clip each belongs to. */
function pairsOf(clips: readonly ClipPairs[]): { x: Float64Array; y: Float64Array; clip: Int32Array } {
  for (const { x, y } of clips) {
    requirePaired('correlation', x.length, y.length);
    requireFinite('correlation, x', x);
    requireFinite('correlation, y', y);
  }
  return {
    x: Float64Array.from(clips.flatMap((clip) => clip.x)),
    y: Float64Array.from(clips.flatMap((clip) => clip.y)),
    clip: Int32Array.from(clips.flatMap((clip, i) => clip.x.map(() => i))),
  };
}

function ascending(values: Float64Array): Int32Array {
  return Int32Array.from(values, (_, i) => i).sort((a, b) => values[a] - values[b]);
}

/** Writes the mid-rank each value has when it counts as often as its clip was drawn; returns how many there are. */
function rankWeighted(
  values: Float64Array,
  order: Int32Array,
  clip: Int32Array,
  times: Int32Array,
  ranks: Float64Array,
): number {
  let before = 0;
  for (let start = 0; start < order.length; ) {
    let end = start;
    let equal = 0;
    while (end < order.length && values[order[end]] === values[order[start]])
      equal += times[clip[order[end++]]];
    for (let k = start; k < end; k++) ranks[order[k]] = before + (equal + 1) / 2;
    before += equal;
    start = end;
  }
  return before;
}
