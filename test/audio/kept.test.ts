// What is kept of a clip, and of filters.

import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { interpolator } from '../../src/audio/interpolate.js';
import { valuesAt } from '../../src/audio/interpolated.js';
import { keeper, recent } from '../../src/audio/kept.js';
import { besselI0, sinc } from '../../src/audio/sinc.js';
import { generator, seedOf } from '../../src/stats/random.js';

const clipOf = (samples: number): Clip => ({
  name: 'x',
  sampleRate: 32_000,
  channels: [new Float32Array(samples)],
});

describe('keeper', () => {
  test('the last thing of each clip is made once, by its name', () => {
    const keep = keeper<object>();
    const [one, other] = [clipOf(10), clipOf(10)];
    const first = keep(one, 'a', () => ({}));
    expect(keep(one, 'a', () => ({}))).toBe(first);
    expect(keep(other, 'a', () => ({}))).not.toBe(first);
    expect(keep(one, 'a', () => ({}))).toBe(first);
    expect(keep(one, 'b', () => ({}))).not.toBe(first);
    // Only the last one.
    expect(keep(one, 'a', () => ({}))).not.toBe(first);
  });

  test('two keepers know nothing of each other', () => {
    const clip = clipOf(10);
    expect(keeper<number>()(clip, '', () => 1)).toBe(1);
    expect(keeper<number>()(clip, '', () => 2)).toBe(2);
  });

  test('of a clip of minutes nothing is kept', () => {
    const keep = keeper<object>();
    const [long, short] = [clipOf(2 ** 22 + 1), clipOf(2 ** 22)];
    expect(keep(long, '', () => ({}))).not.toBe(keep(long, '', () => ({})));
    expect(keep(short, '', () => ({}))).toBe(keep(short, '', () => ({})));
  });

  test('what cannot be made leaves nothing behind', () => {
    const keep = keeper<number>();
    const clip = clipOf(10);
    keep(clip, 'a', () => 1);
    const fail = (): number => {
      throw new Error('no');
    };
    expect(() => keep(clip, 'b', fail)).toThrow('no');
    expect(keep(clip, 'b', () => 2)).toBe(2);
    expect(keep(clip, 'a', () => 3)).toBe(3);
  });
});

test('recent: the one that was not used for longest goes first', () => {
  const keep = recent<number>(2);
  let made = 0;
  const ask = (key: string): number => keep(key, () => ++made);
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map(ask)).toEqual([1, 2, 1, 3, 1, 4]);
});

describe('interpolator', () => {
  // The kernel's values and the sum written out, tap by tap.
  const plain = (signal: Float32Array, position: number, speed: number): number => {
    const [crossings, steps, beta] = [64, 512, 10];
    const scale = Math.min(1, 1 / speed);
    const value = (step: number): number => {
      if (scale === 1 && step > 0 && step % steps === 0) return 0;
      const inside = 1 - (step / steps / crossings) ** 2;
      if (inside <= 0) return 0;
      return (scale * sinc(step / steps) * besselI0(beta * Math.sqrt(inside))) / besselI0(beta);
    };
    let sum = 0;
    for (let i = 0; i < signal.length; i++) {
      const at = Math.abs(position - i) * scale * steps;
      if (Math.abs(position - i) > crossings / scale) continue;
      const step = Math.floor(at);
      sum += signal[i] * (value(step) + (at - step) * (value(step + 1) - value(step)));
    }
    return sum;
  };
  const random = generator(seedOf('interpolator'));
  const signal = Float32Array.from({ length: 700 }, () => random.normal());

  test.each([1, 0.9, 2 ** (3 / 12)])('at speed %d every value is the plain sum, to the bit', (speed) => {
    const read = interpolator(speed);
    const places = [0, 0.5, 63.25, 127.99, 128, 200, 300.5, 635.9, 636, 640, 698.6, 699];
    for (let i = 0; i < 300; i++) places.push(699 * random.uniform());
    for (const place of places) expect(read(signal, place), `${place}`).toBe(plain(signal, place, speed));
  });

  test('many places at speed 1 are what they are one by one, to the bit', () => {
    const read = interpolator();
    // In any order, at the ends and beyond them, and in so many that they are read in several goes.
    const many = [0, 127.5, 128, 636, 636.5, -1, 700, 763, Number.NaN];
    for (let i = 0; i < 5003; i++) many.push(0.1399 * i);
    for (const sound of [signal, Float64Array.from(signal)]) {
      const values = valuesAt(sound, (i) => many[i], many.length);
      expect(values).toEqual(Float64Array.from(many, (place) => read(signal, place)));
    }
  });
});
