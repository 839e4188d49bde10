// The region rules: on curves whose regions are known, on the four published curves, and at the edges of a clip.
// The null calibration is in regions_null.test.ts.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { codesOf } from '../src/audio/codes.js';
import { curveDifference, readLossCurve } from '../src/regions/curve.js';
import { profileOf, regionMeansByCodebook } from '../src/regions/profile.js';
import { type Findings, REGION_NAMES, type Region, type RegionName, RULES } from '../src/regions/region.js';
import { findRegions } from '../src/regions/rules.js';
import { windowOf } from '../src/regions/window.js';
import { difference } from '../src/score/delta.js';
import type { Loss } from '../src/score/loss.js';
import { median } from '../src/stats/describe.js';
import { generator, seedOf } from '../src/stats/random.js';

interface Made {
  readonly frames?: number;
  readonly window?: { readonly start: number; readonly end: number };
  /** Offset of the whole curve, and s.d. of noise: before the onset, and from it on. */
  readonly offset?: number;
  readonly noiseBefore?: number;
  readonly noise?: number;
  readonly seed?: number;
  readonly peak?: { readonly at: number; readonly width: number; readonly height: number };
  /** Level from the end of the Peak (or the window's start) to 3 frames before the window's end. */
  readonly level?: number;
  readonly rebound?: { readonly at: number; readonly width: number; readonly height: number };
  /** Alternating signs of size amplitude 2^(-t / halfLife) after the Rebound, t from the window's end. */
  readonly recovery?: { readonly amplitude: number; readonly halfLife: number };
}

const WINDOW = { start: 250, end: 350 };

/** A delta curve with known regions. */
function made(spec: Made): Float64Array {
  const { frames = 750, window = WINDOW, offset = 0, noiseBefore = 0, noise = 0, seed = 0 } = spec;
  const random = generator(seedOf('regions.test', seed));
  const { peak, level = 0, rebound, recovery } = spec;
  const inside = (part: Made['peak'], t: number) =>
    part !== undefined && t >= part.at && t < part.at + part.width;
  return Float64Array.from({ length: frames }, (_, t) => {
    const disturbed = t >= window.start - 7;
    let value = offset + (disturbed ? noise : noiseBefore) * random.normal();
    if (peak && inside(peak, t)) value += peak.height;
    else if (rebound && inside(rebound, t)) value += rebound.height;
    else if (t >= window.start && t < window.end - 3) value += level;
    else if (recovery && t >= window.end) {
      value += (t % 2 ? -1 : 1) * recovery.amplitude * 2 ** (-(t - window.end) / recovery.halfLife);
    }
    return value;
  });
}

function find(findings: Findings, name: RegionName): Region | undefined {
  return findings.regions.find((region) => region.name === name);
}

function spanOf(region: Region | undefined): [number, number] | undefined {
  return region && [region.start, region.end];
}

/** Nothing that JSON would turn into null, and every region name accounted for at most once. */
function isReadyForJson(findings: Findings): void {
  expect(JSON.parse(JSON.stringify(findings))).toEqual(findings);
  expect(JSON.stringify(findings)).not.toContain('null');
  const names = [...findings.regions, ...findings.absent].map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(REGION_NAMES).toContain(name);
}

interface Published {
  readonly pieces: Record<string, { readonly first_token: number; readonly delta: readonly number[] }>;
}

const published = JSON.parse(
  readFileSync(new URL('./golden/published/loss-difference.json', import.meta.url), 'utf8'),
) as Published;

/** A published curve on the frame axis: figure token i is frame i + 1; frames before the picture are undefined. */
function publishedCurve(piece: string, change: (value: number) => number = (value) => value): Float64Array {
  const { first_token: first, delta } = published.pieces[piece];
  const curve = new Float64Array(first + 1 + delta.length).fill(Number.NaN);
  delta.forEach((value, i) => {
    curve[first + 1 + i] = change(value);
  });
  return curve;
}

describe('known regions', () => {
  const full: Made = {
    peak: { at: 248, width: 5, height: 3 },
    level: -2,
    rebound: { at: 349, width: 4, height: 4 },
    recovery: { amplitude: 1, halfLife: 40 },
  };

  test.each<[string, Made, Partial<Record<RegionName, [number, number]>>, (found: Findings) => void]>([
    [
      'all four, exactly',
      full,
      { peak: [248, 253], assimilation: [253, 346], rebound: [349, 353], recovery: [353, 750] },
      (found) => {
        expect(find(found, 'peak')).toMatchObject({ mean: 3, area: 15, extreme: { value: 3, at: 248 } });
        expect(find(found, 'assimilation')).toMatchObject({ mean: -2, settled: -2, halfTime: 4, frames: 93 });
        expect(find(found, 'rebound')).toMatchObject({ mean: 4, area: 16, extreme: { value: 4, at: 349 } });
        const recovery = find(found, 'recovery');
        expect(recovery?.halfLife).toBeCloseTo(40, 4);
        expect(recovery?.amplitude).toBeCloseTo(1, 4);
        expect(found.onset).toBe(248);
      },
    ],
    [
      'no Peak: absent, not zero; the Assimilation starts with the window',
      { ...full, peak: undefined },
      { assimilation: [250, 346], rebound: [349, 353], recovery: [353, 750] },
      (found) => {
        expect(found.absent).toEqual([
          { name: 'peak', why: 'nothing stands above both sides of the boundary in [246, 275)' },
        ]);
        expect(find(found, 'assimilation')?.halfTime).toBe(0);
        expect(found.onset).toBe(250);
      },
    ],
    [
      'noise that raises the loss: a step up is an Assimilation with its sign, no Peak and no Rebound',
      { level: 1.3 },
      { assimilation: [250, 346], recovery: [350, 750] },
      (found) => {
        expect(find(found, 'assimilation')).toMatchObject({ settled: expect.closeTo(1.3, 12), halfTime: 0 });
        expect(find(found, 'recovery')).toMatchObject({ mean: 0, spread: 0 });
        expect(find(found, 'recovery')).not.toHaveProperty('halfLife');
      },
    ],
    [
      'a Peak on top of a raised level: its area is what stands above the level, its mean is above the baseline',
      { peak: { at: 249, width: 3, height: 3 }, level: 1, rebound: { at: 349, width: 2, height: 4 } },
      { peak: [249, 252], assimilation: [252, 346], rebound: [349, 351], recovery: [351, 750] },
      (found) => {
        expect(find(found, 'peak')).toMatchObject({ mean: 3, area: expect.closeTo(6, 12) });
        expect(find(found, 'rebound')).toMatchObject({ mean: 4, area: expect.closeTo(6, 12) });
      },
    ],
    [
      'nothing at all: the Assimilation is measured as 0, Peak and Rebound are absent',
      {},
      { assimilation: [250, 346], recovery: [350, 750] },
      (found) => {
        expect(find(found, 'assimilation')).toMatchObject({ mean: 0, settled: 0 });
        expect(find(found, 'assimilation')).not.toHaveProperty('halfTime');
        expect(found).not.toHaveProperty('onset');
      },
    ],
    [
      'another encoding before the onset: level and spread are estimated and taken off',
      { ...full, offset: 0.5, noiseBefore: 0.2 },
      { peak: [248, 253], assimilation: [253, 346], rebound: [349, 353], recovery: [353, 750] },
      (found) => {
        // Median and mean absolute deviation of 243 normal values: s.e. 0.016 and 0.008.
        expect(Math.abs(found.baseline.level - 0.5)).toBeLessThan(0.05);
        expect(Math.abs(found.baseline.spread - 0.2 * Math.sqrt(2 / Math.PI))).toBeLessThan(0.025);
        expect(found.baseline.frames).toBe(243);
        // The curve from the onset on is offset + level, without noise.
        expect(find(found, 'assimilation')?.mean).toBeCloseTo(0.5 - 2 - found.baseline.level, 12);
        expect(found.onset).toBe(248);
      },
    ],
  ])('onset: %s', (_, spec, spans, check) => {
    const found = findRegions(made(spec), WINDOW);
    expect(Object.fromEntries(found.regions.map((region) => [region.name, spanOf(region)]))).toEqual(spans);
    check(found);
    isReadyForJson(found);
  });

  test('the other rules on the same curve', () => {
    const curve = made(full);
    const fixed = findRegions(curve, WINDOW, { rule: 'fixed' });
    expect(fixed.regions.map(spanOf)).toEqual([
      [248, 253],
      [253, 346],
      [348, 353],
      [353, 750],
    ]);
    // Frame 348 is between the Assimilation, which ends 3 frames before the window, and the Rebound at 349.
    expect(fixed.regions.map(({ mean }) => mean).slice(0, 3)).toEqual([3, -2, 16 / 5]);

    // 5-frame means: above 0 from two frames before the Peak, at 248 - 2; at 252 they hold 3 of height 3 and 2 of
    // -2, at 253 they are 0 (no sign), at 254 below; at 347 again 0, above from 348 on.
    const paper = findRegions(curve, WINDOW, { rule: 'paper' });
    expect(paper.regions.map(({ name, start, end }) => [name, start, end])).toEqual([
      ['peak', 246, 254],
      ['assimilation', 254, 348],
      ['recovery', 348, 750],
    ]);
    expect(find(paper, 'peak')?.mean).toBeCloseTo((5 * 3 - 2) / 8, 12);

    // Raw values: 0 counts as "not above", so frames 246 and 247 are no run of five; the run starts at 253.
    const released = findRegions(curve, WINDOW, { rule: 'released' });
    expect(released.regions.map(({ name, start, end }) => [name, start, end])).toEqual([
      ['peak', 246, 253],
      ['assimilation', 253, 354],
      ['recovery', 354, 749],
    ]);
    expect(find(released, 'peak')?.mean).toBeCloseTo(15 / 7, 12);
    for (const findings of [fixed, paper, released]) isReadyForJson(findings);
  });

  test('released: five values in a row below start at once, and a Peak that never ends', () => {
    const below = findRegions(
      made({ level: -1 }).map((x, t) => (t >= 246 ? x - 0.1 : x)),
      WINDOW,
      {
        rule: 'released',
      },
    );
    // The scripts record this Peak as 0.
    expect(below.absent).toEqual([{ name: 'peak', why: '0 defined frames in [246, 246), 1 needed' }]);
    expect(spanOf(find(below, 'assimilation'))).toEqual([246, 354]);
    const above = findRegions(
      made({}).map((_, t) => (t >= 246 ? 1 : 0)),
      WINDOW,
      { rule: 'released' },
    );
    expect(spanOf(find(above, 'peak'))).toEqual([246, 296]);
    const long = findRegions(
      made({}).map((_, t) => (t >= 246 ? 1 : 0)),
      { start: 250, end: 260 },
      {
        rule: 'released',
      },
    );
    expect(long.absent).toEqual([{ name: 'assimilation', why: '0 defined frames in [296, 264), 1 needed' }]);
    // The threshold is the mean of the curve's beginning, not 0.
    const offset = findRegions(made({ offset: 0.3, level: -1 }), WINDOW, { rule: 'released' });
    expect(offset.baseline).toMatchObject({ level: 0, threshold: expect.closeTo(0.3, 12) });
    expect(find(offset, 'assimilation')?.mean).toBeLessThan(0);
  });

  test('paper: boundaries that never come leave the later regions absent', () => {
    const rise = made({}).map((_, t) => (t >= 250 ? 1 : 0));
    expect(findRegions(rise, WINDOW, { rule: 'paper' })).toMatchObject({
      regions: [{ name: 'peak', start: 248, end: 750 }],
      absent: [{ name: 'assimilation' }, { name: 'recovery' }],
    });
    const fall = rise.map((x) => -x);
    expect(findRegions(fall, WINDOW, { rule: 'paper' })).toMatchObject({
      regions: [{ name: 'assimilation', start: 248, end: 750 }],
      absent: [{ name: 'peak' }, { name: 'recovery' }],
    });
    // A rise after the window has ended is not this disturbance's Peak.
    const late = made({}).map((_, t) => (t >= 360 ? 1 : 0));
    expect(findRegions(late, WINDOW, { rule: 'paper' }).regions).toEqual([]);
  });

  test('in noise the boundaries stay where they are, and levels and half-lives are near', () => {
    let off = 0;
    const halfLives: number[] = [];
    for (let seed = 0; seed < 40; seed++) {
      const found = findRegions(made({ ...full, recovery: undefined, noise: 0.4, seed }), WINDOW);
      const [peak, assimilation, rebound] = found.regions;
      off += Math.abs(peak.start - 248) + Math.abs(peak.end - 253);
      off += Math.abs(rebound.start - 349) + Math.abs(rebound.end - 353);
      expect(Math.abs(assimilation.mean + 2)).toBeLessThan(4 * (0.4 / Math.sqrt(93)));
      const decaying = made({ level: -2 }).map((value, t) => {
        if (t < 350) return value;
        return generator(seedOf('decay', seed, t)).normal() * 2 ** (-(t - 350) / 60);
      });
      halfLives.push(find(findRegions(decaying, WINDOW), 'recovery')?.halfLife ?? Number.NaN);
    }
    // Four boundaries a curve. Towards level 0 one moves out by a frame where noise exceeds the drift of half its s.d.
    // (chance 0.31), and sometimes by more: less than a frame on average.
    expect(off / (4 * 40)).toBeLessThan(0.8);
    // |normal| has a coefficient of variation of 0.756, so the s.e. of the rate over 400 frames is
    // 0.756 sqrt(12 / 400^3) = 0.00033 a frame: 1.7 frames of half-life at 60 (rate 0.0116).
    const centre = halfLives.reduce((sum, h) => sum + h, 0) / 40;
    expect(Math.abs(centre - 60)).toBeLessThan(3 * (1.7 / Math.sqrt(40)));
    for (const halfLife of halfLives) expect(Math.abs(halfLife - 60)).toBeLessThan(4 * 1.7);
  });

  test('a spread that does not fall, or does not fall while it is watched, has no half-life', () => {
    const growing = find(
      findRegions(made({ recovery: { amplitude: 0.1, halfLife: -100 } }), WINDOW),
      'recovery',
    );
    expect(growing?.statistic).toMatchObject({ name: 'decay', tail: 'upper' });
    expect(growing?.statistic.value).toBeLessThan(-2);
    expect(growing).not.toHaveProperty('halfLife');
    const slow = find(findRegions(made({ recovery: { amplitude: 1, halfLife: 2000 } }), WINDOW), 'recovery');
    expect(slow?.statistic.value).toBeGreaterThan(2);
    expect(slow).not.toHaveProperty('halfLife');
    const short = made({ frames: 385, recovery: { amplitude: 1, halfLife: 10 } });
    expect(find(findRegions(short, WINDOW), 'recovery')?.statistic.name).toBe('mean');
  });

  test('half-life above a spread that was there before', () => {
    // Spread 0.5 before; after the window the s.d. is hypot(2^(-t / 100), 0.5). Mean size is sqrt(2 / pi) s.d.
    const fits = Array.from({ length: 40 }, (_, seed) => {
      const curve = Float64Array.from({ length: 750 }, (_, t) => {
        const sd = t < 350 ? 0.5 : Math.hypot(2 ** (-(t - 350) / 100), 0.5);
        return sd * generator(seedOf('floor', seed, t)).normal();
      });
      const { halfLife, amplitude } = find(findRegions(curve, WINDOW), 'recovery') ?? {};
      return {
        halfLife: halfLife ?? Number.NaN,
        amplitude: (amplitude ?? Number.NaN) / Math.sqrt(2 / Math.PI),
      };
    }).filter(({ halfLife }) => !Number.isNaN(halfLife));
    // Medians over 40: one curve scatters by about 35 frames and 0.17, so by 1.25 x that / sqrt(40) each.
    expect(fits.length).toBeGreaterThan(36);
    expect(Math.abs(median(fits.map(({ halfLife }) => halfLife)) - 100)).toBeLessThan(3 * 7);
    expect(Math.abs(median(fits.map(({ amplitude }) => amplitude)) - 1)).toBeLessThan(3 * 0.034);
  });
});

describe('published curves', () => {
  // Frames read off the pictures by eye: figure token i is frame i + 1. The Peak and the Rebound of Beethoven_010 are
  // tokens 248-253 (2.54 1.20 1.82 1.13 0.93 1.89, then -0.85) and 348-352 (4.65 2.89 1.07 -0.45 4.30, then 0.34 -0.37).
  test.each<[string, [number, number], [number, number], number, number]>([
    ['Beethoven_010', [249, 255], [349, 354], 246, 216],
    ['sample_004', [249, 252], [349, 353], 247, 292],
    ['sample_006', [249, 252], [349, 352], 246, 260],
    ['wistful-longing', [249, 252], [349, 356], 249, Number.NaN],
  ])(
    '%s: Peak, Assimilation, Rebound and Recovery as the picture shows',
    (piece, peak, rebound, onset, half) => {
      const tokens = published.pieces[piece].delta;
      const meanOf = (start: number, end: number): number => {
        const values = tokens.slice(start - 201, end - 201);
        return values.reduce((sum, value) => sum + value, 0) / values.length;
      };
      const found = findRegions(publishedCurve(piece), WINDOW);
      isReadyForJson(found);
      const { level } = found.baseline;
      expect(spanOf(find(found, 'peak'))).toEqual(peak);
      expect(spanOf(find(found, 'rebound'))).toEqual(rebound);
      expect(spanOf(find(found, 'assimilation'))).toEqual([peak[1], 346]);
      expect(spanOf(find(found, 'recovery'))).toEqual([rebound[1], 201 + tokens.length]);
      for (const { start, end, mean } of found.regions)
        expect(mean).toBeCloseTo(meanOf(start, end) - level, 12);
      // The noise lowers the loss: by 1.7 to 2.8 nats, at once (half of it within 12 frames).
      const assimilation = find(found, 'assimilation');
      expect(assimilation?.mean).toBeLessThan(-1.6);
      expect(assimilation?.mean).toBeGreaterThan(-2.8);
      expect(assimilation?.halfTime).toBeLessThanOrEqual(12);
      expect(Math.abs(find(found, 'recovery')?.mean ?? 9)).toBeLessThan(0.15);
      expect(found.onset).toBe(onset);

      // wistful-longing was compared with another encoding: 42 frames before the onset are not 0, and what is left of
      // the decay above that spread is too little to tell a half-life.
      const noisy = piece === 'wistful-longing';
      expect(found.baseline.frames).toBe(42);
      expect(found.baseline.spread > 0.4).toBe(noisy);
      if (noisy) expect(find(found, 'recovery')).not.toHaveProperty('halfLife');
      else expect(Math.abs((find(found, 'recovery')?.halfLife ?? 0) / half - 1)).toBeLessThan(0.1);

      // The values are known to +-0.005, and those stored as 0 lie in (-0.0274, 0.0216): no boundary hangs on that.
      for (let i = 0; i < 20; i++) {
        const random = generator(seedOf('read-off', piece, i));
        const other = findRegions(
          publishedCurve(piece, (value) =>
            value === 0 ? -0.0274 + 0.049 * random.uniform() : value + 0.0098 * (random.uniform() - 0.5),
          ),
          WINDOW,
        );
        expect(other.regions.map(spanOf)).toEqual(found.regions.map(spanOf));
        other.regions.forEach(({ mean }, r) => {
          expect(Math.abs(mean - found.regions[r].mean)).toBeLessThan(0.03);
        });
      }
    },
  );

  test('the second peak is about as high as the first, or higher', () => {
    const heights = Object.keys(published.pieces).map((piece) => {
      const found = findRegions(publishedCurve(piece), WINDOW);
      return [find(found, 'peak')?.extreme.value ?? 0, find(found, 'rebound')?.extreme.value ?? 0];
    });
    const expected = [
      [2.54, 4.65],
      [2.96, 2.47],
      [4.44, 7.77],
      [1.95, 2.9],
    ];
    // The last pair is above a baseline level of -0.06.
    heights.forEach((pair, i) => {
      pair.forEach((height, j) => {
        expect(Math.abs(height - expected[i][j])).toBeLessThan(0.07);
      });
    });
  });

  test('paper and released on the same curves, boundaries worked out by hand', () => {
    const spans = (piece: string, rule: 'paper' | 'released') =>
      findRegions(publishedCurve(piece), WINDOW, { rule }).regions.map(spanOf);
    // Beethoven_010: five raw values not above 0 first at tokens 260-264.
    expect(spans('Beethoven_010', 'released')).toEqual([
      [246, 261],
      [261, 354],
      [354, 751],
    ]);
    // sample_004: 5-frame means above 0 at tokens 246-250 only, exactly five; after the noise they do not stay above 0
    // for five before token 369, so that the Rebound and 16 frames of Recovery fall into the paper's Assimilation.
    expect(spans('sample_004', 'paper')).toEqual([
      [247, 252],
      [252, 370],
      [370, 750],
    ]);
    // sample_006: the scripts' Assimilation ends at token 353 and swallows the Rebound, 7.77 at token 348.
    const released = findRegions(publishedCurve('sample_006'), WINDOW, { rule: 'released' });
    expect(find(released, 'assimilation')?.extreme).toEqual({
      value: published.pieces.sample_006.delta[148],
      at: 349,
    });
  });
});

describe('edges', () => {
  const shape = (start: number, length: number): Made => ({
    window: { start, end: start + length },
    peak: { at: start - 1, width: 3, height: 3 },
    level: -2,
    rebound: { at: start + length - 1, width: 3, height: 3 },
  });

  test.each<[string, number, number, (found: Findings) => void]>([
    [
      '5 frames: Peak and Rebound are told apart, there is no room for an Assimilation',
      250,
      5,
      (found) => {
        expect(spanOf(find(found, 'peak'))).toEqual([249, 252]);
        expect(spanOf(find(found, 'rebound'))).toEqual([254, 257]);
        expect(found.absent).toEqual([
          { name: 'assimilation', why: '0 defined frames in [252, 251), 5 needed' },
        ]);
      },
    ],
    [
      '10 frames',
      250,
      10,
      (found) => {
        expect(spanOf(find(found, 'peak'))).toEqual([249, 252]);
        expect(spanOf(find(found, 'rebound'))).toEqual([259, 262]);
        expect(find(found, 'assimilation')).toBeUndefined();
      },
    ],
    [
      '15 frames: an Assimilation, too short to say where it settles',
      250,
      15,
      (found) => {
        expect(find(found, 'assimilation')).toMatchObject({ start: 252, end: 261, mean: -2, settled: -2 });
        expect(find(found, 'assimilation')?.halfTime).toBe(3);
      },
    ],
    [
      'at the start: the level before is assumed to be 0, and said to be',
      0,
      100,
      (found) => {
        expect(found.baseline).toEqual({ level: 0, spread: 0, frames: 0 });
        expect(spanOf(find(found, 'peak'))).toEqual([0, 2]);
        expect(spanOf(find(found, 'assimilation'))).toEqual([2, 96]);
      },
    ],
    [
      'to the end: nothing comes after',
      650,
      100,
      (found) => {
        expect(spanOf(find(found, 'assimilation'))).toEqual([652, 746]);
        expect(spanOf(find(found, 'rebound'))).toEqual([749, 750]);
        expect(found.absent).toEqual([{ name: 'recovery', why: '0 defined frames in [750, 750), 5 needed' }]);
      },
    ],
  ])('window of %s', (_, start, length, check) => {
    const spec = shape(start, length);
    const window = { start, end: start + length };
    check(findRegions(made(spec), window));
    for (const rule of RULES) {
      const profile = profileOf(made({ ...spec, noise: 0.3 }), window, { rule, draws: 20 });
      isReadyForJson(profile);
      for (const { start: from, end, frames } of profile.regions) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(750);
        expect(frames).toBeGreaterThan(0);
      }
    }
  });

  test('a window shorter than 5 frames has no Peak of its own under the rule that does not look', () => {
    const found = findRegions(made(shape(250, 4)), { start: 250, end: 254 }, { rule: 'fixed' });
    expect(found.regions.map(({ name }) => name)).toEqual(['recovery']);
  });

  test('undefined frames: the tail is left out, a gap divides a Peak and is not counted', () => {
    const rebound = { at: 349, width: 4, height: 3 };
    const curve = made({ peak: { at: 248, width: 6, height: 3 }, level: -2, rebound });
    for (const t of [0, 249, 300, 747, 748, 749]) curve[t] = Number.NaN;
    for (const rule of RULES) {
      const found = findRegions(curve, WINDOW, { rule });
      isReadyForJson(found);
      expect(find(found, 'recovery')?.end).toBe(rule === 'released' ? 746 : 747);
    }
    const found = findRegions(curve, WINDOW);
    expect(find(found, 'peak')).toMatchObject({ start: 250, end: 254, frames: 4, mean: 3 });
    expect(find(found, 'assimilation')).toMatchObject({ start: 254, end: 346, frames: 91, mean: -2 });
    const nothing = new Float64Array(750).fill(Number.NaN);
    for (const rule of RULES) {
      const empty = profileOf(nothing, WINDOW, { rule });
      expect(empty.regions).toEqual([]);
      expect(empty.absent.length).toBeGreaterThanOrEqual(3);
      expect(empty.uncalibrated).toBe('shift: 0 frames from the onset on, 50 needed');
    }
  });

  test('a window off the curve is refused', () => {
    for (const window of [
      { start: -1, end: 5 },
      { start: 5, end: 5 },
      { start: 700, end: 751 },
      { start: Number.NaN, end: 5 },
    ]) {
      expect(() => findRegions(made({}), window)).toThrow(
        `regions: window [${window.start}, ${window.end}) does not lie on a curve of 750 frames`,
      );
    }
  });

  test('the window of an event holds every frame with a disturbed sample', () => {
    const clock = { sampleRate: 32_000, hop: 640 };
    const perturbation = {
      kind: 'noise',
      color: 'white',
      at: { seconds: 0 },
      length: { tokens: 1 },
      level: 'match',
      seed: 1,
    } as const;
    const event = { kind: 'noise', levelDbfs: -20, perturbation } as const;
    expect(windowOf({ ...event, start: 160_000, end: 224_000 }, clock)).toEqual(WINDOW);
    expect(windowOf({ ...event, start: 159_999, end: 224_001 }, clock)).toEqual({ start: 249, end: 351 });
  });
});

describe('curves from elsewhere', () => {
  test("the authors' CSV becomes loss by frame", () => {
    const csv = '\uFEFFtoken_position,avg_loss_value\r\n0,5.25\r\n1,4\r\n3,nan\r\n4,\r\n';
    expect([...readLossCurve(csv, 'a.csv')]).toEqual([NaN, 5.25, 4, NaN, NaN, NaN]);
    expect([
      ...readLossCurve('note,avg_loss_value,token_position\nx,1.5,0\n', 'b.csv', { firstFrame: 0 }),
    ]).toEqual([1.5]);
    const [clean, disturbed] = [Float64Array.of(NaN, 1, 2), Float64Array.of(3, 1.5, 1)];
    expect([...curveDifference(clean, disturbed)]).toEqual([NaN, 0.5, -1]);
    expect(() => curveDifference(clean, disturbed.subarray(1))).toThrow('clean: 3 frames, disturbed: 2');
  });

  test.each([
    [
      'position,loss\n0,1\n',
      'columns token_position,avg_loss_value expected in the first line, got "position,loss"',
    ],
    ['', 'columns token_position,avg_loss_value expected in the first line, got ""'],
    ['token_position,avg_loss_value\n', 'no values below the header'],
    ['token_position,avg_loss_value\n0,1\n0,2\n', 'line 3: "0" is twice the same position'],
    ['token_position,avg_loss_value\n0.5,1\n', 'line 2: "0.5" is not a position'],
    ['token_position,avg_loss_value\n,1\n', 'line 2: "" is not a position'],
    ['token_position,avg_loss_value\n0,high\n', 'line 2: "high" is not a loss'],
    ['token_position,avg_loss_value\n0,inf\n', 'line 2: "inf" is not a loss'],
    ['token_position,avg_loss_value\n1e9,1\n', 'position 1000000000 among 1 values'],
  ])('refused: %j', (csv, message) => {
    expect(() => readLossCurve(csv, 'x.csv')).toThrow(`x.csv: ${message}`);
  });

  test('region means by codebook average to the region mean', () => {
    const codes = codesOf([
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
    const loss = (values: number[]): Loss => ({
      protocol: 'delayed',
      codebooks: codes.codebooks,
      frames: codes.frames,
      values: Float32Array.from(values),
    });
    const delta = difference(loss([0, 0, 0, 0, 0, 0, 0, NaN]), loss([1, 2, 3, 4, 5, 6, 7, NaN]));
    // Frame 3 is undefined in codebook 1, so it counts for neither.
    expect(regionMeansByCodebook(delta, { start: 1, end: 4 })).toEqual([2.5, 6.5]);
  });
});
