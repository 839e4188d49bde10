// One down-mix and one resampler: both are part of the measurement, so there is one of each and its name is
// recorded with every number. Down-mix to mono: mean of the channels (as audiocraft does). Resampler: polyphase
// windowed sinc, Kaiser window (Kaiser 1974; Smith, "Digital audio resampling"). Stop band 150 dB down from the
// lower of the two Nyquist frequencies on, pass band flat to 0.96 of it (15.4 kHz at 32 kHz). No delay, no
// gain, no clipping; before and after the clip there is silence.

import { type Clip, sampleCount } from './clip.js';

/** Recorded with results. Any change to a number below changes this name. */
export const RESAMPLER = 'kaiser-sinc z256 150dB v1';

/** Zero crossings of the sinc on each side, at the lower of the two rates. */
const ZERO_CROSSINGS = 256;
/** Stop-band attenuation in dB, and Kaiser's beta for it. */
const ATTENUATION = 150;
const BETA = 0.1102 * (ATTENUATION - 8.7);
/** Half the transition band as a part of the lower Nyquist frequency (Kaiser's estimate of the length). */
const HALF_TRANSITION = (ATTENUATION - 8) / (2.285 * 2 * ZERO_CROSSINGS) / Math.PI / 2;

/** What a model takes, from its config.json. */
export interface ClipFormat {
  readonly sampleRate: number;
  /** 2: a stereo model, which takes two channels as they are, and mono sound as mono. */
  readonly channels: 1 | 2;
}

/**
 * The clip as a model takes it: as many channels as that, or their mean as one. A clip that fits already keeps its
 * samples bit for bit.
 */
export function conform(clip: Clip, { sampleRate, channels }: ClipFormat): Clip {
  const rows = clip.channels.length === channels ? clip.channels : [mean(clip)];
  return {
    name: clip.name,
    sampleRate,
    channels: rows.map((row) => resample(row, clip.sampleRate, sampleRate)),
  };
}

function mean(clip: Clip): Float32Array {
  if (clip.channels.length === 1) return clip.channels[0];
  const mixed = new Float32Array(sampleCount(clip));
  for (let i = 0; i < mixed.length; i++) {
    let sum = 0;
    for (const channel of clip.channels) sum += channel[i];
    mixed[i] = sum / clip.channels.length;
  }
  return mixed;
}

/** round(n * to / from) samples; sample j is the sound at the time of input sample j * from / to. */
function resample(input: Float32Array, from: number, to: number): Float32Array {
  if (from === to) return input;
  const divisor = gcd(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const filter = sincFilter(up, down);
  const output = new Float32Array(Math.round((input.length * to) / from));
  for (let j = 0; j < output.length; j++) {
    const position = j * down;
    const nearest = Math.floor(position / up);
    const taps = filter.phase(position - nearest * up);
    const start = nearest - filter.reach;
    const first = Math.max(0, -start);
    const end = Math.min(taps.length, input.length - start);
    let sum = 0;
    for (let i = first; i < end; i++) sum += taps[i] * input[start + i];
    output[j] = sum;
  }
  return output;
}

/** Taps per phase: tap i weighs input sample floor(position) - reach + i. Phases are made when first used. */
function sincFilter(up: number, down: number): { readonly reach: number; phase(p: number): Float64Array } {
  // In units of input samples: the cut-off relative to the input's Nyquist frequency, and the half width.
  const lower = Math.min(1, up / down);
  const cutoff = lower * (1 - HALF_TRANSITION);
  const width = ZERO_CROSSINGS / lower;
  const reach = Math.ceil(width);
  const phases = new Map<number, Float64Array>();
  const make = (p: number): Float64Array => {
    const taps = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
      const x = i - reach - p / up;
      return Math.abs(x) >= width ? 0 : sinc(cutoff * x) * kaiser(x / width);
    });
    // Every phase passes a constant unchanged.
    const sum = taps.reduce((total, tap) => total + tap, 0);
    return taps.map((tap) => tap / sum);
  };
  return {
    reach,
    phase(p) {
      const taps = phases.get(p) ?? make(p);
      phases.set(p, taps);
      return taps;
    },
  };
}

/** sin(pi x) / (pi x). */
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

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
