// A signal between its samples: windowed sinc (Kaiser window), for reading at a speed that changes or is no simple ratio.
// interpolated.ts reads at many places at once. The resampler of files (resample.ts) has exact phases and a steeper filter, for one ratio at a time.

import { recent } from './kept.js';
import { besselI0, sinc } from './sinc.js';

/** Zero crossings of the sinc on each side: flat to 0.95 of the pass band's edge, which is 6 dB down. */
export const ZERO_CROSSINGS = 64;
/** Kaiser's beta: about 100 dB of stop band. */
const BETA = 10;
/** Values of the kernel between two zero crossings; between these it is read linearly, 106 dB exact. */
export const STEPS = 512;

/** The value of a signal at any place between its samples; silence lies around it. */
export type Interpolator = (signal: ArrayLike<number>, position: number) => number;

/**
 * An interpolator for reading at up to so many times the signal's speed: above 1 its pass band is narrower, so that
 * what is read folds nothing back. At speed 1 and below, whole positions give the samples themselves.
 */
export function interpolator(speed = 1): Interpolator {
  const kernel = kernelFor(speed);
  return (signal, position) => between(signal, position, kernel);
}

const lastKernels = recent<Kernel>(4);

/** The kernel for reading at a speed. */
export function kernelFor(speed: number): Kernel {
  return lastKernels(String(speed), () => kernelOf(speed));
}

function kernelOf(speed: number): Kernel {
  const scale = Math.min(1, 1 / speed);
  const reach = ZERO_CROSSINGS / scale;
  const table = Float64Array.from({ length: ZERO_CROSSINGS * STEPS + 2 }, (_, i) => {
    const x = i / STEPS;
    const inside = 1 - (x / ZERO_CROSSINGS) ** 2;
    return inside <= 0 ? 0 : (scale * sinc(x) * besselI0(BETA * Math.sqrt(inside))) / besselI0(BETA);
  });
  // Exactly 0 at the crossings, which sine only nearly is.
  if (scale === 1) for (let i = STEPS; i < table.length; i += STEPS) table[i] = 0;
  const rises = Float64Array.from(table, (value, i) => (table[i + 1] ?? 0) - value);
  return { scale, reach, table, rises };
}

export interface Kernel {
  /** Zero crossings in a sample. */
  readonly scale: number;
  /** Samples on each side. */
  readonly reach: number;
  /** Values of the kernel, and what the next one is more. */
  readonly table: Float64Array;
  readonly rises: Float64Array;
}

function between(
  signal: ArrayLike<number>,
  position: number,
  { scale, reach, table, rises }: Kernel,
): number {
  const first = Math.max(0, Math.ceil(position - reach));
  const last = Math.min(signal.length - 1, Math.floor(position + reach));
  let sum = 0;
  for (let i = first; i <= last; i++) {
    const at = Math.abs(position - i) * scale * STEPS;
    const step = at | 0; // rounds down: it is not negative
    sum += signal[i] * (table[step] + (at - step) * rises[step]);
  }
  return sum;
}
