// How often is a Peak called, and are chances chances? Simulated curves whose truth is known, and real clean losses with
// another stretch of themselves in the window. No part of `npm run bench`; minutes.
//   npx tsx bench/chances.ts peak 2000
//   npx losscope score demo/*.flac studies/demo/*/*.flac studies/demo/*/*.json --json > scores.jsonl
//   npx tsx bench/chances.ts coverage scores.jsonl 60

import { readFileSync } from 'node:fs';
import { otherMusic, UNRELATED, widened } from '../src/regions/other_music.js';
import { type ProfileOptions, profileOf } from '../src/regions/profile.js';
import { ENCODEC_REACH } from '../src/regions/region.js';
import { mean, quantile } from '../src/stats/describe.js';
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

/** Clean losses by frame of a file of `losscope score --json`. */
function readScores(file: string): Float64Array[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const { loss } = JSON.parse(line) as { loss: (number | null)[][] };
    return Float64Array.from(loss[0], (_, t) => mean(loss.map((row) => row[t] ?? Number.NaN)));
  });
}

/** Means over [start + from, start + to) in the window: Peak, Assimilation, Rebound, Recovery. */
const PLACES: Readonly<Record<string, (length: number) => readonly [number, number]>> = {
  'Peak [S-1, S+2)': () => [-1, 2],
  'Peak [S, S+5)': () => [0, 5],
  'Rebound [E-1, E+2)': (length) => [length - 1, length + 2],
  Assimilation: (length) => [3, length - 4],
  window: (length) => [0, length],
  Recovery: (length) => [length + 3, FRAMES - 3 - START],
};

/**
 * Another stretch of the clip stands in the window, and is not in what the null is made of: it is cut out of the clip. Share
 * of stretches beyond the null's 5% and 95% points.
 */
function coverage(curves: readonly Float64Array[], stretches: number): void {
  console.log('  length  place  by  lower  higher  beyond all 19: plain, widened  judged');
  for (const length of [5, 10, 50, 100, 150, 200]) {
    for (const [place, spanOf] of Object.entries(PLACES)) {
      const [from, to] = spanOf(length);
      if (to - from < 3) continue;
      for (const withOthers of [false, true]) {
        const counts = { lower: 0, higher: 0, plain19: 0, widened19: 0, judged: 0, asked: 0 };
        curves.forEach((whole, c) => {
          const others = withOthers ? curves.filter((_, other) => other !== c) : [];
          for (let i = 0; i < stretches; i++) {
            const random = generator(seedOf('coverage', length, place, c, i));
            oneStretch(whole, { random, length, span: [from, to], others }, counts);
          }
        });
        const share = (count: number) => (counts.judged ? (count / counts.judged).toFixed(3) : '  -  ');
        console.log(
          `  ${String(length).padStart(4)}  ${place.padEnd(18)}  ${withOthers ? 'clip, else others' : 'clip alone       '}` +
            `  ${share(counts.lower)}  ${share(counts.higher)}  ${share(counts.plain19)}  ${share(counts.widened19)}  ${(counts.judged / counts.asked).toFixed(2)}`,
        );
      }
    }
  }
}

function oneStretch(
  whole: Float64Array,
  {
    random,
    length,
    span: [from, to],
    others,
  }: {
    readonly random: Random;
    readonly length: number;
    readonly span: readonly [number, number];
    readonly others: readonly Float64Array[];
  },
  counts: {
    lower: number;
    higher: number;
    plain19: number;
    widened19: number;
    judged: number;
    asked: number;
  },
): void {
  const frames = to - from;
  const all = whole.filter((value) => !Number.isNaN(value)).subarray(50);
  const at = random.integer(all.length - frames + 1);
  const stretch = mean(all.subarray(at, at + frames));
  // Cut out of what the null knows; where other clips judge, the clip's own mean is over all of it, as it is in use.
  const rest = Float64Array.from([...all.subarray(0, at), ...all.subarray(at + frames)]);
  const known = others.length > 0 && frames > all.length / 7 ? all : rest;
  counts.asked++;
  if (known.length <= 200) return;
  // The first second is left out by the null itself: it is put back in front.
  const clean = Float64Array.from([...known.subarray(0, 50), ...known]);
  const start = Math.min(START, Math.max(50, clean.length - to));
  const window = { start, end: start + length };
  const curve = clean.map((loss) => loss - loss);
  const kinds = otherMusic({ curve, clean, window, reach: ENCODEC_REACH, others }, UNRELATED);
  if ('why' in kinds) return;
  const kind = kinds.find(({ longest }) => frames <= longest);
  if (kind === undefined || start + to > clean.length) return;
  counts.judged++;
  const here = (values: Float64Array): number => mean(values.subarray(start + from, start + to));
  const draws = Array.from({ length: 99 }, () => here(kind.draw(random)));
  const values = widened(draws, frames, kind);
  const delta = stretch - here(clean);
  if (delta < quantile(values, 0.05)) counts.lower++;
  if (delta > quantile(values, 0.95)) counts.higher++;
  // As the psychometric detectors have it, either side counting half.
  const first = draws.slice(0, 19);
  if (isOutside(delta, first)) counts.plain19 += 0.5;
  if (isOutside(delta, widened(first, frames, kind))) counts.widened19 += 0.5;
}

function isOutside(value: number, others: readonly number[]): boolean {
  return value < Math.min(...others) || value > Math.max(...others);
}

const [what, ...rest] = process.argv.slice(2);
if (what === 'peak') peaks(Number(rest[0] ?? 2000));
else if (what === 'coverage' && rest[0]) coverage(readScores(rest[0]), Number(rest[1] ?? 60));
else console.log('give `peak [simulations]` or `coverage SCORES.jsonl [stretches]`');
