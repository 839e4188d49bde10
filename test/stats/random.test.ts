// The seeded generator: reference values of its parts, names, and the distributions it gives.

import { describe, expect, test } from 'vitest';
import { generator, seedOf } from '../../src/stats/random.js';

describe('seeds', () => {
  // MurmurHash3_x86_128 by Python's mmh3 5 of the text in the comment.
  test.each<[(string | number)[], string]>([
    [[], '326a91b5 af72d77e a6c9a18e a6c9a18e'],
    [[1], '6a8c5c47 40ac74f8 f911733b f911733b'],
    [['a', 1, 2.5, -0.001], '045622ba 1949e584 ffdf5e62 8e729dc9'],
    [[7, 'Für Elise/1', 'noise', 'white', 160000], '7608ee95 d711ca7a ba068da1 1578fe74'],
  ])('%j', (parts, hex) => {
    const seed = seedOf(...parts).map((word) => word.toString(16).padStart(8, '0'));
    expect(seed.join(' ')).toBe(hex);
  });

  test('other parts, other seeds; the same name in either Unicode form, the same', () => {
    const seeds = [[1], ['1'], ['a', 'b'], ['ab'], ['a,b'], ['b', 'a'], [''], [0], [], ['a', 'b', '']].map(
      (parts) => seedOf(...parts).join(),
    );
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(seedOf('e\u0301')).toEqual(seedOf('\u00e9'));
    expect(() => seedOf('x', Number.NaN)).toThrow('seed: part NaN is not a finite number');
  });
});

describe('generator', () => {
  test('xoshiro128** 1.1: the outputs of the reference implementation from state 1, 2, 3, 4', () => {
    const random = generator([1, 2, 3, 4]);
    const outputs = Array.from({ length: 10 }, random.uint32);
    expect(outputs).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  test('fixed values: the same on every machine, to the last bit', () => {
    const random = generator(seedOf('fixed'));
    expect([random.uniform(), random.uniform()]).toEqual([0.35641994104358654, 0.2174678736669744]);
    expect([random.integer(6), random.integer(1000)]).toEqual([5, 234]);
    expect([random.normal(), random.normal(), random.normal()]).toEqual([
      -1.3707969839513996, 0.6643897052846455, 0.10353344521321226,
    ]);
  });

  test('normal deviates equal the polar method with the true logarithm', () => {
    const random = generator(seedOf('polar'));
    const twin = generator(seedOf('polar'));
    for (let i = 0; i < 2000; i++) {
      let x = 0;
      let y = 0;
      let r = 1;
      while (r >= 1) {
        x = 2 * twin.uniform() - 1;
        y = 2 * twin.uniform() - 1;
        r = x * x + y * y;
      }
      const factor = Math.sqrt((-2 * Math.log(r)) / r);
      const [first, second] = [random.normal(), random.normal()];
      expect(Math.abs(first - x * factor)).toBeLessThan(1e-14);
      expect(Math.abs(second - y * factor)).toBeLessThan(1e-14);
    }
  });

  // 200 000 draws; the bounds are five standard errors.
  const N = 200_000;
  test('uniform: moments, range and neighbours', () => {
    const random = generator(seedOf('uniform'));
    const draws = Float64Array.from({ length: N }, random.uniform);
    expect(Math.min(...sample(draws))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...sample(draws))).toBeLessThan(1);
    expect(Math.abs(mean(draws) - 1 / 2)).toBeLessThan(5 / Math.sqrt(12 * N));
    expect(Math.abs(mean(draws.map((v) => (v - 0.5) ** 2)) - 1 / 12)).toBeLessThan(
      5 * Math.sqrt(1 / 180 / N),
    );
    const lagged = draws.slice(1).map((v, i) => (v - 0.5) * (draws[i] - 0.5) * 12);
    expect(Math.abs(mean(lagged))).toBeLessThan(5 / Math.sqrt(N));
  });

  test('normal: moments up to the fourth, tails, neighbours', () => {
    const random = generator(seedOf('normal'));
    const draws = Float64Array.from({ length: N }, random.normal);
    const bounds = [1, 2, 15, 96].map((variance) => 5 * Math.sqrt(variance / N));
    [0, 1, 0, 3].forEach((moment, i) => {
      expect(Math.abs(mean(draws.map((v) => v ** (i + 1))) - moment), `moment ${i + 1}`).toBeLessThan(
        bounds[i],
      );
    });
    const beyond = mean(draws.map((v) => Number(Math.abs(v) > 1.959964)));
    expect(Math.abs(beyond - 0.05)).toBeLessThan(5 * Math.sqrt((0.05 * 0.95) / N));
    expect(Math.abs(mean(draws.slice(1).map((v, i) => v * draws[i])))).toBeLessThan(5 / Math.sqrt(N));
  });

  test('integer: every value as often, also where 2^32 is no multiple', () => {
    const random = generator(seedOf('integer'));
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]++;
    const chi2 = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chi2).toBeLessThan(22.46); // 6 degrees of freedom, p = 0.001
    const third = generator(seedOf('third'));
    const large = Float64Array.from({ length: 30_000 }, () => Number(third.integer(3 * 2 ** 30) < 2 ** 30));
    expect(Math.abs(mean(large) - 1 / 3)).toBeLessThan(5 * Math.sqrt(2 / 9 / 30_000));
  });

  test('streams of neighbouring names are unrelated', () => {
    for (let k = 0; k < 20; k++) {
      const a = generator(seedOf('stream', k));
      const b = generator(seedOf('stream', k + 1));
      const products = Float64Array.from({ length: 5000 }, () => a.normal() * b.normal());
      expect(Math.abs(mean(products))).toBeLessThan(5 / Math.sqrt(5000));
    }
  });
});

function mean(values: Float64Array): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length;
}

function sample(values: Float64Array): Float64Array {
  return values.subarray(0, 50_000);
}
