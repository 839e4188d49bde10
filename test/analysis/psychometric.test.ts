// src/analysis/psychometric.ts: what counts as detected, where long windows are seen on few stretches.

import { describe, expect, test } from 'vitest';
import { DELTA_FEATURES, type DeltaFeatures, NULL_DRAWS } from '../../src/analysis/curve_features.js';
import type { Sample } from '../../src/analysis/measured.js';
import { nullFeatures } from '../../src/analysis/null_features.js';
import { psychometrics } from '../../src/analysis/psychometric.js';
import { wideningOf } from '../../src/regions/stretches.js';
import { psychometricTable } from '../../src/report/study/tables.js';
import { generator, seedOf } from '../../src/stats/random.js';

const featuresOf = (value: number): DeltaFeatures =>
  Object.fromEntries(DELTA_FEATURES.map((name) => [name, value])) as DeltaFeatures;
/** From -1 to 1 about 0. */
const NULLS = Array.from({ length: NULL_DRAWS }, (_, i) => featuresOf((i - 9) / 9));

/** Four clips at one length, all with the same feature; only what the detectors read. */
function sampleOf(lengthTokens: number, value: number, windowWidening: number): Sample {
  const point = {
    ...{
      model: 'm',
      protocol: 'delayed',
      condition: 'none',
      group: 'g',
      disturbance: 'white',
      domain: 'waveform',
    },
    ...{
      variant: `white length=${lengthTokens}`,
      lengthTokens,
      blockTokens: null,
      level: null,
      levelDbfs: null,
    },
    ...{ severity: null, words: '', grid: [{ name: 'length', value: lengthTokens, unit: 'tokens' }] },
  };
  const cells = ['a', 'b', 'c', 'd'].map((clip) => ({
    clip,
    placed: { features: featuresOf(value), regions: {}, nulls: NULLS, compared: NULLS, windowWidening },
  }));
  return { point, planned: 4, groups: 1, cells } as unknown as Sample;
}

describe('detections', () => {
  test('a mean over a long window must lie beyond nulls that are as much wider as its length asks', () => {
    const samples = [sampleOf(5, -1.1, 1), sampleOf(50, -1.1, 1.05), sampleOf(100, -1.1, 1.2)];
    const [lower, higher, peak] = psychometrics(samples, { seed: 1 });
    expect(lower.points.map(({ x, hits, n }) => [x, hits, n])).toEqual([
      [5, 4, 4],
      [50, 4, 4],
      [100, 0, 4],
    ]);
    expect(higher.points.every(({ hits }) => hits === 0)).toBe(true);
    // A Peak is a few frames at every length.
    const high = [5, 50, 100].map((length) => sampleOf(length, 1.1, 1.5));
    expect(psychometrics(high, { seed: 1 })[2].points.map(({ hits }) => hits)).toEqual([4, 4, 4]);
    expect(peak.points.map(({ hits }) => hits)).toEqual([0, 0, 0]);
  });

  test('a window that no music is long enough for is neither a hit nor a miss, and says why', () => {
    const random = generator(seedOf(1, 'short'));
    const clean = Float64Array.from({ length: 750 }, () => 5 + random.normal());
    const window = { start: 250, end: 450 };
    const material = { clean, delta: new Float64Array(750), window, others: [] };
    const options = { rule: 'onset', reach: { reach: 4, lag: 3 }, seed: 1, clip: 'a' } as const;
    const { draws, compared, why } = nullFeatures(material, options);
    expect([draws, compared]).toEqual([[], []]);
    expect(why).toBe('it lasts 200 frames, and 700 frames of clean loss can judge at most 100');
    const samples = [5, 50, 100, 200].map((length) => {
      const sample = sampleOf(length, -1.1, 1);
      if (length < 200) return sample;
      const cells = sample.cells.map((cell) => ({
        ...cell,
        placed: cell.placed && { ...cell.placed, nulls: draws, compared, unjudged: why ?? '' },
      }));
      return { ...sample, cells };
    });
    const [lower] = psychometrics(samples, { seed: 1 });
    expect(lower.points.map(({ n }) => n)).toEqual([4, 4, 4, 0]);
    expect(lower.points.map(({ unjudged }) => unjudged)).toEqual([undefined, undefined, undefined, why]);
    expect(psychometricTable([lower])).toContain(`0/0 at 200 (others not judged: ${why})`);
  });

  test('the null says how much wider: more for a longer window, as chances of regions take it', () => {
    const random = generator(seedOf(1, 'clean'));
    const clean = Float64Array.from({ length: 750 }, () => 5 + random.normal());
    const widening = [5, 50, 100].map((length) => {
      const window = { start: 250, end: 250 + length };
      const material = { clean, delta: new Float64Array(750), window, others: [] };
      const options = { rule: 'onset', reach: { reach: 4, lag: 3 }, seed: 1, clip: 'a' } as const;
      return nullFeatures(material, options).windowWidening;
    });
    expect(widening[0]).toBeCloseTo(wideningOf(5, 700), 12);
    expect(widening[1]).toBeCloseTo(wideningOf(50, 700), 12);
    expect(widening[1]).toBeGreaterThan(1.1);
    // The longest that the clip itself can judge: a seventh of what there is.
    expect(widening[2]).toBe(wideningOf(100, 700));
  });
});
