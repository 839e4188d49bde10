// WAV, read and written by ourselves: decoders disagree on the scale of integers (32767 or 32768) and are
// silent about damage. Integers are divided by 2^(bits-1), so that -1 is exact and full scale is never
// exceeded; floats are taken as they are.
// RIFF WAVE (Microsoft "Multiple channel audio data and WAVE files"), RF64 (EBU Tech 3306).

import { latin1, startsWith, viewOf } from './bytes.js';
import type { Clip } from './clip.js';

/** A decoded file: the sound, and what is odd about the file though the sound can be used. */
export interface Decoded {
  readonly clip: Clip;
  /** One line each, naming the file. Empty for a sound file in order. */
  readonly warnings: readonly string[];
}

interface Format {
  readonly float: boolean;
  readonly channels: number;
  readonly sampleRate: number;
  readonly bits: number;
  /** Bytes per sample of all channels. */
  readonly block: number;
}

interface Chunk {
  readonly id: string;
  /** First byte of the body. */
  readonly start: number;
  /** Body bytes, as the header says. */
  readonly size: number;
}

const PCM = 1;
const FLOAT = 3;
const EXTENSIBLE = 0xfffe;
/** What follows the two format bytes in the sub-format GUID of WAVE_FORMAT_EXTENSIBLE. */
const GUID_TAIL = '\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71';
const COMPRESSED: Readonly<Record<number, string>> = {
  2: 'MS ADPCM',
  6: 'A-law',
  7: 'mu-law',
  17: 'IMA ADPCM',
  80: 'MPEG',
  85: 'MP3',
};
/** Sizes from here on are what writers put who could not know: 0xFFFFFFFF (ffmpeg), 0x7FFFF000 (sox). */
const UNKNOWN_SIZE = 0x7ffff000;

/** Whether these bytes begin like a WAV file. */
export function isWav(bytes: Uint8Array): boolean {
  const id = latin1(bytes, 0, 4);
  return (id === 'RIFF' || id === 'RF64' || id === 'BW64') && startsWith(bytes, 8, 'WAVE');
}

/**
 * Reads 8/16/24/32-bit PCM and 32/64-bit float WAV, plain, WAVE_FORMAT_EXTENSIBLE or RF64.
 * A data chunk shorter than its header says, or of unknown size (streamed), is a warning.
 * @throws when the header contradicts itself, the coding is another one, or there are no samples.
 */
export function readWav(bytes: Uint8Array, name: string): Decoded {
  if (!isWav(bytes)) throw new Error(`${name}: not a WAV file (no RIFF/WAVE at its start)`);
  const warnings: string[] = [];
  let format: Format | undefined;
  let longSize: number | undefined;
  for (const chunk of chunksOf(bytes)) {
    if (chunk.id === 'ds64' && chunk.start + 16 <= bytes.length) {
      longSize = Number(viewOf(bytes).getBigUint64(chunk.start + 8, true));
    } else if (chunk.id === 'fmt ') {
      format = readFormat(bytes, chunk, name, warnings);
    } else if (chunk.id === 'data') {
      if (format === undefined) throw new Error(`${name}: damaged WAV: its data comes before its fmt chunk`);
      const said = longSize !== undefined && chunk.size === 0xffffffff ? longSize : chunk.size;
      const blocks = blocksOf(bytes, { ...chunk, size: said }, format, name, warnings);
      return { clip: samplesOf(bytes, chunk.start, blocks, format, name), warnings };
    }
  }
  throw new Error(`${name}: damaged WAV: no ${format === undefined ? 'fmt' : 'data'} chunk in it`);
}

/** The chunks of a RIFF file in order; a body of odd size is followed by one padding byte. */
function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    yield { id: latin1(bytes, at, 4), start: at + 8, size };
    at += 8 + size + (size & 1);
  }
}

function readFormat(bytes: Uint8Array, chunk: Chunk, name: string, warnings: string[]): Format {
  if (chunk.size < 16 || chunk.start + chunk.size > bytes.length) {
    throw new Error(`${name}: damaged WAV: its fmt chunk has ${chunk.size} bytes, expected 16, 18 or 40`);
  }
  const view = viewOf(bytes.subarray(chunk.start, chunk.start + chunk.size));
  let tag = view.getUint16(0, true);
  if (tag === EXTENSIBLE) {
    const guid = chunk.size >= 40 ? latin1(bytes, chunk.start + 26, 14) : '';
    if (guid !== GUID_TAIL)
      throw new Error(`${name}: damaged WAV: extensible format without a known sub-format`);
    tag = view.getUint16(24, true);
  }
  const channels = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  const byteRate = view.getUint32(8, true);
  const block = view.getUint16(12, true);
  const bits = view.getUint16(14, true);
  if (tag !== PCM && tag !== FLOAT) {
    const coding = COMPRESSED[tag] ?? 'unknown';
    throw new Error(
      `${name}: WAV coding ${tag} (${coding}) is not read, only PCM and float; convert it: ffmpeg -i IN OUT.wav`,
    );
  }
  const widths = tag === FLOAT ? [32, 64] : [8, 16, 24, 32];
  if (!widths.includes(bits)) {
    const kind = tag === FLOAT ? 'float' : 'PCM';
    throw new Error(`${name}: WAV with ${bits}-bit ${kind} samples; expected ${widths.join(', ')} bits`);
  }
  if (channels === 0) throw new Error(`${name}: damaged WAV: its header says 0 channels`);
  if (sampleRate === 0) throw new Error(`${name}: damaged WAV: its header says a sample rate of 0`);
  if (block !== (channels * bits) / 8) {
    throw new Error(
      `${name}: damaged WAV: block align is ${block}, expected ${(channels * bits) / 8} ` +
        `for ${channels} channels of ${bits} bits`,
    );
  }
  if (byteRate !== sampleRate * block) {
    warnings.push(
      `${name}: the header's byte rate is ${byteRate}, expected ${sampleRate * block} for ${sampleRate} Hz; ` +
        'read at the sample rate',
    );
  }
  return { float: tag === FLOAT, channels, sampleRate, bits, block };
}

/** Whole blocks (samples per channel) that the data chunk really holds. */
function blocksOf(bytes: Uint8Array, data: Chunk, format: Format, name: string, warnings: string[]): number {
  const left = bytes.length - data.start;
  const streamed =
    (data.size === 0 && left > 0 && !isMetadata(bytes, data.start)) || data.size >= UNKNOWN_SIZE;
  const present = streamed ? left : Math.min(left, data.size);
  const blocks = Math.floor(present / format.block);
  if (blocks === 0) throw new Error(`${name}: no sound in it: the WAV's data chunk holds no whole sample`);
  if (streamed) {
    if (data.size > left || data.size === 0) {
      warnings.push(
        `${name}: the WAV does not say how long it is (streamed); read to its end, ${blocks} samples`,
      );
    }
  } else if (data.size > left) {
    const said = Math.floor(data.size / format.block);
    warnings.push(`${name}: truncated: its header says ${said} samples, the file holds ${blocks}`);
  } else if (present % format.block !== 0) {
    warnings.push(`${name}: ${present % format.block} bytes after the last whole sample were left out`);
  }
  return blocks;
}

function isMetadata(bytes: Uint8Array, at: number): boolean {
  return ['LIST', 'id3 ', 'ID3 ', 'JUNK', 'bext', 'cue '].includes(latin1(bytes, at, 4));
}

function samplesOf(bytes: Uint8Array, start: number, blocks: number, format: Format, name: string): Clip {
  const view = viewOf(bytes);
  const { float, bits, block, sampleRate } = format;
  const width = bits / 8;
  const scale = 2 ** (bits - 1);
  const read: Readonly<Record<number, (at: number) => number>> = float
    ? { 32: (at) => view.getFloat32(at, true), 64: (at) => view.getFloat64(at, true) }
    : {
        8: (at) => (view.getUint8(at) - 128) / scale,
        16: (at) => view.getInt16(at, true) / scale,
        24: (at) => (view.getUint16(at, true) | (view.getInt8(at + 2) << 16)) / scale,
        32: (at) => view.getInt32(at, true) / scale,
      };
  const sample = read[bits];
  const channels = Array.from({ length: format.channels }, (_, c) => {
    const out = new Float32Array(blocks);
    for (let i = 0, at = start + c * width; i < blocks; i++, at += block) out[i] = sample(at);
    return out;
  });
  return { name, sampleRate, channels };
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
    throw new Error(`${name}: ${size} bytes of sound are too many for a WAV file (2 GiB)`);
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
