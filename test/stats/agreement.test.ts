// src/stats/kendall.ts, crossed.ts, split_half.ts: beside SciPy, an obvious count, and made-up data of known truth.

import { describe, expect, test } from 'vitest';
import { pearson } from '../../src/stats/correlate.js';
import { crossedEstimate } from '../../src/stats/crossed.js';
import { mean, standardDeviation } from '../../src/stats/describe.js';
import { kendallTauB } from '../../src/stats/kendall.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { splitHalf } from '../../src/stats/split_half.js';

const random = generator(seedOf(1, 'agreement'));
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe("Kendall's tau-b", () => {
  test('equals SciPy, and a count of all pairs', () => {
    expect(kendallTauB([1, 2, 3, 4], [1, 3, 2, 5])).toBeCloseTo(2 / 3, 12);
    // scipy.stats.kendalltau 1.17
    expect(kendallTauB([1, 1, 2, 3, 3, 3, 5, 8, 8, 9], [2, 1, 2, 2, 5, 3, 3, 9, 7, 7])).toBeCloseTo(
      0.775,
      12,
    );
    for (const n of [3, 17, 64, 101]) {
      const [x, y] = [0, 1].map(() => range(n).map(() => random.integer(9)));
      let [agree, tiedX, tiedY] = [0, 0, 0];
      for (const i of range(n)) {
        for (let j = 0; j < i; j++) {
          const [a, b] = [Math.sign(x[i] - x[j]), Math.sign(y[i] - y[j])];
          agree += a * b;
          tiedX += a === 0 ? 1 : 0;
          tiedY += b === 0 ? 1 : 0;
        }
      }
      const all = (n * (n - 1)) / 2;
      const plain = agree / Math.sqrt((all - tiedX) * (all - tiedY));
      expect(kendallTauB(x, y), `${n} values`).toBeCloseTo(plain, 12);
    }
    expect(kendallTauB([1, 1], [1, 2])).toBeNaN();
  });
});

describe('crossed clusters', () => {
  const x = range(40).map(() => random.normal());
  const y = x.map((value) => value + random.normal());
  const r = (kept: readonly number[]): number =>
    pearson(
      kept.map((i) => x[i]),
      kept.map((i) => y[i]),
    ).r;

  test('each observation its own cluster: the jackknife of Fisher z', () => {
    const { value, low, high, p, degrees } = crossedEstimate(r, [range(40).map((i) => [String(i)])]);
    expect(value).toBe(r(range(40)));
    const left = range(40).map((i) => Math.atanh(r(range(40).filter((j) => j !== i))));
    const error = Math.sqrt((39 / 40) * 39) * standardDeviation(left);
    expect(degrees).toBe(39);
    // t(0.975, 39) = 2.0226909...
    expect(Math.atanh(high) - Math.atanh(value)).toBeCloseTo(2.022690920036 * error, 9);
    expect(Math.atanh(value) - Math.atanh(low)).toBeCloseTo(2.022690920036 * error, 9);
    expect(p).toBeLessThan(0.05);
  });

  test('clips that share a system say less; a crossed prompt adds to the error', () => {
    const own = range(40).map((i) => [String(i)]);
    const systems = range(40).map((i) => [`s${i % 4}`]);
    const prompts = range(40).map((i) => [`p${Math.floor(i / 4)}`]);
    const shared = (kept: readonly number[]): number =>
      Math.tanh(mean(kept.map((i) => 0.2 * x[i % 4] + 0.05 * x[i])));
    const width = (memberships: Parameters<typeof crossedEstimate>[1]): number => {
      const { low, high } = crossedEstimate(shared, memberships);
      return Math.atanh(high) - Math.atanh(low);
    };
    expect(width([systems])).toBeGreaterThan(2 * width([own]));
    expect(width([systems, own])).toBeCloseTo(width([systems]), 9);
    expect(width([systems, prompts])).toBeGreaterThan(0.99 * width([systems]));
  });

  test('two systems tell no error: prompts alone do, and without either there is no interval', () => {
    const two = range(40).map((i) => [`s${i % 2}`]);
    const prompts = range(40).map((i) => [`p${i % 10}`]);
    expect(crossedEstimate(r, [two, prompts])).toMatchObject({ clusters: [2, 10], degrees: 9 });
    expect(crossedEstimate(r, [two])).toMatchObject({ value: r(range(40)), low: Number.NaN, p: Number.NaN });
    expect(crossedEstimate(() => 1, [prompts]).high).toBeNaN();
  });
});

describe('split halves', () => {
  test('two ratings a clip: the correlation of both, stepped up', () => {
    const ratings = range(30).map((i) => [i + 5 * random.normal(), i + 5 * random.normal()]);
    const { reliability, ceiling, clips, raters } = splitHalf(ratings);
    // Which one is first is random in each split, so the mean over splits is near the correlation of one of them.
    const r = pearson(
      ratings.map(([a]) => a),
      ratings.map(([, b]) => b),
    ).r;
    expect(reliability).toBeCloseTo((2 * r) / (1 + r), 1);
    expect(ceiling).toBe(Math.sqrt(reliability));
    expect({ clips, raters }).toEqual({ clips: 30, raters: 2 });
  });

  test('the ceiling is what the truth correlates with the mean rating', () => {
    const truth = range(2000).map(() => random.normal());
    const ratings = truth.map((t) => range(5).map(() => t + 1.5 * random.normal()));
    const { reliability, ceiling } = splitHalf(ratings);
    // True variance 1, of the mean of five 1 + 2.25 / 5.
    expect(reliability).toBeCloseTo(1 / 1.45, 1);
    expect(ceiling).toBeCloseTo(pearson(truth, ratings.map(mean)).r, 1);
    expect(splitHalf([[1, 2], [3]]).reliability).toBeNaN();
  });
});
