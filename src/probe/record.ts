// ProbeRecord: what one disturbance of one clip gave, with everything that made it. Reports and exports read
// records and nothing else.

import { type Codes, type FrameClock, frameRate, secondsOfFrame } from '../audio/codes.js';
import type { Delta } from '../loss/delta.js';
import type { Loss } from '../loss/loss.js';
import type { Precision } from '../models/precision.js';
import type { LeakMap } from '../perturb/leak.js';
import type { Event } from '../perturb/perturbation.js';
import type { Profile } from '../regions/profile.js';
import type { Reach } from '../regions/region.js';
import type { Window } from '../regions/window.js';
import { csvLine } from './csv.js';

/** What made a number. With all of it the same number can be computed again. */
export interface Provenance {
  readonly losscope: string;
  /** What the user called the model, and the hash of its config and weights. */
  readonly model: string;
  readonly fingerprint: string;
  readonly protocol: string;
  /** The condition: "none", a prompt, a melody. */
  readonly condition: string;
  /** Runtime with its version, its device, and the processor's instruction set: "onnxruntime-node 1.30.0", "cpu", "avx2". */
  readonly runtime: string;
  readonly device: string;
  readonly instructions: string;
  readonly precision: Precision;
  readonly resampler: string;
}

/** A clip as a record names it. */
export interface ClipInfo {
  readonly name: string;
  /** Human title and group, where a dataset gives them. */
  readonly title?: string;
  readonly group?: string;
  /** Seconds of the file before the clip, where it is a part of one. */
  readonly offset?: number;
  readonly sampleRate: number;
  readonly samples: number;
}

/** One version of a clip, encoded and scored. */
export interface Scored {
  readonly codes: Codes;
  readonly loss: Loss;
  /** Mean over all defined codes, nats per code. */
  readonly mean: number;
  /** [T] mean over codebooks, nats; NaN where any codebook is undefined. */
  readonly byFrame: Float64Array;
}

export interface ProbeRecord {
  readonly provenance: Provenance;
  readonly clip: ClipInfo;
  readonly clock: FrameClock;
  readonly event: Event;
  /** The disturbance in words: "white noise, 100 tokens at token 250, level match, seed 1". */
  readonly disturbance: string;
  /** Frames the event touches. */
  readonly window: Window;
  /** On the frames of the disturbed clip: after a deletion, each frame's counterpart. Its mean is over the whole clean clip. */
  readonly clean: Scored;
  readonly disturbed: Scored;
  /** disturbed - clean. */
  readonly delta: Delta;
  /** Mean loss of the disturbed clip minus that of the clean one, nats per code over all defined codes. */
  readonly lossDifference: number;
  /** Which codes changed, as shares before, inside and after the window, and by codebook. */
  readonly changed: LeakMap;
  readonly profile: Profile;
  /** How far before its own frame the disturbance can be seen: what the profile was made with. */
  readonly reach: Reach;
}

/**
 * A record as plain JSON: loss and delta as [K][T] in nats at full precision, codes as [K][T]; NaN becomes null
 * when it is written. The schema is in docs/measure/regions.md.
 */
export function recordJson(record: ProbeRecord) {
  const { codebooks, frames } = record.delta;
  const rows = (values: Float32Array | Float64Array | Int32Array): number[][] =>
    Array.from({ length: codebooks }, (_, k) => Array.from(values.subarray(k * frames, (k + 1) * frames)));
  const scored = ({ codes, loss, mean }: Scored) => ({
    mean,
    loss: rows(loss.values),
    codes: rows(codes.data),
  });
  return {
    provenance: record.provenance,
    clip: record.clip,
    frameRate: frameRate(record.clock),
    ...(record.clock.times && { seconds: Array.from(record.clock.times) }),
    frames,
    codebooks,
    disturbance: record.disturbance,
    event: record.event,
    window: record.window,
    lossDifference: record.lossDifference,
    changed: record.changed,
    reach: record.reach,
    profile: record.profile,
    clean: scored(record.clean),
    disturbed: scored(record.disturbed),
    delta: rows(record.delta.values),
  };
}

/**
 * The curves of a record as CSV, a row a frame: frame, seconds (start of the frame), then nats averaged over
 * codebooks (clean, disturbed, delta) and for each codebook k (clean_k, disturbed_k). Undefined is empty.
 */
export function curveCsv({ clean, disturbed, delta, clock }: ProbeRecord): string {
  const books = Array.from({ length: delta.codebooks }, (_, k) => k);
  const head = ['frame', 'seconds', 'clean', 'disturbed', 'delta'];
  const columns = [...head, ...books.map((k) => `clean_${k}`), ...books.map((k) => `disturbed_${k}`)];
  const rows = Array.from({ length: delta.frames }, (_, t) => {
    const at = (scored: Scored): number[] => books.map((k) => scored.loss.values[k * delta.frames + t]);
    const means = [clean.byFrame[t], disturbed.byFrame[t], delta.mean[t]];
    return csvLine([t, secondsOfFrame(clock, t), ...means, ...at(clean), ...at(disturbed)]);
  });
  return [csvLine(columns), ...rows].join('');
}
