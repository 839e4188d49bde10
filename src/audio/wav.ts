// WAV in memory: written as 16-bit PCM for the ear or as 32-bit float where every sample counts, and read again.

import { counted } from '../counted.js';
import { viewOf } from './bytes.js';
import type { Clip } from './clip.js';
import { sourceOf, windowOn } from './source.js';
import { joined, type SoundPiece } from './stream.js';
import { FLOAT, openWav, PCM, UNKNOWN_SIZE } from './wav_read.js';

/** A WAV file in memory, its samples as they are, also beyond full scale. @throws as openWav. */
export async function readWav(
  bytes: Uint8Array,
  name: string,
): Promise<{ readonly clip: Clip; readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  const stream = await openWav(windowOn(sourceOf(bytes)), {
    start: 0,
    name,
    warn: (line) => warnings.push(line),
  });
  const pieces: SoundPiece[] = [];
  for await (const piece of stream.pieces(0)) pieces.push(piece);
  return {
    clip: { name, sampleRate: stream.sampleRate, channels: joined(pieces, stream.channels) },
    warnings,
  };
}

/**
 * Writes a WAV file. `float32` keeps every sample exactly, also above full scale; `pcm16` rounds to the
 * nearest of 2^16 steps (+1 becomes 32767) and refuses what would be clipped.
 */
export function writeWav(clip: Clip, { format }: { readonly format: 'float32' | 'pcm16' }): Uint8Array {
  const { name, sampleRate, channels } = clip;
  const samples = channels[0]?.length ?? 0;
  const float = format === 'float32';
  const width = float ? 4 : 2;
  const block = width * channels.length;
  const size = samples * block;
  if (size > UNKNOWN_SIZE)
    throw new Error(`${name}: ${counted(size, 'byte')} of sound are too many for a WAV file (2 GiB)`);
  const header = float ? 58 : 44;
  const bytes = new Uint8Array(header + size);
  const view = viewOf(bytes);
  const text = (at: number, word: string) =>
    bytes.set(
      Array.from(word, (c) => c.charCodeAt(0)),
      at,
    );
  text(0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, float ? 18 : 16, true);
  view.setUint16(20, float ? FLOAT : PCM, true);
  view.setUint16(22, channels.length, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * block, true);
  view.setUint16(32, block, true);
  view.setUint16(34, width * 8, true);
  if (float) {
    text(38, 'fact');
    view.setUint32(42, 4, true);
    view.setUint32(46, samples, true);
  }
  text(header - 8, 'data');
  view.setUint32(header - 4, size, true);
  channels.forEach((channel, c) => {
    for (let i = 0, at = header + c * width; i < samples; i++, at += block) {
      if (float) view.setFloat32(at, channel[i], true);
      else view.setInt16(at, to16(channel[i], i, name), true);
    }
  });
  return bytes;
}

function to16(value: number, index: number, name: string): number {
  if (!(Math.abs(value) <= 1)) {
    throw new Error(`${name}: sample ${index} is ${value}, 16-bit PCM would clip it; write float32 instead`);
  }
  return Math.min(32767, Math.round(value * 32768));
}
