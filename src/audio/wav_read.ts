// WAV, read by ourselves: decoders disagree on the scale of integers (32767 or 32768) and are silent about damage.
// Integers are divided by 2^(bits-1), so that -1 is exact and full scale is never exceeded; floats are taken as they are.
// RIFF WAVE (Microsoft "Multiple channel audio data and WAVE files"), RF64 (EBU Tech 3306).

import { counted, verb } from '../counted.js';
import { latin1, startsWith, viewOf } from './bytes.js';
import type { ByteWindow } from './source.js';
import type { SoundStream, SoundStreamOptions } from './stream.js';

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

export const PCM = 1;
export const FLOAT = 3;
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
export const UNKNOWN_SIZE = 0x7ffff000;
/** What stands in a file beside its sound, even where the file ends within it. */
const METADATA =
  /^(LIST|id3 |ID3 |JUNK|junk|bext|cue |iXML|fact|smpl|inst|PEAK|umid|_PMX|axml|aXML|chna|cart|PAD |FLLR|acid|plst|SNDM|levl|DISP)$/;
/** Bytes of the longest fmt chunk that is looked at. */
const FORMAT_BYTES = 40;
/** Samples that are read at once. */
const PIECE = 1 << 16;

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
export async function openWav(
  file: ByteWindow,
  { start, name, warn }: SoundStreamOptions,
): Promise<SoundStream> {
  if (!isWav(await file.from(start, 12)))
    throw new Error(`${name}: not a WAV file (no RIFF/WAVE at its start)`);
  let format: Format | undefined;
  let longSize: number | undefined;
  let empty = false;
  for await (const chunk of chunksOf(file, start + 12)) {
    if (chunk.id === 'ds64') {
      const body = await file.from(chunk.start, 16);
      if (body.length >= 16) longSize = Number(viewOf(body).getBigUint64(8, true));
    } else if (chunk.id === 'fmt ') {
      const body = await file.from(chunk.start, FORMAT_BYTES);
      format = readFormat(body.subarray(0, chunk.size), { chunk, name, warn });
    } else if (chunk.id === 'data') {
      if (format === undefined) throw new Error(`${name}: damaged WAV: its data comes before its fmt chunk`);
      empty = chunk.size === 0 && (await chunksFollow(file, chunk.start));
      if (empty) continue;
      const said = longSize !== undefined && chunk.size === 0xffffffff ? longSize : chunk.size;
      const samples = samplesThere({ ...chunk, size: said }, { file, format, name, warn });
      return streamOf(file, { format, samples, start: chunk.start });
    }
  }
  if (empty) throw new Error(`${name}: holds no sound: the WAV's data chunk is empty`);
  throw new Error(`${name}: damaged WAV: no ${format === undefined ? 'fmt' : 'data'} chunk in it`);
}

/** The chunks of a RIFF file in order; a body of odd size is followed by one padding byte, which some writers forget. */
async function* chunksOf(file: ByteWindow, from: number): AsyncGenerator<Chunk> {
  for (let at = from; at + 8 <= file.size; ) {
    const head = await file.from(at, 8);
    const size = viewOf(head).getUint32(4, true);
    yield { id: latin1(head, 0, 4), start: at + 8, size };
    at += 8 + size;
    if (size % 2 === 1 && !(isId(latin1(await file.from(at, 4), 0, 4)) && at % 2 === 1)) at++;
  }
}

function isId(text: string): boolean {
  return /^[A-Za-z0-9_ ]{4}$/.test(text);
}

/** Whether chunks come next, not sound: known ones, or any that end just where the file does. */
async function chunksFollow(file: ByteWindow, from: number): Promise<boolean> {
  if (from >= file.size) return true;
  let end = from;
  for await (const { id, start, size } of chunksOf(file, from)) {
    if (!isId(id) || start > file.size) return false;
    if (METADATA.test(id) || id === 'data') return true;
    end = start + size;
  }
  return end > from && end <= file.size && file.size - end <= 1;
}

interface Told {
  readonly name: string;
  readonly warn: (line: string) => void;
}

function readFormat(bytes: Uint8Array, { chunk, name, warn }: Told & { readonly chunk: Chunk }): Format {
  if (bytes.length < Math.min(FORMAT_BYTES, Math.max(16, chunk.size))) {
    throw new Error(
      `${name}: damaged WAV: its fmt chunk has ${counted(chunk.size, 'byte')}, expected 16, 18 or 40`,
    );
  }
  const view = viewOf(bytes);
  let tag = view.getUint16(0, true);
  if (tag === EXTENSIBLE) {
    const guid = chunk.size >= 40 ? latin1(bytes, 26, 14) : '';
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
    throw new Error(
      `${name}: WAV with ${bits}-bit ${kind} samples is not read, only ${widths.join(', ')} bits; convert it: ffmpeg -i IN OUT.wav`,
    );
  }
  if (channels === 0) throw new Error(`${name}: damaged WAV: its header says 0 channels`);
  if (sampleRate === 0) throw new Error(`${name}: damaged WAV: its header says a sample rate of 0`);
  if (block !== (channels * bits) / 8) {
    throw new Error(
      `${name}: damaged WAV: block align is ${block}, expected ${(channels * bits) / 8} ` +
        `for ${counted(channels, 'channel')} of ${counted(bits, 'bit')}`,
    );
  }
  if (byteRate !== sampleRate * block) {
    warn(
      `${name}: the header's byte rate is ${byteRate}, expected ${sampleRate * block} for ${sampleRate} Hz; ` +
        'read at the sample rate',
    );
  }
  return { float: tag === FLOAT, channels, sampleRate, bits, block };
}

/** Whole samples per channel that the data chunk really holds. */
function samplesThere(
  data: Chunk,
  { file, format, name, warn }: Told & { readonly file: ByteWindow; readonly format: Format },
): number {
  const left = file.size - data.start;
  const streamed = data.size === 0 || data.size >= UNKNOWN_SIZE;
  const present = streamed ? left : Math.min(left, data.size);
  const samples = Math.floor(present / format.block);
  const over = present % format.block;
  if (samples === 0) throw new Error(`${name}: holds no sound: the WAV's data chunk has no whole sample`);
  if (streamed) {
    if (data.size > left || data.size === 0) {
      warn(
        `${name}: the WAV does not say how long it is (streamed); read to its end, ${counted(samples, 'sample')}`,
      );
    }
  } else if (data.size > left) {
    const said = Math.floor(data.size / format.block);
    warn(`${name}: truncated: its header says ${counted(said, 'sample')}, the file holds ${samples}`);
  } else if (over !== 0) {
    warn(
      `${name}: ${counted(over, 'byte')} after the last whole sample ${verb(over, 'was', 'were')} left out`,
    );
  }
  return samples;
}

interface Data {
  readonly format: Format;
  /** Per channel. */
  readonly samples: number;
  /** First byte of the sound. */
  readonly start: number;
}

function streamOf(file: ByteWindow, { format, samples, start }: Data): SoundStream {
  const { sampleRate, channels, block } = format;
  return {
    coding: 'WAV',
    sampleRate,
    channels,
    samples,
    async *pieces(from) {
      for (let at = from; at < samples; at += PIECE) {
        const count = Math.min(PIECE, samples - at);
        const bytes = await file.from(start + at * block, count * block);
        if (bytes.length < count * block) return;
        yield { at, channels: samplesOf(bytes, count, format) };
      }
    },
  };
}

function samplesOf(bytes: Uint8Array, count: number, format: Format): Float32Array[] {
  const view = viewOf(bytes);
  const { float, bits, block } = format;
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
  return Array.from({ length: format.channels }, (_, c) => {
    const out = new Float32Array(count);
    for (let i = 0, at = c * width; i < count; i++, at += block) out[i] = sample(at);
    return out;
  });
}
