// One down-mix and one resampler: both are part of the measurement, so there is one of each and its name is
// recorded with every number. Down-mix to mono: mean of the channels (as audiocraft does). Resampler: polyphase
// windowed sinc (sinc.ts). Stop band 150 dB down from the lower of the two Nyquist frequencies on, pass band flat to
// 0.96 of it (15.4 kHz at 32 kHz). No delay, no gain, no clipping; before and after the clip there is silence.
// It works on pieces: an excerpt has the samples that it has in the whole.

import { type Clip, sampleCount } from './clip.js';
import { summed } from './phase_sums.js';
import { type Filter, sincFilter } from './sinc.js';

/** Recorded with results. Any change to a number of the filter changes this name. */
export const RESAMPLER = 'kaiser-sinc z256 150dB v1';

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
  return {
    name: clip.name,
    sampleRate,
    channels: mixed(clip.channels, channels).map((row) => {
      if (clip.sampleRate === sampleRate) return row;
      const work = resampler({ from: clip.sampleRate, to: sampleRate });
      return joinedRows([work.push(row), work.end(sampleCount(clip))]);
    }),
  };
}

/** The channels as they are when there are as many as wanted, or their mean as one. */
export function mixed(channels: readonly Float32Array[], wanted: number): readonly Float32Array[] {
  if (channels.length === wanted || channels.length === 1) return channels;
  const mean = new Float32Array(channels[0].length);
  for (let i = 0; i < mean.length; i++) {
    let sum = 0;
    for (const channel of channels) sum += channel[i];
    mean[i] = sum / channels.length;
  }
  return [mean];
}

export function joinedRows(rows: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    whole.set(row, at);
    at += row.length;
  }
  return whole;
}

export interface ResamplerOptions {
  /** Hz. */
  readonly from: number;
  readonly to: number;
  /** Output sample to begin with; default 0. */
  readonly first?: number;
}

export interface Resampler {
  /** Input sample that the first push must begin with. */
  readonly start: number;
  /** Takes the input that comes next, and gives the output that it completes. */
  push(input: Float32Array): Float32Array;
  /** The rest of the output, for an input of so many samples in all: up to round(samples * to / from). */
  end(samples: number): Float32Array;
}

/** Output sample j is the sound at the time of input sample j * from / to. */
export function resampler({ from, to, first = 0 }: ResamplerOptions): Resampler {
  const divisor = gcd(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const filter = sincFilter(up, down);
  const nearest = (j: number): number => Math.floor((j * down) / up);
  const start = Math.max(0, nearest(first) - filter.reach);
  const fill = filter.interpolated === undefined ? fillExactly : fillInterpolated;
  let held: Float32Array = new Float32Array(0);
  let heldFrom = start;
  let next = first;
  const upTo = (end: number): Float32Array => {
    const output = new Float32Array(Math.max(0, end - next));
    fill(output, { input: held, inputFrom: heldFrom, outputFrom: next, up, down, filter });
    next += output.length;
    const keep = Math.max(0, Math.min(held.length, nearest(next) - filter.reach - heldFrom));
    held = held.slice(keep);
    heldFrom += keep;
    return output;
  };
  return {
    start,
    push(input) {
      held = held.length === 0 ? input : joinedRows([held, input]);
      // The first output that needs an input sample which is not here yet.
      return upTo(Math.ceil(((heldFrom + held.length - filter.reach) * up) / down));
    },
    end: (samples) => upTo(Math.round((samples * to) / from)),
  };
}

interface Work {
  readonly input: Float32Array;
  /** Place of input[0] and output[0] in the whole. */
  readonly inputFrom: number;
  readonly outputFrom: number;
  readonly up: number;
  readonly down: number;
  readonly filter: Filter;
}

/** Input samples that are summed over at a time, about. */
const STRETCH = 1 << 17;

/** Phase by phase, since outputs of one phase have the same taps; in stretches, which bound the memory. */
function fillExactly(output: Float32Array, work: Work): void {
  const { input, inputFrom, outputFrom, up, down, filter } = work;
  const stretch = Math.max(up, Math.floor((STRETCH * up) / down));
  const startOf = (j: number): number => Math.floor((j * down) / up) - filter.reach - inputFrom;
  const taps = 2 * filter.reach + 1;
  for (let begin = 0; begin < output.length; begin += stretch) {
    const end = Math.min(begin + stretch, output.length);
    const from = startOf(outputFrom + begin);
    const { sums } = summed(input, { from, to: startOf(outputFrom + end - 1) + taps, step: down, taps });
    for (let j = begin; j < Math.min(begin + up, end); j++) {
      const position = (outputFrom + j) * down;
      const phase = position - Math.floor(position / up) * up;
      const results = sums(filter.phase(phase), startOf(outputFrom + j), Math.ceil((end - j) / up));
      for (let m = 0; m < results.length; m++) output[j + m * up] = results[m];
    }
  }
}

/** Between four phases, by the cubic through them (Lagrange). */
function fillInterpolated(output: Float32Array, work: Work): void {
  const { input, inputFrom, outputFrom, up, down, filter } = work;
  const phases = filter.interpolated ?? 1;
  const taps: Float64Array[] = [];
  const results = new Float64Array(4);
  for (let j = 0; j < output.length; j++) {
    const position = (outputFrom + j) * down;
    const nearest = Math.floor(position / up);
    const place = ((position - nearest * up) / up) * phases;
    const p = Math.floor(place);
    for (let k = 0; k < 4; k++) taps[k] = filter.phase(p + k - 1);
    fourSums(results, input, taps, nearest - filter.reach - inputFrom);
    const t = place - p;
    const [before, here, after, later] = results;
    output[j] =
      (-t * (t - 1) * (t - 2) * before) / 6 +
      ((t + 1) * (t - 1) * (t - 2) * here) / 2 -
      ((t + 1) * t * (t - 2) * after) / 2 +
      ((t + 1) * t * (t - 1) * later) / 6;
  }
}

/** Sums over the taps of four phases, the input being silent outside; they do not wait for one another. */
function fourSums(
  results: Float64Array,
  input: Float32Array,
  [t0, t1, t2, t3]: readonly Float64Array[],
  start: number,
): void {
  const first = Math.max(0, -start);
  const end = Math.min(t0.length, input.length - start);
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = first; i < end; i++) {
    const sample = input[start + i];
    s0 += t0[i] * sample;
    s1 += t1[i] * sample;
    s2 += t2[i] * sample;
    s3 += t3[i] * sample;
  }
  results[0] = s0;
  results[1] = s1;
  results[2] = s2;
  results[3] = s3;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
