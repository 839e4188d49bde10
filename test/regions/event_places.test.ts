// Nulls of notes begin and end where windows of notes do, and long regions are compared with music in one piece.

import { describe, expect, test } from 'vitest';
import {
  type BoundaryRange,
  boundariesOf,
  type PlacedWindow,
  placingOf,
  positionsIn,
} from '../../src/regions/event_places.js';
import { UNRELATED } from '../../src/regions/fit.js';
import { otherMusic } from '../../src/regions/other_music.js';
import { mean } from '../../src/stats/describe.js';
import { generator, type Random, seedOf } from '../../src/stats/random.js';

const IN_TIME = { startInTime: true, endInTime: true };

describe('places among events', () => {
  // Gaps before them: 1 (the mean), 2, 0, 1: a chord of two at 2 s.
  const values = Float64Array.of(10, 20, 30, 40);
  const times = Float64Array.of(0, 2, 2, 3);
  const byNote = { startInTime: false, endInTime: false };
  const all = { from: 0, to: 3 };

  // A window of 2 s can begin up to 1 s, one of 0.5 s up to 2.5 s.
  test.each<[string, PlacedWindow, BoundaryRange, readonly number[]]>([
    ['any time', { ...IN_TIME, events: 1, seconds: 2 }, all, [1 / 2, 1 / 2, 0, 0]],
    ['any time, 0.5 s', { ...IN_TIME, events: 1, seconds: 0.5 }, all, [1 / 2, 1 / 2, 0, 0]],
    ['any time but the own one', { ...IN_TIME, events: 1, seconds: 2 }, { ...all, except: 1 }, [1, 0, 0, 0]],
    [
      'any time, a note',
      { ...byNote, startInTime: true, events: 1, seconds: 2 },
      all,
      [1 / 4, 2 / 4, 0, 1 / 4],
    ],
    [
      'any time, three notes',
      { ...byNote, startInTime: true, events: 3, seconds: 2 },
      all,
      [1 / 3, 2 / 3, 0, 0],
    ],
    ['any note', { ...byNote, events: 1, seconds: 2 }, all, [1 / 4, 1 / 4, 1 / 4, 1 / 4]],
    [
      'any note but the own one',
      { ...byNote, events: 1, seconds: 2 },
      { ...all, except: 2 },
      [1 / 3, 1 / 3, 0, 1 / 3],
    ],
    ['any note but the last two', { ...byNote, events: 3, seconds: 2 }, all, [1 / 2, 1 / 2, 0, 0]],
    ['some of the notes', { ...byNote, events: 1, seconds: 2 }, { from: 1, to: 2 }, [0, 1 / 2, 1 / 2, 0]],
    [
      'some, the own one outside',
      { ...byNote, events: 1, seconds: 2 },
      { from: 0, to: 1, except: 3 },
      [1 / 2, 1 / 2, 0, 0],
    ],
    [
      'some, the own one first',
      { ...byNote, events: 1, seconds: 2 },
      { from: 0, to: 1, except: 0 },
      [0, 1, 0, 0],
    ],
    ['beyond the last note', { ...byNote, events: 1, seconds: 2 }, { from: 2, to: 9 }, [0, 0, 1 / 2, 1 / 2]],
  ])('windows from %s', (_, window, range, shares) => {
    const random = generator(seedOf('places'));
    const start = boundariesOf(values, times, window)?.start;
    const counts = [0, 0, 0, 0];
    expect(start?.has(range)).toBe(true);
    for (let i = 0; i < 4000; i++) counts[start?.draw(random, range).event ?? -1] += 1 / 4000;
    counts.forEach((share, i) => {
      if (shares[i] === 0) expect(share).toBe(0);
      else expect(Math.abs(share - shares[i])).toBeLessThan(0.035);
    });
  });

  test.each<[string, BoundaryRange]>([
    ['inside a chord', { from: 2, to: 2 }],
    ['in no range', { from: 3, to: 2 }],
    ['where the own one is', { from: 1, to: 2, except: 1 }],
  ])('none begins %s', (_, range) => {
    expect(boundariesOf(values, times, { ...IN_TIME, events: 1, seconds: 2 })?.start.has(range)).toBe(false);
  });

  test.each<[string, PlacedWindow, readonly number[]]>([
    // From -1 s on, the mean gap before the first note.
    ['two times', { ...IN_TIME, events: 1, seconds: 2 }, [0, 1 / 2, 0, 1 / 2]],
    // From 0 s on to 2 s; from 2 s on to 4 s there is no note that would follow.
    ['a note and a time', { startInTime: false, endInTime: true, events: 1, seconds: 2 }, [0, 1, 0, 0]],
    [
      'a note and a time, 0.5 s',
      { startInTime: false, endInTime: true, events: 1, seconds: 0.5 },
      [0, 1 / 3, 0, 2 / 3],
    ],
  ])('windows between %s end', (_, window, shares) => {
    const random = generator(seedOf('ends'));
    const end = boundariesOf(values, times, window)?.end;
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[end?.draw(random, all).event ?? -1] += 1 / 4000;
    counts.forEach((share, i) => {
      expect(Math.abs(share - shares[i])).toBeLessThan(0.035);
    });
  });

  test.each([
    ['as many', 40, Array.from({ length: 40 }, (_, i) => 100 + i)],
    ['more', 80, [100, 101, 102, 103, 104, 106, 108, 110, 113, 115, 117, 120]],
    ['two', 2, [...new Array(20).fill(100), ...new Array(20).fill(101)]],
  ])('notes of a window with %s stand in order, note by note near its boundaries', (_, others, first) => {
    const found = positionsIn({ start: 100, end: 100 + others }, 40);
    expect(found).toHaveLength(40);
    expect(found.slice(0, first.length)).toEqual(first);
    expect(found.every((at, i) => i === 0 || at >= found[i - 1])).toBe(true);
    expect(found[39]).toBe(99 + others);
  });

  test('the time that a window begins at lies in the gap before its first note', () => {
    const start = boundariesOf(values, times, { ...IN_TIME, events: 1, seconds: 1 })?.start;
    const random = generator(seedOf('times'));
    const drawn = Array.from({ length: 400 }, () => start?.draw(random, all) ?? { event: -1, before: -1 });
    for (const { event, before } of drawn) {
      expect([0, 1]).toContain(event);
      expect(before).toBeGreaterThanOrEqual(0);
      expect(before).toBeLessThan(1);
    }
    expect(Math.abs(drawn.reduce((sum, { before }) => sum + before, 0) / 400 - 0.5)).toBeLessThan(0.06);
  });

  test('an end that is counted in notes is as many notes from the beginning', () => {
    const found = boundariesOf(values, times, { startInTime: true, endInTime: false, events: 2, seconds: 1 });
    expect(found?.end).toBe(found?.start);
  });

  test('the loss to expect at a boundary is that behind the gaps', () => {
    const start = boundariesOf(values, times, {
      startInTime: true,
      endInTime: false,
      events: 1,
      seconds: 2,
    })?.start;
    expect(start?.expected(0)).toBeCloseTo((10 + 2 * 20 + 40) / 4, 12);
    // Of the boundaries that have such a note: nothing follows the last one.
    expect(start?.expected(1)).toBeCloseTo((20 + 2 * 30) / 3, 12);
    expect(start?.expected(-1)).toBeCloseTo((2 * 10 + 30) / 3, 12);
    expect(start?.expected(11)).toBe(25);
    expect(boundariesOf(values, times, { ...byNote, events: 1, seconds: 2 })?.start.expected(0)).toBe(25);
    const atOnce = new Float64Array(4);
    expect(boundariesOf(values, atOnce, { ...IN_TIME, events: 1, seconds: 2 })).toBeUndefined();
  });

  test('of an event: which ends were given in seconds', () => {
    const placed = (at: object | undefined, length: object | undefined) => {
      const perturbation = { kind: 'identity', ...(at ? { at } : {}), ...(length ? { length } : {}) };
      const { startInTime, endInTime } = placingOf(
        { perturbation } as Parameters<typeof placingOf>[0],
        values,
      );
      return [startInTime, endInTime];
    };
    expect(placed({ seconds: 4 }, { seconds: 2 })).toEqual([true, true]);
    expect(placed({ seconds: 4 }, { tokens: 20 })).toEqual([true, false]);
    expect(placed({ tokens: 9 }, { seconds: 2 })).toEqual([false, true]);
    expect(placed({ draw: { from: { seconds: 1 }, to: { seconds: 5 } } }, undefined)).toEqual([false, false]);
  });
});

/** Chords of one to four notes at irregular times. The first note of each costs 2 nats more, as much more as the gap is long. */
function chords(random: Random, n: number): { losses: Float64Array; times: Float64Array } {
  const losses: number[] = [];
  const times: number[] = [];
  let time = 0;
  while (losses.length < n) {
    const gap = 0.1 + 0.9 * random.uniform();
    time += gap;
    for (let i = 0; i <= random.integer(4); i++) {
      times.push(time);
      losses.push(2 + random.normal() + (i === 0 ? 1 + 2 * gap : 0));
    }
  }
  return { losses: Float64Array.from(losses.slice(0, n)), times: Float64Array.from(times.slice(0, n)) };
}

/** The null's mean at the first notes of a window and of what follows it, over clips and windows from any time on. */
function nullMeans({ inTime, others = 0 }: { readonly inTime: boolean; readonly others?: number }) {
  const found = { peak: [] as number[], rebound: [] as number[] };
  for (let clip = 0; clip < 60; clip++) {
    const random = generator(seedOf('chords', clip));
    const { losses, times } = chords(random, 180);
    const from = (seconds: number): number => times.findIndex((time) => time >= seconds);
    for (let i = 0; i < 10; i++) {
      const at = 2 + random.uniform() * (times[times.length - 1] - 12);
      const window = { start: from(at), end: from(at + 4) };
      const kinds = otherMusic(
        {
          ...{ curve: new Float64Array(losses.length), clean: losses, window, reach: { reach: 0, lag: 0 } },
          ...(inTime ? { events: { times, ...IN_TIME } } : {}),
          others: Array.from({ length: others }, (_, c) => chords(generator(seedOf('other chords', c)), 150)),
        },
        UNRELATED,
      );
      if ('why' in kinds) throw new Error(kinds.why);
      const { draw } = kinds[kinds.length - 1];
      const span = { start: window.start, end: window.end + 1 };
      for (let d = 0; d < 20; d++) {
        found.peak.push(draw(random, { span, boundary: 'start' })[window.start]);
        found.rebound.push(draw(random, { span, boundary: 'end' })[window.end]);
      }
    }
  }
  return { peak: mean(found.peak), rebound: mean(found.rebound) };
}

describe('where nothing is done to notes, their null lies about 0', () => {
  // s.e. of 600 windows: 0.06.
  test.each([
    ['of the clip itself', 0],
    ['of other clips', 4],
  ])('%s', (_, others) => {
    const { peak, rebound } = nullMeans({ inTime: true, others });
    expect(Math.abs(peak)).toBeLessThan(0.2);
    expect(Math.abs(rebound)).toBeLessThan(0.2);
  });

  test('drawn by note it lies far too low, since a window begins with the note behind a gap', () => {
    const { peak, rebound } = nullMeans({ inTime: false });
    expect(peak).toBeLessThan(-1);
    expect(rebound).toBeLessThan(-1);
  });
});
