// Kendall's rank correlation in O(n log n) (Knight 1966): pairs in disorder are the exchanges of a merge sort.

import { requireFinite, requirePaired } from './defined.js';

/**
 * Kendall's tau-b, concordant minus discordant pairs over the geometric mean of the pairs not tied in x and not tied in y. NaN
 * where a side does not vary. kendallTauB([1, 2, 3, 4], [1, 3, 2, 5]) = 2/3. SciPy: scipy.stats.kendalltau.
 * Throws on lists of different length and on values that are not finite.
 */
export function kendallTauB(x: readonly number[], y: readonly number[]): number {
  requirePaired('Kendall correlation', x.length, y.length);
  requireFinite('Kendall correlation, x', x);
  requireFinite('Kendall correlation, y', y);
  const n = x.length;
  const order = Array.from(x, (_, i) => i).sort((a, b) => x[a] - x[b] || y[a] - y[b]);
  const tiedX = tiedPairs(order, (a, b) => x[a] === x[b]);
  const tiedBoth = tiedPairs(order, (a, b) => x[a] === x[b] && y[a] === y[b]);
  const values = Float64Array.from(order, (i) => y[i]);
  const discordant = exchanges(values);
  const tiedY = tiedPairs([...values.keys()], (a, b) => values[a] === values[b]);
  const all = (n * (n - 1)) / 2;
  const agreement = all - tiedX - tiedY + tiedBoth - 2 * discordant;
  return agreement / Math.sqrt((all - tiedX) * (all - tiedY));
}

/** Pairs within runs of equal neighbours. */
function tiedPairs(order: readonly number[], equal: (a: number, b: number) => boolean): number {
  let pairs = 0;
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && equal(order[start], order[end])) end++;
    pairs += ((end - start) * (end - start - 1)) / 2;
    start = end;
  }
  return pairs;
}

/** Sorts in place; returns how many pairs stood in disorder, equal ones not counted. */
function exchanges(values: Float64Array): number {
  let count = 0;
  let from: Float64Array = values;
  let to: Float64Array = new Float64Array(values.length);
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      const middle = Math.min(start + width, values.length);
      const end = Math.min(start + 2 * width, values.length);
      for (let at = start, a = start, b = middle; at < end; at++) {
        if (b >= end || (a < middle && from[a] <= from[b])) to[at] = from[a++];
        else {
          to[at] = from[b++];
          count += middle - a;
        }
      }
    }
    [from, to] = [to, from];
  }
  values.set(from);
  return count;
}
