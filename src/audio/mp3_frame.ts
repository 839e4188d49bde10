// Frames of MPEG audio layer III (ISO 11172-3, 13818-3), and the tags that encoders put into a first, soundless one.

import { startsWith, viewOf } from './bytes.js';

export interface FrameHead {
  /** Bytes of the frame with its header. */
  readonly size: number;
  readonly sampleRate: number;
  readonly channels: number;
  /** Samples per channel in one frame. */
  readonly samples: number;
}

export interface Mp3Tag {
  /** Frames of sound after the tag's own one; undefined when it does not say. */
  readonly frames: number | undefined;
  /** Samples that are not the recording's: decoders leave them out, because the encoder put them there. */
  readonly before: number;
  readonly after: number;
}

/** More bytes than any frame has. */
export const LARGEST_FRAME = 2048;
// kbit/s by the header's 4 bits; 0 is "free format", 15 is forbidden.
const RATES_MPEG1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const RATES_MPEG2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** Samples by which a layer III decoder is late; LAME's numbers do not include them. */
const DECODER_DELAY = 529;
/** Frames in a row before a place that was searched for is believed; chance gives one in 10^9 bytes so many. */
const IN_A_ROW = 4;

/** The frame whose header stands here, alike in rate and channels if asked for. */
export function frameAt(bytes: Uint8Array, at: number, like?: FrameHead): FrameHead | undefined {
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

/** Where, within the first `limit` bytes, several frames begin that follow one another. */
export function firstFrame(bytes: Uint8Array, limit: number): number | undefined {
  for (let at = bytes.indexOf(0xff); at >= 0 && at < limit; at = bytes.indexOf(0xff, at + 1)) {
    if (framesInARow(bytes, at)) return at;
  }
  return undefined;
}

function framesInARow(bytes: Uint8Array, start: number): boolean {
  const first = frameAt(bytes, start);
  let at = start;
  for (let i = 0; i < IN_A_ROW; i++) {
    const frame = frameAt(bytes, at, first);
    if (frame === undefined) return i > 1 && at === bytes.length;
    at += frame.size;
  }
  return true;
}

/** What a soundless first frame says: Xing or Info, with LAME's extension, or Fraunhofer's VBRI, whose number of frames is not to be trusted. */
export function tagOf(frame: Uint8Array, { samples, channels }: FrameHead): Mp3Tag | undefined {
  if (startsWith(frame, 36, 'VBRI')) {
    return { frames: undefined, before: 0, after: 0 };
  }
  const side = samples === 1152 ? [17, 32] : [9, 17];
  const at = 4 + side[channels - 1];
  if ((!startsWith(frame, at, 'Xing') && !startsWith(frame, at, 'Info')) || at + 12 > frame.length)
    return undefined;
  const view = viewOf(frame);
  const flags = view.getUint32(at + 4, false);
  // 0 frames: the encoder never came back to fill it in.
  const frames = (flags & 1) !== 0 ? view.getUint32(at + 8, false) || undefined : undefined;
  const sizes = [4, 4, 100, 4]; // frames, bytes, table of contents, quality: each is there if its flag is
  const lame = sizes.reduce((end, size, bit) => end + ((flags >> bit) & 1) * size, at + 8);
  if (lame + 24 > frame.length || frame[lame] === 0) return { frames, before: 0, after: 0 };
  // Two numbers of 12 bits: samples added before and after.
  const [a, b, c] = frame.subarray(lame + 21, lame + 24);
  return {
    frames,
    before: ((a << 4) | (b >> 4)) + DECODER_DELAY,
    after: Math.max(0, (((b & 15) << 8) | c) - DECODER_DELAY),
  };
}
