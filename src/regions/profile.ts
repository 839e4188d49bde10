// Profile: the regions of one delta curve together with what the same rule reports when nothing happened.

import type { Delta } from '../loss/delta.js';
import { mean } from '../stats/describe.js';
import {
  chanceOf,
  findUnderNull,
  HYPOTHESES,
  judges,
  type NullRow,
  type NullSource,
  nullCurves,
  nullTable,
} from './calibrate.js';
import { definedIn, ENCODEC_REACH, type Findings } from './region.js';
import { findRegions, type RuleOptions } from './rules.js';
import type { Window } from './window.js';

/** The null that the chances of a profile refer to. */
export interface Calibration {
  readonly source: NullSource;
  readonly hypothesis: string;
  readonly draws: number;
  readonly table: readonly NullRow[];
}

export interface Profile extends Findings {
  /** Absent when no null could be made; `uncalibrated` then says why. */
  readonly calibration?: Calibration;
  readonly uncalibrated?: string;
}

export interface ProfileOptions extends RuleOptions {
  /** [T] loss of the clean clip averaged over codebooks, nats: what the null `self` is made of. */
  readonly clean?: Float64Array;
  /** Default: `self` with a clean curve, otherwise `shift`. */
  readonly source?: NullSource;
  /** Null curves drawn. Default 999. */
  readonly draws?: number;
  /** Root seed; the stream is derived from it, the name, the source and the window. Default 0. */
  readonly seed?: number;
  /** Name of the clip. */
  readonly name?: string;
}

/**
 * Regions of a delta curve, each with the chance that the null gives as much, and the rule's null table.
 * @param curve [T] delta averaged over codebooks, nats (`Delta.mean`).
 * @param window frames [start, end) that were disturbed.
 */
export function profileOf(curve: Float64Array, window: Window, options: ProfileOptions = {}): Profile {
  const { clean, draws = 999, seed = 0, name = '', rule = 'onset' } = options;
  if (clean !== undefined && clean.length !== curve.length) {
    throw new Error(
      `regions: the clean loss has ${clean.length} frames, delta has ${curve.length}; both must be of one clip`,
    );
  }
  const source = options.source ?? (clean === undefined ? 'shift' : 'self');
  const reach = {
    reach: options.reach ?? ENCODEC_REACH.reach,
    lead: options.lead ?? ENCODEC_REACH.lead,
  };
  const findings = findRegions(curve, window, { rule, ...reach });
  const draw = nullCurves(source, { curve, window, reach, ...(clean === undefined ? {} : { clean }) });
  if (typeof draw !== 'function') return { ...findings, uncalibrated: draw.why };
  // The rule is not part of the seed: all rules are compared on the same null curves.
  const stream = [seed, name, 'regions', source, window.start, window.end];
  const under = findUnderNull(draw, window, { rule, ...reach, draws, seed: stream });
  return {
    ...findings,
    regions: findings.regions.map((region) =>
      judges(source, region) ? { ...region, chance: chanceOf(region, under) } : region,
    ),
    calibration: { source, hypothesis: HYPOTHESES[source], draws, table: nullTable(under) },
  };
}

/**
 * [K] mean of delta over the frames of a region, per codebook, nats; no baseline is taken off. The frames are those
 * where every codebook is defined, so that the mean of the K numbers is the region's mean plus the baseline.
 */
export function regionMeansByCodebook(delta: Delta, region: Window): number[] {
  return Array.from({ length: delta.codebooks }, (_, k) => {
    const row = delta.values.subarray(k * delta.frames, (k + 1) * delta.frames);
    const shared = row.map((value, t) => (Number.isNaN(delta.mean[t]) ? Number.NaN : value));
    return mean(definedIn(shared, region.start, region.end));
  });
}
