// A probe: one clip, clean and disturbed, scored token by token, and what the difference shows.
// This is where the stages meet: perturb, encode, score, difference, regions.

import { type Clip, sampleCount, stem } from '../audio/clip.js';
import type { Codes } from '../audio/codes.js';
import { RESAMPLER } from '../audio/resample.js';
import type { Model } from '../models/model.js';
import { perturb } from '../perturb/apply.js';
import { describe } from '../perturb/parse.js';
import type { Perturbation } from '../perturb/perturbation.js';
import { profileOf } from '../regions/profile.js';
import type { RuleName } from '../regions/region.js';
import { type Window, windowOf } from '../regions/window.js';
import { difference } from '../score/delta.js';
import { encode } from '../score/encode.js';
import { meanByFrame, meanLoss, type Protocol, score } from '../score/loss.js';
import { type ChangedCodes, type ProbeRecord, type Provenance, type Scored, VERSION } from './record.js';

export interface ProbeOptions {
  /** How regions are found. Default `onset`. */
  readonly rule?: RuleName;
  /** Human title and group of the clip, for reports. */
  readonly title?: string;
  readonly group?: string;
}

/** A clip scored as it is: shared by all probes of the clip. */
export interface CleanClip {
  readonly clip: Clip;
  readonly scored: Scored;
}

/** A probe's record, and the disturbed sound to listen to. */
export interface Probed {
  readonly clip: Clip;
  readonly record: ProbeRecord;
}

/** Encodes and scores a clip. The clip must be mono at the codec's rate (see `conform`). */
export async function scoreClip(
  model: Model,
  clip: Clip,
  protocol: Protocol = 'delayed',
): Promise<CleanClip> {
  return { clip, scored: await scoreCodes(model, await encode(model, clip), protocol) };
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
  const { protocol } = clean.scored.loss;
  const { clip, event } = perturb(clean.clip, perturbation, model.clock);
  const disturbed = await scoreCodes(model, await encode(model, clip), protocol);
  const delta = difference(clean.scored.loss, disturbed.loss);
  const window = windowOf(event, model.clock);
  const profile = profileOf(delta.mean, window, {
    clean: clean.scored.byFrame,
    seed: perturbation.seed,
    name: stem(clip),
    // Without a delay no codebook is predicted before its frame.
    ...(protocol === 'undelayed' ? { lead: 0 } : { lead: model.codebooks - 1 }),
    ...(options.rule ? { rule: options.rule } : {}),
  });
  const record: ProbeRecord = {
    provenance: provenanceOf(model, protocol),
    clip: {
      name: clip.name,
      ...(options.title ? { title: options.title } : {}),
      ...(options.group ? { group: options.group } : {}),
      sampleRate: clip.sampleRate,
      samples: sampleCount(clip),
    },
    clock: model.clock,
    event,
    disturbance: describe(perturbation),
    window,
    clean: clean.scored,
    disturbed,
    delta,
    lossDifference: disturbed.mean - clean.scored.mean,
    changed: changedCodes(clean.scored.codes, disturbed.codes, window),
    profile,
  };
  return { clip, record };
}

/** What made a number of this model by this protocol. */
export function provenanceOf(model: Model, protocol: Protocol): Provenance {
  return {
    losscope: VERSION,
    model: model.name,
    fingerprint: model.fingerprint,
    protocol,
    runtime: model.runtime,
    precision: 'fp32',
    resampler: RESAMPLER,
  };
}

async function scoreCodes(model: Model, codes: Codes, protocol: Protocol): Promise<Scored> {
  const loss = await score(model, codes, { protocol });
  return { codes, loss, mean: meanLoss(loss), byFrame: meanByFrame(loss) };
}

function changedCodes(clean: Codes, disturbed: Codes, window: Window): ChangedCodes {
  const { codebooks, frames } = clean;
  const changed = { before: 0, inside: 0, after: 0 };
  let first: number | undefined;
  let last: number | undefined;
  for (let t = 0; t < frames; t++) {
    const part = t < window.start ? 'before' : t < window.end ? 'inside' : 'after';
    for (let k = 0; k < codebooks; k++) {
      if (clean.data[k * frames + t] === disturbed.data[k * frames + t]) continue;
      changed[part]++;
      first ??= t;
      last = t;
    }
  }
  const share = (count: number, of: number): number => (of === 0 ? 0 : count / (of * codebooks));
  return {
    before: share(changed.before, window.start),
    inside: share(changed.inside, window.end - window.start),
    after: share(changed.after, frames - window.end),
    ...(first === undefined || last === undefined ? {} : { first, last }),
  };
}
