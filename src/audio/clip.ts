// Clip: sound as numbers, the first noun of the pipeline. Samples are float PCM, full scale is +-1.

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

/** The name without its folders and the extension of a sound file: the same piece wherever and however it is kept. */
export function stem({ name }: Pick<Clip, 'name'>): string {
  const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
  return base.replace(/\.(wav|mp3|flac|ogg|oga|opus)$/i, '');
}
