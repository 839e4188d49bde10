// src/probe/compare.ts: two versions of a clip, frame by frame, also where time closed up.

import { describe, expect, test } from 'vitest';
import type { Loss } from '../../src/loss/loss.js';
import type { Event } from '../../src/perturb/perturbation.js';
import { compare, type ScoredVersion } from '../../src/probe/compare.js';

const clock = { sampleRate: 100, hop: 10 };

/** A version of K = 2 codebooks: code and loss of frame t are what `value` says, the second row 100 more. */
function version(frames: number, value: (t: number) => number): ScoredVersion {
  const data = Array.from({ length: 2 * frames }, (_, i) => value(i % frames) + (i < frames ? 0 : 100));
  const loss: Loss = { protocol: 'delayed', codebooks: 2, frames, values: Float32Array.from(data) };
  return { codes: { codebooks: 2, frames, data: Int32Array.from(data) }, loss };
}

const event = (start: number, end: number, removed?: Event['removed']): Event => ({
  kind: 'silence',
  perturbation: { kind: 'silence', at: { tokens: 0 }, length: { tokens: 1 }, seed: 1 },
  start,
  end,
  ...(removed && { removed }),
});

describe('compare', () => {
  test('without a deletion the reference is the clean version itself', () => {
    const clean = version(6, (t) => t);
    const disturbed = version(6, (t) => (t === 2 ? 50 : t));
    const compared = compare({
      clean,
      disturbed,
      events: [event(20, 30)],
      window: { start: 2, end: 3 },
      clock,
    });
    expect(compared.reference).toBe(clean);
    expect([...compared.delta.mean]).toEqual([0, 0, 48, 0, 0, 0]);
    expect(compared.changed).toMatchObject({ before: 0, inside: 1, after: 0, first: 2, last: 2 });
  });

  test('after a deletion each frame is compared with the clean one it stands for', () => {
    const clean = version(8, (t) => t);
    // Frames 2 to 4 are gone: what follows is the clean music three frames later.
    const disturbed = version(5, (t) => (t < 2 ? t : t + 3));
    const compared = compare({
      clean,
      disturbed,
      events: [event(20, 20, { start: 20, end: 50 })],
      window: { start: 2, end: 3 },
      clock,
    });
    expect([...compared.reference.codes.data]).toEqual([0, 1, 5, 6, 7, 100, 101, 105, 106, 107]);
    expect([...compared.delta.mean]).toEqual([0, 0, 0, 0, 0]);
    expect(compared.changed.after).toBe(0);
  });

  test('versions of other lengths without a deletion, or of other protocols, are refused', () => {
    const clean = version(6, (t) => t);
    const other = version(6, (t) => t);
    const undelayed = { ...other, loss: { ...other.loss, protocol: 'undelayed' as const } };
    const options = { events: [event(20, 30)], window: { start: 2, end: 3 }, clock };
    expect(() => compare({ clean, disturbed: undelayed, ...options })).toThrow(/protocol/);
    expect(() => compare({ clean, disturbed: version(5, (t) => t), ...options })).toThrow(/6 and 5 frames/);
  });
});
