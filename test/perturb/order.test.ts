// The clip's own music in another order: permutations, repeats, deletions, and the joints between blocks.

import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { rmsDbfs } from '../../src/audio/spectrum.js';
import { perturb } from '../../src/perturb/apply.js';
import type {
  Perturbation,
  Place,
  RepeatPerturbation,
  ReversePerturbation,
  ShufflePerturbation,
} from '../../src/perturb/perturbation.js';
import { clock, music } from './clip.js';

const CLIP = music('songs/one.wav');
const window = { at: { tokens: 100 }, length: { tokens: 50 }, seed: 1 } as const;
const same = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.from(a.slice().buffer).equals(Buffer.from(b.slice().buffer));

/** What stands in the window of the first channel. */
const inside = (clip: Clip, { start, end }: Place): Float32Array => clip.channels[0].subarray(start, end);

describe('order', () => {
  const shuffle = (parts: Partial<ShufflePerturbation> = {}): ShufflePerturbation => ({
    kind: 'shuffle',
    block: { tokens: 5 },
    seed: 1,
    ...parts,
  });
  const orderOf = (parts: Partial<ShufflePerturbation>, name = CLIP.name): readonly number[] =>
    perturb({ ...CLIP, name }, shuffle(parts), clock).event.permutation ?? [];

  test.each<[string, Partial<ShufflePerturbation>, number]>([
    ['the whole clip', {}, 60],
    ['a window', { at: { tokens: 100 }, length: { tokens: 50 } }, 10],
    ['two blocks', { at: { tokens: 100 }, length: { tokens: 10 } }, 2],
    ['a short last block stays', { at: { tokens: 7 }, length: { tokens: 52 }, block: { tokens: 7 } }, 7],
    ['single tokens', { block: { tokens: 1 } }, 300],
    ['not on the grid', { at: { seconds: 0.123 }, length: { seconds: 1 }, block: { seconds: 0.033 } }, 30],
    ['a share', { block: { tokens: 2 }, share: 0.2 }, 150],
    ['a share below two blocks', { block: { tokens: 50 }, share: 0.01 }, 6],
  ])('%s: every block once, none that takes part in its place, the inverse restores', (_, parts, blocks) => {
    const { clip, event } = perturb(CLIP, shuffle(parts), clock);
    const { permutation = [], block = 0, start } = event;
    expect(permutation.toSorted((a, b) => a - b)).toEqual(Array.from({ length: blocks }, (_, i) => i));
    const moved = permutation.filter((from, to) => from !== to).length;
    expect(moved).toBe(Math.max(2, Math.round((parts.share ?? 1) * blocks)));
    for (const [c, clean] of CLIP.channels.entries()) {
      const restored = clip.channels[c].slice();
      permutation.forEach((from, to) => {
        const at = start + to * block;
        restored.set(clip.channels[c].subarray(at, at + block), start + from * block);
      });
      expect(same(restored, clean)).toBe(true);
    }
  });

  test('what is drawn: by seed, clip, place and block, not by fade; a larger share holds a smaller one', () => {
    const base = orderOf({});
    expect(orderOf({ fade: { tokens: 1 } })).toEqual(base);
    expect(orderOf({}, 'elsewhere/one.mp3')).toEqual(base);
    expect(orderOf({ seed: 2 })).not.toEqual(base);
    expect(orderOf({}, 'two.wav')).not.toEqual(base);
    expect(orderOf({ at: { tokens: 5 } }).slice(0, 50)).not.toEqual(base.slice(0, 50));
    const moving = (share: number) => orderOf({ share }).flatMap((from, to) => (from === to ? [] : [to]));
    const [few, more] = [moving(0.2), moving(0.5)];
    expect([few.length, more.length]).toEqual([12, 30]);
    expect(few.every((block) => more.includes(block))).toBe(true);
  });

  test('all nine derangements of four blocks come up, equally often', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 900; seed++) {
      const order = orderOf({ seed, block: { tokens: 70 } }).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(9);
    // Chi-squared, 8 degrees of freedom, p = 0.001.
    expect([...counts.values()].reduce((sum, n) => sum + (n - 100) ** 2 / 100, 0)).toBeLessThan(26.1);
  });

  test('repeat and reverse', () => {
    const clean = CLIP.channels[0];
    const repeated = perturb(CLIP, { kind: 'repeat', block: { tokens: 8 }, ...window }, clock);
    inside(repeated.clip, repeated.event).forEach((v, i) => {
      expect(v).toBe(clean[920 + (i % 80)]);
    });
    const reversed = perturb(CLIP, { kind: 'reverse', ...window }, clock);
    expect(inside(reversed.clip, reversed.event)).toEqual(clean.slice(1000, 1500).reverse());
  });

  test('deletion: time closes up, the event is the joint and says what is gone', () => {
    const { clip, event } = perturb(CLIP, { kind: 'delete', ...window }, clock);
    expect(event).toMatchObject({ start: 1000, end: 1000, removed: { start: 1000, end: 1500 } });
    clip.channels.forEach((channel, c) => {
      expect(channel.length).toBe(2500);
      expect(same(channel.subarray(0, 1000), CLIP.channels[c].subarray(0, 1000))).toBe(true);
      expect(same(channel.subarray(1000), CLIP.channels[c].subarray(1500))).toBe(true);
    });
  });
});

describe('joints', () => {
  /** Two sines that differ in phase from block to block, so that hard joints click. */
  const smooth: Clip = {
    name: 'smooth',
    sampleRate: 1000,
    channels: [Float32Array.from({ length: 3000 }, (_, i) => Math.sin(2 * Math.PI * 0.0031 * i))],
  };
  const steepest = ({ channels: [channel] }: Clip): number =>
    channel.reduce((most, v, i) => Math.max(most, i === 0 ? 0 : Math.abs(v - channel[i - 1])), 0);

  test.each<ShufflePerturbation | RepeatPerturbation | ReversePerturbation>([
    { kind: 'shuffle', block: { tokens: 10 }, seed: 3 },
    { kind: 'shuffle', block: { tokens: 13 }, at: { tokens: 40 }, length: { tokens: 150 }, seed: 3 },
    { kind: 'shuffle', block: { tokens: 10 }, share: 0.4, seed: 3 },
    { kind: 'repeat', block: { tokens: 25 }, at: { tokens: 40 }, length: { tokens: 110 }, seed: 1 },
    { kind: 'reverse', at: { tokens: 43 }, length: { tokens: 100 }, seed: 1 },
  ])('%j: a fade takes the click out', (perturbation) => {
    const hard = perturb(smooth, perturbation, clock).clip;
    const { clip: soft } = perturb(smooth, { ...perturbation, fade: { tokens: 4 } }, clock);
    expect(steepest(hard)).toBeGreaterThan(0.3);
    expect(steepest(soft)).toBeLessThan(0.1);
    expect(soft.channels[0].length).toBe(3000);
  });

  test('equal power: noise keeps its loudness across the joints', () => {
    const hiss = music('hiss', 60_000, 1);
    const { clip } = perturb(
      hiss,
      { kind: 'shuffle', block: { tokens: 2 }, fade: { tokens: 1 }, seed: 1 },
      clock,
    );
    expect(Math.abs(rmsDbfs(clip.channels) - rmsDbfs(hiss.channels))).toBeLessThan(0.05);
  });

  test('blocks that keep their place keep their bits, and blocks that stay together have no joint', () => {
    const counts = { inPlace: 0, together: 0, faded: 0 };
    for (const share of [0.3, 1]) {
      const p: Perturbation = {
        kind: 'shuffle',
        block: { tokens: 1 },
        share,
        fade: { seconds: 0.004 },
        seed: 1,
      };
      const { clip, event } = perturb(CLIP, p, clock);
      const { permutation = [] } = event;
      const [clean, disturbed] = [CLIP.channels[0], clip.channels[0]];
      permutation.forEach((from, to) => {
        const begins = (length: number): boolean =>
          same(disturbed.subarray(10 * to, 10 * to + length), clean.subarray(10 * from, 10 * from + length));
        if (from === to) counts.inPlace += begins(10) ? 1 : Number.NaN;
        else if (from > 0 && permutation[to - 1] === from - 1) counts.together += begins(6) ? 1 : Number.NaN;
        else if (to > 0) counts.faded += begins(4) ? Number.NaN : 1;
      });
    }
    expect(counts.inPlace).toBe(210);
    expect(counts.together).toBeGreaterThan(0);
    expect(counts.faded).toBeGreaterThan(300);
  });
});
