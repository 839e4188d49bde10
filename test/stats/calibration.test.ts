// What the statistics promise, tried on made clips: under the null hypothesis p-values are uniform, and intervals
// cover the truth as often as their docstrings say. Seeded, so the outcome is the same every time.

import { describe, expect, test } from 'vitest';
import { bootstrapTest, differenceOf, estimate, ratioOfMeans } from '../../src/stats/cluster.js';
import { pearson, spearman } from '../../src/stats/correlate.js';
import { type ClipPairs, pooledPearson, pooledSlope } from '../../src/stats/correlate_clusters.js';
import { equivalenceTest } from '../../src/stats/equivalence.js';
import { normalCdf } from '../../src/stats/normal.js';
import { signFlipTest, twoSampleTest } from '../../src/stats/permute.js';
import { psychometricOf, type Trials } from '../../src/stats/psychometric.js';
import { generator, type Random, seedOf } from '../../src/stats/random.js';
import { aucIndependent, aucInterval, aucOf, type ClipScores } from '../../src/stats/roc.js';

const list = (n: number, make: () => number): number[] => Array.from({ length: n }, make);
const normals = (n: number, random: Random, centre = 0): number[] => list(n, () => centre + random.normal());

/** p-values of a test on `samples` made data sets. */
function pValues(samples: number, name: string, p: (random: Random, seed: number) => number): number[] {
  return Array.from({ length: samples }, (_, i) => p(generator(seedOf('calibration', name, i)), i));
}

/** Largest distance of the distribution function of p from the diagonal, at the values p takes (Kolmogorov's D). */
function distance(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  let largest = 0;
  for (const [i, p] of sorted.entries())
    if (p !== sorted[i + 1]) largest = Math.max(largest, Math.abs((i + 1) / sorted.length - p));
  return largest;
}

const share = (values: readonly number[], alpha: number): number =>
  values.filter((p) => p <= alpha).length / values.length;

describe('under the null hypothesis', () => {
  test('p-values are uniform', () => {
    const table: Readonly<Record<string, (random: Random, seed: number) => number>> = {
      'sign flip, 8 clips, every pattern': (random) => signFlipTest(normals(8, random)).p,
      'sign flip, 30 clips, sampled': (random, seed) =>
        signFlipTest(normals(30, random), { draws: 199, seed }).p,
      'sign flip, one-sided': (random) => signFlipTest(normals(9, random), { alternative: 'greater' }).p,
      'two samples, 5 and 4, every split': (random) =>
        twoSampleTest(normals(5, random), normals(4, random)).p,
      'two samples, 12 and 20, sampled': (random, seed) =>
        twoSampleTest(normals(12, random), normals(20, random), { draws: 199, seed }).p,
      'two samples, exponential': (random, seed) =>
        twoSampleTest(exponentials(9, random), exponentials(14, random), { draws: 199, seed }).p,
      'correlation, 10 pairs': (random) => pearson(normals(10, random), normals(10, random)).p,
      'rank correlation, 20 skewed pairs': (random) =>
        spearman(exponentials(20, random), exponentials(20, random)).p,
    };
    for (const [name, p] of Object.entries(table)) {
      const values = pValues(800, name, p);
      // Kolmogorov's 1% point, and the step of 1/200 between sampled p-values.
      expect(distance(values), name).toBeLessThan(1.63 / Math.sqrt(800));
      expect(Math.abs(share(values, 0.05) - 0.05), name).toBeLessThan(0.021);
    }
  });

  test('unequal spreads and sizes do not make two equal means differ', () => {
    const values = pValues(600, 'spreads', (random, seed) => {
      const wide = normals(10, random).map((value) => 4 * value);
      return twoSampleTest(wide, normals(40, random), { draws: 199, seed }).p;
    });
    // With a plain difference of means it is 0.3. s.e. 0.009.
    expect(share(values, 0.05)).toBeLessThan(0.08);
  });

  test('equivalence at the margin itself is claimed in 5% of cases', () => {
    const values = pValues(800, 'margin', (random) => equivalenceTest(normals(12, random, 1.5), 1.5).p);
    expect(Math.abs(share(values, 0.05) - 0.05)).toBeLessThan(0.024);
  });

  test('bootstrap tests keep near their level', () => {
    const values = pValues(300, 'bootstrap', (random, seed) => {
      const clips = paired(20, 0, random);
      return bootstrapTest(aucOf(clips), 0.5, { draws: 400, seed }).twoSided;
    });
    expect(share(values, 0.05)).toBeLessThan(0.09);
    expect(share(values, 0.5)).toBeGreaterThan(0.4);
    expect(share(values, 0.5)).toBeLessThan(0.6);
  });
});

function exponentials(n: number, random: Random): number[] {
  return list(n, () => -Math.log(1 - random.uniform()));
}

/** Clips with one value clean and one disturbed, `effect` apart, correlated 0.5. */
function paired(n: number, effect: number, random: Random): ClipScores[] {
  return Array.from({ length: n }, () => {
    const clip = random.normal();
    return {
      negatives: [(clip + random.normal()) / Math.SQRT2],
      positives: [effect + (clip + random.normal()) / Math.SQRT2],
    };
  });
}

/** Clips measured at five lengths, each with its own level and slope; the slope is 1 in the mean. */
function byLength(n: number, random: Random): ClipPairs[] {
  return Array.from({ length: n }, () => {
    const [level, slope] = [random.normal(), 1 + random.normal() / 2];
    const x = [0, 0.5, 1, 1.5, 2];
    return { x, y: x.map((length) => level + slope * length + random.normal() / 2) };
  });
}

/** Clips with one trial at each of seven levels, thresholds about 5. */
function detections(n: number, random: Random): Trials[][] {
  return Array.from({ length: n }, () => {
    const threshold = 5 + random.normal();
    return [2, 3, 4, 5, 6, 7, 8].map((x) => ({
      x,
      trials: 1,
      hits: Number(random.uniform() < 1 / (1 + Math.exp(-2 * (x - threshold)))),
    }));
  });
}

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Areas for normal values 1 and 2 standard deviations apart. */
const [AREA_1, AREA_2] = [normalCdf(1 / Math.SQRT2), normalCdf(2 / Math.SQRT2)];
/** Correlation of `byLength`: covariance 0.5 over sd sqrt(0.5) of x and sqrt(2.125) of y. */
const CORRELATION = 0.5 / Math.sqrt(0.5 * 2.125);

describe('95% intervals', () => {
  const options = (seed: number) => ({ draws: 400, seed });
  const ones = (n: number): number[] => list(n, () => 1);
  /** Quantity: its true value, its interval from n clips, and the coverage measured for n = 6, 20, 40 (1000 samples). */
  const table: Readonly<
    Record<string, [number, (n: number, random: Random, seed: number) => Bounds, readonly number[]]>
  > = {
    'mean of normal values': [
      0,
      (n, random, seed) => estimate(ratioOfMeans(normals(n, random), ones(n)), options(seed)),
      [0.93, 0.95, 0.94],
    ],
    'mean of exponential values': [
      1,
      (n, random, seed) => estimate(ratioOfMeans(exponentials(n, random), ones(n)), options(seed)),
      [0.89, 0.92, 0.94],
    ],
    'ratio of means': [
      0.5,
      (n, random, seed) => {
        const below = normals(n, random).map((value) => 1 + value / 2);
        const above = below.map((value) => value / 2 + 0.3 * random.normal());
        return estimate(ratioOfMeans(above, below), options(seed));
      },
      [0.93, 0.95, 0.95],
    ],
    'AUC, paired': [
      AREA_1,
      (n, random, seed) => aucInterval(paired(n, 1, random), options(seed)),
      [0.99, 0.96, 0.95],
    ],
    'high AUC, paired': [
      AREA_2,
      (n, random, seed) => aucInterval(paired(n, 2, random), options(seed)),
      [1, 0.95, 0.95],
    ],
    'high AUC, independent': [
      AREA_2,
      (n, random) => aucIndependent(normals(n, random, 2), normals(n, random)),
      [0.98, 0.96, 0.95],
    ],
    'difference of AUCs': [
      AREA_2 - AREA_1,
      (n, random, seed) =>
        estimate(differenceOf(aucOf(paired(n, 2, random)), aucOf(paired(n, 1, random))), options(seed)),
      [0.95, 0.96, 0.96],
    ],
    'pooled slope': [
      1,
      (n, random, seed) => estimate(pooledSlope(byLength(n, random)), options(seed)),
      [0.94, 0.94, 0.96],
    ],
    'pooled correlation': [
      CORRELATION,
      (n, random, seed) => estimate(pooledPearson(byLength(n, random)), options(seed)),
      [0.87, 0.93, 0.94],
    ],
    'psychometric threshold': [
      5,
      (n, random, seed) => estimate(psychometricOf(detections(n, random), 'threshold'), { draws: 200, seed }),
      [0.97, 0.97, 0.95],
    ],
  };

  test.each(Object.entries(table))(
    '%s: cover as stated for 6, 20 and 40 clips',
    (name, [truth, interval, stated]) => {
      for (const [i, n] of [6, 20, 40].entries()) {
        const samples = 250;
        let covered = 0;
        for (let sample = 0; sample < samples; sample++) {
          const { low, high } = interval(n, generator(seedOf('coverage', name, n, sample)), sample);
          if (low <= truth && truth <= high) covered++;
        }
        // Three standard errors of a coverage of 0.95 are 0.041.
        expect(Math.abs(covered / samples - stated[i]), `${n} clips: ${covered / samples}`).toBeLessThan(
          0.041,
        );
      }
    },
  );
});
