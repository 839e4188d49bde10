// Subject: one clip in one form, open: encoded once, ready for versions to be made of it and to be scored under several
// protocols. Everything that a job's cells share.

import { type Clip, sampleCount } from '../audio/clip.js';
import { type Codes, codesOf, type FrameClock, framesOf, rowsOf, sampleOfSeconds } from '../audio/codes.js';
import { keeper } from '../audio/kept.js';
import { normalise } from '../audio/normalise.js';
import { counted } from '../counted.js';
import { decode, encode, formatOf, requireEncodable } from '../loss/encode.js';
import { type KeptEncoding, type KeptScoring, keepEncoding, keepScoring } from '../loss/keep.js';
import { roundTrip } from '../loss/round_trip.js';
import { codecOf, type Model } from '../models/model.js';
import type { Event, Perturbation, Span } from '../perturb/perturbation.js';
import { samplesOf } from '../perturb/place.js';
import { stretchOf } from '../perturb/splice.js';
import { type CodesPart, perturbAllCodes } from '../perturb/tokens.js';
import { type Outcome, outcomeOf } from '../probe/ahead.js';
import { type MapOptions, sensitivityMap } from '../probe/map.js';
import type { SensitivityMap } from '../probe/map_record.js';
import { cleanClip, disturb } from '../probe/probe.js';
import { type Window, windowOf } from '../regions/window.js';
import type { ScoreEdit } from '../symbolic/edit.js';
import type { Excerpt, Item, Library } from './dataset.js';
import type { Variant } from './grid.js';
import type { ClipJob } from './plan.js';
import type { BatterySpec } from './spec.js';
import { scoredEnd } from './until.js';

/** A version of the subject, encoded. */
export interface EncodedVersion {
  readonly codes: Codes;
  readonly events: readonly Event[];
  /** Frames [start, end) from the first event's to the last one's. */
  readonly window: Window;
  /** Frames from here on are not scored, and their codes are not this version's; absent: all are. */
  readonly end?: number;
  /** Share of codes that decoding and encoding again changes; absent if not asked for. */
  readonly roundTrip?: number;
}

/** Versions of a subject that are still sound. */
export interface MadeVersions {
  /** Encodes them side by side. */
  encode(): Promise<Outcome<EncodedVersion>[]>;
}

export interface Subject {
  readonly codes: Codes;
  /** Whether rows keep the spread of predictions, which only the scores of a battery need. */
  readonly keepsSpread: boolean;
  /** Of the clean codes; undefined if not asked for. */
  roundTrip(): Promise<number | undefined>;
  /** Makes versions. The outcome of one that cannot be made of this clip is its error. */
  make(variants: readonly Variant[]): Promise<MadeVersions>;
  /** The clean codes scored under a protocol, once; versions are scored on it. */
  scoring(protocol: string): Promise<KeptScoring>;
  /** The clip's map, on the same scoring. @throws of codes that have no sound of their own. */
  map(protocol: string, options: MapOptions): Promise<SensitivityMap>;
  /** Of a version's codes. */
  clock(codes: Codes): FrameClock;
  release(): Promise<void>;
}

export interface SubjectSources {
  readonly library: Library;
  readonly excerpt: Excerpt;
  /** Every clip of the study, by name. */
  readonly items: ReadonlyMap<string, Item>;
  /** What scores need beside the loss; absent: nothing. */
  readonly battery?: BatterySpec;
  /** Seconds after its window up to which a version is scored; absent: to its end. */
  readonly until?: number;
}

/** Reads (or renders, or decodes) a clip and encodes it. */
export async function openSubject(
  job: Pick<ClipJob, 'model' | 'item' | 'form'>,
  sources: SubjectSources,
): Promise<Subject> {
  const { item, form } = job;
  const { model, condition } = job.model;
  const given = item.source.kind === 'codes' ? await excerptOfCodes(model, item, sources) : undefined;
  const clip = leveled(
    given ? await decode(model, given, item.name) : await soundOf(model, item, sources),
    sources,
  );
  // Codes that are disturbed as codes are never encoded; all other clips are, once.
  const encoding = form === 'codes' ? undefined : await keepEncoding(model, clip);
  const codes = encoding?.codes ?? given;
  if (!codes)
    throw new Error(
      `${item.name}: has no codes of its own; only a generated clip is disturbed as codes alone`,
    );
  const scorings = new Map<string, Promise<KeptScoring>>();
  const scoringOf = (protocol: string): Promise<KeptScoring> => {
    const known = scorings.get(protocol) ?? keepScoring(model, codes, { protocol, condition });
    scorings.set(protocol, known);
    return known;
  };
  return {
    codes,
    keepsSpread: sources.battery !== undefined,
    roundTrip: () => roundTripOf(model, codes, sources),
    make: (variants) => makeVersions(variants, { model, item, clip, codes, encoding, sources }),
    scoring: scoringOf,
    async map(protocol, options) {
      if (!encoding) throw new Error(`${item.name}: is there as codes alone; only sound is mapped`);
      const clean = cleanClip(clip, { encoding, scoring: await scoringOf(protocol), condition });
      return sensitivityMap(model, clean, options);
    },
    clock: () => codecOf(model).clock,
    async release() {
      const settled = await Promise.allSettled(scorings.values());
      for (const scoring of settled) if (scoring.status === 'fulfilled') await scoring.value.release();
    },
  };
}

interface Original {
  readonly model: Model;
  readonly item: Item;
  readonly clip: Clip;
  readonly codes: Codes;
  /** Absent for codes without a sound of their own. */
  readonly encoding: KeptEncoding | undefined;
  readonly sources: SubjectSources;
}

/** A version before it is encoded, or already as codes. */
type Made =
  | { readonly sound: Clip; readonly events: readonly Event[]; readonly window: Window }
  | EncodedVersion;

async function makeVersions(variants: readonly Variant[], original: Original): Promise<MadeVersions> {
  const made: Outcome<Made>[] = [];
  for (const variant of variants) made.push(await outcomeOf(() => madeOf(variant, original)));
  return { encode: () => encodedOf(made, original) };
}

async function encodedOf(
  made: readonly Outcome<Made>[],
  original: Original,
): Promise<Outcome<EncodedVersion>[]> {
  const { model, encoding } = original;
  const { clock } = codecOf(model);
  const { until } = original.sources;
  const endOf = (window: Window, frames: number): { readonly end?: number } => {
    const end = scoredEnd(window, { frames, clock, ...(until === undefined ? {} : { until }) });
    return end === undefined ? {} : { end };
  };
  const heard = made.flatMap((each) => ('value' in each && 'sound' in each.value ? [each.value] : []));
  const sounds = heard.map(({ sound }) => sound);
  const encoded = await (encoding
    ? encoding.encode(
        heard.map(({ sound: { channels }, window }) => ({
          channels,
          ...endOf(window, framesOf(clock, channels[0].length)),
        })),
      )
    : Promise.all(sounds.map((sound) => encode(model, sound))));
  const codes = new Map(sounds.map((sound, i) => [sound, encoded[i]]));
  // All round trips at once: one is decoded while another one is encoded again.
  return Promise.all(
    made.map(async (each): Promise<Outcome<EncodedVersion>> => {
      if ('error' in each) return each;
      const { value } = each;
      const own = 'sound' in value ? codes.get(value.sound) : value.codes;
      if (!own) throw new Error(`${original.item.name}: a version was not encoded`);
      const { events, window } = value;
      return outcomeOf(async () => {
        const roundTrip = await roundTripOf(model, own, original.sources);
        const ends = endOf(window, own.frames);
        return { codes: own, events, window, ...ends, ...(roundTrip === undefined ? {} : { roundTrip }) };
      });
    }),
  );
}

async function roundTripOf(
  model: Model,
  codes: Codes,
  { battery }: SubjectSources,
): Promise<number | undefined> {
  return battery?.roundTrip ? (await roundTrip(model, codes, battery.roundTrip)).share : undefined;
}

/** A sound at the loudness that the study asks for. */
function leveled(clip: Clip, { battery }: SubjectSources): Clip {
  return normalise(clip, battery?.loudness ?? null);
}

async function madeOf(variant: Variant, original: Original): Promise<Made> {
  const { model, item, clip, codes, sources } = original;
  const { clock } = codecOf(model);
  if (variant.edit) {
    const { library, excerpt } = sources;
    const edit = inSeconds(variant.edit, clock);
    const sound = await library.clip(item, { format: formatOf(model), excerpt, edit });
    return {
      sound: leveled(sound, sources),
      events: [],
      window: editedWindow(edit, framesOf(clock, sampleCount(sound)), clock),
    };
  }
  if (variant.domain === 'codes') {
    const parts: CodesPart[] = [];
    for (const perturbation of variant.perturbations) parts.push(await codesPart(perturbation, original));
    const disturbed = perturbAllCodes(codes, parts, { name: clip.name, clock });
    return { ...disturbed, window: spanOf(disturbed.events, clock) };
  }
  const { clip: sound, events } = await disturbedSound(variant.perturbations, original);
  requireEncodable(model, sound);
  return { sound: leveled(sound, sources), events, window: spanOf(events, clock) };
}

/** The other clip that music of was last put into a clip: at the next severity it is the same. */
const lastOther = keeper<Promise<Clip>>();

function disturbedSound(perturbations: readonly Perturbation[], { model, clip, sources }: Original) {
  return disturb(model, clip, perturbations, {
    otherClip: async (name, stretch) => {
      const other = sources.items.get(name);
      if (!other) throw new Error(`${clip.name}: ${name} is no clip of the study`);
      return stretchOf(await lastOther(clip, name, () => soundOf(model, other, sources)), stretch);
    },
  });
}

/**
 * What a disturbance of codes puts in: the sound that the same disturbance would put into the waveform, encoded alone,
 * so that no code knows of the music around it. Kinds that only move codes need nothing.
 */
async function codesPart(perturbation: Perturbation, original: Original): Promise<CodesPart> {
  if (['shuffle', 'repeat', 'reverse', 'delete', 'identity'].includes(perturbation.kind))
    return { perturbation };
  const { clip, events } = await disturbedSound([perturbation], original);
  const [{ start, end }] = events;
  const channels = clip.channels.map((channel) => channel.slice(start, end));
  const codes = await encode(original.model, { ...clip, channels });
  return { perturbation, insert: { codes, from: 0 } };
}

/** The sound of a clip as the model's codec takes it: read, rendered, or decoded from codes. */
async function soundOf(
  model: Model,
  item: Item,
  { library, excerpt, ...sources }: SubjectSources,
): Promise<Clip> {
  if (item.source.kind !== 'codes') return library.clip(item, { format: formatOf(model), excerpt });
  return decode(model, await excerptOfCodes(model, item, { library, excerpt, ...sources }), item.name);
}

/** The excerpt of generated codes. @throws when they end before it. */
async function excerptOfCodes(
  model: Model,
  item: Item,
  { library, excerpt }: SubjectSources,
): Promise<Codes> {
  const codes = await library.codes(item);
  const { clock } = codecOf(model);
  const from = framesOf(clock, sampleOfSeconds(clock, excerpt.offset));
  const wanted =
    excerpt.length === undefined
      ? codes.frames - from
      : framesOf(clock, sampleOfSeconds(clock, excerpt.length));
  if (wanted < 1 || from + wanted > codes.frames) {
    throw new Error(
      `${item.name}: ${counted(codes.frames, 'frame')} of codes, asked for frames ${from} to ${from + wanted}; make the excerpt shorter`,
    );
  }
  return codesOf(rowsOf(codes).map((row) => row.subarray(from, from + wanted)));
}

export function spanOf(events: readonly Event[], clock: FrameClock): Window {
  const windows = events.map((event) => windowOf(event, clock));
  return {
    start: Math.min(...windows.map(({ start }) => start)),
    end: Math.max(...windows.map(({ end }) => end)),
  };
}

/** An edit of a score knows seconds only: tokens are the codec's. */
function inSeconds(edit: ScoreEdit, clock: FrameClock): ScoreEdit {
  const span = (given: Span): Span => ({ seconds: samplesOf(given, clock, 'edit') / clock.sampleRate });
  return {
    ...edit,
    ...(edit.at && { at: span(edit.at) }),
    ...(edit.length && { length: span(edit.length) }),
  };
}

/** The frames a score edit was asked for: what it touches beyond them is its reverberation. */
function editedWindow(edit: ScoreEdit, frames: number, clock: FrameClock): Window {
  const at = (span: Span): number => framesOf(clock, samplesOf(span, clock, 'edit'));
  const start = edit.at ? at(edit.at) : 0;
  return { start, end: Math.min(edit.length ? start + at(edit.length) : frames, frames) };
}
