// Sound files on disk -> Clip at a codec's rate, the whole of them or an excerpt.

import type { Clip } from '../audio/clip.js';
import { decode, openSound } from '../audio/decode.js';
import { type ExcerptOptions, readExcerpt, type SoundExcerpt } from '../audio/excerpt.js';
import { type ClipFormat, conform } from '../audio/resample.js';
import type { SoundStream, Warn } from '../audio/stream.js';
import { openFile, readBytes } from './input.js';

export type { Warn } from '../audio/stream.js';

/** Reads a sound file as it is, at its own rate and channels. @throws one line naming the file. */
export async function readSound(path: string, warn: Warn): Promise<Clip> {
  const { clip, warnings } = await decode(await readBytes(path), path);
  warnings.forEach(warn);
  return clip;
}

/** Reads the beginning of a file. @throws one line naming it when it is no sound. */
export async function requireSound(path: string): Promise<void> {
  await headerOf(path);
}

/** What a sound file says of its length; undefined where only reading all of it tells. @throws as requireSound. */
export async function secondsIn(path: string): Promise<number | undefined> {
  const { samples, sampleRate } = await headerOf(path);
  return samples === undefined ? undefined : samples / sampleRate;
}

/** Without a word of what is odd: that is said when it is read. */
async function headerOf(path: string): Promise<SoundStream> {
  const file = await openFile(path);
  try {
    return await openSound(file, path, () => {});
  } finally {
    await file.close();
  }
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
    return await tellingAfter(warn, async (later, remarks) => {
      const stream = await openSound(file, path, later);
      return readExcerpt(stream, { format, excerpt, name: path, warn: later, onMore, remarks });
    });
  } finally {
    await file.close();
  }
}

/** Work whose remarks are told when it is done: of what is refused, the refusal is all there is to say. */
export async function tellingAfter<T>(
  warn: Warn,
  work: (later: Warn, remarks: readonly string[]) => Promise<T>,
): Promise<T> {
  const lines: string[] = [];
  const result = await work((line) => lines.push(line), lines);
  lines.forEach(warn);
  return result;
}

/** The mean of a clip's channels. */
export function mixed(clip: Clip): Float32Array {
  return conform(clip, { sampleRate: clip.sampleRate, channels: 1 }).channels[0];
}
