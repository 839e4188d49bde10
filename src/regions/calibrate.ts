// What a rule reports when nothing happened. Each source makes delta curves under a null hypothesis that can be
// said in a sentence; the rule runs on them as on the real one. Undefined frames stay undefined, and what lies before
// the onset stays as it is (except for `baseline`).

import { type Distribution, describe } from '../stats/describe.js';
import { generator, type Random, seedOf } from '../stats/random.js';
import {
  definedEnd,
  definedIn,
  type Findings,
  frontier,
  REGION_NAMES,
  type Reach,
  type Region,
  type RegionName,
  type Statistic,
} from './region.js';
import { findRegions, type RuleOptions } from './rules.js';
import type { Window } from './window.js';

export const NULL_SOURCES = ['self', 'shift', 'baseline'] as const;
export type NullSource = (typeof NULL_SOURCES)[number];

/** The hypothesis that each source stands for. */
export const HYPOTHESES: Readonly<Record<NullSource, string>> = {
  self: 'from the onset on, the two losses are those of unrelated stretches of the clean clip',
  shift: "the curve after the onset is what it is, but the window's frames are no special place in it",
  baseline: 'the curve after the onset is like the curve before it',
};

/**
 * Statistics that a source can judge. Rotated, a curve keeps its trough: the spread after the window then rises and
 * falls with where the trough lies, and says nothing of decay.
 */
const JUDGES: Readonly<Record<NullSource, readonly Statistic['name'][]>> = {
  self: ['mean', 'area', 'decay'],
  shift: ['mean', 'area'],
  baseline: ['mean', 'area', 'decay'],
};

/** Whether the chance of a region under this source means anything. */
export function judges(source: NullSource, region: Region): boolean {
  return JUDGES[source].includes(region.statistic.name);
}

/** Frames at a clip's start where the model has little context; left out of `self` where there is enough else. */
const WARM_UP = 50;
/** Fewest frames that `shift` rotates. */
const FEWEST = 50;
/** Block lengths of the bootstraps in frames: a second of music; longer than the codec's reach on both sides. */
const BLOCK = { self: 50, baseline: 10 };

/** What null curves are made of. */
export interface NullMaterial {
  /** [T] the delta curve itself, nats. */
  readonly curve: Float64Array;
  readonly window: Window;
  readonly reach: Reach;
  /** [T] loss of the clean clip averaged over codebooks, nats; `self` needs it. */
  readonly clean?: Float64Array;
}

/** Makes one null curve [T] from a stream of random numbers. */
export type Draw = (random: Random) => Float64Array;

/** The drawing function of a source, or why it cannot be had from this material. */
export function nullCurves(source: NullSource, material: NullMaterial): Draw | { readonly why: string } {
  return SOURCES[source](material);
}

const SOURCES: Readonly<Record<NullSource, (material: NullMaterial) => Draw | { readonly why: string }>> = {
  self: selfDifferences,
  shift: rotations,
  baseline: baselineBlocks,
};

/** Differences of two clean loss curves put together from blocks of the clip's own, independently of each other. */
function selfDifferences(material: NullMaterial): Draw | { readonly why: string } {
  if (material.clean === undefined) return { why: 'self: needs the loss curve of the clean clip' };
  const all = definedIn(material.clean, 0, material.clean.length);
  const losses = all.length > 4 * WARM_UP ? all.subarray(WARM_UP) : all;
  if (losses.length < 2 * BLOCK.self) {
    return { why: `self: ${losses.length} frames of clean loss, ${2 * BLOCK.self} needed` };
  }
  const start = frontier(material.window, material.reach);
  return (random) => {
    const disturbed = blocksOf(losses, BLOCK.self, random);
    const clean = blocksOf(losses, BLOCK.self, random);
    return redrawn(material.curve, start, () => disturbed() - clean());
  };
}

/** The curve from the frontier on, rotated by a random number of frames. */
function rotations(material: NullMaterial): Draw | { readonly why: string } {
  const start = frontier(material.window, material.reach);
  const part = definedIn(material.curve, start, definedEnd(material.curve));
  const n = part.length;
  if (n < FEWEST) return { why: `shift: ${n} frames from the onset on, ${FEWEST} needed` };
  return (random) => {
    const by = 1 + random.integer(n - 1);
    return redrawn(material.curve, start, (i) => part[(i + by) % n]);
  };
}

/** Delta put together from blocks of what it was before the onset. */
function baselineBlocks(material: NullMaterial): Draw | { readonly why: string } {
  const before = definedIn(material.curve, 0, frontier(material.window, material.reach));
  const n = before.length;
  if (n < 2 * BLOCK.baseline) {
    return { why: `baseline: ${n} frames before the onset, ${2 * BLOCK.baseline} needed` };
  }
  if (before.every((value) => value === before[0])) {
    return {
      why: 'baseline: delta does not vary before the onset, so that any change at all would be beyond it',
    };
  }
  // The level before the onset is an estimate too, so it is drawn anew with the rest.
  return (random) => redrawn(material.curve, 0, blocksOf(before, BLOCK.baseline, random));
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
}

/** The rule on so many null curves. */
export function findUnderNull(
  draw: Draw,
  window: Window,
  options: RuleOptions & { readonly draws: number; readonly seed: readonly (string | number)[] },
): Findings[] {
  const random = generator(seedOf(...options.seed));
  return Array.from({ length: options.draws }, () => findRegions(draw(random), window, options));
}

/** Null table of a rule: one row for each region it ever finds. */
export function nullTable(findings: readonly Findings[]): NullRow[] {
  return REGION_NAMES.flatMap((name) => {
    const regions = findings.flatMap((one) => one.regions.filter((region) => region.name === name));
    if (regions.length === 0) return [];
    // One kind of statistic per row: a recovery too short to fit a decay reports its mean instead.
    const { name: kind } = regions[0].statistic;
    const same = regions.filter((region) => region.statistic.name === kind);
    return [
      {
        name,
        found: regions.length / findings.length,
        ...(regions.length < 2 ? {} : { mean: describe(regions.map((region) => region.mean)) }),
        ...(same.length < 2
          ? {}
          : { statistic: { name: kind, ...describe(same.map((region) => region.statistic.value)) } }),
      },
    ];
  });
}

/**
 * Chance that the null gives at least as much: (1 + count) / (1 + draws), Phipson and Smyth (2010), so never 0.
 * A draw in which the rule finds no such region counts as less.
 */
export function chanceOf(region: Region, findings: readonly Findings[]): number {
  const { name: kind, value, tail } = region.statistic;
  const size = (x: number): number => (tail === 'both' ? Math.abs(x) : x);
  const count = findings.filter((one) =>
    one.regions.some(
      ({ name, statistic }) =>
        name === region.name && statistic.name === kind && size(statistic.value) >= size(value),
    ),
  ).length;
  return (1 + count) / (1 + findings.length);
}
