// What a run will cost, told before it begins: passes counted, seconds measured on this machine with one pass each.

import { encode, formatOf } from '../loss/encode.js';
import { score } from '../loss/loss.js';
import type { Model } from '../models/model.js';
import { generator, seedOf } from '../stats/random.js';
import type { Cell, Job, StudyModel } from './plan.js';

/** Passes of one model. */
export interface Passes {
  readonly model: StudyModel;
  readonly cells: number;
  readonly clips: number;
  readonly encodes: number;
  readonly scores: number;
}

export interface Cost {
  /** Seconds if nothing were used twice: the run itself is faster, the more the later the windows are. */
  readonly seconds: number;
  readonly bytes: number;
}

/** Counts the passes of jobs by model. */
export function passesOf(jobs: readonly Job[]): Passes[] {
  const models = [...new Set(jobs.map(({ model }) => model))];
  return models.map((model) => {
    const own = jobs.filter((job) => job.model === model);
    const cells = own.flatMap((job) => job.cells);
    const versions = own.map((job) => new Set(job.cells.flatMap(({ variant }: Cell) => variant ?? [])).size);
    return {
      model,
      cells: cells.length,
      clips: new Set(own.map(({ item }) => item.name)).size,
      encodes: own.length + versions.reduce((sum, count) => sum + count, 0),
      scores: cells.length,
    };
  });
}

/** Seconds and bytes for the passes, by one measured encode and score of noise as long as the study's excerpt. */
export async function costOf(passes: readonly Passes[], lengthSeconds = 15): Promise<Cost> {
  let seconds = 0;
  let bytes = 0;
  for (const { model, encodes, scores, cells } of passes) {
    const {
      encode: encodeSeconds,
      score: scoreSeconds,
      codes,
    } = await timePasses(model.model, lengthSeconds);
    seconds += encodes * encodeSeconds + scores * scoreSeconds;
    // Losses and entropies hardly compress; codes take log2(V) of their 32 bits.
    bytes += cells * codes * (8 + Math.log2(model.model.codebookSize) / 8) * 1.1;
  }
  return { seconds, bytes };
}

/** Seconds of one encode and one full score, sessions loaded before. */
async function timePasses(model: Model, lengthSeconds: number) {
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
