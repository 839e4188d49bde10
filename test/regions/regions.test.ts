// The region rules on curves whose regions are known. Published curves, edges of a clip and the null calibration are in
// the files beside this one.

import { describe, expect, test } from 'vitest';
import type { RegionFindings, RegionName } from '../../src/regions/region.js';
import { findRegions } from '../../src/regions/rules.js';
import { median } from '../../src/stats/describe.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { drawnOf, find, isReadyForJson, type Made, made, spanOf, WINDOW } from './delta_curves.js';

describe('known regions', () => {
  const full: Made = {
    peak: { at: 248, width: 5, height: 3 },
    level: -2,
    rebound: { at: 349, width: 4, height: 4 },
    recovery: { amplitude: 1, halfLife: 40 },
  };

  test.each<[string, Made, Partial<Record<RegionName, [number, number]>>, (found: RegionFindings) => void]>([
    [
      'all four, exactly',
      full,
      { peak: [248, 253], assimilation: [253, 346], rebound: [349, 353], recovery: [353, 750] },
      (found) => {
        // The numbers are those of fixed places: [249, 252) and [250, 255), of whose frames the last two are at -2.
        expect(find(found, 'peak')).toMatchObject({
          start: 249,
          end: 252,
          mean: 3,
          extreme: { value: 3, at: 249 },
        });
        expect(find(found, 'peak')?.statistic).toEqual({
          name: 'template',
          value: expect.closeTo(Math.sqrt(3) * 3, 12),
          tail: 'upper',
        });
        expect(found.transients).toMatchObject([
          {
            name: 'peak',
            boundary: { mean: 3 },
            paper: { mean: 1 },
            searched: { start: 248, end: 253, mean: 3, area: 15 },
          },
          { name: 'rebound', boundary: { mean: 4 }, searched: { start: 349, end: 353, mean: 4, area: 16 } },
        ]);
        expect(find(found, 'assimilation')).toMatchObject({ mean: -2, settled: -2, halfTime: 4, frames: 93 });
        expect(find(found, 'rebound')).toMatchObject({
          start: 349,
          end: 352,
          mean: 4,
          extreme: { value: 4, at: 349 },
        });
        const recovery = find(found, 'recovery');
        expect(recovery?.halfLife).toBeCloseTo(40, 4);
        expect(recovery?.amplitude).toBeCloseTo(1, 4);
        expect(found.onset).toBe(248);
      },
    ],
    [
      'no Peak: nothing to draw, its place has a mean all the same; the Assimilation starts with the window',
      { ...full, peak: undefined },
      { peak: [249, 252], assimilation: [250, 346], rebound: [349, 353], recovery: [353, 750] },
      (found) => {
        expect(find(found, 'peak')).not.toHaveProperty('drawn');
        expect(found.transients[0]).not.toHaveProperty('searched');
        expect(find(found, 'peak')?.mean).toBeCloseTo(-4 / 3, 12);
        expect(find(found, 'assimilation')?.halfTime).toBe(0);
        expect(found.onset).toBe(250);
      },
    ],
    [
      'noise that raises the loss: a step up is an Assimilation with its sign, no Peak and no Rebound',
      { level: 1.3 },
      { peak: [249, 252], assimilation: [250, 346], rebound: [349, 352], recovery: [350, 750] },
      (found) => {
        for (const { searched } of found.transients) expect(searched).toBeUndefined();
        expect(find(found, 'peak')?.statistic.value).toBeCloseTo(0, 12);
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
        expect(find(found, 'peak')?.statistic.value).toBeCloseTo(Math.sqrt(3) * (3 - 1), 12);
        expect(found.transients.map(({ searched }) => searched?.mean)).toEqual([3, 4]);
        for (const { searched } of found.transients) expect(searched?.area).toBeCloseTo(6, 12);
      },
    ],
    [
      'nothing at all: all are measured as 0, no Peak and no Rebound is drawn',
      {},
      { peak: [249, 252], assimilation: [250, 346], rebound: [349, 352], recovery: [350, 750] },
      (found) => {
        expect(find(found, 'assimilation')).toMatchObject({ mean: 0, settled: 0 });
        expect(find(found, 'peak')).toMatchObject({ mean: 0 });
        expect(find(found, 'peak')).not.toHaveProperty('drawn');
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
    expect(Object.fromEntries(found.regions.map((region) => [region.name, drawnOf(region)]))).toEqual(spans);
    check(found);
    isReadyForJson(found);
  });

  test('the other rules on the same curve', () => {
    const curve = made(full);
    const fixed = findRegions(curve, WINDOW, { rule: 'fixed' });
    expect(fixed.regions.map(spanOf)).toEqual([
      [249, 252],
      [253, 346],
      [349, 352],
      [353, 750],
    ]);
    expect(fixed.regions.map(({ mean }) => mean).slice(0, 3)).toEqual([3, -2, 4]);
    expect(fixed.transients).toEqual(findRegions(curve, WINDOW).transients);

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
      const [, assimilation] = found.regions;
      const [peak, rebound] = found.transients.map(({ searched }) => searched ?? { start: 0, end: 0 });
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
