// Sensitivity map: one short disturbance at every position of a clip, and how the model reacts there. Each probe is
// encoded and scored from a little before its onset to a little after its end, on what the clean clip keeps: to the
// bits that a whole probe would have there.

import { type Clip, sampleCount, stem } from '../audio/clip.js';
import { type FrameClock, frameOfSample, framesOf, sampleOfFrame, secondsOfFrame } from '../audio/codes.js';
import { rms, SILENCE_DBFS } from '../audio/spectrum.js';
import { meanByFrame } from '../loss/means.js';
import { codecOf, type Model } from '../models/model.js';
import { perturb } from '../perturb/apply.js';
import type { Level, NoisePerturbation } from '../perturb/perturbation.js';
import { reactionNull, reactionOf } from '../regions/reaction.js';
import { frontier } from '../regions/region.js';
import { ahead } from './ahead.js';
import { compare } from './compare.js';
import { MAP_DEFAULTS, type MapForm, type MapPoint, type SensitivityMap } from './map_record.js';
import { type CleanClip, clipInfo, provenanceOf, reachOf } from './probe.js';

/** Probes whose versions of the clip are held at a time. */
const GROUP = 12;

/** Default: MAP_DEFAULTS. */
export interface MapOptions extends Partial<MapForm> {
  /** Human title and group of the clip, for reports. */
  readonly title?: string;
  readonly group?: string;
  /** Seconds of the file before the clip. */
  readonly offset?: number | undefined;
}

/** Maps a clip. `onPoint` is called after each position, with the number of positions. */
export async function sensitivityMap(
  model: Model,
  clean: CleanClip,
  options: MapOptions = {},
  onPoint: (done: number, of: number) => void = () => undefined,
): Promise<SensitivityMap> {
  const { every, length, tail, from, level, seed } = { ...MAP_DEFAULTS, ...options };
  const { clip, scored } = clean;
  const { protocol } = scored.loss;
  const reach = reachOf(model, protocol);
  const { lag } = reach;
  const { clock } = codecOf(model);
  const places = positionsOf(clean, { every, length, tail, from, lag });
  const silent = level === 'match' ? places.filter((start) => isSilent(clip, start, length, clock)) : [];
  const starts = places.filter((start) => !silent.includes(start));
  if (starts.length === 0) {
    throw new Error(
      `${clip.name}: silent at every position, there is no level to match; give one (--level -20dB)`,
    );
  }
  const noiseAt = (start: number): NoisePerturbation => ({
    kind: 'noise',
    color: 'white',
    at: { tokens: start },
    length: { tokens: length },
    level,
    seed,
  });
  const names = [seed, stem(clip), 'map'];
  const chances = reactionNull(scored.byFrame, { length, reach, seed: names });
  const points: MapPoint[] = [];
  const groups = Array.from({ length: Math.ceil(starts.length / GROUP) }, (_, i) =>
    starts.slice(i * GROUP, (i + 1) * GROUP),
  );
  // One group is encoded while another is scored: two sessions at work.
  const probes = ahead(groups, async (group) => {
    const versions = group.map((start) => perturb(clip, noiseAt(start), clock));
    // The last codebooks of a frame are predicted when the first ones of later frames are known.
    const ends = group.map((start) => start + length + tail + lag);
    const encoded = await clean.encoding.encode(
      versions.map(({ clip: { channels } }, i) => ({ channels, end: ends[i] })),
    );
    return { versions, encoded };
  });
  for await (const { item: group, outcome: made } of probes) {
    if ('error' in made) throw made.error;
    const { versions, encoded } = made.value;
    // The next probe waits at the session while this one is looked at.
    const probed = ahead([...group.entries()], ([j, start]) =>
      clean.scoring.score(encoded[j], { end: start + length + tail }),
    );
    for await (const {
      item: [j, start],
      outcome,
    } of probed) {
      if ('error' in outcome) throw outcome.error;
      const window = { start, end: start + length };
      const compared = compare({
        clean: scored,
        disturbed: { codes: encoded[j], loss: outcome.value },
        ...{ events: [versions[j].event], window, clock },
      });
      const delta = compared.delta.mean;
      const reaction = reactionOf(delta, window, reach);
      const first = frontier(window, reach);
      points.push({
        start,
        seconds: secondsOfFrame(clock, start),
        ...reaction,
        ...('why' in chances ? {} : { chance: chances.chanceOf(reaction.peak) }),
        levelDbfs: versions[j].event.levelDbfs ?? Number.NaN,
        changed: compared.changed.inside,
        delta: { from: first, values: delta.slice(first, window.end + tail) },
      });
      onPoint(points.length, starts.length);
    }
  }
  return {
    provenance: provenanceOf(model, { protocol, condition: clean.condition }),
    clip: clipInfo(clip, options),
    clock,
    disturbance: `white noise, ${length} tokens every ${every} tokens from token ${from} on, ${inWords(level)}, seed ${seed}`,
    every,
    length,
    tail,
    clean: { frames: scored.codes.frames, mean: scored.mean, byFrame: scored.byFrame },
    entropy: meanByFrame({ ...scored.loss, values: clean.scoring.loss.entropy }),
    envelope: envelopeOf(clip, clock),
    points,
    silent,
    ...('why' in chances ? { uncalibrated: chances.why } : { calibration: chances.calibration }),
  };
}

/** Every position whose disturbance and tail lie where the loss is defined. */
function positionsOf(
  { clip, scored }: CleanClip,
  options: Pick<MapForm, 'every' | 'length' | 'tail' | 'from'> & { readonly lag: number },
): number[] {
  const { every, length, tail, from, lag } = options;
  const least = { every: 1, length: 1, tail: 0, from: 0 };
  for (const name of ['every', 'length', 'tail', 'from'] as const) {
    if (!(Number.isInteger(options[name]) && options[name] >= least[name])) {
      throw new Error(
        `map: ${name} is ${options[name]}, expected a whole number of tokens, at least ${least[name]}`,
      );
    }
  }
  const { frames } = scored.codes;
  const room = frames - lag - length - tail - from;
  if (room < 0) {
    throw new Error(
      `${clip.name}: ${frames} tokens leave no room for ${length} tokens of noise from token ${from} on and ${tail} after ` +
        'them; map a longer clip, start earlier (--from), or score less after them (--tail)',
    );
  }
  return Array.from({ length: Math.floor(room / every) + 1 }, (_, i) => from + i * every);
}

/** Whether noise would have no level to match. */
function isSilent(clip: Clip, start: number, length: number, clock: FrameClock): boolean {
  const place = { start: sampleOfFrame(clock, start), end: sampleOfFrame(clock, start + length) };
  return 20 * Math.log10(rms(clip.channels, place)) < SILENCE_DBFS;
}

function inWords(level: Level): string {
  return level === 'match' ? 'level match' : `level ${level.dbfs} dBFS`;
}

/** [T] largest |sample| of each frame over the channels. */
function envelopeOf(clip: Clip, clock: FrameClock): Float64Array {
  const envelope = new Float64Array(framesOf(clock, sampleCount(clip)));
  for (const channel of clip.channels) {
    channel.forEach((sample, i) => {
      const frame = frameOfSample(clock, i);
      envelope[frame] = Math.max(envelope[frame], Math.abs(sample));
    });
  }
  return envelope;
}
