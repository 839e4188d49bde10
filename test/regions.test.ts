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
      value += (t % 2 ? 1 : -1) * recovery.amplitude * 2 ** (-(t - window.end) / recovery.halfLife);
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
        expect(find(found, 'assimilation')?.halfTime).toBe(1);
        expect(found.onset).toBe(250);
      },
    ],
    [
      'noise that raises the loss: a step up is an Assimilation with its sign, no Peak and no Rebound',
      { level: 1.3 },
      { assimilation: [250, 346], recovery: [350, 750] },
      (found) => {
        expect(find(found, 'assimilation')).toMatchObject({ settled: expect.closeTo(1.3, 12), halfTime: 1 });
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
      'a rising spread after the window has no half-life',
      { level: -1, recovery: { amplitude: 0.1, halfLife: -100 } },
      { assimilation: [250, 346], recovery: [350, 750] },
      (found) => {
        expect(find(found, 'recovery')?.statistic.value).toBeLessThan(-2);
        expect(find(found, 'recovery')).not.toHaveProperty('halfLife');
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
        expect(find(found, 'assimilation')?.mean).toBeCloseTo(-1.5 - found.baseline.level + 0, 6 - 6);
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
    // -2, at 253 they are 0 (no sign), at 254 below; above 0 again from 347 on, whose mean holds frames 345..349.
    const paper = findRegions(curve, WINDOW, { rule: 'paper' });
    expect(paper.regions.map(({ name, start, end }) => [name, start, end])).toEqual([
      ['peak', 246, 254],
      ['assimilation', 254, 347],
      ['recovery', 347, 750],
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
    const below = findRegions(made({ level: -1 }).map((x, t) => (t >= 246 ? x - 0.1 : x)), WINDOW, {
      rule: 'released',
    });
    // The scripts record this Peak as 0.
    expect(below.absent).toEqual([{ name: 'peak', why: '0 defined frames in [246, 246), 1 needed' }]);
    expect(spanOf(find(below, 'assimilation'))).toEqual([246, 354]);
    const above = findRegions(made({}).map((_, t) => (t >= 246 ? 1 : 0)), WINDOW, { rule: 'released' });
    expect(spanOf(find(above, 'peak'))).toEqual([246, 296]);
    const long = findRegions(made({}).map((_, t) => (t >= 246 ? 1 : 0)), { start: 250, end: 260 }, {
      rule: 'released',
    });
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

  test('in noise of known size the regions are found where they are, and the half-life is near', () => {
    const off = { peak: 0, rebound: 0 };
    const halfLives: number[] = [];
    const means: number[] = [];
    for (let seed = 0; seed < 40; seed++) {
      const curve = made({ ...full, level: -2.2, noise: 0.4, seed }).map((value, t) =>
        // Spread that decays to what it was before: noise only as long as the recovery lasts.
        t < 353 ? value : made.length * 0 + (value * 1),
      );
      const found = findRegions(curve, WINDOW);
      for (const [name, start, end] of [
        ['peak', 248, 253],
        ['rebound', 349, 353],
      ] as const) {
        const region = find(found, name);
        off[name] += Math.abs((region?.start ?? 0) - start) + Math.abs((region?.end ?? 0) - end);
      }
      means.push(find(found, 'assimilation')?.mean ?? 0);
      const decaying = made({ level: -2, recovery: { amplitude: 1, halfLife: 60 }, seed }).map((value, t) => {
        if (t < 350) return value;
        return value * generator(seedOf('sign', seed, t)).normal();
      });
      const { halfLife } = find(findRegions(decaying, WINDOW), 'recovery') ?? {};
      halfLives.push(halfLife ?? Number.NaN);
    }
    // Four boundaries a curve: on average less than a fifth of a frame off.
    expect((off.peak + off.rebound) / (4 * 40)).toBeLessThan(0.2);
    for (const mean of means) expect(Math.abs(mean + 2.2)).toBeLessThan(4 * (0.4 / Math.sqrt(93)));
    halfLives.sort((a, b) => a - b);
    // sizes |normal| x 2^(-t / 60) over 400 frames: s.e. of the half-life about 3 frames.
    expect(Math.abs(halfLives[20] - 60)).toBeLessThan(3);
    expect(halfLives[1]).toBeGreaterThan(45);
    expect(halfLives[38]).toBeLessThan(80);
  });
});
