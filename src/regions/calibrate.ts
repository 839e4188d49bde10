// What a rule reports where the disturbance is nothing special. Each source makes delta curves under a null hypothesis that
// can be said in a sentence; the rule runs on them as on the real one. Undefined frames stay undefined, and what lies before
// the onset stays as it is. All are made of stretches in one piece: stretches.ts.

import { counted } from '../counted.js';
import { type Distribution, describe } from '../stats/describe.js';
import { generator, seedOf } from '../stats/random.js';
import { type MusicMaterial, otherMusic } from './other_music.js';
import {
  definedEnd,
  definedIn,
  frontier,
  type Region,
  type RegionFindings,
  type RegionName,
  type Statistic,
} from './region.js';
import { findRegions, type RuleOptions } from './rules.js';
import {
  type JudgedFrames,
  movedTo,
  type NullCurves,
  type StretchSpan,
  stretchStart,
  widened,
} from './stretches.js';
import { AFTER } from './transient.js';
import type { Window } from './window.js';

export const NULL_SOURCES = ['self', 'shift', 'baseline'] as const;
export type NullSource = (typeof NULL_SOURCES)[number];

/** The hypothesis that each source stands for. */
export const HYPOTHESES: Readonly<Record<NullSource, string>> = {
  self: 'from the onset on, the disturbed loss is that of other music of this clip',
  shift: "the curve after the onset is what it is, but the window's frames are no special place in it",
  baseline: 'the curve after the onset is like the curve before it',
};

/**
 * Statistics that a source can judge. Moved, a curve keeps its trough: the spread after the window then rises and
 * falls with where the trough lies, and cannot judge decay.
 */
const JUDGES: Readonly<Record<NullSource, readonly Statistic['name'][]>> = {
  self: ['mean', 'template', 'area', 'decay'],
  shift: ['mean', 'template', 'area'],
  baseline: ['mean', 'template', 'area', 'decay'],
};

/** Whether the chance of this statistic under this source means anything. */
export function judges(source: NullSource, kind: Statistic['name']): boolean {
  return JUDGES[source].includes(kind);
}

/** Fewest frames of delta that stretches are taken from. */
const FEWEST = 50;

/** What null curves are made of. */
export interface NullMaterial extends Omit<MusicMaterial, 'clean'> {
  /** [T] loss of the clean clip averaged over codebooks, nats; `self` needs it. */
  readonly clean?: Float64Array;
}

/** The null curves of a source, or why they cannot be had from this material. */
export function nullCurves(
  source: NullSource,
  material: NullMaterial,
): readonly NullCurves[] | { readonly why: string } {
  if (source === 'self') {
    const { clean, ...rest } = material;
    return clean === undefined
      ? { why: 'self: needs the loss curve of the clean clip' }
      : otherMusic({ ...rest, clean });
  }
  const found = source === 'shift' ? elsewhere(material) : asBefore(material);
  return 'why' in found ? found : [found];
}

/** Other stretches of the curve from the frontier on. */
function elsewhere({ curve, window, reach }: NullMaterial): NullCurves | { readonly why: string } {
  const from = frontier(window, reach);
  const part = definedIn(curve, from, definedEnd(curve));
  const n = part.length;
  if (n < FEWEST) return { why: `shift: ${counted(n, 'frame')} from the onset on, ${FEWEST} needed` };
  return ofDelta(curve, { part, from, first: from });
}

/** Stretches of what delta was before the onset. */
function asBefore({ curve, window, reach }: NullMaterial): NullCurves | { readonly why: string } {
  const from = frontier(window, reach);
  const part = definedIn(curve, 0, from);
  const n = part.length;
  if (n < FEWEST) return { why: `baseline: ${counted(n, 'frame')} before the onset, ${FEWEST} needed` };
  if (part.every((value) => value === part[0])) {
    return {
      why: 'baseline: delta does not vary before the onset, so that any change at all would be beyond it',
    };
  }
  return ofDelta(curve, { part, from });
}

/** Stretches of a part of delta in the place of what lies from `from` on; `first`: where the part itself begins there. */
function ofDelta(
  curve: Float64Array,
  { part, from, first }: { readonly part: Float64Array; readonly from: number; readonly first?: number },
): NullCurves {
  return {
    lengths: [part.length],
    fewest: 1,
    bySize: true,
    ...(first === undefined
      ? {}
      : { among: ({ span }: StretchSpan) => part.length - (span.end - span.start) }),
    withPlace: ({ span }) =>
      span.end - span.start + (first === undefined ? 0 : 1) <= part.length ? [part.length] : [],
    draw(random, { span }) {
      const except = first === undefined ? {} : { except: span.start - first };
      const at = stretchStart(random, part.length, { frames: span.end - span.start, ...except });
      return movedTo(curve, part, { from, by: at - span.start });
    },
  };
}

/** What the rule reports of one region under the null. */
export interface NullRow {
  readonly name: RegionName;
  /** Share of draws in which the region is found at all. */
  readonly found: number;
  /** Region mean where found, nats. Absent when found in fewer than two draws. */
  readonly mean?: Distribution;
  /** The region's statistic where found: see Statistic. Absent when found in fewer than two draws. */
  readonly statistic?: Distribution & { readonly name: Statistic['name'] };
  /** How many other clips the null curves of this region were made of; absent: of the clip's own loss. */
  readonly otherClips?: number;
}

/** The rule on null curves of one kind in which a number's frames are one stretch. */
export interface UnderNull {
  readonly kind: NullCurves;
  readonly findings: readonly RegionFindings[];
}

export interface UnderNullOptions extends RuleOptions {
  readonly draws: number;
  readonly seed: readonly (string | number)[];
  readonly window: Window;
}

/** The rule on so many null curves. */
export function findUnderNull(
  kind: NullCurves,
  stretch: StretchSpan,
  { window, ...options }: UnderNullOptions,
): UnderNull {
  const random = generator(seedOf(...options.seed));
  // These rules look no further for what lies around the window; the two of the paper may.
  const looksOn = options.rule === 'paper' || options.rule === 'released';
  const end = looksOn ? Number.POSITIVE_INFINITY : Math.max(stretch.span.end, window.end + AFTER);
  const findings = Array.from({ length: options.draws }, () =>
    findRegions(kind.draw(random, stretch).subarray(0, end), window, options),
  );
  return { kind, findings };
}

/** Row of a region in the null table of a rule. */
export function nullRow(region: Region, judged: JudgedFrames, { kind, findings }: UnderNull): NullRow {
  const regions = findings.flatMap((one) => one.regions.filter(({ name }) => name === region.name));
  const { name: statistic } = region.statistic;
  const values = regions.flatMap((one) => (one.statistic.name === statistic ? [one.statistic.value] : []));
  const means = regions.map((one) => one.mean);
  const seen = (list: readonly number[]): Distribution => describe(widened(list, kind, judged));
  return {
    name: region.name,
    found: regions.length / findings.length,
    ...(means.length < 2 ? {} : { mean: seen(means) }),
    ...(values.length < 2 ? {} : { statistic: { name: statistic, ...seen(values) } }),
    ...(kind.ofOthers ? { otherClips: kind.withPlace(judged).length } : {}),
  };
}

/** What is compared with the null: a value, and where the same is found in a null curve. */
export interface ComparedMeans {
  readonly value: number;
  readonly tail: Statistic['tail'];
  readonly judged: JudgedFrames;
  readonly inNull: (findings: RegionFindings) => number | undefined;
}

/**
 * Chance that the null gives at least as much: (1 + count) / (1 + draws), Phipson and Smyth (2010), so never 0. For
 * `both`, other music is lower or higher than the clip at this place, so that each side counts by itself, and twice; the
 * other sources go by size. A draw in which the rule finds no such thing counts as less.
 */
export function chanceOf({ value, tail, judged, inNull }: ComparedMeans, under: UnderNull): number {
  const draws = under.findings.length;
  const found = under.findings.flatMap((findings) => inNull(findings) ?? []);
  const values = widened(found, under.kind, judged);
  // What the null gives exactly counts as at least as much, in spite of rounding.
  const slack = 1e-9 * Math.abs(value);
  // Where it is one of so many places, beyond all others has a chance of one in as many, however many are drawn.
  const least = under.kind.among ? 1 / (1 + under.kind.among(judged)) : 0;
  const share = (count: number): number => Math.max(least, (1 + count) / (1 + draws));
  const above = share(values.filter((one) => one >= value - slack).length);
  if (tail === 'upper') return above;
  if (under.kind.bySize) {
    return share(values.filter((one) => Math.abs(one) >= Math.abs(value) - slack).length);
  }
  const below = share(values.filter((one) => one <= value + slack).length);
  return Math.min(1, 2 * Math.min(above, below));
}

/** The statistic of a region, wherever the rule finds it in a null curve. */
export function comparedRegion(
  { name, statistic: { name: kind, value, tail } }: Region,
  judged: JudgedFrames,
): ComparedMeans {
  return {
    ...{ value, tail, judged },
    inNull: ({ regions }) =>
      regions.find((region) => region.name === name && region.statistic.name === kind)?.statistic.value,
  };
}
