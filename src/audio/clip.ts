// Clip: sound as numbers, the first noun of the pipeline. Samples are float PCM, full scale is +-1.

import { counted } from '../counted.js';

/** A piece of sound. All channels have the same length; samples are finite, full scale +-1 (may exceed it). */
export interface Clip {
  /** What the user called it: a file name or a made-up label. Seeds and errors are derived from it. */
  readonly name: string;
  /** Samples per second. */
  readonly sampleRate: number;
  /** [channel][sample]. */
  readonly channels: readonly Float32Array[];
}

/** Samples per channel. */
export function sampleCount(clip: Clip): number {
  return clip.channels[0]?.length ?? 0;
}

/** Duration in seconds. */
export function duration(clip: Clip): number {
  return sampleCount(clip) / clip.sampleRate;
}

/**
 * The samples of a part of a clip, given in seconds (length: to the end), copied so that the rest of a long clip can go.
 * @throws when it leaves the clip, or is empty.
 */
export function cut(
  clip: Clip,
  { offset = 0, length }: { readonly offset?: number; readonly length?: number },
): Clip {
  const samples = sampleCount(clip);
  const first = Math.round(offset * clip.sampleRate);
  const count = length === undefined ? samples - first : Math.round(length * clip.sampleRate);
  if (!(first >= 0 && count >= 1 && first + count <= samples)) {
    const asked = length === undefined ? `all of it from ${offset} s on` : `${length} s from ${offset} s on`;
    throw new Error(
      `${clip.name}: lasts ${duration(clip).toFixed(2)} s, asked for ${asked}; ask for less, or take another clip`,
    );
  }
  return { ...clip, channels: clip.channels.map((channel) => channel.slice(first, first + count)) };
}

/** The first samples of a clip. @throws when it has fewer. */
export function cutTo(clip: Clip, samples: number): Clip {
  if (sampleCount(clip) < samples) {
    throw new Error(`${clip.name}: ${counted(sampleCount(clip), 'sample')}, expected at least ${samples}`);
  }
  if (sampleCount(clip) === samples) return clip;
  return { ...clip, channels: clip.channels.map((channel) => channel.subarray(0, samples)) };
}

/** The name without its folders and the extension of a sound file: the same piece wherever and however it is kept. */
export function stem({ name }: Pick<Clip, 'name'>): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  return base.replace(/\.(wav|mp3|flac|ogg|oga|opus)$/i, '');
}
