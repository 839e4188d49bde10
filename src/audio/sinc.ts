// Filters of a polyphase windowed-sinc resampler: Kaiser window (Kaiser 1974; Smith, "Digital audio resampling").

import { recent } from './kept.js';

/** Zero crossings of the sinc on each side, at the lower of the two rates. */
const ZERO_CROSSINGS = 256;
/** Stop-band attenuation in dB, and Kaiser's beta for it. */
const ATTENUATION = 150;
const BETA = 0.1102 * (ATTENUATION - 8.7);
/** Half the transition band as a part of the lower Nyquist frequency (Kaiser's estimate of the length). */
const HALF_TRANSITION = (ATTENUATION - 8) / (2.285 * 2 * ZERO_CROSSINGS) / Math.PI / 2;

/** Taps of all phases together up to which each phase of a ratio has its own (8 MiB); 11,025 to 32,000 Hz needs 0.7 million. */
const MOST_TAPS = 2 ** 20;
/** Phases between two zero crossings from which the others are interpolated; four points give 160 dB. */
const DENSITY = 128;

/** Tap i of a phase weighs input sample floor(position) - reach + i. */
export interface Filter {
  /** Input samples that a tap lies from the position at most. */
  readonly reach: number;
  /** Phases between two input samples when others are interpolated from them; undefined: every phase has its own taps. */
  readonly interpolated?: number;
  /** Taps of a phase, made when first used. Interpolated: p / interpolated of a sample after the nearest, p from -1 on. */
  phase(p: number): Float64Array;
}

/** Filters that are kept for the next sound of their ratio, as many as a battery asks for in turn: each has up to 8 MiB. */
const lastFilters = recent<Filter>(6);

/** The filter for a ratio up / down in lowest terms. */
export function sincFilter(up: number, down: number): Filter {
  return lastFilters(`${up}/${down}`, () => filterOf(up, down));
}

function filterOf(up: number, down: number): Filter {
  // In units of input samples: the cut-off relative to the input's Nyquist frequency, and the half width.
  const lower = Math.min(1, up / down);
  const width = ZERO_CROSSINGS / lower;
  const exact = up * (2 * Math.ceil(width) + 1) <= MOST_TAPS;
  const phases = exact ? up : Math.ceil(DENSITY * lower);
  // An interpolated position looks at phases up to two beyond its sample.
  const reach = Math.ceil(width) + (exact ? 0 : 2);
  const made = new Map<number, Float64Array>();
  const make = (p: number): Float64Array => {
    const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
      const x = i - reach - p / phases;
      return Math.abs(x) >= width ? 0 : sinc(lower * (1 - HALF_TRANSITION) * x) * kaiser(x / width);
    });
    // Every phase passes a constant unchanged.
    const sum = taps.reduce((total, tap) => total + tap, 0);
    return taps.map((tap) => tap / sum);
  };
  return {
    reach,
    ...(exact ? {} : { interpolated: phases }),
    phase(p) {
      const taps = made.get(p) ?? make(p);
      made.set(p, taps);
      return taps;
    },
  };
}

export function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** Kaiser window at x in [-1, 1], up to a factor. */
function kaiser(x: number): number {
  return besselI0(BETA * Math.sqrt(1 - x * x));
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
export function besselI0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
