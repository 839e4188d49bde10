// The fit of a decay, on curves whose decay is known.

import { expect, test } from 'vitest';
import { FEWEST_FOR_DECAY, fitDecay } from '../../src/regions/recovery.js';
import { generator, seedOf } from '../../src/stats/random.js';

/** Sizes |delta| of `frames` frames after the window: spread sqrt(floor² + (A 2^(-t/h))²) of a normal. */
function sizes(
  frames: number,
  { amplitude, halfLife, floor = 0, noise = true, seed = 'a' }: Made,
): Float64Array {
  const random = generator(seedOf('recovery', seed));
  return Float64Array.from({ length: frames }, (_, t) => {
    const spread = Math.hypot(floor, amplitude * 2 ** (-t / halfLife));
    // E|x| of a normal of standard deviation s is s sqrt(2 / pi).
    return noise ? Math.abs(random.normal()) * spread * Math.sqrt(Math.PI / 2) : spread;
  });
}
interface Made {
  readonly amplitude: number;
  readonly halfLife: number;
  readonly floor?: number;
  readonly noise?: boolean;
  readonly seed?: string;
}

test.each([
  [20, 0],
  [60, 0],
  [200, 0],
  [60, 0.05],
])(
  'finds a half-life of %i frames over a floor of %f to the last digits where nothing scatters',
  (halfLife, floor) => {
    const found = fitDecay(sizes(300, { amplitude: 0.8, halfLife, floor, noise: false }), 0, floor);
    expect(found?.amplitude).toBeCloseTo(0.8, 2);
    expect(Math.LN2 / (found?.rate ?? 0) / halfLife).toBeCloseTo(1, 2);
  },
);

test('the rate lies within its standard error as often as it says', () => {
  const off = Array.from({ length: 200 }, (_, i) => {
    const found = fitDecay(sizes(300, { amplitude: 1, halfLife: 80, seed: `s${i}` }), 0, 0);
    return ((found?.rate ?? Number.NaN) - Math.LN2 / 80) / (found?.error ?? Number.NaN);
  });
  const within = off.filter((z) => Math.abs(z) < 1.96).length / off.length;
  expect(within).toBeGreaterThan(0.9);
  expect(within).toBeLessThan(0.99);
});

test.each([
  ['too few frames', sizes(FEWEST_FOR_DECAY - 1, { amplitude: 1, halfLife: 50, noise: false }), 0],
  ['nothing above the floor', new Float64Array(100).fill(0.1), 0.2],
  ['zeros', new Float64Array(100), 0],
  ['undefined frames', new Float64Array(100).fill(Number.NaN), 0],
])('%s: no decay', (_, curve, floor) => {
  expect(fitDecay(curve, 0, floor)).toBeUndefined();
});

test('undefined frames are left out, and the time of the first frame moves the amplitude alone', () => {
  const whole = sizes(300, { amplitude: 1, halfLife: 60, noise: false });
  const holes = whole.slice();
  holes.fill(Number.NaN, 100, 110);
  expect(Math.LN2 / (fitDecay(holes, 0, 0)?.rate ?? 0)).toBeCloseTo(60, 1);
  const [now, later] = [fitDecay(whole, 0, 0), fitDecay(whole, 60, 0)];
  expect(later?.rate).toBeCloseTo(now?.rate ?? 0, 9);
  expect((later?.amplitude ?? 0) / (now?.amplitude ?? 1)).toBeCloseTo(2, 6);
});
