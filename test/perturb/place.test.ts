// Where disturbances fall: places drawn for each clip, and several disturbances in one.

import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { perturb, perturbAll } from '../../src/perturb/apply.js';
import type { Perturbation, Place } from '../../src/perturb/perturbation.js';
import { clock, music } from './clip.js';

const CLIP = music('songs/one.wav');
const same = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.from(a.slice().buffer).equals(Buffer.from(b.slice().buffer));

/** What stands in the window of channel c. */
function inside(clip: Clip, { start, end }: Place, c: number): Float32Array {
  return clip.channels[c].subarray(start, end);
}

describe('drawn places', () => {
  const at = { draw: { from: { tokens: 50 }, to: { seconds: 1.995 } } };
  const startOf = (p: Perturbation, name = CLIP.name): number =>
    perturb({ ...CLIP, name }, p, clock).event.start;
  const noise = (parts: object = {}): Perturbation => ({
    kind: 'noise',
    color: 'white',
    level: 'match',
    length: { tokens: 5 },
    seed: 1,
    at,
    ...parts,
  });

  test('whole frames in the range, all of them reached, by clip and seed', () => {
    const starts = Array.from({ length: 2000 }, (_, seed) => startOf(noise({ seed })));
    expect(new Set(starts).size).toBe(150);
    expect([Math.min(...starts), Math.max(...starts)]).toEqual([500, 1990]);
    expect(starts.every((start) => start % 10 === 0)).toBe(true);
    const byClip = new Set(Array.from({ length: 50 }, (_, i) => startOf(noise(), `clip ${i}`)));
    expect(byClip.size).toBeGreaterThan(30);
  });

  test('kind, colour, length and level do not move it; another name does', () => {
    const start = startOf(noise());
    for (const parts of [{ color: 'brown' }, { length: { tokens: 90 } }, { level: { dbfs: -30 } }]) {
      expect(startOf(noise(parts))).toBe(start);
    }
    expect(startOf({ kind: 'reverse', at, length: { tokens: 9 }, seed: 1 })).toBe(start);
    const other = Array.from({ length: 5 }, (_, i) =>
      startOf(noise({ at: { draw: { ...at.draw, name: `${i}` } } })),
    );
    expect(new Set([start, ...other]).size).toBeGreaterThan(4);
  });
});

describe('several in one clip', () => {
  const list: readonly Perturbation[] = [
    { kind: 'noise', color: 'pink', level: 'match', at: { tokens: 200 }, length: { tokens: 20 }, seed: 1 },
    { kind: 'delete', at: { tokens: 50 }, length: { tokens: 30 }, seed: 1 },
    { kind: 'reverse', at: { tokens: 80 }, length: { tokens: 40 }, seed: 1 },
    { kind: 'delete', at: { tokens: 250 }, length: { tokens: 50 }, seed: 1 },
    { kind: 'shuffle', at: { tokens: 0 }, length: { tokens: 50 }, block: { tokens: 3 }, seed: 1 },
  ];

  test('places name the clean clip, events the disturbed one; the order does not matter', () => {
    const { clip, events } = perturbAll(CLIP, list, clock);
    const spans = events.map(({ start, end }) => [start, end]);
    expect(spans).toEqual([
      [1700, 1900],
      [500, 500],
      [500, 900],
      [2200, 2200],
      [0, 500],
    ]);
    expect(clip.channels[0].length).toBe(2200);
    const backwards = perturbAll(CLIP, list.toReversed(), clock);
    expect(backwards.events.toReversed()).toEqual(events);
    const alone = list.map((p) => perturb(CLIP, p, clock));
    clip.channels.forEach((channel, c) => {
      expect(same(channel, backwards.clip.channels[c])).toBe(true);
      events.forEach((event, i) => {
        expect(same(inside(clip, event, c), inside(alone[i].clip, alone[i].event, c))).toBe(true);
      });
      expect(same(channel.subarray(900, 1700), CLIP.channels[c].subarray(1200, 2000))).toBe(true);
    });
  });

  test('none leaves the clip as it is', () => {
    const { clip, events } = perturbAll(CLIP, [], clock);
    expect(events).toEqual([]);
    expect(same(clip.channels[1], CLIP.channels[1])).toBe(true);
  });

  test.each<[string, Perturbation[], string]>([
    [
      'overlap',
      [list[0], { kind: 'silence', at: { tokens: 219 }, length: { tokens: 5 }, seed: 1 }],
      'songs/one.wav: the windows [2000, 2200) and [2190, 2240) overlap; give each disturbance its own place',
    ],
    ['the same twice', [list[1], list[1]], 'overlap'],
    [
      'nothing left',
      [
        { kind: 'delete', at: { tokens: 0 }, length: { tokens: 100 }, seed: 1 },
        { kind: 'delete', at: { tokens: 100 }, length: { tokens: 200 }, seed: 1 },
      ],
      'songs/one.wav: the whole clip would be deleted; make the windows shorter',
    ],
  ])('%s is refused', (_, perturbations, message) => {
    expect(() => perturbAll(CLIP, perturbations, clock)).toThrow(message);
  });
});
