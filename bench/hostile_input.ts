// What a bad input is, for bench/hostile.ts: a file or an argument, the command that gets it, and what its refusal must name.

import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeWav } from '../src/audio/wav.js';
import type { Random } from '../src/stats/random.js';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const GOLDEN = path.join(ROOT, 'test', 'golden');

/** Half a second of a quiet tone. */
export const TONE = writeWav(
  {
    name: 'tone',
    sampleRate: 32_000,
    channels: [Float32Array.from({ length: 16_000 }, (_, i) => 0.1 * Math.sin(i / 9))],
  },
  { format: 'pcm16' },
);

export interface Hostile {
  /** The file, folder or option whose name the line must say. */
  readonly name: string;
  readonly args: readonly string[];
}

export type Make = (folder: string, random: Random) => Hostile[];

/** Puts bytes into a file and gives it to a command. */
export function given(
  folder: string,
  name: string,
  bytes: Uint8Array | string,
  args: readonly string[] = ['encode'],
): Hostile {
  writeFileSync(path.join(folder, name), bytes);
  return { name, args: [...args, name] };
}

/** A WAV header that says what it is told, with few samples behind it. */
export function wav(changes: {
  channels?: number;
  rate?: number;
  bits?: number;
  format?: number;
  size?: number;
}): Uint8Array {
  const { channels = 1, rate = 32_000, bits = 16, format = 1, size = 64 } = changes;
  const view = new DataView(new ArrayBuffer(108));
  const text = (at: number, word: string) => {
    for (const [i, letter] of [...word].entries()) view.setUint8(at + i, letter.charCodeAt(0));
  };
  text(0, 'RIFF');
  view.setUint32(4, 100, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, format, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, (rate * channels * bits) / 8, true);
  view.setUint16(32, (channels * bits) / 8, true);
  view.setUint16(34, bits, true);
  text(36, 'data');
  view.setUint32(40, size, true);
  return new Uint8Array(view.buffer);
}
