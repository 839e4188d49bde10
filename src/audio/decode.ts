// Sound in: a file -> its samples. The format is known by its first bytes. What a reader gives is held against what the
// file's own headers promise (channels, number of samples, checksums): decoders say nothing about damage. Truncated at
// the end: a warning with the numbers. Damaged in the middle: an error, where the format lets it be seen.

import { counted } from '../counted.js';
import { type Clip, sampleCount } from './clip.js';
import { openFlac } from './flac.js';
import { type AudioFormat, recognise } from './format.js';
import { LIMITS } from './limits.js';
import { openMp3 } from './mp3.js';
import { openOpus } from './opus.js';
import { type ByteSource, type ByteWindow, sourceOf, windowOn } from './source.js';
import { rmsDbfs, SILENCE_DBFS } from './spectrum.js';
import {
  joined,
  lengthOf,
  type SoundPiece,
  type SoundStream,
  type SoundStreamOptions,
  type Warn,
} from './stream.js';
import { openVorbis } from './vorbis.js';
import { openWav } from './wav_read.js';

/** A decoded file: the sound, and what is odd about the file though the sound can be used. */
export interface Decoded {
  readonly clip: Clip;
  /** One line each, naming the file. Empty for a sound file in order. */
  readonly warnings: readonly string[];
}

type Open = (file: ByteWindow, options: SoundStreamOptions) => Promise<SoundStream>;

const READERS: Readonly<Record<AudioFormat, Open>> = {
  wav: openWav,
  mp3: openMp3,
  flac: openFlac,
  vorbis: openVorbis,
  opus: openOpus,
};

/** Seconds of digital silence at the end that are worth a word. */
const SILENT_END_S = 1;

/**
 * Opens a WAV, MP3, FLAC, Ogg Vorbis or Opus file, at its own rate and channels. Its pieces begin exactly where they are
 * asked to; after the last comes an empty one, which stands where the sound ends.
 * @throws one line naming the file when it is empty, of another format, beyond a limit, or its header is damaged.
 */
export async function openSound(source: ByteSource, name: string, warn: Warn): Promise<SoundStream> {
  const file = windowOn(source);
  const { format, start } = await recognise(file, name, warn);
  if (format !== 'wav' && source.size > LIMITS.fileBytes) {
    throw new Error(
      `${name}: ${counted(source.size, 'byte')} of compressed sound, at most ${LIMITS.fileBytes} are read; cut it: ffmpeg -i IN -t 60 OUT.wav`,
    );
  }
  const stream = await READERS[format](file, { start, name, warn });
  const { sampleRate, channels } = stream;
  if (sampleRate < LIMITS.lowestRate || sampleRate > LIMITS.highestRate) {
    throw new Error(
      `${name}: sample rate ${sampleRate} Hz, expected ${LIMITS.lowestRate} to ${LIMITS.highestRate}; damaged header?`,
    );
  }
  if (channels < 1 || channels > LIMITS.channels) {
    throw new Error(
      `${name}: ${counted(channels, 'channel')}, expected 1 to ${LIMITS.channels}; damaged header?`,
    );
  }
  return { ...stream, pieces: (from) => checked(stream, from, { name, warn }) };
}

/**
 * Decodes a whole file that is in memory.
 * @throws as openSound, and when its sound is damaged, not finite, or longer than an hour.
 */
export async function decode(bytes: Uint8Array, name: string): Promise<Decoded> {
  const warnings: string[] = [];
  const stream = await openSound(sourceOf(bytes), name, (line) => warnings.push(line));
  refuseLong(stream.samples ?? 0, stream.sampleRate, name);
  const pieces: SoundPiece[] = [];
  for await (const piece of stream.pieces(0)) {
    pieces.push(piece);
    refuseLong(piece.at, stream.sampleRate, name);
  }
  const clip = { name, sampleRate: stream.sampleRate, channels: joined(pieces, stream.channels) };
  return { clip, warnings: [...warnings, ...silence(clip)] };
}

/** @throws when so many samples are more than is read at once. */
export function refuseLong(samples: number, sampleRate: number, name: string): void {
  if (samples <= LIMITS.seconds * sampleRate) return;
  throw new Error(
    `${name}: ${(samples / sampleRate).toFixed(0)} s of sound or more, at most ${LIMITS.seconds} s are read at once; take an excerpt of it`,
  );
}

async function* checked(
  stream: SoundStream,
  from: number,
  { name, warn }: { readonly name: string; readonly warn: Warn },
): AsyncGenerator<SoundPiece> {
  const { coding, samples } = stream;
  let end = 0;
  for await (const piece of stream.pieces(from)) {
    checkSamples(piece, name);
    const before = Math.max(0, from - piece.at);
    end = piece.at + lengthOf(piece);
    if (end > from) yield before === 0 ? piece : laterPart(piece, before);
  }
  if (end === 0 && (samples ?? 0) <= from) end = samples ?? 0;
  if (end === 0) throw new Error(`${name}: no sound could be decoded from it; empty or damaged ${coding}`);
  if (samples !== undefined && end < samples) {
    warn(
      `${name}: truncated or damaged: its header says ${counted(samples, 'sample')}, ${end} could be decoded`,
    );
  } else if (samples !== undefined && end > samples) {
    warn(
      `${name}: its header says ${counted(samples, 'sample')}, ${end} are there (joined files?); all were read`,
    );
  }
  yield { at: end, channels: Array.from({ length: stream.channels }, () => new Float32Array(0)) };
}

function laterPart({ at, channels }: SoundPiece, from: number): SoundPiece {
  return { at: at + from, channels: channels.map((channel) => channel.subarray(from)) };
}

function checkSamples({ at, channels }: SoundPiece, name: string): void {
  channels.forEach((channel, c) => {
    for (let i = 0; i < channel.length; i++) {
      const value = channel[i];
      if (Math.abs(value) <= LIMITS.largestSample) continue;
      const what = Number.isFinite(value) ? `${value} (full scale is 1)` : 'not finite';
      throw new Error(`${name}: sample ${at + i} of channel ${c} is ${what}; damaged, or not scaled to +-1`);
    }
  });
}

/** A warning when the clip, or its end, is silent. */
export function silence(clip: Clip): string[] {
  const level = rmsDbfs(clip.channels);
  if (level < SILENCE_DBFS) return [`${clip.name}: silent from start to end (${level.toFixed(0)} dBFS RMS)`];
  const samples = sampleCount(clip);
  let sounding = samples;
  while (clip.channels.every((channel) => channel[sounding - 1] === 0)) sounding--;
  const seconds = (samples - sounding) / clip.sampleRate;
  if (seconds < SILENT_END_S) return [];
  return [`${clip.name}: its last ${seconds.toFixed(1)} s are digital silence`];
}
