// A probe: one clip, clean and disturbed, scored token by token, and what the difference shows.
// This is where the stages meet: perturb, encode, score, difference, regions.

import { type Clip, cutTo, sampleCount, stem } from '../audio/clip.js';
import type { Codes, FrameClock } from '../audio/codes.js';
import { type Keeper, keeper } from '../audio/kept.js';
import { RESAMPLER } from '../audio/resample.js';
import { decode, encode } from '../loss/encode.js';
import { generate, SAMPLING } from '../loss/generate.js';
import { type KeptEncoding, type KeptScoring, keepEncoding, keepScoring } from '../loss/keep.js';
import { type Loss, score } from '../loss/loss.js';
import { meanByFrame, meanLoss } from '../loss/means.js';
import { type Condition, describeCondition } from '../models/condition.js';
import { lagOf } from '../models/language.js';
import { codecOf, type Model, protocolUnder } from '../models/model.js';
import { perturbAll } from '../perturb/apply.js';
import type { GeneratedDamage } from '../perturb/damage.js';
import { describe } from '../perturb/parse.js';
import type { Event, Perturbation } from '../perturb/perturbation.js';
import { materialFor, type Sources } from '../perturb/splice.js';
import { placingOf } from '../regions/event_places.js';
import { profileOf } from '../regions/profile.js';
import type { Reach, RuleName } from '../regions/region.js';
import { windowOf } from '../regions/window.js';
import { generator, seedOf } from '../stats/random.js';
import { clockOf } from '../symbolic/passage.js';
import { type Compared, compare } from './compare.js';
import type { ClipInfo, ProbeRecord, Provenance, Scored } from './record.js';
import { VERSION } from './version.js';

export interface ProbeOptions {
  /** How regions are found. Default `onset`. */
  readonly rule?: RuleName;
  /** Human title and group of the clip, for reports. */
  readonly title?: string;
  readonly group?: string;
  /** Seconds of the file before the clip. */
  readonly offset?: number | undefined;
  /** A stretch of another clip by the name that a foreign splice calls it, in samples at the codec's rate. */
  readonly otherClip?: Sources['clip'];
}

/** How a clip is scored. */
export interface ScoringOptions {
  /** Default: the model's own. */
  readonly protocol?: string | undefined;
  /** Condition. Default: none. */
  readonly condition?: Condition;
  /** Also the rank of every code, for those who look at single ones. Default: false. */
  readonly ranks?: boolean;
}

/**
 * A clip scored as it is: shared by all probes of the clip, which score as it was scored and compute only what the
 * disturbance changed. Holds memory of the model: release it after the last probe.
 */
export interface CleanClip {
  readonly clip: Clip;
  readonly scored: Scored;
  readonly condition: Condition;
  readonly encoding: KeptEncoding;
  readonly scoring: KeptScoring;
  release(): Promise<void>;
}

/** A probe's record, and the disturbed sound to listen to. */
export interface Probed {
  readonly clip: Clip;
  readonly record: ProbeRecord;
}

/** Encodes and scores a clip, which must be as the codec takes it (see `conform`). */
export async function scoreClip(
  model: Model,
  clip: Clip,
  { protocol, condition = {}, ranks = false }: ScoringOptions = {},
): Promise<CleanClip> {
  const encoding = await keepEncoding(model, clip);
  const scoring = await keepScoring(model, encoding.codes, { protocol, condition, ranks });
  return cleanClip(clip, { encoding, scoring, condition });
}

/** A clip of which encoding and scoring are kept already. */
export function cleanClip(
  clip: Clip,
  { encoding, scoring, condition }: Pick<CleanClip, 'encoding' | 'scoring' | 'condition'>,
): CleanClip {
  const scored = scoredOf(encoding.codes, scoring.loss);
  return { clip, scored, condition, encoding, scoring, release: scoring.release };
}

/**
 * Disturbs the sound of a clip in one or several places, with the model for a round trip or what it draws, and `otherClip` for a
 * foreign splice.
 */
export async function disturb(
  model: Model,
  clip: Clip,
  perturbations: readonly Perturbation[],
  { otherClip }: Pick<ProbeOptions, 'otherClip'> = {},
): Promise<{ readonly clip: Clip; readonly events: readonly Event[] }> {
  const { clock } = codecOf(model);
  const material = await materialFor(clip, perturbations, {
    clock,
    roundTrip: (sound) => roundTripBy(model, sound),
    generate: (sound, drawing) => drawnBy(model, sound, drawing),
    ...(otherClip ? { clip: otherClip } : {}),
  });
  return perturbAll(clip, perturbations, clock, material);
}

const lastRoundTrips = new WeakMap<Model, Keeper<Promise<Clip>>>();

/** The clip encoded and decoded, as long as it was. Of what came out of it the next round trip is kept as well. */
function roundTripBy(model: Model, clip: Clip): Promise<Clip> {
  const last = lastRoundTrips.get(model) ?? keeper<Promise<Clip>>();
  lastRoundTrips.set(model, last);
  return last(clip, '', async () =>
    cutTo(await decode(model, await encode(model, clip), clip.name), sampleCount(clip)),
  );
}

/** Music of the model as long as the clip. At every temperature and top k the same random numbers are used. */
async function drawnBy(
  model: Model,
  clip: Clip,
  { temperature = SAMPLING.temperature, topk: topK = SAMPLING.topK, seed }: GeneratedDamage,
): Promise<Clip> {
  const [codes] = await generate(model, {
    frames: Math.ceil(sampleCount(clip) / codecOf(model).clock.hop),
    randoms: [generator(seedOf(seed, stem(clip), 'generated'))],
    sampling: { ...SAMPLING, temperature, topK },
  });
  return decode(model, codes, clip.name);
}

/**
 * Disturbs a clip whose clean score is known, and scores it again by the same protocol.
 * The seed of the null of the regions is the perturbation's.
 */
export async function probe(
  model: Model,
  clean: CleanClip,
  perturbation: Perturbation,
  options: ProbeOptions = {},
): Promise<Probed> {
  const { clip, events } = await disturb(model, clean.clip, [perturbation], options);
  const { clock } = codecOf(model);
  const [codes] = await clean.encoding.encode([clip]);
  const version = { codes, events, clock, clip: clipInfo(clip, options) };
  return { clip, record: await recordOf(model, clean, { ...version, perturbation }, options) };
}

/** A version of a clip, made and encoded. */
export interface ProbedVersion {
  readonly codes: Codes;
  readonly events: readonly Event[];
  /** Of the version. */
  readonly clock: FrameClock;
  readonly clip: ClipInfo;
  readonly perturbation: Perturbation;
}

/** Scores a version and records what it shows beside the clean clip. */
export async function recordOf(
  model: Model,
  clean: Pick<CleanClip, 'scored' | 'scoring' | 'condition'>,
  { codes, events, clock, clip, perturbation }: ProbedVersion,
  { rule }: Pick<ProbeOptions, 'rule'> = {},
): Promise<ProbeRecord> {
  const { protocol } = clean.scored.loss;
  const [event] = events;
  const disturbed = scoredOf(codes, await clean.scoring.score(codes));
  const window = windowOf(event, clock);
  const compared = compare({ clean: clean.scored, disturbed, events, window, clock });
  const { delta, changed } = compared;
  const reference = referenceOf(clean.scored, compared);
  const reach = reachOf(model, protocol);
  const times = clock.times && clockOf(reference.codes).times;
  const profile = profileOf(delta.mean, window, {
    clean: reference.byFrame,
    ...(times ? { events: placingOf(event, times) } : {}),
    seed: perturbation.seed,
    name: stem(clip),
    ...reach,
    ...(rule ? { rule } : {}),
  });
  return {
    provenance: provenanceOf(model, { protocol, condition: clean.condition }),
    clip,
    clock,
    event,
    disturbance: describe(perturbation, clock),
    window,
    clean: reference,
    disturbed,
    delta,
    lossDifference: disturbed.mean - clean.scored.mean,
    changed,
    profile,
    reach,
  };
}

/** A clip as a record names it. */
export function clipInfo(
  clip: Clip,
  { title, group, offset }: Pick<ProbeOptions, 'title' | 'group' | 'offset'>,
): ClipInfo {
  return {
    name: clip.name,
    ...(title ? { title } : {}),
    ...(group ? { group } : {}),
    ...(offset ? { offset } : {}),
    sampleRate: clip.sampleRate,
    samples: sampleCount(clip),
  };
}

/** How far before its own frame a disturbed sample can be seen in the losses of a model. */
export function reachOf(model: Model, protocol?: string): Reach {
  return { reach: model.codec?.reach ?? 0, lag: lagOf(protocolUnder(model, protocol)) };
}

/** What made a number of this model, scored so. */
export function provenanceOf(model: Model, { protocol, condition = {} }: ScoringOptions): Provenance {
  return {
    losscope: VERSION,
    model: model.name,
    fingerprint: model.fingerprint,
    protocol: protocolUnder(model, protocol).name,
    condition: describeCondition(condition),
    runtime: model.runtime,
    device: model.device,
    instructions: model.instructions,
    precision: model.precision,
    resampler: RESAMPLER,
  };
}

/** Scores codes as they are: of a generated clip, without the detour through its sound. */
export async function scoreCodes(model: Model, codes: Codes, options: ScoringOptions = {}): Promise<Scored> {
  return scoredOf(codes, await score(model, codes, options));
}

export function scoredOf(codes: Codes, loss: Loss): Scored {
  return { codes, loss, mean: meanLoss(loss), byFrame: meanByFrame(loss) };
}

/** The clean score on the frames of the disturbed clip. Its mean stays that of the whole clean clip. */
function referenceOf(clean: Scored, { reference }: Compared): Scored {
  const { codes, loss } = reference;
  return loss === clean.loss ? clean : { codes, loss, mean: clean.mean, byFrame: meanByFrame(loss) };
}
