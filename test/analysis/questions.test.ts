// Amnesia, psychometric curves, contrasts and comparisons on made rows; and calibration: under the null p-values are
// uniform and intervals cover.

import { describe, expect, test } from 'vitest';
import { amnesia } from '../../src/analysis/amnesia.js';
import { answersOf } from '../../src/analysis/answers.js';
import { measureStudy } from '../../src/analysis/cells.js';
import { clipLosses } from '../../src/analysis/clip_loss.js';
import { compareStudies } from '../../src/analysis/comparison.js';
import { contrasts } from '../../src/analysis/contrasts.js';
import { curveSums } from '../../src/analysis/curve_sums.js';
import { leakSums } from '../../src/analysis/leak_sums.js';
import type { DisturbedClip, Measured, Sample } from '../../src/analysis/measured.js';
import type { Point } from '../../src/analysis/point.js';
import { psychometrics } from '../../src/analysis/psychometric.js';
import { FIG2, FIG5 } from '../../src/analysis/published_values.js';
import { valueOver } from '../../src/stats/cluster.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { aucOf } from '../../src/stats/roc.js';
import { aucBetween, aucBetweenInterval } from '../../src/stats/roc_between.js';
import { type Made, madeStudy, storeOf, white } from './rows.js';

/** So many points of clips whose loss moves by normal values around `shift`. */
function samplesOf(points: number, clips: number, shift: number): Sample[] {
  const random = generator(seedOf('calibration', points, clips, shift));
  const blind = { 'Local maximum': 0, 'Local variance': 0, 'Change point': 0 };
  return Array.from({ length: points }, (_, i): Sample => {
    const cells = Array.from({ length: clips }, (_unused, j): DisturbedClip => {
      const clean = 4 + random.normal();
      const disturbed = clean + shift + random.normal();
      const curve = { clean: blind, disturbed: blind };
      const clip = `clip-${j}`;
      return { clip, clean, disturbed, frames: 300, disturbedFrames: 30, curve };
    });
    const point: Point = {
      model: 'm',
      protocol: 'delayed',
      condition: 'none',
      group: 'g',
      disturbance: 'white',
      kind: 'noise',
      color: 'white',
      edit: null,
      domain: 'waveform',
      variant: `v${i}`,
      lengthTokens: 30,
      blockTokens: null,
      level: 'match',
      levelDbfs: null,
      severity: null,
      grid: [],
      words: 'w',
    };
    return { point, planned: clips, groups: 1, cells, curve: curveSums(), leak: leakSums() };
  });
}

describe('calibration of the clip-loss table', () => {
  test('under the null: p-values are uniform, intervals cover 95%, Holm lets nothing through', () => {
    const rows = clipLosses(samplesOf(150, 9, 0), { seed: 1 });
    const p = rows.map(({ test: { p: value } }) => value ?? Number.NaN).sort((a, b) => a - b);
    // Kolmogorov's statistic of 150 uniform values exceeds 0.132 once in a hundred times.
    const distance = Math.max(...p.map((value, i) => Math.abs(value - (i + 0.5) / p.length)));
    expect(distance).toBeLessThan(0.132);
    const covered = rows.filter(({ difference: { low, high } }) => (low ?? 1) <= 0 && (high ?? -1) >= 0);
    expect(covered.length / rows.length).toBeGreaterThan(0.9);
    expect(covered.length / rows.length).toBeLessThan(0.99);
    expect(rows.filter(({ test: { holm } }) => (holm ?? 0) <= 0.05)).toEqual([]);
    const aucs = rows.map(({ auc }) => auc.value ?? Number.NaN);
    expect(aucs.reduce((a, b) => a + b) / aucs.length).toBeCloseTo(0.5, 1);
  });

  test('with an effect: found nearly always, and its interval holds the true one', () => {
    const rows = clipLosses(samplesOf(30, 12, -2), { seed: 1 });
    expect(rows.filter(({ test: { holm } }) => (holm ?? 1) <= 0.05).length).toBeGreaterThan(25);
    const covered = rows.filter(({ perToken: { low, high } }) => (low ?? 0) <= -20 && (high ?? -40) >= -20);
    expect(covered.length).toBeGreaterThan(26);
  });
});

/** Samples of made rows, without the tables of other questions. */
async function measured(made: Made): Promise<Measured> {
  const study = madeStudy(made);
  return measureStudy(storeOf(study), study.plan, { seed: 1, rule: 'onset' });
}

describe('AUC between clips', () => {
  const random = generator(seedOf('between'));
  const clips = Array.from({ length: 6 }, () => {
    const level = random.normal();
    return { positives: [level + 0.001, level + random.normal()], negatives: [level] };
  });

  test('is the count over pairs of different clips, also of a draw with repeats', () => {
    expect(valueOver(aucBetween([2, 4, 6].map((x) => ({ positives: [x], negatives: [x - 1] }))))).toBe(0.5);
    for (const drawn of [Int32Array.of(0, 1, 2, 3, 4, 5), Int32Array.of(3, 3, 1, 5, 5, 5)]) {
      let [won, pairs] = [0, 0];
      for (const i of drawn) {
        for (const j of drawn) {
          if (i === j) continue;
          for (const positive of clips[i].positives) {
            won += Number(positive > clips[j].negatives[0]);
            pairs++;
          }
        }
      }
      expect(aucBetween(clips).of(drawn)).toBeCloseTo(won / pairs, 12);
    }
    expect(aucBetween(clips).of(Int32Array.of(2, 2, 2))).toBeNaN();
  });

  test('sees nothing in a shift that is small beside the clips, where all pairs would', () => {
    const shifted = clips.map(({ negatives }) => ({ positives: [negatives[0] + 1e-6], negatives }));
    expect(aucBetweenInterval(shifted)).toMatchObject({ value: 0.5, low: 0.5, high: 0.5 });
    expect(valueOver(aucOf(shifted))).toBeCloseTo(0.5 + 1 / 12, 12);
    const apart = clips.map((_, i) => ({ positives: [10 + i], negatives: [i] }));
    expect(aucBetweenInterval(apart)).toMatchObject({ value: 1, high: 1 });
    expect(aucBetweenInterval(apart).low).toBeLessThan(1);
  });
});

describe('amnesia index', () => {
  const indexOf = async (both: number, noise: number) => {
    const { tails } = await measured({
      groups: { A: 8 },
      variants: white([20], { amnesia: true }),
      tail: (context, random) =>
        4 + { 'prefix+noise': both, prefix: 0, noise }[context] + 0.02 * random.normal(),
    });
    return amnesia(tails, { seed: 1 });
  };

  test('is 0 where the noise is ignored, 1 where everything before it is forgotten', async () => {
    for (const [both, expected] of [
      [0, 0],
      [0.25, 0.5],
      [0.5, 1],
    ]) {
      const rows = await indexOf(both, 0.5);
      expect(rows.map(({ tailTokens }) => tailTokens)).toEqual([10, 50, 80]);
      for (const { clips, values } of rows) expect(clips).toHaveLength(values.length);
      for (const { index, values } of rows) {
        expect(index.value).toBeCloseTo(expected, 1);
        expect(index.low).toBeLessThan(expected + 0.02);
        expect(index.high).toBeGreaterThan(expected - 0.02);
        expect(values).toHaveLength(8);
      }
    }
  });

  test('has no interval where what came before does not help, and the answer says so', async () => {
    const rows = await indexOf(0.3, 0);
    for (const { index, values } of rows) {
      expect(index).toMatchObject({ low: null, high: null });
      expect(index.why).toContain('too little to tell');
      expect(values).toEqual([]);
    }
    const none = { clipLoss: [], trends: [], psychometric: [], features: [], transients: [], contrasts: [] };
    const [answer] = answersOf({ ...none, amnesia: rows });
    expect(answer.sentences.join(' ')).toContain('It cannot be told');
  });
});

test('a psychometric curve finds the length at which half of the clips are detected', async () => {
  const { samples } = await measured({
    groups: { A: 30 },
    variants: white([10, 20, 40, 80, 160]),
    scatter: 0.1,
    // A logistic in log2 length with its threshold at 40: the clip falls, or does not.
    effect: ({ lengthTokens }, random) =>
      random.uniform() < 1 / (1 + Math.exp(-2 * (Math.log2(lengthTokens ?? 0) - Math.log2(40)))) ? -3 : 0,
  });
  const psychometric = psychometrics(samples, { seed: 1 });
  const falls = psychometric.find(({ detector }) => detector.includes('window lower'));
  expect(falls?.points.map(({ x, n }) => [x, n])).toEqual([10, 20, 40, 80, 160].map((x) => [x, 30]));
  expect(falls?.threshold.low).toBeLessThan(40);
  expect(falls?.threshold.high).toBeGreaterThan(40);
  expect(falls?.slope.value).toBeGreaterThan(1);
  expect(falls?.curve).toHaveLength(50);
  const rises = psychometric.find(({ detector }) => detector.includes('window higher'));
  expect(rises?.threshold).toMatchObject({ value: null, n: 30 });
  expect(rises?.curve).toEqual([]);
});

test('a psychometric curve runs along a severity that gets worse as it falls', async () => {
  const cutoffs = [500, 1000, 2000, 4000, 8000];
  const { samples } = await measured({
    groups: { A: 30 },
    variants: white([50]).flatMap((one) =>
      cutoffs.map((value) => ({
        ...one,
        ...{ disturbance: 'dull', variant: `dull cutoff=${value}`, kind: 'lowpass', color: null },
        severity: { name: 'cutoff', value } as const,
      })),
    ),
    scatter: 0.1,
    // Detected in half of the clips at 2 kHz, in more below.
    effect: ({ severity }, random) =>
      random.uniform() < 1 / (1 + Math.exp(2 * Math.log2((severity ?? 0) / 2000))) ? -3 : 0,
  });
  const falls = psychometrics(samples, { seed: 1 }).filter(({ detector }) =>
    detector.includes('window lower'),
  );
  expect(falls.map(({ axis, severityName }) => [axis, severityName])).toEqual([['severity', 'cutoff']]);
  const [{ points, threshold, slope, curve }] = falls;
  expect(points.map(({ x, n }) => [x, n])).toEqual(cutoffs.map((x) => [x, 30]));
  expect(threshold.low).toBeLessThan(2000);
  expect(threshold.high).toBeGreaterThan(2000);
  expect(threshold.value).toBeGreaterThan(threshold.low ?? Number.NaN);
  expect(slope.value).toBeGreaterThan(1);
  const drawn = curve.map(({ x }) => x);
  expect([Math.min(...drawn), Math.max(...drawn)]).toEqual([500, 8000]);
});

test('contrasts say different, equivalent or undecided, and pair what can be paired', async () => {
  const options = { seed: 1, margin: 0.05 };
  const { samples } = await measured({
    models: ['one', 'two'],
    protocols: ['delayed', 'undelayed'],
    groups: { A: 10, B: 10 },
    variants: [
      ...white([50]),
      ...white([50], { disturbance: 'codes', variant: 'codes length=50', domain: 'codes' }),
    ],
    scatter: 0.05,
    effect: ({ model, group, domain }, random) =>
      (model === 'two' ? -2 : 0) +
      (group === 'B' ? 2 * random.normal() : 0) +
      (domain === 'codes' ? 0.01 : 0),
  });
  const rows = contrasts(samples, options);
  const of = (factor: string) => rows.filter((row) => row.factor === factor);
  expect(of('model').every(({ verdict, paired }) => verdict === 'different' && paired)).toBe(true);
  expect(of('model')).toHaveLength(4);
  const [model] = of('model');
  expect(model).toMatchObject({ a: 'two', b: 'one', difference: { n: 20 } });
  expect(of('group').every(({ verdict, paired }) => verdict === 'undecided' && !paired)).toBe(true);
  expect(of('domain').map(({ a, b, paired }) => [a, b, paired])).toEqual(
    Array.from({ length: 4 }, () => ['codes', 'waveform', true]),
  );
  expect(of('protocol').length).toBe(4);
  const quiet = await measured({
    ...{ groups: { A: 8 }, protocols: ['delayed', 'undelayed'], variants: white([50]), scatter: 0.05 },
  });
  const same = contrasts(quiet.samples, options);
  expect(same.map(({ factor, verdict }) => [factor, verdict])).toEqual([['protocol', 'equivalent']]);
});

test('two studies are compared at the points that both have, paired by content', async () => {
  const made = { groups: { A: 8 }, scatter: 0.05 };
  const first = madeStudy({ ...made, models: ['small'], variants: white([20, 50]) });
  const second = madeStudy({ ...made, models: ['large'], variants: white([50, 100]), effect: () => -1 });
  const { points, a, b } = await compareStudies(storeOf(first), storeOf(second));
  expect(a.only.map(({ variant }) => variant)).toEqual(['white length=20']);
  expect(b.only.map(({ variant }) => variant)).toEqual(['white length=100']);
  expect(points).toHaveLength(1);
  const [row] = points;
  expect(row).toMatchObject({ variant: 'white length=50', model: 'small', modelB: 'large', paired: true });
  expect(row.change.value).toBeCloseTo((-2 * 50) / 599, 2);
  expect(row).toMatchObject({ verdict: 'different', change: { n: 8, missing: 0 } });
  expect(row.change.value).toBeCloseTo((row.b.value ?? 0) - (row.a.value ?? 0), 10);
  const other = madeStudy({ groups: { B: 4 }, variants: white([50]) });
  const apart = await compareStudies(storeOf(first), storeOf(other));
  expect(apart.points).toEqual([]);
});

test('published facts: the ends of the figures', () => {
  expect(FIG2.small.OOD.at(-1)).toBe(-0.5005);
  expect(FIG2.melody.Generated.at(-1)).toBe(-0.648);
  expect(FIG5[0]).toEqual({ blockTokens: null, median: 6.758 });
  expect(FIG5).toHaveLength(11);
});
