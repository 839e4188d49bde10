// Running sums of delta curves over clips, aligned at the window's start: a mean curve with its pointwise interval, and a
// mean by codebook, without keeping any curve.

import type { Delta } from '../loss/delta.js';
import type { Reach } from '../regions/region.js';
import type { Window } from '../regions/window.js';
import { FEWEST_CLIPS } from '../stats/bootstrap.js';
import { studentQuantile } from '../stats/student.js';
import type { Curve } from './figure_findings.js';

/** Frames kept before the window and after it. */
const MARGIN = { before: 50, after: 150 };

/** Sums over clips by frame from `MARGIN.before` frames before the window's start on. Welford's (1962). */
export interface CurveSums {
  clips: number;
  /** Frames a second. */
  frameRate: number;
  reach: Reach;
  /** Of the first clip; `start` is undefined once another clip's differs. */
  length: number;
  start: number | undefined;
  /** Clips by frame; frames that no clip has are left out when drawn. */
  count: Int32Array;
  mean: Float64Array;
  /** Sum of squared departures from the mean. */
  squares: Float64Array;
  /** [K][frames] sums. */
  byCodebook: Float64Array[];
}

export function curveSums(): CurveSums {
  const none = new Float64Array(0);
  return {
    clips: 0,
    frameRate: Number.NaN,
    reach: { reach: 0, lag: 0 },
    length: 0,
    start: undefined,
    count: new Int32Array(0),
    mean: none,
    squares: none,
    byCodebook: [],
  };
}

interface AddedCurve {
  readonly delta: Delta;
  readonly window: Window;
  readonly frameRate: number;
  readonly reach: Reach;
}

/** Adds the delta of one clip. */
export function addCurve(sums: CurveSums, { delta, window, frameRate, reach }: AddedCurve): void {
  if (sums.clips === 0) begin(sums, delta.codebooks, window);
  sums.frameRate = frameRate;
  sums.reach = reach;
  if (window.start !== sums.start) sums.start = undefined;
  sums.clips++;
  for (let i = 0; i < sums.count.length; i++) {
    const t = window.start - MARGIN.before + i;
    const value = t < 0 || t >= delta.frames ? Number.NaN : delta.mean[t];
    if (Number.isNaN(value)) continue;
    const departure = value - sums.mean[i];
    sums.count[i]++;
    sums.mean[i] += departure / sums.count[i];
    sums.squares[i] += departure * (value - sums.mean[i]);
    for (const [k, row] of sums.byCodebook.entries()) row[i] += delta.values[k * delta.frames + t];
  }
}

function begin(sums: CurveSums, codebooks: number, { start, end }: Window): void {
  const frames = MARGIN.before + (end - start) + MARGIN.after;
  sums.start = start;
  sums.length = end - start;
  sums.count = new Int32Array(frames);
  sums.mean = new Float64Array(frames);
  sums.squares = new Float64Array(frames);
  sums.byCodebook = Array.from({ length: codebooks }, () => new Float64Array(frames));
}

/** The mean curve over the frames that some clip has; undefined without clips. */
export function meanCurve(
  sums: CurveSums,
): Pick<Curve, 'from' | 'window' | 'mean' | 'low' | 'high' | 'byCodebook' | 'n'> | undefined {
  const first = sums.count.findIndex((n) => n > 0);
  if (first < 0) return undefined;
  const last = sums.count.findLastIndex((n) => n > 0);
  const frames = Array.from({ length: last + 1 - first }, (_, i) => first + i);
  const start = sums.start ?? 0;
  const half = halfWidths(sums);
  return {
    from: start - MARGIN.before + first,
    window: { start, end: start + sums.length },
    mean: frames.map((i) => rounded(sums.count[i] > 0 ? sums.mean[i] : Number.NaN)),
    low: frames.map((i) => rounded(sums.mean[i] - half[i])),
    high: frames.map((i) => rounded(sums.mean[i] + half[i])),
    byCodebook: sums.byCodebook.map((row) => frames.map((i) => rounded(row[i] / sums.count[i]))),
    n: sums.clips,
  };
}

/** Half the width of Student's 95% interval at each frame; NaN below three clips. */
function halfWidths({ count, squares }: CurveSums): Float64Array {
  const quantiles = new Map<number, number>();
  return squares.map((square, i) => {
    const n = count[i];
    if (n < FEWEST_CLIPS) return Number.NaN;
    const quantile = quantiles.get(n) ?? studentQuantile(0.975, n - 1);
    quantiles.set(n, quantile);
    return quantile * Math.sqrt(square / (n - 1) / n);
  });
}

/** To a tenth of a millinat: finer than any picture, and a fifth of the size in a file. */
function rounded(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 1e4) / 1e4 : null;
}
