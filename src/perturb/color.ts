// Coloured noise: white Gaussian noise through a filter, so that it is stationary and a longer stretch begins with
// the same samples. The true colours have a spectrum of exactly nominal slope from 20 Hz up; nothing lies
// below: it is not heard, and 1/f^2 has no finite power towards 0. The released ones are the authors' filters.

import type { Random } from '../stats/random.js';
import { convolved, type Shape, shapeOf } from './filter.js';
import type { NoiseColor } from './terms.js';

/** The true colours have no power below, Hz. */
const LOWEST_HZ = 20;

/** n samples of noise at a sample rate. */
type Source = (n: number, sampleRate: number, random: Random) => Float64Array;

/**
 * True colours by amplitude over frequency (its square is the power: f^(1/2) is +3.01 dB per octave); released ones by
 * the filters of the authors' public scripts: Butterworth with cut-offs as shares of the Nyquist frequency (3.2, 1.6
 * and 8 kHz at 32 kHz), run once forward from rest over the window.
 */
const SOURCES: Readonly<Record<NoiseColor, Source>> = {
  white: (n, _, random) => normals(n, random),
  pink: shaped((kHz) => 1 / Math.sqrt(kHz)),
  brown: shaped((kHz) => 1 / kHz),
  blue: shaped((kHz) => Math.sqrt(kHz)),
  violet: shaped((kHz) => kHz),
  'released-pink': through(lowpass1(0.2)),
  'released-brown': through(lowpass2(0.1)),
  'released-blue': through(highpass1(0.5)),
};

/** Numerator and denominator of a digital filter, a[0] = 1. */
interface Filter {
  readonly b: readonly number[];
  readonly a: readonly number[];
}

/** n samples of noise of a colour; its level is not normalised. */
export function colored(color: NoiseColor, n: number, sampleRate: number, random: Random): Float64Array {
  return SOURCES[color](n, sampleRate, random);
}

function shaped(amplitude: (kHz: number) => number): Source {
  const audible = (hz: number): number => (hz < LOWEST_HZ ? 0 : amplitude(hz / 1000));
  let kept: { readonly sampleRate: number; readonly shape: Shape } | undefined;
  return (n, sampleRate, random) => {
    if (kept?.sampleRate !== sampleRate) kept = { sampleRate, shape: shapeOf(audible, sampleRate) };
    // Block b takes the same draws however long the whole is.
    return convolved(kept.shape, n, (into) => {
      for (let i = 0; i < into.length; i++) into[i] = random.normal();
    });
  };
}

function through(filter: Filter): Source {
  return (n, _, random) => filtered(filter, normals(n, random));
}

function normals(n: number, random: Random): Float64Array {
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) values[i] = random.normal();
  return values;
}

/** Direct form, from rest. */
function filtered({ b, a }: Filter, x: Float64Array): Float64Array {
  const y = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    let sum = b[0] * x[i];
    for (let j = 1; j < b.length && j <= i; j++) sum += b[j] * x[i - j] - a[j] * y[i - j];
    y[i] = sum;
  }
  return y;
}

/** Butterworth by the bilinear transform; cut-off as a share of the Nyquist frequency. */
function lowpass1(cutoff: number): Filter {
  const k = Math.tan((Math.PI * cutoff) / 2);
  return { b: [k / (1 + k), k / (1 + k)], a: [1, (k - 1) / (k + 1)] };
}

function highpass1(cutoff: number): Filter {
  const k = Math.tan((Math.PI * cutoff) / 2);
  return { b: [1 / (1 + k), -1 / (1 + k)], a: [1, (k - 1) / (k + 1)] };
}

function lowpass2(cutoff: number): Filter {
  const k = Math.tan((Math.PI * cutoff) / 2);
  const whole = 1 + Math.SQRT2 * k + k * k;
  const b = (k * k) / whole;
  return { b: [b, 2 * b, b], a: [1, (2 * (k * k - 1)) / whole, (1 - Math.SQRT2 * k + k * k) / whole] };
}
