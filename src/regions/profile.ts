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
  definedEnd,
  definedIn,
  ENCODEC_REACH,
  type Region,
  type RegionFindings,
  type RegionPlace,
  type RuleName,
  type Statistic,
  type Transient,
} from './region.js';
import { findRegions, type RuleOptions } from './rules.js';
import { type Surroundings, seenAt, seenAtBoundary, seenFromBoundary } from './seen.js';
import { canJudge, type JudgedFrames, tooShort } from './stretches.js';
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
    const seed = kind.ofOthers ? [...stream, 'other clips'] : stream;
    const found = new Map<string, UnderNull>();
    return {
      ...kind,
      under: (judged: JudgedFrames): UnderNull => {
        const { span, boundary } = judged;
        const key = `${span.start} ${span.end} ${boundary}`;
        const known = found.get(key) ?? findUnderNull(kind, judged, { rule, ...reach, draws, seed, window });
        found.set(key, known);
        return known;
      },
    };
  });
  const under = (judged: JudgedFrames): UnderNull | undefined =>
    kinds.find((kind) => canJudge(kind, judged))?.under(judged);
  const judge: Judge = (kind, compared) => {
    if (!judges(source, kind)) return { unjudged: { reason: 'source', source } };
    const found = under(compared.judged);
    if (found) return { chance: chanceOf(compared, found) };
    return { unjudged: tooShort(kinds, compared.judged) };
  };
  const around = { window, reach, end: definedEnd(curve), areNotes: events !== undefined };
  const seen = (region: Region): JudgedFrames => seenOf(region, rule, around);
  return {
    ...findings,
    regions: findings.regions.map((region) => ({
      ...region,
      ...judge(region.statistic.name, comparedRegion(region, seen(region))),
    })),
    transients: findings.transients.map((transient) => judgedPlaces(transient, judge, around)),
    calibration: {
      source,
      hypothesis: HYPOTHESES[source],
      draws,
      table: findings.regions.flatMap((region) => {
        const found = judges(source, region.statistic.name) ? under(seen(region)) : undefined;
        return found ? [nullRow(region, seen(region), found)] : [];
      }),
    },
  };
}

function seenOf(region: Region, rule: RuleName, around: Surroundings): JudgedFrames {
  const { name, statistic, frames } = region;
  if (statistic.name === 'template' && (name === 'peak' || name === 'rebound')) {
    return seenAtBoundary(name, frames, around);
  }
  return (rule === 'fixed' ? seenAt : seenFromBoundary)(name, region, around);
}

type Judge = (kind: Statistic['name'], compared: ComparedMeans) => Pick<RegionPlace, 'chance' | 'unjudged'>;

/** Each definition of a Peak or Rebound with its own chance: fixed places by their means, the searched one by its area. */
function judgedPlaces(
  { name, boundary, paper, searched }: Transient,
  judge: Judge,
  around: Surroundings,
): Transient {
  const inNull = (value: (other: Transient) => number | undefined) => (findings: RegionFindings) => {
    const other = findings.transients.find((one) => one.name === name);
    return other && value(other);
  };
  const seen = ({ frames }: RegionPlace): JudgedFrames => seenAtBoundary(name, frames, around);
  const fixed = (place: RegionPlace, key: 'boundary' | 'paper'): RegionPlace => {
    const own = inNull((other) => other[key]?.mean);
    const compared = { value: place.mean, tail: 'upper', judged: seen(place), inNull: own } as const;
    return { ...place, ...judge('mean', compared) };
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
            ...judge('area', { value: searched.area, tail: 'upper', judged: seen(searched), inNull: area }),
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
