// What is kept of a study's rows: a few numbers a cell, and sums where a curve is averaged. Cells of one point (a slice
// and a member of its grid) are a sample, one cell a clip.

import type { CellFacts, ContextName, GridValue } from '../study/row.js';
import type { CurveFeatures, DeltaFeatures, RegionMeans } from './curve_features.js';
import type { CurveSums } from './curve_sums.js';
import type { Findings, Maker } from './findings.js';
import type { LeakSums } from './leak_sums.js';
import { ALL_GROUPS, type Point, type Slice } from './point.js';

/** What is known where the place of a disturbance is one window on an unchanged time axis. */
export interface Placed {
  readonly features: DeltaFeatures;
  readonly regions: RegionMeans;
  /** The same features on null curves of the clip; empty where none could be made. */
  readonly nulls: readonly DeltaFeatures[];
  /** Null features that AUCs compare with; see NullFeatures. */
  readonly compared: readonly DeltaFeatures[];
  /** By how much wider the nulls of a mean over the window are taken; see NullFeatures. */
  readonly windowWidening: number;
  /** Why there are no null curves. */
  readonly unjudged?: string;
}

/** A disturbed version of a clip beside its clean one. Losses in nats per code. */
export interface DisturbedClip {
  readonly clip: string;
  readonly clean: number;
  readonly disturbed: number;
  /** Frames of the disturbed clip, and those with disturbed samples; NaN where none are left to count (deletion, edits). */
  readonly frames: number;
  readonly disturbedFrames: number;
  /** Blind features of both versions. */
  readonly curve: { readonly clean: CurveFeatures; readonly disturbed: CurveFeatures };
  /** Absent with several events, or without a frame-by-frame counterpart. */
  readonly placed?: Placed;
}

/** All cells of a point. */
export interface Sample {
  readonly point: Point;
  /** Clips that the plan has here. */
  readonly planned: number;
  /** Groups of which a row is there. */
  readonly groups: number;
  /** In the order of the clips' names. */
  readonly cells: readonly DisturbedClip[];
  readonly curve: CurveSums;
  readonly leak: LeakSums;
}

/** Mean loss of a tail's first frames, by horizon in frames; NaN where the tail is shorter. */
export interface TailLoss {
  readonly frames: number;
  readonly byHorizon: readonly number[];
}

export interface TailSample {
  readonly point: Point;
  readonly planned: number;
  /** Groups of which a row is there. */
  readonly groups: number;
  /** One clip each: those with all three contexts. */
  readonly tails: readonly (Readonly<Record<ContextName, TailLoss>> & { readonly clip: string })[];
}

export interface Measured {
  readonly counts: Findings['counts'];
  readonly makers: Findings['makers'];
  /** In the order of the plan. */
  readonly samples: readonly Sample[];
  readonly tails: readonly TailSample[];
}

/** Whether a sample says more than another: all groups together are no copy of one group. */
export function isOwn({ point, groups }: Pick<Sample, 'point' | 'groups'>): boolean {
  return point.group !== ALL_GROUPS || groups > 1;
}

/** The clips that were scored to their end: the others have no loss of the whole clip, and are missing. */
export function wholeClips(sample: Sample): Sample {
  return { ...sample, cells: sample.cells.filter(({ disturbed }) => Number.isFinite(disturbed)) };
}

/** Frames of the tail over which the amnesia index is taken; the last is the whole tail. */
export const HORIZONS = [10, 50, Number.POSITIVE_INFINITY] as const;

/** disturbed - clean. */
export function differenceOf({ clean, disturbed }: DisturbedClip): number {
  return disturbed - clean;
}

/** Effect per disturbed token: the difference times T / disturbed frames. NaN where these cannot be counted. */
export function perTokenOf(cell: DisturbedClip): number {
  return (differenceOf(cell) * cell.frames) / cell.disturbedFrames;
}

/** The point of a disturbed or context cell. @throws when the row lacks what its role needs. */
export function pointOf(facts: CellFacts): Point {
  const { model, protocol, condition, group, disturbance, variant, domain, kind } = facts;
  if (disturbance === null || variant === null || domain === null || kind === null) {
    throw new Error(
      `analysis: cell ${facts.key} has role ${facts.role} but no disturbance; run \`losscope check\``,
    );
  }
  const { color, edit, lengthTokens, blockTokens, level, levelDbfs, severityName, severity, words } = facts;
  return {
    ...{ model, protocol, condition, group, disturbance, kind, color, edit, domain },
    ...{ variant, lengthTokens, blockTokens, level, levelDbfs, grid: gridOf(facts), words: words ?? variant },
    severity: severityName === null || severity === null ? null : { name: severityName, value: severity },
  };
}

/** The slice that a point belongs to. */
function sliceOf(point: Point): Slice {
  const { model, protocol, condition, group, disturbance, kind, color, edit, domain } = point;
  return { model, protocol, condition, group, disturbance, kind, color, edit, domain };
}

/** Names a point in random streams and maps. */
export function nameOf({ model, protocol, condition, group, variant }: Point): string {
  return JSON.stringify([model, protocol, condition, group, variant]);
}

/** What varies beside one field, in words: "level -20dB, block 10". Points of a slice that differ in that field alone share it. */
function heldOf({ grid }: Point, field: string): string {
  return grid
    .filter(({ name }) => name !== field)
    .map(({ name, value, unit }) => `${name} ${value}${SIGN[unit ?? 'tokens'] ?? unit}`)
    .join(' ');
}

/** Units as they are written after a number. */
const SIGN: Readonly<Record<string, string>> = { tokens: '', dBFS: 'dB' };

/** What varies within the disturbance of a cell. */
function gridOf({ grid }: CellFacts): readonly GridValue[] {
  // A row's own text: what `factsOf` of the plan wrote with JSON.stringify.
  return grid === null ? [] : JSON.parse(grid);
}

/** Samples of one slice that differ in one field of the disturbance alone, in the order of the plan. */
export function seriesOf(
  samples: readonly Sample[],
  field: string,
): { readonly slice: Slice; readonly at: string; readonly samples: readonly Sample[] }[] {
  const series = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = JSON.stringify([sliceOf(sample.point), heldOf(sample.point, field)]);
    series.set(key, [...(series.get(key) ?? []), sample]);
  }
  return [...series.values()].map((members) => {
    const [{ point }] = members;
    return { slice: sliceOf(point), at: heldOf(point, field), samples: members };
  });
}

/** What made the numbers: one entry for every model, protocol and condition. */
export function makersOf(cells: readonly CellFacts[]): Maker[] {
  const makers = new Map<string, Maker>();
  for (const facts of cells) {
    const { model, fingerprint, protocol, condition, precision, resampler, losscope } = facts;
    const { runtime, device, instructions, measurement } = facts;
    const maker: Maker = {
      ...{ model, fingerprint, protocol, condition, precision, resampler, losscope },
      ...{ runtime, device, instructions, measurement },
    };
    makers.set(JSON.stringify(maker), maker);
  }
  return [...makers.values()];
}
