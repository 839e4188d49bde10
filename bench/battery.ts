// What does a battery cost beside the bare model? Runs studies/battery.yaml on the first clips, without a disk, and beside it
// times its parts: a plain encode and score, the round trip of three seconds, making the sounds (codecs, resampling,
// stretching), and the music that the model draws. Versions that are drawn are counted apart: they have no plain counterpart.
//   npx tsx bench/battery.ts [--clips 1] [--threads 1]

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Clip } from '../src/audio/clip.js';
import { normalise } from '../src/audio/normalise.js';
import { encode, formatOf } from '../src/loss/encode.js';
import { score } from '../src/loss/loss.js';
import { roundTrip } from '../src/loss/round_trip.js';
import { openLibrary } from '../src/node/dataset.js';
import { openNamedModel } from '../src/node/open.js';
import { disturb } from '../src/probe/probe.js';
import { memoryStore } from '../src/study/memory_store.js';
import { type Cell, type ClipJob, cellsOf, planStudy } from '../src/study/plan.js';
import { runStudy } from '../src/study/run.js';
import { parseStudy } from '../src/study/spec.js';
import { type Cost, timed } from './measure.js';

const FILE = fileURLToPath(new URL('../studies/battery.yaml', import.meta.url));
/** Passes that one is the mean of. */
const RUNS = 10;

const { values } = parseArgs({
  options: { clips: { type: 'string', default: '1' }, threads: { type: 'string', default: '1' } },
});
const model = await openNamedModel({ model: 'tiny', threads: Number(values.threads) });
const study = parseStudy(readFileSync(FILE, 'utf8'), FILE);
const { battery } = study;
if (!battery?.loudness || !battery.roundTrip)
  throw new Error(`${FILE}: asks for no loudness or no round trip; there is less to measure`);
const { loudness, roundTrip: seconds } = battery;
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
const all = planned.jobs.filter((job): job is ClipJob => job.kind === 'clip');
const jobs = all.slice(0, Number(values.clips));
const isDrawn = ({ variant }: Cell): boolean => variant?.perturbations[0].kind === 'generated';
const made = partOf((cell) => !isDrawn(cell));
const drawn = partOf(isDrawn);
const variants = [...new Set(cellsOf(made[0]).flatMap(({ variant }) => variant ?? []))];

// What a process loads and compiles once is not counted: another clip is made first.
await making(await clipOf(all[jobs.length].item));
const clip = await clipOf(jobs[0].item);
const codes = await encode(model, clip);
// Before the runs and after them, so that what else the machine does weighs on both.
const before = await parts();
const [makingCost] = await timed(() => making({ ...clip }));
const madeCost = await runOf(made);
const drawnCost = await runOf(drawn);
const after = await parts();
await model.close();

const count = (part: readonly ClipJob[]): number => part.flatMap(cellsOf).length;
const [n, m] = [count(made), count(drawn)];
console.log(
  `${jobs.length} clips of ${study.excerpt.length} s: ${n} versions, the clean ones among them, and ${m} that the model draws`,
);
for (const clock of ['wall', 'cpu'] as const) {
  const of = (name: 'plain' | 'trip'): number => (before[name][clock] + after[name][clock]) / 2;
  const plain = of('plain');
  const times = (cost: number): string => (cost / plain).toFixed(2);
  const each = {
    making: (makingCost[clock] * jobs.length) / n,
    trip: of('trip'),
    whole: madeCost[clock] / n,
  };
  const rest = each.whole - each.making - each.trip;
  console.log(
    `${clock}: a plain encode and score ${plain.toFixed(3)} s; the run of the ${n} ${madeCost[clock].toFixed(1)} s`,
  );
  console.log(
    `  a version ${each.whole.toFixed(3)} s, ${times(each.whole)} plain passes: encoding, scoring and keeping ${times(rest)}, ` +
      `round trip ${times(each.trip)}, making ${times(each.making)}`,
  );
  console.log(
    `  a drawn one ${(drawnCost[clock] / m).toFixed(2)} s, ${times(drawnCost[clock] / m)} plain passes`,
  );
}

/** The jobs with some of their cells. */
function partOf(wanted: (cell: Cell) => boolean): ClipJob[] {
  return jobs.map((job) => ({
    ...job,
    tasks: job.tasks.filter((task) => task.kind === 'score' && wanted(task)),
  }));
}

async function runOf(part: readonly ClipJob[]): Promise<Cost> {
  const store = memoryStore();
  await store.writePlan(planned.plan);
  const [cost] = await timed(() => runStudy({ ...planned, jobs: part }, { library, store }));
  const failed = [...(await store.results()).values()].filter(({ status }) => status === 'failed');
  if (failed.length > 0) throw new Error(`${failed.length} versions failed: their cost would count as none`);
  return cost;
}

async function making(from: Clip): Promise<void> {
  for (const { perturbations } of variants) {
    const { clip: version } = await disturb(model, from, perturbations, { otherClip });
    normalise(version, loudness);
  }
}

async function parts(): Promise<Readonly<Record<'plain' | 'trip', Cost>>> {
  return {
    plain: await average(async () => score(model, await encode(model, clip))),
    trip: await average(() => roundTrip(model, codes, seconds)),
  };
}

async function clipOf(item: ClipJob['item']): Promise<Clip> {
  const read = await library.clip(item, { format: formatOf(model), excerpt: study.excerpt });
  return normalise(read, loudness);
}

async function otherClip(name: string): Promise<Clip> {
  const item = planned.items.get(name);
  if (!item) throw new Error(`${name} is no clip of the study`);
  return library.clip(item, { format: formatOf(model), excerpt: study.excerpt });
}

async function average(task: () => Promise<unknown>): Promise<Cost> {
  await task();
  const [cost] = await timed(async () => {
    for (let i = 0; i < RUNS; i++) await task();
  });
  return { wall: cost.wall / RUNS, cpu: cost.cpu / RUNS };
}
