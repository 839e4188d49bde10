// FLAC's header (RFC 9639) and its frames in order. Every frame has a checksum, the whole has an MD5: the file is read
// up to its first damaged frame, and never joined over it.

import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { counted, verb } from '../counted.js';
import { latin1, startsWith, viewOf } from './bytes.js';
import {
  type Frame,
  type FrameHeader,
  frameHeader,
  LARGEST_BLOCK,
  LONGEST_HEADER,
  largestFrame,
  readFrame,
} from './flac_frame.js';
import type { ByteWindow } from './source.js';
import type { SoundPiece, SoundStream, SoundStreamOptions, Warn } from './stream.js';

const STREAMINFO_END = 42;

interface StreamInfo {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bits: number;
  /** Per channel; undefined when it is not said. */
  readonly samples: number | undefined;
  /** MD5 of all samples; undefined when it is not said. */
  readonly digest: string | undefined;
  /** Bytes of the largest frame, as far as can be known. */
  readonly largest: number;
}

/** @throws when the STREAMINFO block is not there or contradicts itself, or no frame follows the header. */
export async function openFlac(
  file: ByteWindow,
  { start, name, warn }: SoundStreamOptions,
): Promise<SoundStream> {
  const info = streamInfo(await file.from(start, STREAMINFO_END), name);
  const frames = await startOfFrames(file, start, name);
  const { sampleRate, channels, samples } = info;
  const opened: Opened = { file, frames, info, name, warn };
  return {
    coding: 'FLAC',
    sampleRate,
    channels,
    samples,
    pieces: (from) => piecesOf(opened, { checked: from === 0 }),
  };
}

function streamInfo(bytes: Uint8Array, name: string): StreamInfo {
  if (bytes.length < STREAMINFO_END || (bytes[4] & 0x7f) !== 0) {
    throw new Error(`${name}: damaged FLAC: no STREAMINFO block after its first four bytes`);
  }
  // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples, then 16 bytes of MD5.
  const packed = viewOf(bytes).getBigUint64(18, false);
  const sampleRate = Number(packed >> 44n);
  const channels = Number((packed >> 41n) & 7n) + 1;
  const bits = Number((packed >> 36n) & 31n) + 1;
  const samples = Number(packed & 0xfffffffffn);
  const digest = bytesToHex(bytes.subarray(26, STREAMINFO_END));
  if (sampleRate === 0) throw new Error(`${name}: damaged FLAC: its header says a sample rate of 0`);
  if (bits < 4)
    throw new Error(`${name}: damaged FLAC: its header says ${counted(bits, 'bit')}, expected 4 to 32`);
  return {
    sampleRate,
    channels,
    bits,
    samples: samples || undefined,
    digest: /^0+$/.test(digest) ? undefined : digest,
    largest: largestFrame({ samples: LARGEST_BLOCK, channels, bits }),
  };
}

/** After the metadata blocks: 1 bit "last", 7 of type, 24 of size each. */
async function startOfFrames(file: ByteWindow, start: number, name: string): Promise<number> {
  for (let at = start + 4; at + 4 <= file.size; ) {
    const header = viewOf(await file.from(at, 4)).getUint32(0, false);
    at += 4 + (header & 0xffffff);
    if (header >>> 31 === 0) continue;
    if (isFrame(await file.from(at, 2))) return at;
    break;
  }
  throw new Error(`${name}: damaged FLAC: no frame of sound after its header`);
}

function isFrame(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && (bytes[1] & 0xfe) === 0xf8;
}

interface Opened {
  readonly file: ByteWindow;
  /** Where the first frame begins. */
  readonly frames: number;
  readonly info: StreamInfo;
  readonly name: string;
  readonly warn: Warn;
}

/** All samples; `checked`: held against the MD5, which an excerpt does not need. */
async function* piecesOf(
  opened: Opened,
  { checked }: { readonly checked: boolean },
): AsyncGenerator<SoundPiece> {
  const { file, info, name } = opened;
  const sum = checked && info.digest !== undefined ? md5.create() : undefined;
  let at = opened.frames;
  let samples = 0;
  for (;;) {
    const frame = await frameAt(opened, at, samples);
    if (frame === undefined) break;
    at += frame.size;
    sum?.update(interleaved(frame.channels, info.bits));
    const scale = 2 ** (info.bits - 1);
    yield {
      at: samples,
      channels: frame.channels.map((channel) => Float32Array.from(channel, (v) => v / scale)),
    };
    samples += frame.header.samples;
  }
  const complete = info.samples === undefined ? samples > 0 : info.samples === samples;
  const whole = sum !== undefined && bytesToHex(sum.digest()) === info.digest;
  if (sum !== undefined && complete && !whole && (info.samples !== undefined || at === file.size)) {
    throw new Error(
      `${name}: damaged FLAC: the samples do not give the MD5 in its header; get the file again`,
    );
  }
  // Missing samples are reported at the end of the stream, with the numbers.
  if (samples >= (info.samples ?? 1))
    await tellRest(opened, at, complete && (whole || info.samples !== undefined));
}

/** The frame at this place; undefined where there is none that is whole. @throws when it is of another form than the file. */
async function frameAt(
  { file, info, name }: Opened,
  at: number,
  samples: number,
): Promise<Frame | undefined> {
  const header = frameHeader(await file.from(at, LONGEST_HEADER), info);
  if (header === undefined) return undefined;
  refuseChange(header, info, samples, name);
  const bytes = await file.from(at, Math.min(info.largest, largestFrame(header)));
  return readFrame(bytes, header);
}

function refuseChange(frame: FrameHeader, info: StreamInfo, samples: number, name: string): void {
  const said = describe(info);
  const found = describe(frame);
  if (found === said) return;
  throw new Error(
    samples === 0
      ? `${name}: damaged FLAC: its header says ${said}, its sound is ${found}`
      : `${name}: changes from ${said} to ${found} at sample ${samples}, which is not read; convert it: ffmpeg -i IN OUT.wav`,
  );
}

function describe({
  channels,
  sampleRate,
  bits,
}: Pick<FrameHeader, 'channels' | 'sampleRate' | 'bits'>): string {
  return `${counted(channels, 'channel')} of ${counted(bits, 'bit')} at ${sampleRate} Hz`;
}

/** A word about what follows the last frame that was read; tags are no news. */
async function tellRest({ file, name, warn }: Opened, at: number, complete: boolean): Promise<void> {
  const rest = file.size - at;
  if (rest === 0) return;
  const next = await file.from(at, 16);
  if (['TAG', 'APETAGEX', 'ID3', 'LYRICSBEGIN'].some((tag) => startsWith(next, 0, tag))) return;
  if (latin1(next, 0, 4) === 'fLaC')
    warn(`${name}: another FLAC stream follows the first (at byte ${at}); only the first was read`);
  else if (complete)
    warn(
      `${name}: ${counted(rest, 'byte')} after its last frame of sound ${verb(rest, 'is', 'are')} not FLAC; left out`,
    );
  else
    warn(
      `${name}: its last ${counted(rest, 'byte')} ${verb(rest, 'is', 'are')} no whole FLAC frame (truncated, damaged or foreign); left out`,
    );
}

/** As the MD5 is taken: samples of all channels in turn, little-endian, in whole bytes. */
function interleaved(channels: readonly Int32Array[], bits: number): Uint8Array {
  const width = Math.ceil(bits / 8);
  const bytes = new Uint8Array(width * channels.length * channels[0].length);
  channels.forEach((channel, c) => {
    for (let i = 0; i < channel.length; i++) {
      const at = (i * channels.length + c) * width;
      for (let b = 0; b < width; b++) bytes[at + b] = channel[i] >> (8 * b);
    }
  });
  return bytes;
}
