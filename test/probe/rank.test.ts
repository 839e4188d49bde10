// src/probe/rank.ts: the numbers of a clip by hand, order, and how well they tell groups apart.

import { describe, expect, it } from 'vitest';
import type { MapPoint, SensitivityMap } from '../../src/probe/map_record.js';
import {
  FEATURES,
  meanFeature,
  ranked,
  rankedClip,
  sensitivityCurve,
  separations,
} from '../../src/probe/rank.js';
import { curveValue } from '../../src/scores/curves.js';

/** A map with given Peaks, loss and entropy by frame, at 10 frames a second. */
function mapOf(
  name: string,
  {
    peaks,
    loss,
    entropy,
  }: { peaks: readonly number[]; loss: readonly number[]; entropy?: readonly number[] },
): SensitivityMap {
  const byFrame = Float64Array.from([...loss, Number.NaN]);
  const frames = byFrame.length;
  const points = peaks.map(
    (peak, i): MapPoint => ({
      start: 10 * i,
      seconds: i,
      peak,
      inside: peak,
      highest: { value: peak, at: 10 * i },
      chance: peak > 2 ? 0.01 : 0.5,
      levelDbfs: -20,
      changed: 1,
      delta: { from: 10 * i, values: Float64Array.of(peak) },
    }),
  );
  return {
    provenance: {
      losscope: '0',
      model: 'none',
      fingerprint: '',
      protocol: 'delayed',
      condition: 'none',
      runtime: '',
      device: 'cpu',
      instructions: 'avx2',
      precision: 'fp32',
      resampler: '',
    },
    clip: { name, sampleRate: 100, samples: 10 * frames },
    clock: { sampleRate: 100, hop: 10 },
    disturbance: '',
    every: 10,
    length: 5,
    tail: 5,
    clean: { frames, mean: loss.reduce((sum, value) => sum + value, 0) / loss.length, byFrame },
    entropy: Float64Array.from([...(entropy ?? loss.map(() => 1)), Number.NaN]),
    envelope: new Float64Array(frames),
    points,
    silent: [],
    calibration: { source: 'self', hypothesis: '', draws: 99, bands: {} },
  };
}

it('the sensitivity is the mean of its curve, which stands at the positions of the map', () => {
  const map = mapOf('a', { peaks: [1, Number.NaN, 4, 2.5], loss: flat(3) });
  const curve = sensitivityCurve(map);
  expect([...curve.seconds]).toEqual([0, 1, 2, 3]);
  expect([...curve.values]).toEqual([1, Number.NaN, 4, 2.5]);
  expect(curveValue(curve)).toBe(2.5);
  expect(rankedClip(map).features.sensitivity).toBe(2.5);
});

const flat = (value: number): number[] => new Array<number>(30).fill(value);

describe('a ranked clip', () => {
  it('has mean Peak, loss, entropy, the worst second and the variance within seconds', () => {
    // Three seconds of ten frames: all 2; 1 and 5 in turn; all 4. The last frame is undefined.
    const loss = [
      ...flat(2).slice(0, 10),
      ...Array.from({ length: 10 }, (_, i) => (i % 2 ? 5 : 1)),
      ...flat(4).slice(0, 10),
    ];
    const clip = rankedClip(mapOf('a', { peaks: [1, 3, 5, 3, 1, 5], loss, entropy: flat(2.5) }));
    expect(clip.features).toEqual({
      sensitivity: 3,
      loss: 3,
      entropy: 2.5,
      surprise: 0.5,
      maximum: 4,
      variance: ((10 * 4) / 9 + 0 + 0) / 3,
    });
    expect(clip.beyond).toBe(4 / 6);
    const { interval } = clip.peak;
    expect(interval && interval.low < 3 && 3 < interval.high).toBe(true);
    // Fewer positions than two blocks of five, less than a second of loss: the numbers, but no interval.
    const short = rankedClip(mapOf('b', { peaks: [1, 2], loss: [1, 2, 3] }));
    expect(short.peak).toEqual({ mean: 1.5 });
    expect([short.features.maximum, short.features.variance]).toEqual([2, 1]);
  });

  it('comes in order of its mean Peak', () => {
    const clips = [1, 3, 2].map((peak) =>
      rankedClip(mapOf(`clip ${peak}`, { peaks: [peak], loss: flat(1) })),
    );
    expect(ranked(clips).map(({ clip }) => clip.name)).toEqual(['clip 3', 'clip 2', 'clip 1']);
    expect(clips.map(({ clip }) => clip.name)).toEqual(['clip 1', 'clip 3', 'clip 2']);
    const { mean, interval } = meanFeature(clips, 'sensitivity');
    expect([mean, interval && interval.low < 2 && 2 < interval.high]).toEqual([2, true]);
    expect(meanFeature(clips.slice(1, 2), 'sensitivity')).toEqual({ mean: 3 });
  });
});

describe('separation of two groups', () => {
  const group = (folder: string, shift: number, names = ['a', 'b', 'c', 'd', 'e', 'f']) =>
    names.map((name, i) =>
      rankedClip(mapOf(`${folder}/${name}.wav`, { peaks: [i - shift], loss: flat(2 + i + shift / 10) })),
    );

  it('is the share of pairs in which the second has more, by feature; paired where names allow', () => {
    const found = separations(group('intact', 0), group('damaged', 2.5));
    expect(found.map(({ feature }) => feature)).toEqual(FEATURES);
    const [sensitivity, loss, entropy] = found;
    // Peaks 0..5 against -2.5..2.5: of 30 pairs of different clips the second has more in 3 + 2 + 1.
    expect(sensitivity).toMatchObject({ auc: expect.closeTo(6 / 30, 12), paired: true });
    expect(sensitivity.low).toBeLessThan(0.2);
    expect(sensitivity.high).toBeLessThanOrEqual(0.5);
    // Losses 2..7 against 2.25..7.25: a shift that is nothing among clips wins half; beside itself each clip would win.
    expect(loss).toMatchObject({ auc: expect.closeTo(0.5, 12), paired: true });
    expect([loss.low, loss.high]).toEqual([expect.closeTo(0.5, 12), expect.closeTo(0.5, 12)]);
    expect(entropy.auc).toBe(0.5);
    const apart = separations(group('intact', 0), group('other', 2.5, ['u', 'v', 'w', 'x', 'y', 'z']));
    expect(apart[0]).toMatchObject({ auc: 6 / 36, paired: false });
    // A name that comes twice pairs with nobody.
    const twice = separations(group('intact', 0), group('damaged', 2.5, ['a', 'a', 'c', 'd', 'e', 'f']));
    expect(twice[0].paired).toBe(false);
  });

  it('needs two clips in each group', () => {
    const [one] = group('intact', 0);
    expect(() => separations([one], group('damaged', 1))).toThrow(/groups of 1 and 6 clips, at least 3/);
  });
});
