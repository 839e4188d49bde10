// FLAC's header and frames (RFC 9639): what they promise, and how to get the integers back from the decoder.
// The decoder leaves out a damaged frame and joins what is around it: only whole frames up to the first damaged
// one are given to it, so that what is decoded is the file's sound from its start.

import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { startsWith, viewOf } from './bytes.js';
import type { Stream } from './stream.js';

const STREAMINFO_END = 42;
/** Bits per sample by the 3 bits in a frame's header; 0 is "as STREAMINFO says", 3 is reserved. */
const FRAME_BITS = [0, 8, 12, 0, 16, 20, 24, 32];
const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, i) => {
  let r = i << 8;
  for (let bit = 0; bit < 8; bit++) r = r & 0x8000 ? (r << 1) ^ 0x8005 : r << 1;
  return r;
});

/** @throws when the STREAMINFO block is not there or contradicts itself. */
export function flacStream(bytes: Uint8Array, name: string): Stream {
  const view = viewOf(bytes);
  if (bytes.length < STREAMINFO_END || (bytes[4] & 0x7f) !== 0) {
    throw new Error(`${name}: damaged FLAC: no STREAMINFO block after its first four bytes`);
  }
  // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of samples, then 16 bytes of MD5.
  const packed = view.getBigUint64(18, false);
  const sampleRate = Number(packed >> 44n);
  const channels = Number((packed >> 41n) & 7n) + 1;
  const bits = Number((packed >> 36n) & 31n) + 1;
  const samples = Number(packed & 0xfffffffffn);
  const digest = bytesToHex(bytes.subarray(26, STREAMINFO_END));
  if (sampleRate === 0) throw new Error(`${name}: damaged FLAC: its header says a sample rate of 0`);
  const frames = startOfFrames(bytes, name);
  const frameBits = FRAME_BITS[((bytes[frames + 3] ?? 0) >> 1) & 7];
  if (frameBits !== 0 && frameBits !== bits) {
    throw new Error(`${name}: damaged FLAC: its header says ${bits} bits, its first frame ${frameBits}`);
  }
  return {
    coding: 'FLAC',
    sampleRate,
    channels,
    sound: bytes.subarray(0, endOfWholeFrames(bytes, frames)),
    samples: samples === 0 ? undefined : samples,
    warnings: [],
    restore: (decoded) => {
      // Integers of up to 24 bits survive the decoder's floats; 32-bit ones do not, nor does Float32Array hold them.
      if (bits > 24) return decoded;
      const integers = decoded.map((channel) => integersOf(channel, bits));
      const complete = samples === 0 || samples === decoded[0]?.length;
      if (complete && !/^0+$/.test(digest) && bytesToHex(md5(interleaved(integers, bits))) !== digest) {
        throw new Error(
          `${name}: damaged FLAC: the samples do not give the MD5 in its header; get the file again`,
        );
      }
      return integers.map((channel) => Float32Array.from(channel, (v) => v / 2 ** (bits - 1)));
    },
  };
}

/** After the metadata blocks: 1 bit "last", 7 of type, 24 of size each. */
function startOfFrames(bytes: Uint8Array, name: string): number {
  const view = viewOf(bytes);
  for (let at = 4; at + 4 <= bytes.length; ) {
    const header = view.getUint32(at, false);
    at += 4 + (header & 0xffffff);
    if (header >>> 31 === 1 && isFrame(bytes, at)) return at;
    if (header >>> 31 === 1) break;
  }
  throw new Error(`${name}: damaged FLAC: no frame of sound after its header`);
}

/** A frame ends where its CRC-16, its own last two bytes included, is 0 and a frame, a tag or nothing follows. */
function endOfWholeFrames(bytes: Uint8Array, start: number): number {
  let whole = start;
  let crc = 0;
  for (let at = start; at < bytes.length; at++) {
    crc = ((crc << 8) ^ CRC_TABLE[(crc >> 8) ^ bytes[at]]) & 0xffff;
    if (crc !== 0) continue;
    const next = at + 1;
    if (next === bytes.length || isFrame(bytes, next)) whole = next;
    else if (['TAG', 'APETAGEX', 'ID3'].some((tag) => startsWith(bytes, next, tag))) return next;
  }
  return whole;
}

function isFrame(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xff && (bytes[at + 1] & 0xfe) === 0xf8;
}

/** The decoder divides by 2^(bits-1) - 1 (checked against the flac tool): undo it. */
function integersOf(channel: Float32Array, bits: number): Int32Array {
  const scale = 2 ** (bits - 1) - 1;
  return Int32Array.from(channel, (v) => Math.round(v * scale));
}

/** As the MD5 is taken: samples of all channels in turn, little-endian, in whole bytes. */
function interleaved(channels: readonly Int32Array[], bits: number): Uint8Array {
  const width = Math.ceil(bits / 8);
  const bytes = new Uint8Array(width * channels.length * (channels[0]?.length ?? 0));
  channels.forEach((channel, c) => {
    for (let i = 0; i < channel.length; i++) {
      const at = (i * channels.length + c) * width;
      for (let b = 0; b < width; b++) bytes[at + b] = channel[i] >> (8 * b);
    }
  });
  return bytes;
}
