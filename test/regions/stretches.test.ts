// Null curves are made of stretches without a joint: nothing runs on from a clip's end to its beginning, in no null of the product.

import { describe, expect, test } from 'vitest';
import { type NullMaterial, type NullSource, nullCurves } from '../../src/regions/calibrate.js';
import { UNRELATED } from '../../src/regions/fit.js';
import { type CleanCurve, otherMusic, unrelated } from '../../src/regions/other_music.js';
import { profileOf } from '../../src/regions/profile.js';
import { reactionNull } from '../../src/regions/reaction.js';
import { seenAt, seenAtBoundary, seenFromBoundary } from '../../src/regions/seen.js';
import {
  canJudge,
  type NullCurves,
  roomFor,
  stretchPair,
  stretchStart,
  tooShort,
  wideningOf,
} from '../../src/regions/stretches.js';
import { generator, seedOf } from '../../src/stats/random.js';

const FRAMES = 700;
const WINDOW = { start: 250, end: 350 };
const REACH = { reach: 4, lag: 3 };
const RISING = Float64Array.from({ length: FRAMES }, (_, t) => t / FRAMES);
const FLAT = new Float64Array(FRAMES);
/** A note each tenth of a second, and a chord of three each second. */
const TIMES = Float64Array.from(
  { length: FRAMES },
  (_, t) => Math.floor(t / 10) + Math.max(0, (t % 10) - 2) / 8,
);

/** Losses that rise throughout each clip: only a joint of its end and beginning falls. */
const rising = (isNotes = false): CleanCurve => ({ losses: RISING, ...(isNotes ? { times: TIMES } : {}) });

function kindOf(found: readonly NullCurves[] | { readonly why: string }, ofOthers = false): NullCurves {
  if ('why' in found) throw new Error(found.why);
  const kind = found.find((one) => (one.ofOthers ?? false) === ofOthers);
  if (kind === undefined) throw new Error('no such curves');
  return kind;
}

/** What self is made of: the clean loss does not vary at the place, so that the null curve is the other music alone. */
function music(ofOthers: boolean, areNotes: boolean): NullCurves {
  const material = {
    ...{ curve: FLAT, clean: RISING, window: WINDOW, reach: areNotes ? { reach: 0, lag: 0 } : REACH },
    ...(ofOthers ? { others: [rising(areNotes), rising(areNotes), rising(areNotes)] } : {}),
    ...(areNotes ? { events: { times: TIMES, startInTime: true, endInTime: true } } : {}),
  };
  return kindOf(otherMusic(material, { gone: 0, wider: 1 }), ofOthers);
}

/** Delta itself rises: up to the frontier (baseline) or from there on (shift). */
function delta(source: NullSource): NullCurves {
  const material: NullMaterial = {
    curve: RISING,
    window: { start: 350, end: 400 },
    reach: REACH,
    others: [],
  };
  return kindOf(nullCurves(source, material));
}

/** Within a stretch the expectation at a boundary, which is taken off, falls by less than a tenth; from end to beginning it is nine tenths. */
const isFalling = (curve: Float64Array, from: number): boolean => {
  const defined = curve.subarray(from).filter((value) => !Number.isNaN(value));
  return defined.some((value, i) => i > 0 && value < defined[i - 1] - 0.3);
};

describe('no null curve has a joint', () => {
  const [own, others] = [false, true];
  test.each<[string, () => NullCurves, { readonly start: number; readonly end: number }]>([
    ['self, of the clip', () => music(own, false), { start: 246, end: 400 }],
    ['self, of other clips, a Recovery', () => music(others, false), { start: 353, end: 697 }],
    ['self of notes, of the clip', () => music(own, true), { start: 250, end: 400 }],
    ['self of notes, of other clips, a Recovery', () => music(others, true), { start: 350, end: 700 }],
    ['shift', () => delta('shift'), { start: 346, end: 450 }],
    ['baseline', () => delta('baseline'), { start: 346, end: 450 }],
  ])('%s', (_, make, span) => {
    const kind = make();
    const random = generator(seedOf('joints'));
    for (const boundary of ['start', 'end'] as const) {
      const firsts = new Set<number>();
      for (let i = 0; i < 300; i++) {
        const curve = kind.draw(random, { span, boundary });
        expect(curve.subarray(span.start, span.end).every((value) => !Number.isNaN(value))).toBe(true);
        expect(isFalling(curve, span.start)).toBe(false);
        firsts.add(curve[span.start]);
      }
      expect(firsts.size).toBeGreaterThan(100);
    }
  });

  test('of a map: two stretches in one piece, apart', () => {
    const kind = unrelated(RISING, { frames: 40, apart: 40 });
    if ('why' in kind) throw new Error(kind.why);
    const random = generator(seedOf('pairs'));
    const stretch = { span: { start: 0, end: 40 }, boundary: 'start' } as const;
    const steps = Array.from({ length: 300 }, () => kind.draw(random, stretch));
    // Of two that rise as fast, the difference is the same everywhere; a joint would be a step of one.
    for (const step of steps) {
      for (const value of step) expect(value).toBeCloseTo(step[0], 12);
      expect(Math.abs(step[0])).toBeGreaterThan(39.9 / FRAMES);
    }
    expect(steps.some(([first]) => first < 0) && steps.some(([first]) => first > 0)).toBe(true);
  });
});

describe('places', () => {
  test.each([
    [undefined, [0, 1, 2, 3]],
    [1, [0, 2, 3]],
    [3, [0, 1, 2]],
    [9, [0, 1, 2, 3]],
  ])('of 3 frames among 6, but for %s', (except, expected) => {
    const random = generator(seedOf('starts'));
    const counts = new Map<number, number>();
    for (let i = 0; i < 3000; i++) {
      const at = stretchStart(random, 6, { frames: 3, ...(except === undefined ? {} : { except }) });
      counts.set(at, (counts.get(at) ?? 0) + 1 / 3000);
    }
    expect([...counts.keys()].sort()).toEqual(expected);
    for (const share of counts.values()) expect(Math.abs(share - 1 / expected.length)).toBeLessThan(0.04);
  });

  test('pairs are any two that are far enough apart, each as often', () => {
    const random = generator(seedOf('pairs of places'));
    const pair = stretchPair(8, { frames: 3, apart: 3 });
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const name = `${pair?.(random)}`;
      counts.set(name, (counts.get(name) ?? 0) + 1 / 6000);
    }
    expect([...counts.keys()].sort()).toEqual(
      ['0,3', '0,4', '0,5', '1,4', '1,5', '2,5', '3,0', '4,0', '4,1', '5,0', '5,1', '5,2'].sort(),
    );
    for (const share of counts.values()) expect(Math.abs(share - 1 / 12)).toBeLessThan(0.02);
    expect(stretchPair(5, { frames: 3, apart: 3 })).toBeUndefined();
  });
});

describe('what a number depends on', () => {
  const around = { window: WINDOW, reach: REACH, end: 697, areNotes: false };
  const place = (start: number, end: number) => ({ start, end, frames: end - start });

  test('comes from one stretch', () => {
    expect(seenAtBoundary('peak', 3, around)).toMatchObject({ frames: 3, span: { start: 246, end: 255 } });
    expect(seenAtBoundary('rebound', 5, { ...around, end: 353 }).span).toEqual({ start: 346, end: 353 });
    expect(seenFromBoundary('assimilation', place(260, 346), around).span).toEqual({ start: 246, end: 346 });
    expect(seenFromBoundary('recovery', place(360, 697), around).span).toEqual({ start: 346, end: 697 });
    expect(seenAt('assimilation', place(253, 346), around).span).toEqual({ start: 253, end: 346 });
    // Notes are told from the boundary on.
    const notes = { ...around, areNotes: true };
    expect(seenAt('recovery', place(353, 697), notes)).toMatchObject({
      span: { start: 350, end: 697 },
      boundary: 'end',
    });
  });

  test('leaves less room near the ends of a clip, and the null is as much wider', () => {
    const kind = music(false, false);
    const region = seenFromBoundary('assimilation', place(280, 346), around);
    expect(kind.lengths).toEqual([650]);
    expect(roomFor(kind, region)).toBe(650 - 34);
    expect(wideningOf(66, roomFor(kind, region))).toBeGreaterThan(wideningOf(66, 650));
  });

  test('what leaves no place has no chance, and the reason', () => {
    const delta = RISING.map((_, t) => Math.sin(t));
    const window = { start: 30, end: 660 };
    const clean = RISING.map((loss, t) => loss + (t % 7));
    const others = [0, 1, 2].map((i) => ({ losses: clean.subarray(i) }));
    const found = nullCurves('self', { curve: delta, clean, others, window, reach: REACH });
    if ('why' in found) throw new Error(found.why);
    const whole = seenAt('peak', place(23, 690), around);
    expect(found.some((kind) => canJudge(kind, whole))).toBe(false);
    expect(tooShort(found, whole)).toEqual({ reason: 'no stretch', frames: 667, longest: 650 });
    const { regions, calibration } = profileOf(delta, window, { rule: 'fixed', clean, others, draws: 19 });
    expect(regions.find(({ name }) => name === 'assimilation')?.unjudged).toEqual({
      ...{ reason: 'too short', frames: 623, available: 1947, longest: 278 },
    });
    expect(calibration?.table.map(({ name }) => name)).toEqual(['peak', 'rebound', 'recovery']);
  });

  test('other clips judge it where all of them have a place', () => {
    const found = (lengths: readonly number[]) => {
      const others = lengths.map((n) => ({ losses: RISING.subarray(0, n) }));
      const material = { curve: FLAT, clean: RISING, window: WINDOW, reach: REACH, others };
      return kindOf(otherMusic(material, UNRELATED), true);
    };
    const recovery = seenAt('recovery', place(353, 600), around);
    expect(canJudge(found([700, 700, 700]), recovery)).toBe(true);
    const ragged = found([700, 700, 700, 150]);
    expect(ragged.withPlace(recovery)).toEqual([650, 650, 650]);
    expect(canJudge(ragged, recovery)).toBe(false);
    expect(tooShort([ragged], recovery)).toEqual({ reason: 'no stretch', frames: 247, longest: 150 });
  });

  test('a map of a clip that is too short has no chances, and of long windows no band', () => {
    const options = { reach: REACH, draws: 19, seed: ['short'] };
    expect(reactionNull(RISING.subarray(0, 110), { ...options, length: 60 })).toEqual({
      why: 'self: 110 frames of clean loss, two stretches of 76 frames needed',
    });
    const long = reactionNull(RISING, { ...options, length: 150 });
    if ('why' in long) throw new Error(long.why);
    expect(Object.keys(long.calibration.bands)).toEqual(['peak', 'rebound']);
  });
});
