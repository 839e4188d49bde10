// Through a lossy codec and back, in memory: MP3 (LAME) and Opus (libopus), both WebAssembly, loaded when first needed.
// What comes back lies in the clip's own time: the delay of encoder and decoder together is cut off, so that frames can
// be compared. The codec's own choices (band limits, inner sample rates) are left to it, as they are in the wild.

import { counted } from '../counted.js';
import { type Clip, sampleCount } from './clip.js';
import { decode } from './decode.js';
import { keeper } from './kept.js';
import { conform } from './resample.js';

export const LOSSY_CODECS = ['mp3', 'opus'] as const;
export type LossyCodec = (typeof LOSSY_CODECS)[number];

/** MPEG-1 and MPEG-2 Layer III, kbit/s. */
export const MP3_BITRATES = [8, 16, 24, 32, 40, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320] as const;
type Mp3Bitrate = (typeof MP3_BITRATES)[number];
/** Below 32 kHz (MPEG-2) an MP3 has at most so many kbit/s. */
const MP3_MOST_BELOW_32_KHZ = 160;
/** Samples by which LAME (576 + 1) and any decoder (528) are late together, at the rate of the file. */
const MP3_DELAY = 1105;
/** Samples per channel up to which clips share an encoder. */
const MP3_MOST_SAMPLES = 2 ** 22;

export const OPUS_BITRATES = { lowest: 6, highest: 510 } as const;
/** Opus works at 48 kHz, in packets of 20 ms. */
const OPUS_RATE = 48_000;
const OPUS_PACKET = 960;

/** A clip after a lossy codec. */
export interface Coded {
  /** At the rate, with the channels and the samples of the clip that went in. */
  readonly clip: Clip;
  /** Of the encoded sound: all frames or packets, without a container. */
  readonly bytes: number;
}

/**
 * Encodes at a constant bit rate (kbit/s, all channels together) and decodes. The same bits on every run.
 * @throws when the clip has more than two channels, or the codec has no such bit rate.
 */
export async function throughLossy(
  clip: Clip,
  { codec, bitrate }: { readonly codec: LossyCodec; readonly bitrate: number },
): Promise<Coded> {
  const channels = clip.channels.length;
  if (channels !== 1 && channels !== 2)
    throw new Error(`${clip.name}: ${counted(channels, 'channel')}, ${codec} takes one or two`);
  return codec === 'mp3' ? throughMp3(clip, { channels, bitrate }) : throughOpus(clip, { channels, bitrate });
}

interface Asked {
  readonly channels: 1 | 2;
  readonly bitrate: number;
}

async function throughMp3(clip: Clip, { channels, bitrate }: Asked): Promise<Coded> {
  const kbits = MP3_BITRATES.find((each) => each === bitrate);
  if (kbits === undefined)
    throw new Error(`mp3: a bit rate of ${bitrate} kbit/s, expected one of ${MP3_BITRATES.join(', ')}`);
  if (clip.sampleRate < 32_000 && kbits > MP3_MOST_BELOW_32_KHZ) {
    throw new Error(
      `${clip.name}: an MP3 at ${clip.sampleRate} Hz has at most ${MP3_MOST_BELOW_32_KHZ} kbit/s, asked for ${kbits}`,
    );
  }
  const bytes = await mp3Of(clip, { channels, bitrate: kbits });
  const { clip: decoded } = await decode(bytes, clip.name);
  const late = decoded.channels.map((channel) => channel.subarray(MP3_DELAY));
  return { clip: likeClip(clip, { ...decoded, channels: late }), bytes: bytes.length };
}

let mp3Encoder: ReturnType<typeof newMp3Encoder> | undefined;

async function newMp3Encoder() {
  const { createMp3Encoder } = await import('wasm-media-encoders');
  return createMp3Encoder();
}

/** An encoder to be configured. One serves all short clips, since compiling it takes as long as they do; its memory never shrinks. */
function mp3EncoderFor(clip: Clip): ReturnType<typeof newMp3Encoder> {
  if (sampleCount(clip) > MP3_MOST_SAMPLES) return newMp3Encoder();
  mp3Encoder ??= newMp3Encoder();
  return mp3Encoder;
}

async function mp3Of(
  clip: Clip,
  { channels, bitrate }: { readonly channels: 1 | 2; readonly bitrate: Mp3Bitrate },
): Promise<Uint8Array> {
  const encoder = await mp3EncoderFor(clip);
  encoder.configure({ sampleRate: clip.sampleRate, channels, bitrate });
  // Both calls give views on one buffer of the encoder.
  const body = encoder.encode(clip.channels).slice();
  const tail = encoder.finalize();
  const bytes = new Uint8Array(body.length + tail.length);
  bytes.set(body);
  bytes.set(tail, body.length);
  return bytes;
}

/** The clip at Opus's rate, whatever bit rates it goes through. */
const lastForOpus = keeper<Clip>();

async function throughOpus(clip: Clip, { channels, bitrate }: Asked): Promise<Coded> {
  const { lowest, highest } = OPUS_BITRATES;
  if (!(bitrate >= lowest && bitrate <= highest))
    throw new Error(`opus: a bit rate of ${bitrate} kbit/s, expected from ${lowest} to ${highest}`);
  const { Application, createDecoder, createEncoder, Signal } = await import('libopus-wasm');
  const sound = lastForOpus(clip, '', () => conform(clip, { sampleRate: OPUS_RATE, channels }));
  const encoder = await createEncoder({
    sampleRate: OPUS_RATE,
    channels,
    application: Application.Audio,
    signal: Signal.Music,
    bitrate: Math.round(1000 * bitrate),
    vbr: false,
    frameSize: OPUS_PACKET,
  });
  const decoder = await createDecoder({ sampleRate: OPUS_RATE, channels });
  try {
    const delay = encoder.getLookahead();
    const packets = Math.ceil((sampleCount(sound) + delay) / OPUS_PACKET);
    const decoded = Array.from({ length: channels }, () => new Float32Array(packets * OPUS_PACKET));
    let bytes = 0;
    for (let p = 0; p < packets; p++) {
      const packet = encoder.encodeFloat(interleaved(sound.channels, p * OPUS_PACKET));
      bytes += packet.length;
      const pcm = decoder.decodeFloat(packet);
      decoded.forEach((row, c) => {
        const at = p * OPUS_PACKET;
        for (let i = 0; c + i * channels < pcm.length; i++) row[at + i] = pcm[c + i * channels];
      });
    }
    const late = decoded.map((channel) => channel.subarray(delay));
    return { clip: likeClip(clip, { ...sound, channels: late }), bytes };
  } finally {
    encoder.free();
    decoder.free();
  }
}

/** A packet's samples from `start` on, channels side by side; zeros after the end. */
function interleaved(channels: readonly Float32Array[], start: number): Float32Array {
  const n = channels.length;
  const packet = new Float32Array(OPUS_PACKET * n);
  channels.forEach((channel, c) => {
    const part = channel.subarray(start, start + OPUS_PACKET);
    for (let i = 0; i < part.length; i++) packet[c + i * n] = part[i];
  });
  return packet;
}

/** A decoded sound at the rate, with the channels and as many samples as the clip; zeros where it is shorter. */
function likeClip(clip: Clip, decoded: Clip): Clip {
  const channels: 1 | 2 = clip.channels.length === 1 ? 1 : 2;
  const sound = conform({ ...decoded, name: clip.name }, { sampleRate: clip.sampleRate, channels });
  const rows = clip.channels.map((like, c) => {
    // A codec may give one channel where two were alike.
    const own = sound.channels[c] ?? sound.channels[0];
    const row = new Float32Array(like.length);
    row.set(own.subarray(0, row.length));
    return row;
  });
  return { ...clip, channels: rows };
}
