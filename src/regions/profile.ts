// Profile: the regions of one delta curve together with what the same rule reports under a null.

import { counted } from '../counted.js';
import type { Delta } from '../loss/delta.js';
import { mean } from '../stats/describe.js';
import {
  type ComparedMeans,
  chanceOf,
  comparedRegion,
  findUnderNull,
  HYPOTHESES,
  judges,
  type NullRow,
  type NullSource,
  nullCurves,
  nullRow,
  type UnderNull,
} from './calibrate.js';
import type { EventPlacing } from './event_places.js';
import type { CleanCurve } from './other_music.js';
import {
  definedIn,
  ENCODEC_REACH,
  type Region,
  type RegionFindings,
  type RegionPlace,
  type Statistic,
  type Transient,
} from './region.js';
import { findRegions, type RuleOptions } from './rules.js';
import type { Window } from './window.js';

/** The null that the chances of a profile refer to. */
export interface Calibration {
  readonly source: NullSource;
  readonly hypothesis: string;
  readonly draws: number;
  readonly table: readonly NullRow[];
}

export interface Profile extends RegionFindings {
  /** Absent when no null could be made; `uncalibrated` then says why. */
  readonly calibration?: Calibration;
  readonly uncalibrated?: string;
}

export interface ProfileOptions extends RuleOptions {
  /** [T] loss of the clean clip averaged over codebooks, nats: what the null `self` is made of. */
  readonly clean?: Float64Array;
  /** Of notes: when those of `clean` begin, and how the window was placed. */
  readonly events?: EventPlacing;
  /** Other clips, scored the same way: `self` judges by them what the clip itself is too short for. */
  readonly others?: readonly CleanCurve[];
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
  const { clean, events, others = [], draws = 999, seed = 0, name = '', rule = 'onset' } = options;
  if (clean !== undefined && clean.length !== curve.length) {
    throw new Error(
      `regions: the clean loss has ${counted(clean.length, 'frame')}, delta has ${curve.length}; both must be of one clip`,
    );
  }
  const source = options.source ?? (clean === undefined ? 'shift' : 'self');
  const reach = {
    reach: options.reach ?? ENCODEC_REACH.reach,
    lag: options.lag ?? ENCODEC_REACH.lag,
  };
  const findings = findRegions(curve, window, { rule, ...reach });
  const material = {
    ...{ curve, window, reach, others },
    ...(clean === undefined ? {} : { clean }),
    ...(events === undefined ? {} : { events }),
  };
  const curves = nullCurves(source, material);
  if ('why' in curves) return { ...findings, uncalibrated: curves.why };
  // The rule is not part of the seed: all rules are compared on the same null curves.
  const stream = [seed, name, 'regions', source, window.start, window.end];
  const kinds = curves.map((kind) => {
    const seed = kind.otherClips === undefined ? stream : [...stream, 'other clips'];
    const stated = { rule, ...reach, draws, seed };
    const found = new Map<string, UnderNull>();
    return {
      ...kind,
      // By other clips, each region has null curves in which it is one stretch of their music.
      under: (span: Window): UnderNull => {
        const key = kind.otherClips === undefined ? '' : `${span.start} ${span.end}`;
        const known =
          found.get(key) ?? findUnderNull(kind, window, key === '' ? stated : { ...stated, whole: span });
        found.set(key, known);
        return known;
      },
    };
  });
  const under = (frames: number, span: Window): UnderNull | undefined =>
    kinds.find(({ longest }) => frames <= longest)?.under(span);
  const judged: Judged = (kind, compared) => {
    if (!judges(source, kind)) return { unjudged: { reason: 'source', source } };
    const found = under(compared.frames, compared.span);
    if (found) return { chance: chanceOf(compared, found) };
    const { available, longest } = kinds.reduce((a, b) => (b.longest > a.longest ? b : a));
    return { unjudged: { reason: 'too short', frames: compared.frames, available, longest } };
  };
  return {
    ...findings,
    regions: findings.regions.map((region) => ({
      ...region,
      ...judged(region.statistic.name, comparedRegion(region)),
    })),
    transients: findings.transients.map((transient) => judgedPlaces(transient, judged)),
    calibration: {
      source,
      hypothesis: HYPOTHESES[source],
      draws,
      table: findings.regions.flatMap((region) => {
        const found = judges(source, region.statistic.name) ? under(region.frames, region) : undefined;
        return found ? [nullRow(region, found)] : [];
      }),
    },
  };
}

type Judged = (kind: Statistic['name'], compared: ComparedMeans) => Pick<RegionPlace, 'chance' | 'unjudged'>;

/** Each definition of a Peak or Rebound with its own chance: fixed places by their means, the searched one by its area. */
function judgedPlaces({ name, boundary, paper, searched }: Transient, judged: Judged): Transient {
  const inNull = (value: (other: Transient) => number | undefined) => (findings: RegionFindings) => {
    const other = findings.transients.find((one) => one.name === name);
    return other && value(other);
  };
  const fixed = (place: RegionPlace, key: 'boundary' | 'paper'): RegionPlace => {
    const { mean: value, frames, start, end } = place;
    const own = inNull((other) => other[key]?.mean);
    const compared = { value, tail: 'upper', frames, span: { start, end }, inNull: own } as const;
    return { ...place, ...judged('mean', compared) };
  };
  const area = inNull((other) => other.searched?.area);
  return {
    name,
    boundary: fixed(boundary, 'boundary'),
    ...(paper ? { paper: fixed(paper, 'paper') } : {}),
    ...(searched
      ? {
          searched: {
            ...searched,
            ...judged('area', {
              ...{ value: searched.area, tail: 'upper', frames: searched.frames, inNull: area },
              span: { start: searched.start, end: searched.end },
            }),
          },
        }
      : {}),
  };
}

/** The stretches to draw: of a Peak or Rebound under rule `onset` what was searched, if anything was found. */
export function drawnRegions({
  rule,
  regions,
}: Pick<RegionFindings, 'rule' | 'regions'>): (Window & Pick<Region, 'name'>)[] {
  return regions.flatMap((region) => {
    const searched = rule === 'onset' && (region.name === 'peak' || region.name === 'rebound');
    const span = searched ? region.drawn : region;
    return span ? [{ name: region.name, start: span.start, end: span.end }] : [];
  });
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
