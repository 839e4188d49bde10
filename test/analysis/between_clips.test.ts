// src/analysis/between_clips.ts beside the obvious way: every pair of drawn clips counted one by one.

import { expect, test } from 'vitest';
import { betweenClips, meanOfMatrices, shareOfPairs, tie, winsOf } from '../../src/analysis/between_clips.js';
import { generator, seedOf } from '../../src/stats/random.js';

const N = 9;
const random = generator(seedOf(1, 'between clips'));
/** Few values, so that there are ties. */
const draw = (): number[] => Array.from({ length: N }, () => random.integer(6));
const clean = draw();
const damaged = [...draw().slice(1), Number.NaN];
const sameGroup = (i: number, j: number): boolean => i % 2 === j % 2;

/** Over all pairs of draws, the same clip twice left out. */
function obvious(drawn: readonly number[]): number {
  let [sum, pairs] = [0, 0];
  for (const i of drawn) {
    for (const j of drawn) {
      if (i === j || !sameGroup(i, j) || Number.isNaN(damaged[i])) continue;
      sum += damaged[i] > clean[j] ? 1 : damaged[i] === clean[j] ? 0.5 : 0;
      pairs += 1;
    }
  }
  return sum / pairs;
}

test('a pair counts as often as both clips are drawn, and no clip meets itself', () => {
  const { clusters, of } = betweenClips(winsOf(damaged, clean, sameGroup), N);
  expect(clusters).toBe(N);
  for (let round = 0; round < 50; round++) {
    const drawn = Int32Array.from({ length: N }, () => random.integer(N));
    expect(of(drawn)).toBeCloseTo(obvious([...drawn]), 12);
  }
  const each = Array.from({ length: N }, (_, i) => i);
  expect(shareOfPairs(winsOf(damaged, clean, sameGroup), N)).toBeCloseTo(obvious(each), 12);
  expect(of(new Int32Array(N))).toBeNaN();
});

test('an entry of a mean of matrices is over those that have it', () => {
  const mean = meanOfMatrices([
    Float64Array.of(1, 0, Number.NaN, Number.NaN),
    Float64Array.of(0, 0.5, 1, Number.NaN),
  ]);
  expect([...mean]).toEqual([0.5, 0.25, 1, Number.NaN]);
  expect([tie(2, 1), tie(1, 2), tie(1, 1), tie(1, Number.NaN)]).toEqual([1, 0, 0.5, Number.NaN]);
});
