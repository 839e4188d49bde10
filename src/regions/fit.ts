// How much of the clean loss is left in the disturbed one, inside the window: what the null self takes from a curve.

import { mean } from '../stats/describe.js';
import type { Reach } from './region.js';
import type { Window } from './window.js';

/** Frames of a window's interior from which it is estimated how much of the clean loss is left in the disturbed one. */
const INTERIOR = { from: 3, fewest: 30 };
/** Frames after the window in which the scatter is taken. */
const AFTER = 50;

/** How the disturbed loss hangs together with the clean one. */
export interface Fit {
  /** Share of the clean loss's variation that is lost in the disturbed one: 1 where the two have nothing in common. */
  readonly gone: number;
  /** The disturbed loss scatters by so much more from frame to frame than the clean one; at least 1. */
  readonly wider: number;
}

/** Of a curve that is not known: the hypothesis as it is said. */
export const UNRELATED: Fit = { gone: 1, wider: 1 };

/** [T] delta and clean loss, nats, around a window. */
interface Fitted {
  readonly curve: Float64Array;
  readonly clean: Float64Array;
  readonly window: Window;
  readonly reach: Reach;
}

/**
 * Least squares of delta on the clean loss inside the window, and the ratio of the scatters. Real windows of noise give a
 * slope of -1: the two losses have nothing in common. It is estimated because small disturbances leave most of the loss as
 * it was. Undefined where the clean loss does not vary.
 */
export function fitOf({ curve, clean, window, reach }: Fitted, own: Float64Array): Fit | undefined {
  const scatter = scatterOf(own);
  if (!(scatter > 0)) return undefined;
  const gone = goneOf(curve, clean, { start: window.start + INTERIOR.from, end: window.end - reach.reach });
  const left = curve
    .slice(window.start, window.end + AFTER)
    .map((delta, i) => delta + gone * clean[window.start + i]);
  const ratio = scatterOf(left) / scatter;
  return { gone, wider: ratio > 1 ? ratio : 1 };
}

function goneOf(curve: Float64Array, clean: Float64Array, { start, end }: Window): number {
  const x: number[] = [];
  const y: number[] = [];
  for (let t = start; t < end; t++) {
    if (Number.isNaN(curve[t]) || Number.isNaN(clean[t])) continue;
    x.push(clean[t]);
    y.push(curve[t]);
  }
  if (x.length < INTERIOR.fewest) return 1;
  const [centreX, centreY] = [mean(x), mean(y)];
  let [square, product] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    square += (x[i] - centreX) ** 2;
    product += (x[i] - centreX) * (y[i] - centreY);
  }
  return square > 0 ? Math.min(1, Math.max(0, -product / square)) : 1;
}

/** S.d. from the differences of neighbours (von Neumann 1941), which no drift and few steps change; undefined pairs left out. */
function scatterOf(values: Float64Array): number {
  let [sum, pairs] = [0, 0];
  for (let t = 1; t < values.length; t++) {
    const square = (values[t] - values[t - 1]) ** 2;
    if (Number.isNaN(square)) continue;
    sum += square;
    pairs++;
  }
  return Math.sqrt(sum / (2 * pairs));
}
