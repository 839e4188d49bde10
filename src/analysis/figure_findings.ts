// What figures 3 to 5 of the paper show, from this study's rows, and the published values beside them. Losses are in nats per code.

import type { Estimate, Test } from './estimated.js';
import type { Point, Slice } from './point.js';

/** A Peak or Rebound by one definition, beside what the same definition gives on other music. */
export interface TransientRow extends Point {
  readonly region: 'peak' | 'rebound';
  /** b being the boundary: [b - 1, b + 2), the paper's [b, b + 5), or looked for near b. */
  readonly definition: 'boundary' | 'paper' | 'searched';
  /** Mean over clips, nats; 0 in a clip where a search finds nothing. */
  readonly mean: Estimate;
  /** The same on null curves, each clip's mean over its own. */
  readonly null: Estimate;
  /** The first minus the second, by clip: what is more than other music gives. */
  readonly overNull: Estimate;
  /** That `overNull` is 0. */
  readonly test: Test;
}

/** Region means by clip: Fig. 4. */
export interface RegionSample extends Point {
  readonly region: 'peak' | 'assimilation' | 'rebound' | 'recovery';
  /** One number a clip, nats. */
  readonly values: readonly number[];
  /** The clips in the same order. */
  readonly clips: readonly string[];
  readonly mean: Estimate;
  readonly test: Test;
}

/**
 * Mean delta curve over clips: Fig. 3, and its heat map by codebook. Frames [from, from + length) of the clip where the
 * window starts at the same frame in every clip; otherwise they are counted from the window's start (`window.start` 0).
 */
export interface Curve extends Point {
  readonly from: number;
  readonly frameRate: number;
  readonly window: { readonly start: number; readonly end: number };
  readonly mean: readonly (number | null)[];
  /** Pointwise 95% interval over clips (Student's t); null below three clips. */
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** [K][frames] mean over clips. */
  readonly byCodebook: readonly (readonly (number | null)[])[];
  /** Regions of rule `fixed`, in the same frames as the curve. */
  readonly bands: readonly { readonly name: string; readonly start: number; readonly end: number }[];
  readonly n: number;
}

/** Notched box of clip losses: Fig. 5. */
export interface LossBox extends Slice {
  /** What all boxes of a row share beside the slice: "length 500"; empty when there is nothing. */
  readonly at: string;
  /** Null: the clean clips. */
  readonly blockTokens: number | null;
  readonly n: number;
  readonly mean: number;
  readonly median: number;
  readonly q1: number;
  readonly q3: number;
  readonly low: number;
  readonly high: number;
  /** Half-width of the notch, 1.57 IQR / sqrt(n). */
  readonly notch: number;
  readonly outliers: readonly number[];
  /** Where they are from, in the same order; `variant` is null for clean clips. */
  readonly outlierCells: readonly { readonly clip: string; readonly variant: string | null }[];
}

/** Which codes really changed, mean shares over clips by codebook. */
export interface Leak extends Point {
  /** [K]. */
  readonly before: readonly (number | null)[];
  readonly inside: readonly (number | null)[];
  readonly after: readonly (number | null)[];
  readonly n: number;
}

/** A published value beside ours. */
export interface Published {
  /** "Fig. 2". */
  readonly where: string;
  readonly what: string;
  readonly published: number;
  /** Standard deviation over so many clips, where the paper has it. */
  readonly spread?: { readonly sd: number; readonly n: number };
  /** The point of ours that is of the same model, group and protocol, and so may be drawn beside it. */
  readonly beside?: Pick<Point, 'model' | 'protocol' | 'condition' | 'group' | 'disturbance' | 'variant'>;
  /** Ours where a slice corresponds; else null, with the reason. */
  readonly ours: number | null;
  readonly note: string;
}
