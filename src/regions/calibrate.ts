// What a rule reports where the disturbance is nothing special. Each source makes delta curves under a null hypothesis that
// can be said in a sentence; the rule runs on them as on the real one. Undefined frames stay undefined, and what lies before
// the onset stays as it is (except for `baseline`).

import { counted } from '../counted.js';
import { type Distribution, describe } from '../stats/describe.js';
import { generator, type Random, seedOf } from '../stats/random.js';
import { type MusicDraw, type MusicMaterial, type NullCurves, otherMusic, widened } from './other_music.js';
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
 * Statistics that a source can judge. Rotated, a curve keeps its trough: the spread after the window then rises and
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

/** Fewest frames that `shift` rotates. */
const FEWEST = 50;
/** Block length of the bootstrap of `baseline` in frames: longer than the codec's reach on both sides. */
const BLOCK = 10;

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
  const draw = source === 'shift' ? rotations(material) : baselineBlocks(material);
  if (typeof draw !== 'function') return draw;
  const available = material.curve.length;
  return [{ draw, available, longest: available, stretches: false }];
}

/** The curve from the frontier on, rotated by a random number of frames. */
function rotations(material: NullMaterial): MusicDraw | { readonly why: string } {
  const start = frontier(material.window, material.reach);
  const part = definedIn(material.curve, start, definedEnd(material.curve));
  const n = part.length;
  if (n < FEWEST) return { why: `shift: ${counted(n, 'frame')} from the onset on, ${FEWEST} needed` };
  return (random) => {
    const by = 1 + random.integer(n - 1);
    return redrawn(material.curve, start, (i) => part[(i + by) % n]);
  };
}

/** Delta put together from blocks of what it was before the onset. */
function baselineBlocks(material: NullMaterial): MusicDraw | { readonly why: string } {
  const before = definedIn(material.curve, 0, frontier(material.window, material.reach));
  const n = before.length;
  if (n < 2 * BLOCK) {
    return { why: `baseline: ${counted(n, 'frame')} before the onset, ${2 * BLOCK} needed` };
  }
  if (before.every((value) => value === before[0])) {
    return {
      why: 'baseline: delta does not vary before the onset, so that any change at all would be beyond it',
    };
  }
  // The level before the onset is an estimate too, so it is drawn anew with the rest.
  return (random) => redrawn(material.curve, 0, blocksOf(before, BLOCK, random));
}

/** Endless stream of a circular block bootstrap (Politis and Romano 1992); the first block is cut at random. */
function blocksOf(values: Float64Array, block: number, random: Random): () => number {
  let left = 1 + random.integer(block);
  let at = random.integer(values.length);
  return () => {
    if (left === 0) {
      left = block;
      at = random.integer(values.length);
    }
    left--;
    const value = values[at];
    at = at + 1 === values.length ? 0 : at + 1;
    return value;
  };
}

/** The curve with its i-th defined frame from `start` on replaced. */
function redrawn(curve: Float64Array, start: number, value: (i: number) => number): Float64Array {
  const made = Float64Array.from(curve);
  let i = 0;
  for (let t = start; t < made.length; t++) {
    if (!Number.isNaN(made[t])) made[t] = value(i++);
  }
  return made;
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

/** The rule on the null curves of one kind. */
export interface UnderNull extends Pick<NullCurves, 'available' | 'stretches' | 'otherClips'> {
  readonly findings: readonly RegionFindings[];
}

export interface UnderNullOptions extends RuleOptions {
  readonly draws: number;
  readonly seed: readonly (string | number)[];
  /** Frames that are judged: see MusicDraw. */
  readonly whole?: Window;
}

/** The rule on so many null curves. */
export function findUnderNull(
  { draw, otherClips, ...kind }: NullCurves,
  window: Window,
  options: UnderNullOptions,
): UnderNull {
  const random = generator(seedOf(...options.seed));
  const findings = Array.from({ length: options.draws }, () =>
    findRegions(draw(random, options.whole), window, options),
  );
  return { ...kind, findings, ...(otherClips === undefined ? {} : { otherClips }) };
}

/** Row of a region in the null table of a rule. */
export function nullRow(region: Region, under: UnderNull): NullRow {
  const regions = under.findings.flatMap((one) => one.regions.filter(({ name }) => name === region.name));
  const { name: kind } = region.statistic;
  const values = regions.flatMap(({ statistic }) => (statistic.name === kind ? [statistic.value] : []));
  const means = regions.map((one) => one.mean);
  const seen = (list: readonly number[]): Distribution => describe(widened(list, region.frames, under));
  return {
    name: region.name,
    found: regions.length / under.findings.length,
    ...(means.length < 2 ? {} : { mean: seen(means) }),
    ...(values.length < 2 ? {} : { statistic: { name: kind, ...seen(values) } }),
    ...(under.otherClips === undefined ? {} : { otherClips: under.otherClips }),
  };
}

/** What is compared with the null: a value over so many defined frames, and where the same is found in a null curve. */
export interface ComparedMeans {
  readonly value: number;
  readonly tail: Statistic['tail'];
  readonly frames: number;
  /** Where these frames lie. */
  readonly span: Window;
  readonly inNull: (findings: RegionFindings) => number | undefined;
}

/**
 * Chance that the null gives at least as much: (1 + count) / (1 + draws), Phipson and Smyth (2010), so never 0. For
 * `both`, other music is lower or higher than the clip at this place, so that each side counts by itself, and twice; the
 * other sources go by size. A draw in which the rule finds no such thing counts as less.
 */
export function chanceOf({ value, tail, frames, inNull }: ComparedMeans, under: UnderNull): number {
  const draws = under.findings.length;
  const found = under.findings.flatMap((findings) => inNull(findings) ?? []);
  const values = widened(found, frames, under);
  // What the null gives exactly counts as at least as much, in spite of rounding.
  const slack = 1e-9 * Math.abs(value);
  const share = (count: number): number => (1 + count) / (1 + draws);
  const above = share(values.filter((one) => one >= value - slack).length);
  if (tail === 'upper') return above;
  if (!under.stretches) return share(values.filter((one) => Math.abs(one) >= Math.abs(value) - slack).length);
  const below = share(values.filter((one) => one <= value + slack).length);
  return Math.min(1, 2 * Math.min(above, below));
}

/** The statistic of a region, wherever the rule finds it in a null curve. */
export function comparedRegion({
  name,
  start,
  end,
  frames,
  statistic: { name: kind, value, tail },
}: Region): ComparedMeans {
  return {
    value,
    tail,
    frames,
    span: { start, end },
    inNull: ({ regions }) =>
      regions.find((region) => region.name === name && region.statistic.name === kind)?.statistic.value,
  };
}
