// Other sound in the window: another clip's music, the clip's own after a round trip through the codec, nothing.
// The other sounds are handed in as clips, so that disturbing needs neither files nor a model.

import { type Clip, cutTo, sampleCount } from '../audio/clip.js';
import type { FrameClock } from '../audio/codes.js';
import { throughLossy } from '../audio/lossy.js';
import { rmsDbfs } from '../audio/spectrum.js';
import { counted } from '../counted.js';
import { type Content, musicIn, putIn } from './content.js';
import type { GeneratedDamage, LossyDamage } from './damage.js';
import { faded } from './join.js';
import type { ForeignPerturbation, Perturbation, Place, ReencodePerturbation } from './perturbation.js';
import { axisOf, placeOf, samplesOf } from './place.js';
import { fadeOf } from './reorder.js';

/** Sound from outside the clip, at its rate and with as many channels. */
export interface Material {
  /** Other clips by the name that the perturbation calls them. */
  readonly clips?: ReadonlyMap<string, Clip>;
  /** Samples of another clip before what `clips` has of it, where that is a stretch of it; absent: 0. */
  readonly skipped?: ReadonlyMap<string, number>;
  /** The clip itself, encoded and decoded again: once, twice, ...; at least as long (codecs return whole frames). */
  readonly roundTrips?: readonly Clip[];
  /** The clip itself after lossy codecs, by lossyName. */
  readonly lossy?: ReadonlyMap<string, Clip>;
  /** What the model drew, at least as long as the clip, by drawnName. */
  readonly generated?: ReadonlyMap<string, Clip>;
}

/** Where material comes from. */
export interface Sources {
  /** Of the clip's codes. */
  readonly clock: FrameClock;
  /** The stretch [start, end) of a clip by its name, in samples at the codec's rate (see stretchOf). */
  clip?(name: string, stretch: Place): Promise<Clip>;
  /** Encodes and decodes a clip. */
  roundTrip?(clip: Clip): Promise<Clip>;
  /** Draws music as long as the clip, or longer, from nothing. */
  generate?(clip: Clip, drawing: GeneratedDamage): Promise<Clip>;
}

/** Fetches what the perturbations of a clip need, each thing once. @throws when a source is missing or fails. */
export async function materialFor(
  clip: Clip,
  perturbations: readonly Perturbation[],
  sources: Sources,
): Promise<Material> {
  const clips = new Map<string, Clip>();
  const skipped = new Map<string, number>();
  for (const [name, stretch] of stretchesFor(clip, perturbations, sources.clock)) {
    if (!sources.clip)
      throw new Error(`${clip.name}: no source of other clips was given to splice in ${name}`);
    clips.set(name, await sources.clip(name, stretch));
    skipped.set(name, stretch.start);
  }
  const lossy = new Map<string, Clip>();
  for (const each of perturbations) {
    if (each.kind !== 'lossy' || lossy.has(lossyName(each))) continue;
    lossy.set(lossyName(each), (await throughLossy(clip, each)).clip);
  }
  const roundTrips = await roundTripsOf(clip, perturbations, sources);
  return { clips, skipped, roundTrips, lossy, generated: await drawnFor(clip, perturbations, sources) };
}

/** Of every other clip the stretch that holds all that the perturbations take of it. */
function stretchesFor(
  clip: Clip,
  perturbations: readonly Perturbation[],
  clock: FrameClock,
): ReadonlyMap<string, Place> {
  const stretches = new Map<string, Place>();
  for (const each of perturbations) {
    if (!('clip' in each)) continue;
    const place = placeOf(axisOf(clip), each, clock);
    const { start, end } = each.kind === 'foreign' ? placeInOther(each, place, clock) : place;
    const known = stretches.get(each.clip) ?? { start, end };
    stretches.set(each.clip, { start: Math.min(known.start, start), end: Math.max(known.end, end) });
  }
  return stretches;
}

/** Where in the other clip a foreign splice takes its music. */
function placeInOther({ from }: ForeignPerturbation, { start, end }: Place, clock: FrameClock): Place {
  const first = samplesOf(from, clock, 'start in the other clip');
  return { start: first, end: first + end - start };
}

/** "mp3 64": what came out of a codec is called in materials. */
function lossyName({ codec, bitrate }: Pick<LossyDamage, 'codec' | 'bitrate'>): string {
  return `${codec} ${bitrate}`;
}

async function drawnFor(
  clip: Clip,
  perturbations: readonly Perturbation[],
  { generate }: Sources,
): Promise<ReadonlyMap<string, Clip>> {
  const drawn = new Map<string, Clip>();
  for (const each of perturbations) {
    if (each.kind !== 'generated' || drawn.has(drawnName(each))) continue;
    if (!generate) throw new Error(`${clip.name}: no model was given that draws music`);
    drawn.set(drawnName(each), cutTo(await generate(clip, each), sampleCount(clip)));
  }
  return drawn;
}

/** What the model drew is called in materials by all that it was drawn with. */
function drawnName({ temperature, topk, seed }: GeneratedDamage): string {
  return [temperature, topk, seed].join(' ');
}

/** As many round trips as any of them asks for, each of what the one before gave, cut to the clip's length. */
async function roundTripsOf(
  clip: Clip,
  perturbations: readonly Perturbation[],
  { roundTrip }: Sources,
): Promise<Clip[]> {
  const most = Math.max(0, ...perturbations.map((p) => (p.kind === 'reencode' ? (p.times ?? 1) : 0)));
  const trips: Clip[] = [];
  for (let last = clip; trips.length < most; ) {
    if (!roundTrip) throw new Error(`${clip.name}: no codec was given for the round trip`);
    last = cutTo(await roundTrip(last), sampleCount(clip));
    trips.push(last);
  }
  return trips;
}

/** Another clip's music. @throws when it is missing, of another format, too short, or silent where a level is asked. */
export function foreign(
  clip: Clip,
  perturbation: ForeignPerturbation,
  place: Place,
  { clock, material }: { clock: FrameClock; material: Material },
): Content {
  const { clip: name, level, fade } = perturbation;
  const sound = borrowedFrom(clip, name, placeInOther(perturbation, place, clock), material);
  const content: Content =
    level === 'own'
      ? { channels: sound, levelDbfs: rmsDbfs(sound) }
      : putIn(clip, sound, place, { level, what: `the music of ${name}` });
  const length = fadeOf(clip.name, fade, place.end - place.start, clock);
  const channels = content.channels.map((channel, c) => faded(channel, clip.channels[c], place, length));
  return { ...content, channels };
}

/** A stretch of another clip by its name. @throws when it was not handed in, is of another format, or too short. */
export function borrowedFrom(
  clip: Clip,
  name: string,
  { start, end }: Place,
  { clips, skipped }: Pick<Material, 'clips' | 'skipped'>,
): Float32Array[] {
  const other = clips?.get(name);
  if (!other) throw new Error(`${clip.name}: the clip to splice in, ${name}, was not handed in`);
  const before = skipped?.get(name) ?? 0;
  return borrowed(clip, other, { start: start - before, end: end - before });
}

/** A stretch of a clip that is held whole. @throws when the clip ends before it. */
export function stretchOf(clip: Clip, { start, end }: Place): Clip {
  const samples = sampleCount(clip);
  if (end > samples) {
    throw new Error(
      `${clip.name}: samples [${start}, ${end}) are asked for, but it has only ${samples}; start earlier, or take less`,
    );
  }
  return { ...clip, channels: clip.channels.map((channel) => channel.slice(start, end)) };
}

/** The clip's own music after round trips through the codec; after none it is itself. */
export function reencoded(
  clip: Clip,
  { times = 1 }: ReencodePerturbation,
  place: Place,
  roundTrips: Material['roundTrips'],
): Content {
  if (times === 0) return { channels: musicIn(clip, place) };
  const roundTrip = roundTrips?.[times - 1];
  if (!roundTrip) {
    throw new Error(
      `${clip.name}: its round trip through the codec was not handed in; only a model can make it`,
    );
  }
  return { channels: borrowed(clip, roundTrip, place) };
}

/** The clip's own music after a lossy codec. */
export function lossyPart(clip: Clip, damage: LossyDamage, place: Place, lossy: Material['lossy']): Content {
  const coded = lossy?.get(lossyName(damage));
  if (!coded) throw new Error(`${clip.name}: its sound after ${lossyName(damage)} kbit/s was not handed in`);
  return { channels: borrowed(clip, coded, place) };
}

/** What the model drew in the window's time. */
export function generatedPart(
  clip: Clip,
  damage: GeneratedDamage,
  place: Place,
  generated: Material['generated'],
): Content {
  const drawn = generated?.get(drawnName(damage));
  if (!drawn)
    throw new Error(`${clip.name}: what the model draws was not handed in; only a model can make it`);
  return { channels: borrowed(clip, drawn, place) };
}

/** Zeros. */
export function silence(clip: Clip, place: Place): Content {
  return { channels: musicIn(clip, place).map((channel) => new Float32Array(channel.length)) };
}

/** A copy of a stretch of another clip. */
function borrowed(clip: Clip, other: Clip, stretch: Place): Float32Array[] {
  if (other.sampleRate !== clip.sampleRate || other.channels.length !== clip.channels.length) {
    throw new Error(
      `${other.name}: ${counted(other.channels.length, 'channel')} at ${other.sampleRate} Hz, expected ` +
        `${clip.channels.length} at ${clip.sampleRate} Hz as in ${clip.name}; convert it first`,
    );
  }
  return [...stretchOf(other, stretch).channels];
}
