// Sensitivity map: one short disturbance at every position of a clip, and how the model reacts there. Each probe is
// encoded and scored from a little before its onset to a little after its end, on what the clean clip keeps: to the
// bits that a whole probe would have there.

import { type Clip, sampleCount, stem } from '../audio/clip.js';
import {
  type Codes,
  type FrameClock,
  frameOfSample,
  framesOf,
  sampleOfFrame,
  secondsOfFrame,
  termsOf,
} from '../audio/codes.js';
import { rms, SILENCE_DBFS } from '../audio/spectrum.js';
import { counted, verb } from '../counted.js';
import { meanByFrame } from '../loss/means.js';
import { codecOf, type Model } from '../models/model.js';
import { perturb } from '../perturb/apply.js';
import type { Event, Level, NoisePerturbation } from '../perturb/perturbation.js';
import { reactionNull, reactionOf } from '../regions/reaction.js';
import { frontier } from '../regions/region.js';
import { ahead } from './ahead.js';
import { compare } from './compare.js';
import { MAP_DEFAULTS, type MapForm, type MapPoint, type SensitivityMap } from './map_record.js';
import { type CleanClip, clipInfo, provenanceOf, reachOf } from './probe.js';
import type { ClipInfo } from './record.js';

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

/** Hears of each position that is done, and how many there are. */
export type OnPoint = (done: number, of: number) => void;

/** Maps a clip by short noises. `onPoint` is called after each position, with the number of positions. */
export async function sensitivityMap(
  model: Model,
  clean: CleanClip,
  options: MapOptions = {},
  onPoint?: OnPoint,
): Promise<SensitivityMap> {
  const { length, level, seed } = { ...MAP_DEFAULTS, ...options };
  const { clip } = clean;
  const { clock } = codecOf(model);
  const noiseAt = (start: number): NoisePerturbation => ({
    kind: 'noise',
    color: 'white',
    at: { tokens: start },
    length: { tokens: length },
    level,
    seed,
  });
  const mapped: Mapped = {
    ...{ clean, clock, name: clip.name, clip: clipInfo(clip, options) },
    words: { what: 'white noise', how: `${inWords(level)}, seed ${seed}` },
    envelope: envelopeOf(clip, clock),
    isSilent: (start) => level === 'match' && isSilent(clip, start, length, clock),
    async versions(places) {
      const made = places.map(({ start }) => perturb(clip, noiseAt(start), clock));
      const encoded = await clean.encoding.encode(
        made.map(({ clip: { channels } }, i) => ({ channels, end: places[i].end })),
      );
      return made.map(({ event }, i) => ({ event, codes: encoded[i] }));
    },
  };
  return mapOf(model, mapped, { options, ...(onPoint && { onPoint }) });
}

/** What is mapped, sound or notes, and how versions of it are made. */
export interface Mapped {
  readonly name: string;
  readonly clip: ClipInfo;
  readonly clean: Pick<CleanClip, 'scored' | 'scoring' | 'condition'>;
  readonly clock: FrameClock;
  /** What is done, and how. */
  readonly words: { readonly what: string; readonly how: string };
  /** [T] how loud the clip is, for its picture. */
  readonly envelope: Float64Array;
  isSilent(start: number): boolean;
  /** The clip disturbed at each place; codes from frame `end` on are not looked at. */
  versions(
    places: readonly { readonly start: number; readonly end: number }[],
  ): Promise<readonly { readonly codes: Codes; readonly event: Event }[]>;
}

/** The map of whatever can be disturbed at a place. */
export async function mapOf(
  model: Model,
  mapped: Mapped,
  { options, onPoint = () => undefined }: { readonly options: MapOptions; readonly onPoint?: OnPoint },
): Promise<SensitivityMap> {
  const { every, length, tail, from, seed } = { ...MAP_DEFAULTS, ...options };
  const { name, clean, clock, words } = mapped;
  const { scored } = clean;
  const { protocol } = scored.loss;
  const reach = reachOf(model, protocol);
  const { lag } = reach;
  const places = positionsOf(mapped, { every, length, tail, from, lag });
  const silent = places.filter((start) => mapped.isSilent(start));
  const starts = places.filter((start) => !silent.includes(start));
  if (starts.length === 0) {
    throw new Error(
      `${name}: silent at every position, there is no level to match; give one (--level -20dB)`,
    );
  }
  const names = [seed, stem({ name }), 'map'];
  const chances = reactionNull(scored.byFrame, { length, reach, seed: names });
  const points: MapPoint[] = [];
  const groups = Array.from({ length: Math.ceil(starts.length / GROUP) }, (_, i) =>
    starts.slice(i * GROUP, (i + 1) * GROUP),
  );
  // One group is encoded while another is scored: two sessions at work.
  const probes = ahead(groups, (group) =>
    // The last codebooks of a frame are predicted when the first ones of later frames are known.
    mapped.versions(group.map((start) => ({ start, end: start + length + tail + lag }))),
  );
  for await (const { item: group, outcome: made } of probes) {
    if ('error' in made) throw made.error;
    const versions = made.value;
    // The next probe waits at the session while this one is looked at.
    const probed = ahead([...group.entries()], ([j, start]) =>
      clean.scoring.score(versions[j].codes, { end: start + length + tail }),
    );
    for await (const {
      item: [j, start],
      outcome,
    } of probed) {
      if ('error' in outcome) throw outcome.error;
      const window = { start, end: start + length };
      const compared = compare({
        clean: scored,
        disturbed: { codes: versions[j].codes, loss: outcome.value },
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
  const { position } = termsOf(clock);
  return {
    provenance: provenanceOf(model, { protocol, condition: clean.condition }),
    clip: mapped.clip,
    clock,
    disturbance: `${words.what}, ${counted(length, position)} every ${counted(every, position)} from ${position} ${from} on, ${words.how}`,
    every,
    length,
    tail,
    clean: { frames: scored.codes.frames, mean: scored.mean, byFrame: scored.byFrame },
    ...(clock.times ? {} : { choices: model.codebookSize }),
    entropy: meanByFrame({ ...scored.loss, values: clean.scoring.loss.entropy }),
    envelope: mapped.envelope,
    points,
    silent,
    ...('why' in chances ? { uncalibrated: chances.why } : { calibration: chances.calibration }),
  };
}

/** Every position whose disturbance and tail lie where the loss is defined. */
function positionsOf(
  { name, words, clock, clean: { scored } }: Mapped,
  options: Pick<MapForm, 'every' | 'length' | 'tail' | 'from'> & { readonly lag: number },
): number[] {
  const { every, length, tail, from, lag } = options;
  const least = { every: 1, length: 1, tail: 0, from: 0 };
  for (const field of ['every', 'length', 'tail', 'from'] as const) {
    if (!(Number.isInteger(options[field]) && options[field] >= least[field])) {
      throw new Error(
        `map: ${field} is ${options[field]}, expected a whole number of tokens, at least ${least[field]}`,
      );
    }
  }
  const { frames } = scored.codes;
  const { position } = termsOf(clock);
  const room = frames - lag - length - tail - from;
  if (room < 0) {
    throw new Error(
      `${name}: ${counted(frames, position)} ${verb(frames, 'leaves', 'leave')} no room for ${counted(length, position)} of ${words.what} from ${position} ${from} on and ${tail} after ` +
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
