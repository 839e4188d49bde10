// How often is a Peak called? Simulated curves whose truth is known. No part of `npm run bench`; minutes. Of real losses and other
// regions: coverage.ts.
//   npx tsx bench/chances.ts 2000

import { type ProfileOptions, profileOf } from '../src/regions/profile.js';
import { ENCODEC_REACH } from '../src/regions/region.js';
import { mean } from '../src/stats/describe.js';
import { generator, type Random, seedOf } from '../src/stats/random.js';

const FRAMES = 750;
const START = 250;
/** First frame that the disturbance can touch. */
const FRONTIER = START - ENCODEC_REACH.reach - ENCODEC_REACH.lag;

/** AR(1) around 5 nats. */
function losses(random: Random, sd: number, phi = 0.2): Float64Array {
  let state = random.normal() * sd;
  return Float64Array.from({ length: FRAMES }, () => {
    state = phi * state + Math.sqrt(1 - phi * phi) * sd * random.normal();
    return 5 + state;
  });
}

type Shape = (t: number) => number;

/** Heights from frame `from` on, then a level to three frames before the window's end. */
function shape(from: number, heights: readonly number[], level: number): Shape {
  return (t) => {
    const height = heights[t - from];
    if (height !== undefined) return height;
    return t >= Math.max(START, from) && t < START + 100 - 3 ? level : 0;
  };
}

const five = [0.8, 0.8, 0.8, 0.8, 0.8];
const SHAPES: Readonly<Record<string, Shape>> = {
  'published: 2.1 1.5 1.0 from -1 on, then -1.5': shape(START - 1, [2.1, 1.5, 1.0], -1.5),
  'the same from 0 on': shape(START, [2.1, 1.5, 1.0], -1.5),
  'paper: 0.8 for five frames from 0 on': shape(START, five, 0),
  'the same, then -1.5': shape(START, five, -1.5),
  '0.8 for five frames from -2 on': shape(START - 2, five, 0),
  nothing: () => 0,
  'step to -1.5': shape(START, [], -1.5),
  'step to +1.5': shape(START, [], 1.5),
};

/** How noise comes about: disturbed loss unrelated to the clean one, or noise that is added to it. */
const NOISES: Readonly<Record<string, (random: Random) => { clean?: Float64Array; delta: Float64Array }>> = {
  'two unrelated losses of s.d. 1 (delta 1.41)': (random) => {
    const clean = losses(random, 1);
    return { clean, delta: losses(random, 1).map((loss, t) => loss - clean[t]) };
  },
  'two unrelated losses of s.d. 0.71 (delta 1)': (random) => {
    const clean = losses(random, Math.SQRT1_2);
    return { clean, delta: losses(random, Math.SQRT1_2).map((loss, t) => loss - clean[t]) };
  },
  'noise of s.d. 1 on a clean loss of s.d. 0.71': (random) => {
    return { clean: losses(random, Math.SQRT1_2), delta: losses(random, 1).map((loss) => loss - 5) };
  },
  'noise of s.d. 1 on a clean loss of s.d. 1': (random) => {
    return { clean: losses(random, 1), delta: losses(random, 1).map((loss) => loss - 5) };
  },
  'no clean loss (null shift), s.d. 1': (random) => ({ delta: losses(random, 1).map((loss) => loss - 5) }),
};

function peaks(simulations: number): void {
  const window = { start: START, end: START + 100 };
  for (const [noise, make] of Object.entries(NOISES)) {
    console.log(`\n${noise}\n  called  boundary  paper  searched  truth`);
    for (const [title, truth] of Object.entries(SHAPES)) {
      let called = 0;
      const means: Record<'boundary' | 'paper' | 'searched', number[]> = {
        boundary: [],
        paper: [],
        searched: [],
      };
      for (let i = 0; i < simulations; i++) {
        const { clean, delta } = make(generator(seedOf('chances', noise, title, i)));
        const curve = delta.map((value, t) => (t < FRONTIER ? 0 : value + truth(t)));
        const options: ProfileOptions = {
          rule: 'fixed',
          draws: 99,
          name: `${i}`,
          ...(clean ? { clean } : {}),
        };
        const { regions, transients } = profileOf(curve, window, options);
        const peak = regions.find(({ name }) => name === 'peak');
        if ((peak?.chance ?? 1) <= 0.05) called++;
        const found = transients.find(({ name }) => name === 'peak');
        for (const key of ['boundary', 'paper', 'searched'] as const) {
          const place = found?.[key];
          if (place) means[key].push(place.mean);
        }
      }
      const cells = [called / simulations, mean(means.boundary), mean(means.paper), mean(means.searched)];
      console.log(`  ${cells.map((cell) => cell.toFixed(3).padStart(6)).join('  ')}   ${title}`);
    }
  }
}

peaks(Number(process.argv[2] ?? 2000));
