// One loudness and one polarity: what listeners do not hear changes no sample.

import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { loudness } from '../../src/audio/loudness.js';
import { normalise } from '../../src/audio/normalise.js';
import { generator, seedOf } from '../../src/stats/random.js';

/** A second of noise whose cubes have a sign: of a wave with narrow peaks on one side. */
function skewed(sign: 1 | -1, { channels = 1, offset = 0 } = {}): Clip {
  const { normal } = generator(seedOf('skewed'));
  const channel = Float32Array.from({ length: 32_000 }, () => {
    const value = 0.05 * normal();
    return sign * (value + 4 * value ** 2) + offset;
  });
  const all = Array.from({ length: channels }, () => channel);
  return { name: 'skewed.wav', sampleRate: 32_000, channels: all };
}

const turned = (clip: Clip): Clip => ({ ...clip, channels: clip.channels.map((one) => one.map((v) => -v)) });
const cubes = ({ channels: [channel] }: Clip): number => {
  const centre = channel.reduce((sum, v) => sum + v, 0) / channel.length;
  return channel.reduce((sum, v) => sum + (v - centre) ** 3, 0);
};

describe('normalise', () => {
  test.each([1, 2])('of %i channels: a clip and the turned one give the same samples', (channels) => {
    const clip = skewed(1, { channels });
    const one = normalise(clip, -23);
    expect(normalise(turned(clip), -23)).toEqual(one);
    expect(cubes(one)).toBeLessThan(0);
    expect(loudness(one)).toBeCloseTo(-23, 5);
  });

  test('a constant offset does not decide', () => {
    for (const offset of [-0.2, 0.2]) expect(cubes(normalise(skewed(-1, { offset }), -23))).toBeLessThan(0);
  });

  test('channels that cancel each other in the sum are left as they are', () => {
    const { channels, ...rest } = skewed(1);
    const [left] = normalise({ ...rest, channels: [channels[0], channels[0].map((v) => -v)] }, -23).channels;
    expect(Math.sign(left[0])).toBe(Math.sign(channels[0][0]));
  });

  test('0 LUFS is a loudness as any other; without one a clip is as it is', () => {
    const clip = skewed(1);
    expect(loudness(normalise(clip, 0))).toBeCloseTo(0, 5);
    expect(normalise(clip, null)).toBe(clip);
  });

  test('silence is refused', () => {
    const silent = { name: 's', sampleRate: 32_000, channels: [new Float32Array(32_000)] };
    expect(() => normalise(silent, -23)).toThrow('s: is silent');
  });
});
