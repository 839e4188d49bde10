// Disturbances of codes: the same orders as on the waveform, nothing outside the window, what leaked where, and which
// clean frame a disturbed one stands for.

import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { type Codes, codesOf, framesOf, rowsOf } from '../../src/audio/codes.js';
import { alignment, realigned } from '../../src/perturb/alignment.js';
import { perturb, perturbAll } from '../../src/perturb/apply.js';
import { changedCodes, leakMap } from '../../src/perturb/leak.js';
import type { Perturbation } from '../../src/perturb/perturbation.js';
import { perturbAllCodes, perturbCodes } from '../../src/perturb/tokens.js';
import { windowOf } from '../../src/regions/window.js';

const clock = { sampleRate: 1000, hop: 10 };
const T = 300;
const options = { name: 'one.wav', clock };
/** Code (k, t) is 1000 k + t: every code says where it comes from. */
const codes = numbered(0);
const other = numbered(5000, 400);
const window = { at: { tokens: 100 }, length: { tokens: 50 }, seed: 1 } as const;

function numbered(base: number, frames = T, codebooks = 3): Codes {
  return codesOf(
    Array.from({ length: codebooks }, (_, k) =>
      Array.from({ length: frames }, (_, t) => base + 1000 * k + t),
    ),
  );
}

/** A waveform whose sample says in which frame it is. */
const CLIP: Clip = {
  name: 'one.wav',
  sampleRate: 1000,
  channels: [Float32Array.from({ length: 10 * T }, (_, i) => Math.floor(i / 10))],
};

describe('codes', () => {
  const inserted: readonly [Perturbation, number][] = [
    [{ kind: 'noise', color: 'pink', level: 'match', ...window }, 0],
    [{ kind: 'silence', ...window }, 0],
    [{ kind: 'tone', hz: 100, level: 'match', ...window }, 0],
    [{ kind: 'foreign', clip: 'other', from: { tokens: 30 }, level: 'own', ...window }, 30],
  ];
  const moved: readonly Perturbation[] = [
    { kind: 'shuffle', block: { tokens: 1 }, ...window },
    { kind: 'shuffle', block: { tokens: 9 }, ...window },
    { kind: 'shuffle', block: { tokens: 5 }, share: 0.3, seed: 1 },
    { kind: 'repeat', block: { tokens: 8 }, ...window },
    { kind: 'reverse', ...window },
    { kind: 'delete', ...window },
    { kind: 'identity', ...window },
  ];

  test.each(moved.map((p) => [JSON.stringify(p), p] as const))(
    'moves the frames of the waveform: %s',
    (_, p) => {
      const kept = codes.data.slice();
      const { codes: disturbed, event } = perturbCodes(codes, p, options);
      const onWaveform = perturb(CLIP, p, clock);
      expect(event).toEqual({ ...onWaveform.event, domain: 'codes' });
      // Frame by frame what the waveform has at the frame's first sample (backwards: at its last).
      const frames = Array.from({ length: disturbed.frames }, (_, t) => onWaveform.clip.channels[0][10 * t]);
      rowsOf(disturbed).forEach((row, k) => {
        expect([...row]).toEqual(frames.map((t) => 1000 * k + t));
      });
      expect(codes.data).toEqual(kept);
    },
  );

  test.each(inserted)('puts encoded sound in: %j', (p, first) => {
    const { codes: disturbed, event } = perturbCodes(codes, p, { ...options, insert: { codes: other } });
    expect(event).toEqual({ kind: p.kind, domain: 'codes', start: 1000, end: 1500, perturbation: p });
    rowsOf(disturbed).forEach((row, k) => {
      const expected = Array.from({ length: T }, (_, t) =>
        t < 100 || t >= 150 ? 1000 * k + t : 5000 + 1000 * k + first + t - 100,
      );
      expect([...row]).toEqual(expected);
    });
    const later = perturbCodes(codes, p, { ...options, insert: { codes: other, from: 350 } });
    expect(rowsOf(later.codes)[0][149]).toBe(5399);
  });

  test('several at once: places name the clean clip, the order does not matter', () => {
    const parts = [
      { perturbation: inserted[0][0], insert: { codes: other } },
      { perturbation: { kind: 'delete', at: { tokens: 20 }, length: { tokens: 10 }, seed: 1 } as const },
      { perturbation: { kind: 'reverse', at: { tokens: 150 }, length: { tokens: 4 }, seed: 1 } as const },
    ];
    const { codes: disturbed, events } = perturbAllCodes(codes, parts, options);
    expect(events.map(({ start, end }) => [start, end])).toEqual([
      [900, 1400],
      [200, 200],
      [1400, 1440],
    ]);
    const first = [...rowsOf(disturbed)[0]];
    expect(first.slice(18, 22)).toEqual([18, 19, 30, 31]);
    expect(first.slice(89, 92)).toEqual([99, 5000, 5001]);
    expect(first.slice(138, 146)).toEqual([5048, 5049, 153, 152, 151, 150, 154, 155]);
    expect(first.length).toBe(290);
    expect(perturbAllCodes(codes, parts.toReversed(), options).codes).toEqual(disturbed);
  });

  test.each<[Perturbation, Codes | undefined, string]>([
    [inserted[0][0], undefined, 'one.wav: the codes to put in were not handed in'],
    [
      inserted[0][0],
      numbered(0, 49),
      'the codes to put in are 3 codebooks of 49 frames, expected 3 of at least 50',
    ],
    [inserted[3][0], numbered(0, 79), 'of 79 frames, expected 3 of at least 80'],
    [inserted[0][0], numbered(0, 90, 2), 'the codes to put in are 2 codebooks'],
    [
      { kind: 'click', at: { tokens: 1 }, level: { dbfs: -3 }, seed: 1 },
      other,
      'click has no meaning on codes',
    ],
    [{ kind: 'reencode', seed: 1 }, other, 'reencode has no meaning on codes'],
    [
      { kind: 'noise', color: 'white', level: 'match', mode: 'add', ...window },
      other,
      'codes cannot be added',
    ],
    [{ kind: 'reverse', fade: { tokens: 1 }, ...window }, undefined, 'codes have no crossfade'],
    [
      { kind: 'reverse', at: { seconds: 0.105 }, length: { tokens: 5 }, seed: 1 },
      undefined,
      'one.wav: sample 105 is not at a frame (of 10 samples); on codes give places and lengths in tokens',
    ],
    [{ kind: 'shuffle', block: { seconds: 0.033 }, ...window }, undefined, 'sample 33 is not at a frame'],
    [{ kind: 'delete', at: { tokens: 0 }, length: { tokens: 300 }, seed: 1 }, undefined, 'the whole clip'],
    [{ kind: 'delete', at: { tokens: 299 }, length: { tokens: 2 }, seed: 1 }, undefined, 'leaves the clip'],
  ])('%j is refused', (p, insert, message) => {
    expect(() =>
      perturbCodes(codes, p, { ...options, ...(insert ? { insert: { codes: insert } } : {}) }),
    ).toThrow(message);
  });
});

describe('leak map', () => {
  test('counts and shares by codebook, before, inside and after', () => {
    const disturbed: Codes = { ...codes, data: codes.data.slice() };
    const change = (k: number, t: number) => {
      disturbed.data[k * T + t] = -1;
    };
    change(0, 97);
    for (let t = 100; t < 150; t++) change(1, t);
    change(1, 150);
    change(1, 299);
    const map = leakMap(codes, disturbed, { start: 100, end: 150 });
    expect(map).toEqual({
      before: 1 / 300,
      inside: 50 / 150,
      after: 2 / 450,
      first: 97,
      last: 299,
      byCodebook: [
        {
          before: { changed: 1, of: 100 },
          inside: { changed: 0, of: 50 },
          after: { changed: 0, of: 150 },
          first: 97,
          last: 97,
        },
        {
          before: { changed: 0, of: 100 },
          inside: { changed: 50, of: 50 },
          after: { changed: 2, of: 150 },
          first: 100,
          last: 299,
        },
        { before: { changed: 0, of: 100 }, inside: { changed: 0, of: 50 }, after: { changed: 0, of: 150 } },
      ],
    });
    const mask = changedCodes(codes, disturbed);
    expect(mask.reduce((sum, v) => sum + v, 0)).toBe(53);
    expect([mask[97], mask[T + 100], mask[2 * T + 100]]).toEqual([1, 1, 0]);
  });

  test('nothing changed: zero, and no first or last; an empty part is undefined', () => {
    const map = leakMap(codes, codes, { start: 0, end: 0 });
    expect(map).toMatchObject({ before: Number.NaN, inside: Number.NaN, after: 0 });
    expect('first' in map || 'last' in map).toBe(false);
  });

  test('on codes nothing leaks, and deleted frames are compared with those they stand for', () => {
    const windowed = perturbCodes(codes, { kind: 'reverse', ...window }, options);
    expect(leakMap(codes, windowed.codes, windowOf(windowed.event, clock))).toMatchObject({
      before: 0,
      inside: 1,
      after: 0,
      first: 100,
      last: 149,
    });
    const { codes: shorter, event } = perturbCodes(codes, { kind: 'delete', ...window }, options);
    const frames = alignment([event], { frames: shorter.frames, cleanFrames: T }, clock);
    const map = leakMap(codes, shorter, windowOf(event, clock), { alignment: frames });
    expect([map.before, map.after, map.first]).toEqual([0, 0, undefined]);
    expect(() => leakMap(codes, shorter, { start: 100, end: 100 })).toThrow(
      'leak map: disturbed codes are [3, 250], expected [3, 300] as the clean ones; after a deletion hand in the alignment',
    );
    expect(() => leakMap(numbered(0, T, 2), codes, { start: 0, end: 1 })).toThrow('expected [2, 300]');
  });
});

describe('alignment', () => {
  const deletion = (start: number, end: number): Perturbation => ({
    kind: 'delete',
    at: { seconds: start / 1000 },
    length: { seconds: (end - start) / 1000 },
    seed: 1,
  });

  test.each<[string, Perturbation[], (t: number) => number]>([
    ['nothing deleted', [{ kind: 'reverse', ...window }], (t) => t],
    ['whole frames', [deletion(1000, 1500)], (t) => (t < 100 ? t : t + 50)],
    ['from the start', [deletion(0, 30)], (t) => t + 3],
    ['two', [deletion(2000, 2100), deletion(500, 700)], (t) => (t < 50 ? t : t < 180 ? t + 20 : t + 30)],
    ['not whole frames: the nearest', [deletion(1004, 1008)], (t) => t],
    ['more than half a frame', [deletion(1004, 1010)], (t) => (t < 101 ? t : Math.min(t + 1, T - 1))],
  ])('%s', (_, perturbations, expected) => {
    const { clip, events } = perturbAll(CLIP, perturbations, clock);
    const frames = framesOf(clock, clip.channels[0].length);
    const aligned = [...alignment(events, { frames, cleanFrames: T }, clock)];
    expect(aligned).toEqual(Array.from({ length: frames }, (_, t) => expected(t)));
    // Every sample of this waveform is the number of its clean frame.
    if (events.some(({ removed }) => removed && (removed.end - removed.start) % 10 !== 0)) return;
    if (events.some(({ kind }) => kind !== 'delete')) return;
    expect(aligned).toEqual(Array.from({ length: frames }, (_, t) => clip.channels[0][10 * t]));
  });

  test('values move to the disturbed frames, undefined ones too', () => {
    const values = Float32Array.from([0, 1, 2, Number.NaN, 10, 11, 12, 13]);
    const frames = Int32Array.from([0, 2, 3]);
    expect([...realigned(values, 2, { frames, cleanFrames: 4 })]).toEqual([0, 2, Number.NaN, 10, 12, 13]);
  });
});
