// The region rules where a curve is short, undefined or at its end; curves read from CSV; means by codebook.

import { describe, expect, test } from 'vitest';
import { codesOf } from '../../src/audio/codes.js';
import { difference } from '../../src/loss/delta.js';
import type { Loss } from '../../src/loss/loss.js';
import { curveDifference, readLossCurve, readLossCurves } from '../../src/regions/curve.js';
import { profileOf, regionMeansByCodebook } from '../../src/regions/profile.js';
import { type RegionFindings, RULES } from '../../src/regions/region.js';
import { findRegions } from '../../src/regions/rules.js';
import { windowOf } from '../../src/regions/window.js';
import { drawnOf, find, isReadyForJson, type Made, made, spanOf, WINDOW } from './delta_curves.js';

describe('edges', () => {
  const shape = (start: number, length: number): Made => ({
    window: { start, end: start + length },
    peak: { at: start - 1, width: 3, height: 3 },
    level: -2,
    rebound: { at: start + length - 1, width: 3, height: 3 },
  });

  test.each<[string, number, number, (found: RegionFindings) => void]>([
    [
      '5 frames: Peak and Rebound are told apart, there is no room for an Assimilation',
      250,
      5,
      (found) => {
        expect(drawnOf(find(found, 'peak'))).toEqual([249, 252]);
        expect(drawnOf(find(found, 'rebound'))).toEqual([254, 257]);
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
        expect(drawnOf(find(found, 'peak'))).toEqual([249, 252]);
        expect(drawnOf(find(found, 'rebound'))).toEqual([259, 262]);
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
        expect(drawnOf(find(found, 'peak'))).toEqual([0, 2]);
        expect(spanOf(find(found, 'assimilation'))).toEqual([2, 96]);
      },
    ],
    [
      'to the end: nothing comes after',
      650,
      100,
      (found) => {
        expect(spanOf(find(found, 'assimilation'))).toEqual([652, 746]);
        expect(found.absent).toEqual([
          { name: 'rebound', why: 'less than 2 defined frames in [749, 752)' },
          { name: 'recovery', why: '0 defined frames in [750, 750), 5 needed' },
        ]);
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

  test('in a window shorter than 5 frames what stands out is its Peak; it has no five frames and no Rebound', () => {
    const found = findRegions(made(shape(250, 4)), { start: 250, end: 254 }, { rule: 'fixed' });
    expect(found.regions.map(({ name }) => name)).toEqual(['peak', 'recovery']);
    expect(found.transients).toMatchObject([{ name: 'peak', boundary: { start: 249, end: 252 } }]);
    expect(found.transients[0]).not.toHaveProperty('paper');
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
    expect(find(found, 'peak')).toMatchObject({ start: 249, end: 252, frames: 2, mean: 3 });
    expect(drawnOf(find(found, 'peak'))).toEqual([250, 254]);
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
    ['token_position,avg_loss_value\n1e9,1\n', 'position 1000000000 among 1 value'],
  ])('refused: %j', (csv, message) => {
    expect(() => readLossCurve(csv, 'x.csv')).toThrow(`x.csv: ${message}`);
  });

  const row = (loss: (number | null)[][]) => JSON.stringify({ loss });
  test.each<[string, string, object]>([
    [
      'a clip scored',
      row([
        [1, null],
        [3, 5],
      ]),
      { only: [2, NaN] },
    ],
    ['two clips scored', `${row([[1]])}\n${row([[2]])}\n`, { clean: [1], disturbed: [2] }],
    [
      'a probe, indented',
      JSON.stringify({ clean: { loss: [[1]] }, disturbed: { loss: [[4]] }, delta: [[3]] }, undefined, 2),
      { clean: [1], disturbed: [4] },
    ],
    [
      'a demo',
      'frame,seconds,clean,disturbed,delta,clean_0\n0,0,,1,,\n1,0.02,2,3,1,2\n',
      { clean: [NaN, 2], disturbed: [1, 3] },
    ],
    ['a clip as the explorer saves it', 'frame,seconds,clean\n0,0,\n1,0.02,2\n', { only: [NaN, 2] }],
    [
      'notes scored: the second has no duration',
      JSON.stringify({
        rows: ['note', 'onset', 'duration'],
        loss: [
          [1, 2],
          [4, 4],
          [4, null],
        ],
      }),
      { only: [3, 3] },
    ],
    ['an own curve', 'token_position,avg_loss_value\n0,2\n', { only: [NaN, 2] }],
  ])('curves of %s', (_what, text, expected) => {
    const found = Object.entries(readLossCurves(text, 'x'));
    expect(Object.fromEntries(found.map(([name, curve]) => [name, [...curve]]))).toEqual(expected);
  });

  test.each([
    ['{"loss": [[1]', 'damaged JSON'],
    ['frame,clean,clean,disturbed\n0,1,2,3\n', 'column clean occurs twice'],
    ['{"codes": [[1]]}', 'JSON without loss[K][T]'],
    [row([[1, 2], [1]]), 'loss[K][T] with rows of several lengths'],
    [[1, 2, 3].map(() => row([[1]])).join('\n'), 'losses of 3 clips; expected one'],
  ])('no curves: %j', (text, message) => {
    expect(() => readLossCurves(text, 'x.json')).toThrow(`x.json: ${message}`);
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
