// Student's t with real degrees of freedom, through the incomplete beta function.

import { inverseTail } from './normal.js';

/**
 * P(T > t) of Student's t, degrees > 0 and real: half the regularised incomplete beta function
 * I_x(degrees/2, 1/2) at x = degrees / (degrees + t^2), Abramowitz and Stegun 26.7.1. Relative error about 1e-12, also
 * in the far tail. studentTail(2.570581835636315, 5) = 0.025.
 */
export function studentTail(t: number, degrees: number): number {
  if (t < 0) return 1 - studentTail(-t, degrees);
  if (t === Number.POSITIVE_INFINITY) return 0;
  const square = t * t;
  return incompleteBeta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5) / 2;
}

/** P(|T| >= |t|), the two-sided p-value of a t statistic. */
export function studentTwoSided(t: number, degrees: number): number {
  return 2 * studentTail(Math.abs(t), degrees);
}

/** The t with P(T <= t) = p, 0 < p < 1. studentQuantile(0.975, 5) = 2.570581835636315. */
export function studentQuantile(p: number, degrees: number): number {
  if (p > 0.5) return -studentQuantile(1 - p, degrees);
  const name = `${p} ${degrees}`;
  const known = quantiles.get(name) ?? -inverseTail((t) => studentTail(t, degrees), p);
  if (quantiles.size >= KEPT) quantiles.clear();
  quantiles.set(name, known);
  return known;
}

/** Thousands of intervals ask for a few quantiles, each of which costs a search. */
const quantiles = new Map<string, number>();
const KEPT = 1000;

/**
 * Regularised incomplete beta function I_x(a, b), DLMF 8.17.22, from the side where the continued fraction converges
 * fast. `rest` is 1 - x, given apart because near x = 1 the subtraction would lose it.
 */
function incompleteBeta(x: number, rest: number, a: number, b: number): number {
  if (x === 0 || rest === 0) return x;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(rest));
  if (x > (a + 1) / (a + b + 2)) return 1 - front / (b * betaFraction(rest, b, a));
  return front / (a * betaFraction(x, a, b));
}

/** 1 + d1 / (1 + d2 / (1 + ...)) with the coefficients of DLMF 8.17.23, by the modified Lentz method. */
function betaFraction(x: number, a: number, b: number): number {
  const offZero = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let fraction = 1;
  let above = 1;
  let below = 0;
  for (let i = 1; i < 10_000; i++) {
    const k = i >> 1;
    const coefficient =
      i % 2 === 0
        ? (k * (b - k) * x) / ((a + 2 * k - 1) * (a + 2 * k))
        : (-(a + k) * (a + b + k) * x) / ((a + 2 * k) * (a + 2 * k + 1));
    below = 1 / offZero(1 + coefficient * below);
    above = offZero(1 + coefficient / above);
    fraction *= above * below;
    if (Math.abs(above * below - 1) < 1e-15) break;
  }
  return fraction;
}

/** ln Gamma(x), x > 0, Lanczos (1964) with g = 7 and nine terms; relative error about 1e-15. */
function logGamma(x: number): number {
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ];
  let sum = 0.9999999999998099;
  for (let i = 0; i < terms.length; i++) sum += terms[i] / (x + i);
  const t = x + 6.5;
  return Math.log(2 * Math.PI) / 2 + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
