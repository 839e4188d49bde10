// Sound files on disk -> Clip at a codec's rate, the whole of them or an excerpt.

import type { Clip } from '../audio/clip.js';
import { decode, openSound } from '../audio/decode.js';
import { type ExcerptOptions, readExcerpt, type SoundExcerpt } from '../audio/excerpt.js';
import { type ClipFormat, conform } from '../audio/resample.js';
import type { Warn } from '../audio/stream.js';
import { openFile, readBytes } from './input.js';

export type { Warn } from '../audio/stream.js';

/** Reads a sound file as it is, at its own rate and channels. @throws one line naming the file. */
export async function readSound(path: string, warn: Warn): Promise<Clip> {
  const { clip, warnings } = await decode(await readBytes(path), path);
  warnings.forEach(warn);
  return clip;
}

export type ClipExcerpt = SoundExcerpt & Pick<ExcerptOptions, 'onMore'>;

/** Reads a sound file as a codec takes it, down-mixed and resampled where needed: all of it, or an excerpt, with the same samples. */
export async function readClip(
  path: string,
  format: ClipFormat,
  warn: Warn,
  { onMore, ...excerpt }: ClipExcerpt = {},
): Promise<Clip> {
  const file = await openFile(path);
  try {
    const stream = await openSound(file, path, warn);
    return await readExcerpt(stream, { format, excerpt, name: path, warn, onMore });
  } finally {
    await file.close();
  }
}

/** The mean of a clip's channels. */
export function mixed(clip: Clip): Float32Array {
  return conform(clip, { sampleRate: clip.sampleRate, channels: 1 }).channels[0];
}
