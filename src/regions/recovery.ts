// How the spread of a delta curve decays after the window: E|delta_t| = sqrt(floor^2 + (A 2^(-t / h))^2), t frames
// after the window's end; independent spreads add in squares. Fitted by quasi-likelihood with variance ~ mean^2 (McCullagh and Nelder 1989, ch. 9), which suits
// |delta|, whose scatter grows with its size, and takes zeros as they come, as a fit to logarithms cannot.
// The fit is to means over blocks of 5 frames: an exponential keeps its rate under such means.

import { dependenceFactor, mean } from '../stats/describe.js';

/** Frames of a block. */
const BLOCK = 5;
/** Fewest frames that a decay is fitted to: 8 blocks. */
export const FEWEST_FOR_DECAY = 8 * BLOCK;
const STEPS = 50;

export interface Decay {
  /** A: spread beside the floor at t = 0, nats. */
  readonly amplitude: number;
  /** ln 2 / half-life, per frame; negative when the spread grows. */
  readonly rate: number;
  /** Standard error of the rate, from the residual dispersion, widened for autocorrelation. */
  readonly error: number;
}

/** Log-spread a + b x with its quasi-deviance, scores and information. */
interface State {
  readonly a: number;
  readonly b: number;
  readonly deviance: number;
  readonly score: readonly [number, number];
  readonly information: readonly [number, number, number];
}

/**
 * Fit to the sizes |delta| of the frames from `first` (t = 0 is the window's end) on; NaN where undefined.
 * `floor` is the spread that does not decay: the baseline's. Undefined below 8 whole blocks, where the mean is not
 * above the floor, or where the iteration does not settle.
 */
export function fitDecay(sizes: Float64Array, first: number, floor: number): Decay | undefined {
  const { y, t } = blocks(sizes, first);
  const level = mean(y);
  if (y.length < FEWEST_FOR_DECAY / BLOCK || !(level > floor) || !(level > 0)) return undefined;
  const centre = mean(t);
  const x = t.map((time) => time - centre);
  let state = evaluate(y, x, floor, 0.5 * Math.log(level ** 2 - floor ** 2), 0);
  for (let step = 0; step < STEPS; step++) {
    const next = improve(y, x, floor, state);
    if (next === undefined) return undefined;
    const settled = state.deviance - next.deviance < 1e-9 * y.length;
    state = next;
    if (settled) return decayOf(y, x, floor, state, centre);
  }
  return undefined;
}

/** Means of whole blocks without an undefined frame, and the times of their middles. */
function blocks(sizes: Float64Array, first: number): { y: Float64Array; t: Float64Array } {
  const y: number[] = [];
  const t: number[] = [];
  for (let from = 0; from + BLOCK <= sizes.length; from += BLOCK) {
    const value = mean(sizes.subarray(from, from + BLOCK));
    if (Number.isNaN(value)) continue;
    y.push(value);
    t.push(first + from + (BLOCK - 1) / 2);
  }
  return { y: Float64Array.from(y), t: Float64Array.from(t) };
}

function evaluate(y: Float64Array, x: Float64Array, floor: number, a: number, b: number): State {
  let deviance = 0;
  let [s0, s1, i00, i01, i11] = [0, 0, 0, 0, 0];
  for (let i = 0; i < y.length; i++) {
    const above = Math.exp(a + b * x[i]);
    const mu = Math.hypot(floor, above);
    deviance += Math.log(mu) + y[i] / mu;
    const weight = (above / mu) ** 2;
    const pull = ((y[i] - mu) / mu) * weight;
    s0 += pull;
    s1 += pull * x[i];
    i00 += weight * weight;
    i01 += weight * weight * x[i];
    i11 += weight * weight * x[i] * x[i];
  }
  return { a, b, deviance, score: [s0, s1], information: [i00, i01, i11] };
}

/** One Fisher scoring step, halved until the quasi-likelihood does not fall. */
function improve(y: Float64Array, x: Float64Array, floor: number, state: State): State | undefined {
  const [i00, i01, i11] = state.information;
  const [s0, s1] = state.score;
  const determinant = i00 * i11 - i01 * i01;
  const da = (i11 * s0 - i01 * s1) / determinant;
  const db = (i00 * s1 - i01 * s0) / determinant;
  for (let scale = 1; scale > 1e-4; scale /= 2) {
    const next = evaluate(y, x, floor, state.a + scale * da, state.b + scale * db);
    if (next.deviance <= state.deviance + 1e-12 * y.length) return next;
  }
  return undefined;
}

function decayOf(
  y: Float64Array,
  x: Float64Array,
  floor: number,
  { a, b, information: [i00, i01, i11] }: State,
  centre: number,
): Decay {
  const residuals = y.map((size, i) => size / Math.hypot(floor, Math.exp(a + b * x[i])) - 1);
  const dispersion = residuals.reduce((sum, r) => sum + r * r, 0) / (y.length - 2);
  const variance = (dispersion * i00) / (i00 * i11 - i01 * i01);
  return {
    amplitude: Math.exp(a - b * centre) / blockGain(b),
    rate: -b,
    error: Math.sqrt(variance) * dependenceFactor(residuals),
  };
}

/** Mean of exp(b t) over a block, relative to its middle: what block means overstate an exponential by. */
function blockGain(b: number): number {
  let sum = 0;
  for (let i = 0; i < BLOCK; i++) sum += Math.exp(b * (i - (BLOCK - 1) / 2));
  return sum / BLOCK;
}
