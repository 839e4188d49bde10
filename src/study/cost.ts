// What a run will cost, estimated before it begins: passes counted, seconds measured on this machine with one pass each.

import { codesOf, sampleOfSeconds } from '../audio/codes.js';
import { encode, formatOf } from '../loss/encode.js';
import { score } from '../loss/loss.js';
import type { Model } from '../models/model.js';
import { samplesOf } from '../perturb/place.js';
import { generator, seedOf } from '../stats/random.js';
import { codeOf } from '../symbolic/note_code.js';
import type { Variant } from './grid.js';
import { type ClipJob, cellsOf, type Job, type StudyModel } from './plan.js';

/** Passes of one model. */
export interface Passes {
  readonly model: StudyModel;
  readonly cells: number;
  readonly clips: number;
  readonly encodes: number;
  readonly scores: number;
  /** The same in whole clips: where `until` ends scoring, a version is less than one. */
  readonly wholeEncodes: number;
  readonly wholeScores: number;
}

/** What a version's share of a clip depends on. */
export interface CostOptions {
  /** Seconds of the clips. Default 15. */
  readonly lengthSeconds?: number | undefined;
  /** See Study. */
  readonly until?: number | undefined;
}

export interface Cost {
  /** Seconds if nothing were used twice: the run itself is faster, the more the later the windows are. */
  readonly seconds: number;
  readonly bytes: number;
}

/** Counts the passes of jobs by model. */
export function passesOf(jobs: readonly Job[], options: CostOptions = {}): Passes[] {
  const clips = jobs.filter((job) => job.kind === 'clip');
  const models = [...new Set(clips.map(({ model }) => model))];
  return models.map((model) => {
    const own = clips.filter((job) => job.model === model);
    const cells = own.flatMap(cellsOf);
    const shares = new Map<Variant, number>();
    const shareIn = (variant: Variant | undefined): number => {
      if (variant === undefined) return 1;
      const share = shares.get(variant) ?? shareOf(variant, model, options);
      shares.set(variant, share);
      return share;
    };
    const versions = own.flatMap((job) => [...variantsIn(job)]);
    return {
      model,
      cells: cells.length,
      clips: new Set(own.map(({ item }) => item.name)).size,
      encodes: own.length + versions.length,
      scores: cells.length,
      wholeEncodes: own.length + versions.reduce((sum, variant) => sum + shareIn(variant), 0),
      wholeScores: cells.reduce((sum, { variant }) => sum + shareIn(variant), 0),
    };
  });
}

/** How much of a clip a version is scored of; all where its window is not known before the clip is. */
function shareOf(
  { perturbations, edit }: Variant,
  { model }: StudyModel,
  { until, lengthSeconds = LENGTH }: CostOptions,
): number {
  // Of notes a part costs about as much as the whole: one pass reads all of it.
  if (until === undefined || edit || perturbations.length === 0 || !model.codec) return 1;
  const { clock } = model.codec;
  const whole = sampleOfSeconds(clock, lengthSeconds);
  const ends = perturbations.map(({ at = { tokens: 0 }, length }) =>
    'draw' in at || length === undefined
      ? whole
      : samplesOf(at, clock, 'start') + samplesOf(length, clock, 'length'),
  );
  return Math.min(1, (Math.max(...ends) + sampleOfSeconds(clock, until)) / whole);
}

function versionsIn(job: ClipJob): number {
  return variantsIn(job).size;
}

function variantsIn(job: ClipJob): ReadonlySet<Variant> {
  return new Set(cellsOf(job).flatMap(({ variant }) => variant ?? []));
}

/** Seconds of a clip whose length is not known. */
const LENGTH = 15;

/** Passes that a map costs, most of them short; and a comparison of two models on a clip, without the loading. */
const MAP_PASSES = 3;
const PARITY_PASSES = 8;

/** Roughly how much a job costs, in passes over a clip: what shards are balanced by. */
export function weightOf(job: Job): number {
  if (job.kind === 'parity') return PARITY_PASSES * job.items.length;
  const cells = cellsOf(job).length;
  return 1 + versionsIn(job) + cells + MAP_PASSES * (job.tasks.length - cells);
}

/** Seconds and bytes for the passes, by one measured encode and score of noise as long as the study's excerpt. */
export async function costOf(passes: readonly Passes[], lengthSeconds = LENGTH): Promise<Cost> {
  let seconds = 0;
  let bytes = 0;
  for (const { model, wholeEncodes, wholeScores } of passes) {
    const {
      encode: encodeSeconds,
      score: scoreSeconds,
      codes,
    } = await timePasses(model.model, lengthSeconds);
    seconds += wholeEncodes * encodeSeconds + wholeScores * scoreSeconds;
    // Losses and entropies hardly compress; codes take log2(V) of their 32 bits.
    bytes += wholeScores * codes * (8 + Math.log2(model.model.codebookSize) / 8) * 1.1;
  }
  return { seconds, bytes };
}

/** Seconds of one encode and one full score, sessions loaded before. */
async function timePasses(model: Model, lengthSeconds: number) {
  if (!model.codec) return timeNotes(model, lengthSeconds);
  const { sampleRate } = formatOf(model);
  const random = generator(seedOf('cost'));
  const noise = Float32Array.from(
    { length: Math.round(lengthSeconds * sampleRate) },
    () => 0.2 * random.uniform() - 0.1,
  );
  const clip = { name: 'noise', sampleRate, channels: [noise] };
  const short = { ...clip, channels: [noise.subarray(0, 2 * sampleRate)] };
  await score(model, await encode(model, short));
  const start = Date.now();
  const codes = await encode(model, clip);
  const between = Date.now();
  await score(model, codes);
  return {
    encode: (between - start) / 1000,
    score: (Date.now() - between) / 1000,
    codes: codes.codebooks * codes.frames,
  };
}

/** Notes a second of a full arrangement. */
const DENSE = 8;

/** Seconds of one full score of notes; there is nothing to encode. */
async function timeNotes(model: Model, lengthSeconds: number) {
  const count = Math.max(2, Math.round(DENSE * lengthSeconds));
  const rows = Array.from({ length: count }, (_, i) => [
    codeOf({ instrument: 0, pitch: 40 + (i % 40), velocity: 8 }),
    12 * i,
    20,
  ]);
  const codes = codesOf([0, 1, 2].map((k) => rows.map((note) => note[k])));
  await score(model, codes);
  const start = Date.now();
  await score(model, codes);
  return { encode: 0, score: (Date.now() - start) / 1000, codes: codes.codebooks * codes.frames };
}
