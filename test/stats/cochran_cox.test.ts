// Difference of the means of two groups of different clips: values worked out with SciPy, and how often the interval covers.

import { expect, test } from 'vitest';
import { differenceEquivalence, meanDifference } from '../../src/stats/cochran_cox.js';
import { generator, seedOf } from '../../src/stats/random.js';

test('values as worked out by hand', () => {
  expect(meanDifference([1, 2, 3], [2, 4, 6])).toMatchObject({
    value: -2,
    low: expect.closeTo(-7.5547007889, 9),
    high: expect.closeTo(3.5547007889, 9),
  });
  expect(meanDifference([1, 2, 3, 6], [2, 4, 6, 1, 3, 3, 2]).low).toBeCloseTo(-3.7338314209, 9);
  expect(meanDifference([1, 1], [3, 3])).toEqual({ value: -2, low: -2, high: -2, level: 0.95 });
  expect(() => meanDifference([1], [2, 3])).toThrow(
    'difference of means: 1 and 2 values given, at least 2 each needed',
  );
});

test('equivalence is shown exactly when the 90% interval lies within the margin', () => {
  const [a, b] = [
    [0.1, -0.2, 0.3, 0.05],
    [0, 0.2, -0.1, 0.1, 0.15, -0.05],
  ];
  const { low, high } = meanDifference(a, b, { level: 0.9 });
  const reach = Math.max(-low, high);
  expect(differenceEquivalence(a, b, reach + 1e-6)).toBeLessThan(0.05);
  expect(differenceEquivalence(a, b, reach - 1e-6)).toBeGreaterThan(0.05);
  expect(differenceEquivalence([1, 1], [3, 3], 1)).toBe(1);
  expect(differenceEquivalence([1, 2], [30, 31], 1)).toBeGreaterThan(0.5);
  expect(() => differenceEquivalence(a, b, 0)).toThrow('equivalence: margin 0');
});

test.each([
  [3, 3],
  [3, 20],
  [3, 78],
  [4, 40],
])('groups of %i and %i clips, s.d. 2 to 1: covers in at least 92%%', (m, n) => {
  const samples = 800;
  let covered = 0;
  for (let i = 0; i < samples; i++) {
    const random = generator(seedOf('cochran', m, n, i));
    const values = (count: number, sd: number) => Array.from({ length: count }, () => sd * random.normal());
    const { low, high } = meanDifference(values(m, 2), values(n, 1));
    if (low <= 0 && 0 <= high) covered++;
  }
  expect(covered / samples).toBeGreaterThan(0.92);
});
