// SensitivityMap: how the model reacts to the same short disturbance at every position of a clip, with everything that
// made it.

import type { FrameClock } from '../audio/codes.js';
import type { Level } from '../perturb/perturbation.js';
import type { Reaction, ReactionMean, ReactionNull } from '../regions/reaction.js';
import type { Interval } from '../stats/bootstrap.js';
import { clusterInterval } from '../stats/cluster.js';
import { mean } from '../stats/describe.js';
import type { ClipInfo, Provenance } from './record.js';

/** How a clip is mapped. Lengths and places are in frames. */
export interface MapForm {
  /** From one position to the next. */
  readonly every: number;
  /** Of each disturbance. */
  readonly length: number;
  readonly level: Level;
  /** Scored after each disturbance. */
  readonly tail: number;
  /** The first position. */
  readonly from: number;
  /** Root seed of noise and null. */
  readonly seed: number;
}

/** `tail`: what Peak and Rebound are made of. `from`: before, the model knows little of the clip. */
export const MAP_DEFAULTS: MapForm = { every: 10, length: 5, level: 'match', tail: 5, from: 50, seed: 1 };

/** The reaction at one position. */
export interface MapPoint extends Reaction {
  /** First frame of the disturbance, and its start in seconds. */
  readonly start: number;
  readonly seconds: number;
  /** Chance that the null gives at least as large a peak; of one position, not corrected for how many there are. */
  readonly chance?: number;
  /** RMS of the noise in dBFS. */
  readonly levelDbfs: number;
  /** Share of the window's codes that the disturbance changed. */
  readonly changed: number;
  /** Delta by frame, nats, from frame `from` (the first that can differ) to the last one scored. */
  readonly delta: { readonly from: number; readonly values: Float64Array };
}

/** The map of one clip, whatever made it. */
export interface ClipMap {
  readonly clip: ClipInfo;
  readonly clock: FrameClock;
  /** The disturbance in words: "white noise, 5 tokens every 10 tokens from token 50 on, level match, seed 1". */
  readonly disturbance: string;
  /** In frames: from one position to the next, of each disturbance, and scored after it. */
  readonly every: number;
  readonly length: number;
  readonly tail: number;
  /** The clip as it is: T, mean loss over all defined codes in nats, and [T] the mean over codebooks, NaN where undefined. */
  readonly clean: { readonly frames: number; readonly mean: number; readonly byFrame: Float64Array };
  /** V: the codes that each prediction chose among, so that a blind guess has a loss of ln V. Absent for notes, and for maps of a study. */
  readonly choices?: number;
  /** [T] entropy of what was predicted, averaged over codebooks, nats; NaN where the loss is. */
  readonly entropy: Float64Array;
  /** [T] largest |sample| of each frame. */
  readonly envelope: Float64Array;
  readonly points: readonly MapPoint[];
  /** Positions (first frames) that were left out: silent, so that noise has no level to match. */
  readonly silent: readonly number[];
  /** Absent when no null could be made; `uncalibrated` then says why. */
  readonly calibration?: ReactionNull;
  readonly uncalibrated?: string;
}

export interface SensitivityMap extends ClipMap {
  readonly provenance: Provenance;
}

/** Positions whose reactions are taken as one cluster: a second of music at one position in 10 frames. */
const BLOCK = 5;

/** A mean over the positions of one clip. */
export interface MeanReaction {
  readonly mean: number;
  /** Absent below two blocks of positions. */
  readonly interval?: Interval;
}

/**
 * Mean of a number over the positions of a map, with its 95% bootstrap interval over blocks of 5 positions, since
 * neighbours react to the same music. It says how well this clip is known, nothing of other clips.
 */
export function meanReaction({ points, clip }: ClipMap, name: ReactionMean): MeanReaction {
  const values = points.map((point) => point[name] ?? Number.NaN).filter((value) => !Number.isNaN(value));
  const blocks = Array.from({ length: Math.ceil(values.length / BLOCK) }, (_, i) =>
    values.slice(i * BLOCK, (i + 1) * BLOCK),
  );
  if (blocks.length < 2) return { mean: mean(values) };
  const drawn = { name: `map ${clip.name} ${name}` };
  const { value, low, high } = clusterInterval(blocks, (some) => mean(some.flat()), drawn);
  return { mean: value, interval: { low, high } };
}

/** A map as plain JSON: losses in nats at full precision; NaN becomes null when it is written. */
export function mapJson(map: SensitivityMap) {
  const { clean, clock, clip, envelope: _, ...rest } = map;
  return {
    ...rest,
    clip,
    frameRate: clock.sampleRate / clock.hop,
    ...(clock.times && { noteSeconds: Array.from(clock.times) }),
    frames: clean.frames,
    mean: clean.mean,
    lossByFrame: clean.byFrame,
  };
}
