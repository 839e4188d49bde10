// MPEG audio layer III frames (ISO 11172-3, 13818-3) and the Xing/LAME tag: how many samples there must be.
// Frames carry no reliable checksum: a flipped bit inside one is only heard. Missing frames are noticed.

import { startsWith, viewOf } from './bytes.js';
import type { Stream } from './stream.js';

interface Frame {
  /** Bytes of the frame with its header. */
  readonly size: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples per channel in one frame. */
  readonly samples: number;
}

interface Tag {
  /** Frames after the tag's own one; undefined when it does not say. */
  readonly frames: number | undefined;
  /** Samples that decoders leave out before and after the sound, because the encoder put them there. */
  readonly padding: number;
}

// kbit/s by the header's 4 bits; 0 is "free format", 15 is forbidden.
const RATES_MPEG1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const RATES_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** Samples by which a layer III decoder is late; LAME's numbers do not include them. */
const DECODER_DELAY = 529;

/** @throws when no frame is found. Truncation is a warning where the Xing tag gives the number of frames. */
export function mp3Stream(bytes: Uint8Array, name: string): Stream {
  const { first, frames, cut, skipped, tag } = walk(bytes, name);
  const warnings: string[] = [];
  if (tag?.frames !== undefined && frames < tag.frames) {
    warnings.push(`${name}: truncated: its header says ${tag.frames} MP3 frames, the file holds ${frames}`);
  } else if (cut) {
    warnings.push(`${name}: truncated: it ends inside an MP3 frame; ${frames} whole frames were read`);
  }
  if (skipped > 0) {
    warnings.push(
      `${name}: ${skipped} bytes between its MP3 frames are no frames (damage or tags); left out`,
    );
  }
  return {
    coding: 'MP3',
    sampleRate: first.sampleRate,
    channels: 2,
    sound: bytes,
    samples: (tag?.frames ?? frames) * first.samples - (tag?.padding ?? 0),
    warnings,
    // The decoder always gives two channels.
    restore: (decoded) => (first.channels === 1 && areEqual(decoded) ? decoded.slice(0, 1) : decoded),
  };
}

interface Walk {
  readonly first: Frame;
  /** Frames of sound that are wholly there. */
  readonly frames: number;
  /** Whether the file ends inside a frame. */
  readonly cut: boolean;
  /** Bytes between frames that belong to none. */
  readonly skipped: number;
  readonly tag: Tag | undefined;
}

function walk(bytes: Uint8Array, name: string): Walk {
  let first: Frame | undefined;
  let tag: Tag | undefined;
  let frames = 0;
  let skipped = 0;
  let gap = 0;
  let cut = false;
  for (let at = 0; at + 4 <= bytes.length; ) {
    const frame = frameAt(bytes, at, first);
    // After a gap, four bytes that look like a header are believed only if another header follows.
    const believed =
      frame !== undefined && (gap === 0 || frameAt(bytes, at + frame.size, frame) !== undefined);
    if (frame === undefined || !believed) {
      gap++;
      at++;
      continue;
    }
    cut = at + frame.size > bytes.length;
    if (cut) break;
    if (first === undefined) {
      first = frame;
      tag = tagOf(bytes.subarray(at, at + frame.size), frame);
    }
    frames++;
    skipped += gap;
    gap = 0;
    at += frame.size;
  }
  if (first === undefined) throw new Error(`${name}: damaged MP3: no whole frame in it`);
  if (tag !== undefined) frames--;
  return { first, frames, cut, skipped, tag };
}

/** The frame whose header stands here; all frames of a file have the first one's rate and channels. */
function frameAt(bytes: Uint8Array, at: number, like?: Frame): Frame | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe6) !== 0xe2) return undefined;
  const version = (bytes[at + 1] >> 3) & 3; // 0: MPEG 2.5, 2: MPEG 2, 3: MPEG 1
  const rateIndex = (bytes[at + 2] >> 2) & 3;
  const bitrateIndex = bytes[at + 2] >> 4;
  if (version === 1 || rateIndex === 3 || bitrateIndex === 0 || bitrateIndex === 15) return undefined;
  const mpeg1 = version === 3;
  const divisor = mpeg1 ? 1 : version === 2 ? 2 : 4;
  const sampleRate = [44100, 48000, 32000][rateIndex] / divisor;
  const kbits = (mpeg1 ? RATES_MPEG1 : RATES_MPEG2)[bitrateIndex];
  const samples = mpeg1 ? 1152 : 576;
  const size = Math.floor((samples * kbits * 125) / sampleRate) + ((bytes[at + 2] >> 1) & 1);
  const channels = bytes[at + 3] >> 6 === 3 ? 1 : 2;
  const alike = like === undefined || (like.sampleRate === sampleRate && like.channels === channels);
  return alike ? { size, sampleRate, samples, channels } : undefined;
}

/** Xing/Info tag with LAME's extension: it stands after the side information of a first, soundless frame. */
function tagOf(frame: Uint8Array, { samples, channels }: Frame): Tag | undefined {
  const side = samples === 1152 ? [17, 32] : [9, 17];
  const at = 4 + side[channels - 1];
  if (!startsWith(frame, at, 'Xing') && !startsWith(frame, at, 'Info')) return undefined;
  const view = viewOf(frame);
  const flags = view.getUint32(at + 4, false);
  const frames = (flags & 1) !== 0 ? view.getUint32(at + 8, false) : undefined;
  const sizes = [4, 4, 100, 4]; // frames, bytes, table of contents, quality: each is there if its flag is
  const lame = sizes.reduce((end, size, bit) => end + ((flags >> bit) & 1) * size, at + 8);
  if (lame + 24 > frame.length || frame[lame] === 0) return { frames, padding: 0 };
  // Two numbers of 12 bits: samples added before and after.
  const [a, b, c] = frame.subarray(lame + 21, lame + 24);
  const before = ((a << 4) | (b >> 4)) + DECODER_DELAY;
  const after = Math.max(0, (((b & 15) << 8) | c) - DECODER_DELAY);
  return { frames, padding: before + after };
}

function areEqual(channels: readonly Float32Array[]): boolean {
  const [left, right] = channels;
  return channels.length === 2 && left.every((v, i) => v === right[i]);
}
