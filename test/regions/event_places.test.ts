// Nulls of notes begin and end where windows of notes do, and long regions are compared with music in one piece.

import { describe, expect, test } from 'vitest';
import { eventPlaces, placingOf } from '../../src/regions/event_places.js';
import { type MusicMaterial, otherMusic, UNRELATED } from '../../src/regions/other_music.js';
import { mean } from '../../src/stats/describe.js';
import { generator, type Random, seedOf } from '../../src/stats/random.js';

const IN_TIME = { startInTime: true, endInTime: true };

describe('places on a ring of events', () => {
  // Gaps before them: 1 (the mean), 2, 0, 1: a chord of two at 2 s. All is done once in 4 s.
  const values = Float64Array.of(10, 20, 30, 40);
  const times = Float64Array.of(0, 2, 2, 3);
  const byNote = { startInTime: false, endInTime: false };

  test.each([
    ['any time', { ...IN_TIME, events: 1, seconds: 2 }, undefined, [1 / 4, 2 / 4, 0, 1 / 4]],
    [
      'any time that has a note within half a second',
      { ...IN_TIME, events: 1, seconds: 0.5 },
      undefined,
      [1 / 3, 1 / 3, 0, 1 / 3],
    ],
    ['any time but the own one', { ...IN_TIME, events: 1, seconds: 2 }, 1, [1 / 2, 0, 0, 1 / 2]],
    ['any note', { ...byNote, events: 1, seconds: 2 }, undefined, [1 / 4, 1 / 4, 1 / 4, 1 / 4]],
    ['any note but the own one', { ...byNote, events: 2, seconds: 2 }, 2, [1 / 3, 1 / 3, 0, 1 / 3]],
  ])('windows from %s', (_, window, except, shares) => {
    const random = generator(seedOf('places'));
    const places = eventPlaces(values, times, window);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) counts[(places?.place(random, except).start ?? 0) % 4] += 1 / 4000;
    counts.forEach((share, i) => {
      if (shares[i] === 0) expect(share).toBe(0);
      else expect(Math.abs(share - shares[i])).toBeLessThan(0.035);
    });
  });

  test.each([
    ['once around', { ...IN_TIME, events: 2, seconds: 4 }, (start: number) => start + 4],
    // At 2 s there are two notes.
    [
      'half a second',
      { ...IN_TIME, events: 2, seconds: 0.5 },
      (start: number) => (start === 1 ? 3 : start + 1),
    ],
    [
      'so many notes',
      { startInTime: true, endInTime: false, events: 3, seconds: 1 },
      (start: number) => start + 3,
    ],
    [
      '1.5 s from the first note on',
      { startInTime: false, endInTime: true, events: 1, seconds: 1.5 },
      (start: number) => [1, 4, 4, 5][start],
    ],
  ])('and end: %s', (_, window, end) => {
    const random = generator(seedOf('ends'));
    const places = eventPlaces(values, times, window);
    for (let i = 0; i < 50; i++) {
      const place = places?.place(random) ?? { start: 0, end: 0 };
      expect(place.end).toBe(end(place.start));
    }
  });

  test('the loss to expect at a boundary is that behind the gaps', () => {
    const places = eventPlaces(values, times, { ...IN_TIME, events: 1, seconds: 2 });
    expect(places?.expected(0, true)).toBeCloseTo((10 + 2 * 20 + 40) / 4, 12);
    expect(places?.expected(1, true)).toBeCloseTo((20 + 2 * 30 + 10) / 4, 12);
    expect(places?.expected(-1, true)).toBeCloseTo((40 + 2 * 10 + 30) / 4, 12);
    expect(places?.expected(0, false)).toBe(25);
    expect(places?.expected(11, true)).toBe(25);
    expect(eventPlaces(values, new Float64Array(4), { ...IN_TIME, events: 1, seconds: 2 })).toBeUndefined();
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
      for (let d = 0; d < 20; d++) {
        const curve = draw(random);
        found.peak.push(curve[window.start]);
        found.rebound.push(curve[window.end]);
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

describe('music of other clips', () => {
  /** Losses that rise from 0 to 1 in each clip: only the joint of its end and beginning falls. */
  const rising = { losses: Float64Array.from({ length: 700 }, (_, t) => t / 700) };
  const material: MusicMaterial = {
    ...{ curve: new Float64Array(700), clean: rising.losses, window: { start: 250, end: 350 } },
    ...{ reach: { reach: 4, lag: 3 }, others: [rising, rising, rising] },
  };

  test('is one stretch where it is judged', () => {
    const kinds = otherMusic(material, { gone: 0, wider: 1 });
    if ('why' in kinds) throw new Error(kinds.why);
    const { draw, otherClips } = kinds[1];
    expect(otherClips).toBe(3);
    const random = generator(seedOf('joints'));
    const span = { start: 353, end: 697 };
    const joints = (curve: Float64Array): number =>
      curve.subarray(span.start, span.end).filter((loss, i, all) => i > 0 && loss < all[i - 1]).length;
    const count = (whole?: typeof span): number =>
      Array.from({ length: 200 }, () => joints(draw(random, whole))).filter((found) => found > 0).length;
    expect(count(span)).toBe(0);
    // 344 of 650 frames.
    expect(count()).toBeGreaterThan(70);
  });
});
