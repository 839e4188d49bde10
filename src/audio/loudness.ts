// Integrated loudness as broadcasters measure it: ITU-R BS.1770-4, EBU R 128. The sound is weighted as ears are (K: a
// high shelf for the head and a high-pass), its power is taken in blocks of 400 ms, and blocks that are silent, or 10 LU
// softer than the rest, do not count. The two filters are given by the standard at 48 kHz; at other rates they are the
// same analogue filters by the bilinear transform.

import { type Clip, sampleCount } from './clip.js';

/** Blocks of 400 ms, a new one every 100 ms. */
const STEP_S = 0.1;
const STEPS_IN_BLOCK = 4;
/** LUFS below which a block is silent, and LU below the mean of the others at which it does not count. */
const ABSOLUTE_GATE = -70;
const RELATIVE_GATE = -10;
/** Makes a full-scale sine of 997 Hz in one channel -3.01 LUFS. */
const OFFSET = -0.691;

/** A filter of second order, a[0] = 1. */
interface Biquad {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/**
 * Integrated loudness in LUFS (= LKFS), all channels with weight 1 (left, right, or mono). NaN for a clip shorter than one
 * block (400 ms), -Infinity for a silent one.
 */
export function loudness(clip: Clip): number {
  const { sampleRate } = clip;
  const step = Math.round(STEP_S * sampleRate);
  const steps = Math.floor(sampleCount(clip) / step);
  if (steps < STEPS_IN_BLOCK) return Number.NaN;
  const power = new Float64Array(steps);
  for (const channel of clip.channels) addPower(power, channel, { sampleRate, step });
  const blocks = Array.from({ length: steps - STEPS_IN_BLOCK + 1 }, (_, i) => {
    const part = power.subarray(i, i + STEPS_IN_BLOCK);
    return part.reduce((sum, v) => sum + v, 0) / (STEPS_IN_BLOCK * step);
  });
  const loud = above(blocks, ABSOLUTE_GATE);
  return lufs(mean(above(loud, lufs(mean(loud)) + RELATIVE_GATE)));
}

/**
 * The clip at a loudness; peaks may exceed full scale, nothing is clipped.
 * @throws when it is silent or shorter than 400 ms: it has no loudness.
 */
export function normaliseLoudness(clip: Clip, targetLufs: number): Clip {
  return amplified(clip, gainTo(clip, targetLufs));
}

/** The clip with every sample times a factor. */
export function amplified(clip: Clip, gain: number): Clip {
  const channels = clip.channels.map((channel) => {
    const scaled = new Float32Array(channel.length);
    for (let i = 0; i < scaled.length; i++) scaled[i] = gain * channel[i];
    return scaled;
  });
  return { ...clip, channels };
}

/**
 * The factor that brings a clip to a loudness; peaks may then exceed full scale.
 * @throws when it is silent or shorter than 400 ms: it has no loudness.
 */
export function gainTo(clip: Clip, targetLufs: number): number {
  const own = loudness(clip);
  if (!Number.isFinite(own)) {
    const why = Number.isNaN(own) ? 'is shorter than 400 ms' : 'is silent';
    throw new Error(`${clip.name}: ${why} and has no loudness to bring to ${targetLufs} LUFS; leave it out`);
  }
  return 10 ** ((targetLufs - own) / 20);
}

/** Adds a channel's K-weighted power to that of each step. */
function addPower(
  power: Float64Array,
  channel: Float32Array,
  { sampleRate, step }: { sampleRate: number; step: number },
): void {
  const {
    b: [p0, p1, p2],
    a: [q1, q2],
  } = highShelf(sampleRate);
  const {
    b: [r0, r1, r2],
    a: [t1, t2],
  } = highPass(sampleRate);
  // Both from rest, in transposed direct form II; written out, since this loop meets every sample of every version.
  let [u1, u2, v1, v2] = [0, 0, 0, 0];
  for (let i = 0; i < power.length; i++) {
    let sum = power[i];
    for (let n = i * step; n < (i + 1) * step; n++) {
      const x = channel[n];
      const y = p0 * x + u1;
      u1 = p1 * x - q1 * y + u2;
      u2 = p2 * x - q2 * y;
      const weighted = r0 * y + v1;
      v1 = r1 * y - t1 * weighted + v2;
      v2 = r2 * y - t2 * weighted;
      sum += weighted * weighted;
    }
    power[i] = sum;
  }
}

function above(blocks: readonly number[], gate: number): number[] {
  return blocks.filter((power) => lufs(power) > gate);
}

function lufs(power: number): number {
  return OFFSET + 10 * Math.log10(power);
}

/** 0, the power of silence, when there is none. */
function mean(powers: readonly number[]): number {
  return powers.reduce((sum, v) => sum + v, 0) / Math.max(1, powers.length);
}

/** +4 dB above about 1.7 kHz: the head. */
function highShelf(sampleRate: number): Biquad {
  const [hz, q] = [1681.974450955533, 0.7071752369554196];
  const high = 10 ** (3.999843853973347 / 20);
  const middle = high ** 0.4996667741545416;
  const k = Math.tan((Math.PI * hz) / sampleRate);
  const a0 = 1 + k / q + k * k;
  return {
    b: [
      (high + (middle * k) / q + k * k) / a0,
      (2 * (k * k - high)) / a0,
      (high - (middle * k) / q + k * k) / a0,
    ],
    a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  };
}

/** Below about 38 Hz little is heard (the standard's RLB curve). */
function highPass(sampleRate: number): Biquad {
  const [hz, q] = [38.13547087602444, 0.5003270373238773];
  const k = Math.tan((Math.PI * hz) / sampleRate);
  const a0 = 1 + k / q + k * k;
  return { b: [1, -2, 1], a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0] };
}
