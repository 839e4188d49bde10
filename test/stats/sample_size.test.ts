// src/stats/sample_size.ts: how many clips a test needs, beside R's power.t.test and by simulation.

import { describe, expect, test } from 'vitest';
import { meanDifference } from '../../src/stats/cochran_cox.js';
import { equivalenceTest } from '../../src/stats/equivalence.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { clipsForAuc, clipsForGroups, clipsForMean } from '../../src/stats/sample_size.js';

describe('clips that a test needs', () => {
  test('within a clip of the noncentral t', () => {
    // Smallest n with a power of 0.8 by scipy.stats.nct: 34, 27, 8, 156, 5.
    const planned = [
      [0.5, 0.025, 34],
      [0.5, 0.05, 27],
      [1, 0.05, 8],
      [0.2, 0.05, 157],
      [2, 0.025, 5],
    ] as const;
    for (const [effect, tail, n] of planned) {
      expect(clipsForMean({ effect, tail, sd: 1 }), `effect ${effect}`).toBe(n);
      expect(clipsForMean({ effect: -3 * effect, tail, sd: 3 }), 'in other units').toBe(n);
    }
    expect(clipsForGroups({ effect: 0.5, tail: 0.025, sds: [1, 1] })).toBe(65);
    expect(clipsForAuc({ auc: 0.64, tail: 0.025 })).toBe(69);
    expect(clipsForAuc({ auc: 0.36, tail: 0.025 })).toBe(69);
  });

  test('no effect, no number; no spread, two', () => {
    expect(clipsForMean({ effect: 0, tail: 0.05, sd: 1 })).toBe(Number.POSITIVE_INFINITY);
    expect(clipsForMean({ effect: 1e-4, tail: 0.05, sd: 1 })).toBe(Number.POSITIVE_INFINITY);
    expect(clipsForMean({ effect: 0.1, tail: 0.05, sd: 0 })).toBe(2);
    expect(clipsForMean({ effect: 1, tail: 0.05, sd: Number.NaN })).toBeNaN();
  });

  test('so many find the effect in 80% of samples', () => {
    const random = generator(seedOf(1, 'sample size'));
    const sample = (n: number, at: number, sd: number) =>
      Array.from({ length: n }, () => at + sd * random.normal());
    const [paired, each] = [
      clipsForMean({ effect: 0.6, tail: 0.05, sd: 1 }),
      clipsForGroups({ effect: 0.8, tail: 0.05, sds: [1, 0.5] }),
    ];
    let [found, apart] = [0, 0];
    for (let i = 0; i < 2000; i++) {
      found += equivalenceTest(sample(paired, 0, 1), 0.6).high < 0.6 ? 1 : 0;
      apart += meanDifference(sample(each, 0.8, 1), sample(each, 0, 0.5), { level: 0.9 }).low > 0 ? 1 : 0;
    }
    expect(found / 2000).toBeGreaterThan(0.77);
    expect(found / 2000).toBeLessThan(0.86);
    expect(apart / 2000).toBeGreaterThan(0.77);
    expect(apart / 2000).toBeLessThan(0.86);
  });
});
