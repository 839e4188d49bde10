// Sound files on disk -> Clip at a codec's rate, the whole of them or an excerpt.

import type { Clip } from '../audio/clip.js';
import { decode, openSound } from '../audio/decode.js';
import { readExcerpt, type SoundExcerpt } from '../audio/excerpt.js';
import { type ClipFormat, conform } from '../audio/resample.js';
import type { Warn } from '../audio/stream.js';
import { movesTime } from '../perturb/alignment.js';
import type { Probed } from '../probe/probe.js';
import type { ClipSound } from '../report/page.js';
import { openFile, readBytes } from './input.js';

export type { Warn } from '../audio/stream.js';

/** Reads a sound file as it is, at its own rate and channels. @throws one line naming the file. */
export async function readSound(path: string, warn: Warn): Promise<Clip> {
  const { clip, warnings } = await decode(await readBytes(path), path);
  warnings.forEach(warn);
  return clip;
}

/** Reads a sound file as a codec takes it, down-mixed and resampled where needed: all of it, or an excerpt, with the same samples. */
export async function readClip(
  path: string,
  format: ClipFormat,
  warn: Warn,
  excerpt?: SoundExcerpt,
): Promise<Clip> {
  const file = await openFile(path);
  try {
    const stream = await openSound(file, path, warn);
    return await readExcerpt(stream, { format, excerpt, name: path, warn });
  } finally {
    await file.close();
  }
}

/** A clip (its channels' mean) and what disturbed it as 16-bit PCM for a page to play. Peaks beyond full scale are cut: it is for the ear only. */
export function clipSound(clip: Clip, probed: readonly Probed[]): ClipSound {
  return {
    sampleRate: clip.sampleRate,
    clean: pcmBase64(mixed(clip)),
    inserts: probed.map(({ clip: disturbed, record: { event } }) => {
      const channel = mixed(disturbed);
      // After a deletion or a stretch everything that follows is elsewhere.
      const end = movesTime(event) ? channel.length : event.end;
      return {
        start: event.start,
        pcm: pcmBase64(channel.subarray(event.start, end)),
        samples: channel.length,
      };
    }),
  };
}

function mixed(clip: Clip): Float32Array {
  return conform(clip, { sampleRate: clip.sampleRate, channels: 1 }).channels[0];
}

function pcmBase64(samples: Float32Array): string {
  const pcm = Int16Array.from(samples, (v) => Math.round(Math.max(-1, Math.min(1, v)) * 32767));
  return Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
}
