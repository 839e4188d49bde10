// What should not move a score: a little louder, upside down, a little later, through 16 bits, through another rate.

import { type Clip, sampleCount, stem } from '../audio/clip.js';
import type { FrameClock } from '../audio/codes.js';
import { conform } from '../audio/resample.js';
import { counted } from '../counted.js';
import { generator, seedOf } from '../stats/random.js';
import { type Content, musicIn } from './content.js';
import type { DelayEdit, DitherEdit, GainEdit, ResampleEdit } from './damage.js';
import { samplesOf } from './place.js';
import type { Place } from './terms.js';

/** Louder or softer; nothing is clipped. */
export function amplified(clip: Clip, { by }: GainEdit, place: Place): Content {
  const factor = 10 ** (by / 20);
  return { channels: musicIn(clip, place).map((music) => music.map((v) => factor * v)) };
}

/** Upside down. */
export function inverted(clip: Clip, place: Place): Content {
  return { channels: musicIn(clip, place).map((music) => music.map((v) => -v)) };
}

/** Later. @throws when it is a frame of the codec or more: frames would stand for other music. */
export function delayed(clip: Clip, { by }: DelayEdit, place: Place, clock: FrameClock): Content {
  const samples = by ? samplesOf(by, clock, 'delay') : Math.floor(clock.hop / 2);
  if (samples >= clock.hop) {
    throw new Error(
      `${clip.name}: a delay of ${counted(samples, 'sample')} is not less than a frame of the codec (${clock.hop})`,
    );
  }
  const from = place.start - samples;
  const channels = clip.channels.map((channel) => {
    const out = new Float32Array(place.end - place.start);
    out.set(channel.subarray(Math.max(0, from), place.end - samples), Math.max(0, -from));
    return out;
  });
  return { channels };
}

/**
 * Rounded to multiples of 2^(1 - bits) after adding the difference of two uniform numbers in [0, 1) steps (TPDF; Lipshitz,
 * Wannamaker and Vanderkooy 1992), which makes the error's mean and variance independent of the music.
 *
 * Seed: (seed, clip stem, 'dither', channel, first sample).
 */
export function dithered(clip: Clip, { bits, seed }: DitherEdit, place: Place): Content {
  const full = 2 ** (bits - 1);
  const channels = musicIn(clip, place).map((music, c) => {
    const random = generator(seedOf(seed, stem(clip), 'dither', c, place.start));
    return music.map((v) => {
      const step = Math.floor(v * full + random.uniform() - random.uniform() + 0.5);
      return Math.max(-full, Math.min(full - 1, step)) / full;
    });
  });
  return { channels };
}

/** To another rate and back, whole, with the one resampler; the window is cut from it. At the clip's own rate nothing changes. */
export function resampled(clip: Clip, { rate }: ResampleEdit, place: Place): Content {
  const format = { channels: clip.channels.length === 1 ? 1 : 2 } as const;
  const there = conform(clip, { sampleRate: rate, ...format });
  const back = conform(there, { sampleRate: clip.sampleRate, ...format });
  // Both lengths are rounded: a last sample may be missing, and is silent.
  const channels = back.channels.map((channel) => {
    const whole = new Float32Array(sampleCount(clip));
    whole.set(channel.subarray(0, whole.length));
    return whole.slice(place.start, place.end);
  });
  return { channels };
}
