// What does a battery cost beside the bare model? Runs studies/battery.yaml on the first clips, without a disk, and beside it
// times what the model alone takes for them: a plain encode and score for each version, the round trip of three seconds, and
// the music that it draws. What is left is making the sounds (codecs, resampling, stretching) and the study itself.
//   npx tsx bench/battery.ts [--clips 1] [--threads 1]

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Clip } from '../src/audio/clip.js';
import { encode, formatOf } from '../src/loss/encode.js';
import { generate } from '../src/loss/generate.js';
import { score } from '../src/loss/loss.js';
import { roundTrip } from '../src/loss/round_trip.js';
import { openLibrary } from '../src/node/dataset.js';
import { openNamedModel } from '../src/node/open.js';
import { disturb } from '../src/probe/probe.js';
import { generator, seedOf } from '../src/stats/random.js';
import { memoryStore } from '../src/study/memory_store.js';
import { type ClipJob, cellsOf, planStudy } from '../src/study/plan.js';
import { runStudy } from '../src/study/run.js';
import { parseStudy } from '../src/study/spec.js';
import { type Cost, plus, timed } from './measure.js';

const FILE = fileURLToPath(new URL('../studies/battery.yaml', import.meta.url));
/** Passes that one is the mean of. */
const RUNS = 10;
const WORDS = {
  plain: 'a plain encode and score',
  trip: 'a round trip',
  drawing: 'drawing a clip',
} as const;

const { values } = parseArgs({
  options: { clips: { type: 'string', default: '1' }, threads: { type: 'string', default: '1' } },
});
const model = await openNamedModel({ model: 'tiny', threads: Number(values.threads) });
const study = parseStudy(readFileSync(FILE, 'utf8'), FILE);
const library = openLibrary({
  folder: path.dirname(FILE),
  warn: (line) => {
    throw new Error(line);
  },
});
const planned = await planStudy(study, {
  library,
  models: [{ spec: { name: 'tiny', model: 'tiny' }, model, condition: {} }],
});
const jobs = planned.jobs.filter((job): job is ClipJob => job.kind === 'clip').slice(0, Number(values.clips));
const clip = await library.clip(jobs[0].item, { format: formatOf(model), excerpt: study.excerpt });
const codes = await encode(model, clip);
await score(model, codes);
await roundTrip(model, codes, 3);

const jobCells = jobs.flatMap(cellsOf);
const variants = [...new Set(jobCells.flatMap(({ variant }) => variant ?? []))];
const store = memoryStore();
await store.writePlan(planned.plan);
// Before the run and after it, so that what else the machine does weighs on both.
const before = await parts();
const [making] = await timed(async () => {
  for (const { perturbations } of variants) await disturb(model, clip, perturbations, { otherClip });
});
const [run] = await timed(() => runStudy({ ...planned, jobs }, { library, store }));
const after = await parts();
await model.close();

const n = jobCells.length;
const drawn = variants.filter(({ perturbations: [{ kind }] }) => kind === 'generated').length;
const seconds = ({ wall, cpu }: Cost): string => `${wall.toFixed(2)} s (CPU ${cpu.toFixed(2)})`;
console.log(
  `${jobs.length} clips of ${study.excerpt.length} s, ${n} versions, ${drawn} of a clip's drawn by the model`,
);
for (const name of ['plain', 'trip', 'drawing'] as const)
  console.log(`${WORDS[name]}: ${seconds(half(plus(before[name], after[name])))}`);
console.log(`making all versions of a clip: ${seconds(making)}`);
console.log(`the run: ${seconds(run)}`);
for (const clock of ['wall', 'cpu'] as const) {
  const of = (name: keyof typeof WORDS): number => (before[name][clock] + after[name][clock]) / 2;
  const passes = n * of('plain');
  const others = n * of('trip') + jobs.length * drawn * of('drawing');
  console.log(
    `${clock}: ${(run[clock] / (passes + others)).toFixed(2)} of what the model alone takes (${(passes + others).toFixed(1)} s); ` +
      `without round trips and drawing ${((run[clock] - others) / passes).toFixed(2)} plain passes a version`,
  );
}

async function parts(): Promise<Readonly<Record<keyof typeof WORDS, Cost>>> {
  return {
    plain: await average(async () => score(model, await encode(model, clip))),
    trip: await average(() => roundTrip(model, codes, study.battery?.roundTrip ?? 0)),
    drawing: (await timed(draw))[0],
  };
}

function draw(): Promise<unknown> {
  return generate(model, { frames: codes.frames, randoms: [generator(seedOf('battery'))] });
}

async function otherClip(name: string): Promise<Clip> {
  const item = planned.items.get(name);
  if (!item) throw new Error(`${name} is no clip of the study`);
  return library.clip(item, { format: formatOf(model), excerpt: study.excerpt });
}

async function average(task: () => Promise<unknown>): Promise<Cost> {
  const [cost] = await timed(async () => {
    for (let i = 0; i < RUNS; i++) await task();
  });
  return { wall: cost.wall / RUNS, cpu: cost.cpu / RUNS };
}

function half({ wall, cpu }: Cost): Cost {
  return { wall: wall / 2, cpu: cpu / 2 };
}
