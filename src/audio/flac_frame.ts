// One frame of FLAC (RFC 9639, section 9) -> integers. Done here since the WebAssembly decoders at hand give floats of
// another scale, and not a number for 12 and 20 bits. All widths of the standard, 4 to 32 bits, are exact.

import { type BitReader, bitReader } from './bits.js';

/** What a frame's header says, with what it leaves to STREAMINFO filled in. */
export interface FrameHeader {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bits: number;
  /** Samples per channel. */
  readonly samples: number;
  /** 0: channels as they are; 8: left and side; 9: side and right; 10: mid and side. */
  readonly assignment: number;
  /** Bytes of the header with its checksum. */
  readonly size: number;
}

export interface Frame {
  readonly header: FrameHeader;
  /** [channel][sample], integers of `bits` bits. */
  readonly channels: readonly Int32Array[];
  /** Bytes of the whole frame. */
  readonly size: number;
}

type Defaults = Pick<FrameHeader, 'sampleRate' | 'bits'>;

/** More bytes than any frame of this header takes: verbatim samples, one bit more for a side channel. */
export function largestFrame({
  samples,
  channels,
  bits,
}: Pick<FrameHeader, 'samples' | 'channels' | 'bits'>): number {
  return 64 + channels * (16 + Math.ceil((samples * (bits + 1)) / 8));
}

/** Samples of the largest frame, and bytes of the longest header. */
export const LARGEST_BLOCK = 65_536;
export const LONGEST_HEADER = 16;

/** Bits per sample by the 3 bits in the header; 0 is "as STREAMINFO says", 3 is reserved. */
const WIDTHS = [0, 8, 12, -1, 16, 20, 24, 32];
/** Hz by 4 bits; 0 as STREAMINFO says, 12 to 14 follow the header, 15 is invalid. */
const RATES = [0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];

const CRC8 = Uint8Array.from({ length: 256 }, (_, i) => {
  let r = i;
  for (let bit = 0; bit < 8; bit++) r = r & 0x80 ? ((r << 1) ^ 0x07) & 0xff : r << 1;
  return r;
});
const CRC16 = Uint16Array.from({ length: 256 }, (_, i) => {
  let r = i << 8;
  for (let bit = 0; bit < 8; bit++) r = r & 0x8000 ? (r << 1) ^ 0x8005 : r << 1;
  return r;
});

/** The header of the frame that begins these bytes; undefined when there is none, or its checksum fails. */
export function frameHeader(bytes: Uint8Array, defaults: Defaults): FrameHeader | undefined {
  if (bytes.length < 6 || bytes[0] !== 0xff || (bytes[1] & 0xfe) !== 0xf8) return undefined;
  const reader = bitReader(bytes.subarray(0, LONGEST_HEADER));
  reader.at = 16;
  const blockCode = reader.unsigned(4);
  const rateCode = reader.unsigned(4);
  const channelCode = reader.unsigned(4);
  const width = WIDTHS[reader.unsigned(3)];
  if (reader.unsigned(1) !== 0 || blockCode === 0 || rateCode === 15 || channelCode > 10 || width < 0) {
    return undefined;
  }
  if (!skipNumber(reader)) return undefined;
  const samples = blockSize(blockCode, reader);
  const sampleRate = rateOf(rateCode, reader) || defaults.sampleRate;
  const crc = reader.at >> 3;
  let r = 0;
  for (let i = 0; i < crc; i++) r = CRC8[r ^ bytes[i]];
  if (crc >= bytes.length || r !== bytes[crc]) return undefined;
  return {
    sampleRate,
    channels: channelCode < 8 ? channelCode + 1 : 2,
    bits: width || defaults.bits,
    samples,
    assignment: channelCode < 8 ? 0 : channelCode,
    size: crc + 1,
  };
}

/** The running number of the frame or sample, coded as UTF-8 is, up to seven bytes. */
function skipNumber(reader: BitReader): boolean {
  const ones = Math.clz32(~(reader.unsigned(8) << 24));
  if (ones === 1 || ones > 7) return false;
  for (let i = 1; i < ones; i++) if (reader.unsigned(8) >> 6 !== 2) return false;
  return true;
}

function blockSize(code: number, reader: BitReader): number {
  if (code === 1) return 192;
  if (code <= 5) return 576 << (code - 2);
  if (code === 6) return reader.unsigned(8) + 1;
  if (code === 7) return reader.unsigned(16) + 1;
  return 256 << (code - 8);
}

/** 0 when STREAMINFO has it. */
function rateOf(code: number, reader: BitReader): number {
  if (code === 12) return reader.unsigned(8) * 1000;
  if (code === 13) return reader.unsigned(16);
  if (code === 14) return reader.unsigned(16) * 10;
  return RATES[code];
}

/** The frame that begins these bytes; undefined when it is not whole, or its checksum fails. */
export function readFrame(bytes: Uint8Array, header: FrameHeader): Frame | undefined {
  const reader = bitReader(bytes);
  reader.at = header.size * 8;
  const channels: Int32Array[] = [];
  const sides = { 8: 1, 9: 0, 10: 1 }[header.assignment];
  const wide: Float64Array[] = [];
  for (let c = 0; c < header.channels; c++) {
    const samples = new Float64Array(header.samples);
    if (!readSubframe(reader, samples, header.bits + (c === sides ? 1 : 0)) || reader.overrun())
      return undefined;
    wide.push(samples);
  }
  if (header.assignment !== 0) restoreStereo(wide, header.assignment);
  for (const samples of wide) channels.push(Int32Array.from(samples));
  const end = (reader.at + 7) >> 3;
  if (end + 2 > bytes.length || crc16(bytes, end) !== ((bytes[end] << 8) | bytes[end + 1])) return undefined;
  return { header, channels, size: end + 2 };
}

function crc16(bytes: Uint8Array, end: number): number {
  let r = 0;
  for (let i = 0; i < end; i++) r = ((r << 8) & 0xffff) ^ CRC16[(r >> 8) ^ bytes[i]];
  return r;
}

/** Undoes the difference of two channels, in place. */
function restoreStereo([a, b]: readonly Float64Array[], assignment: number): void {
  for (let i = 0; i < a.length; i++) {
    if (assignment === 8) b[i] = a[i] - b[i];
    else if (assignment === 9) a[i] += b[i];
    else {
      // The lowest bit of the sum was dropped from mid; the difference has it still.
      const sum = 2 * a[i] + (Math.abs(b[i]) % 2);
      a[i] = (sum + b[i]) / 2;
      b[i] = (sum - b[i]) / 2;
    }
  }
}

/** One channel of a frame: constant, as it is, or predicted from the samples before. */
function readSubframe(reader: BitReader, out: Float64Array, width: number): boolean {
  if (reader.unsigned(1) !== 0) return false;
  const type = reader.unsigned(6);
  const wasted = reader.unsigned(1) === 1 ? reader.zeros() + 1 : 0;
  const bits = width - wasted;
  if (bits < 1) return false;
  if (type === 0) out.fill(reader.signed(bits));
  else if (type === 1) for (let i = 0; i < out.length; i++) out[i] = reader.signed(bits);
  else if (type >= 8 && type <= 12) {
    if (!readFixed(reader, out, { bits, order: type - 8 })) return false;
  } else if (type < 32 || !readLinear(reader, out, { bits, order: type - 31 })) return false;
  if (wasted > 0) for (let i = 0; i < out.length; i++) out[i] *= 2 ** wasted;
  return true;
}

interface Predicted {
  /** Of a sample as it is stored. */
  readonly bits: number;
  /** Samples that a prediction looks back at. */
  readonly order: number;
}

/** Coefficients of the fixed predictors, the nearest sample first. */
const FIXED = [[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]];

function readFixed(reader: BitReader, out: Float64Array, { bits, order }: Predicted): boolean {
  if (order > out.length) return false;
  for (let i = 0; i < order; i++) out[i] = reader.signed(bits);
  if (!readResidual(reader, out, order)) return false;
  predict(out, FIXED[order], 0);
  return true;
}

function readLinear(reader: BitReader, out: Float64Array, { bits, order }: Predicted): boolean {
  if (order > out.length) return false;
  for (let i = 0; i < order; i++) out[i] = reader.signed(bits);
  const precision = reader.unsigned(4) + 1;
  const shift = reader.signed(5);
  if (precision === 16 || shift < 0) return false;
  const coefficients = Array.from({ length: order }, () => reader.signed(precision));
  if (!readResidual(reader, out, order)) return false;
  predict(out, coefficients, shift);
  return true;
}

/** Adds the prediction to each residual. Sums stay below 2^53: 32 products of 15 and 33 bits. */
function predict(out: Float64Array, coefficients: readonly number[], shift: number): void {
  const order = coefficients.length;
  const weights = Float64Array.from(coefficients);
  const scale = 2 ** -shift;
  for (let i = order; i < out.length; i++) {
    let sum = 0;
    for (let j = 0; j < order; j++) sum += weights[j] * out[i - 1 - j];
    out[i] += Math.floor(sum * scale);
  }
}

/** What prediction leaves: Rice codes, in partitions that have each their own parameter. */
function readResidual(reader: BitReader, out: Float64Array, order: number): boolean {
  const method = reader.unsigned(2);
  if (method > 1) return false;
  const partitions = 1 << reader.unsigned(4);
  const size = out.length / partitions;
  if (!Number.isInteger(size) || size < order) return false;
  const width = method === 0 ? 4 : 5;
  for (let p = 0, i = order; p < partitions; p++) {
    const end = (p + 1) * size;
    const parameter = reader.unsigned(width);
    if (parameter === (1 << width) - 1) {
      const bits = reader.unsigned(5);
      for (; i < end; i++) out[i] = bits === 0 ? 0 : reader.signed(bits);
    } else {
      const scale = 2 ** parameter;
      for (; i < end; i++) {
        const folded = reader.zeros() * scale + reader.unsigned(parameter);
        out[i] = folded % 2 === 0 ? folded / 2 : -(folded + 1) / 2;
      }
    }
    if (reader.overrun()) return false;
  }
  return true;
}
