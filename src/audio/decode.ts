// Sound in: bytes of a file -> Clip. The format is known by its first bytes. WAV is read by ourselves; the
// decoders of the others are WebAssembly, loaded when first needed, and say nothing about damage: what they
// give is held against what the file's own headers promise (sample rate, channels, number of samples,
// checksums). Truncated at the end: a warning with the numbers. Damaged in the middle: an error, where the
// format lets it be seen.

import { type Clip, sampleCount } from './clip.js';
import { flacStream } from './flac.js';
import { type AudioFormat, recognise } from './format.js';
import { mp3Stream } from './mp3.js';
import { opusStream, vorbisStream } from './ogg.js';
import { rmsDbfs, SILENCE_DBFS } from './spectrum.js';
import type { Stream } from './stream.js';
import { type Decoded, readWav } from './wav.js';

/** What the decoders give; `errors` is there though their types do not say so. */
interface Pcm {
  readonly sampleRate: number;
  readonly channelData: readonly Float32Array[];
  readonly errors?: readonly unknown[];
}

interface Codec {
  readonly stream: (bytes: Uint8Array, name: string) => Stream;
  readonly decoder: () => Promise<{ default: (bytes: Uint8Array) => Promise<Pcm> }>;
}

const CODECS: Readonly<Record<Exclude<AudioFormat, 'wav'>, Codec>> = {
  mp3: { stream: mp3Stream, decoder: () => import('@audio/decode-mp3') },
  flac: { stream: flacStream, decoder: () => import('@audio/decode-flac') },
  vorbis: { stream: vorbisStream, decoder: () => import('@audio/decode-vorbis') },
  opus: { stream: opusStream, decoder: () => import('@audio/decode-opus') },
};

/** Hz between which a header is believed. */
const RATES = { lowest: 1000, highest: 768_000 };
/** +24 dBFS: beyond it a float is damage, or integers that nobody divided. */
const LARGEST = 16;
/** Seconds of digital silence at the end that are worth a word. */
const SILENT_END_S = 1;

/**
 * Decodes a WAV, MP3, FLAC, Ogg Vorbis or Opus file, at its own rate and channels.
 * @throws one line naming the file when it is empty, of another format, damaged, or not finite.
 */
export async function decode(bytes: Uint8Array, name: string): Promise<Decoded> {
  const { format, start } = recognise(bytes, name);
  const sound = bytes.subarray(start);
  const { clip, warnings } =
    format === 'wav' ? readWav(sound, name) : await decodeCompressed(sound, name, CODECS[format]);
  if (clip.sampleRate < RATES.lowest || clip.sampleRate > RATES.highest) {
    throw new Error(
      `${name}: sample rate ${clip.sampleRate} Hz, expected ${RATES.lowest} to ${RATES.highest}; damaged header?`,
    );
  }
  checkSamples(clip);
  return { clip, warnings: [...warnings, ...silence(clip)] };
}

async function decodeCompressed(bytes: Uint8Array, name: string, codec: Codec): Promise<Decoded> {
  const stream = codec.stream(bytes, name);
  const { coding } = stream;
  const pcm = await run(stream.sound, name, codec, coding);
  const samples = pcm.channelData[0]?.length ?? 0;
  if (samples === 0)
    throw new Error(`${name}: no sound could be decoded from it; empty or damaged ${coding}`);
  if (pcm.sampleRate !== stream.sampleRate || pcm.channelData.length !== stream.channels) {
    throw new Error(
      `${name}: damaged ${coding}: its header says ${stream.channels} channels at ${stream.sampleRate} Hz, ` +
        `its sound is ${pcm.channelData.length} at ${pcm.sampleRate} Hz`,
    );
  }
  const warnings = [...stream.warnings];
  if (stream.samples !== undefined && samples !== stream.samples) {
    warnings.push(
      `${name}: truncated or damaged: its header says ${stream.samples} samples, ${samples} could be decoded`,
    );
  }
  const errors = pcm.errors?.length ?? 0;
  if (errors > 0) warnings.push(`${name}: damaged: the ${coding} decoder met ${errors} bad frames`);
  return { clip: { name, sampleRate: pcm.sampleRate, channels: stream.restore(pcm.channelData) }, warnings };
}

async function run(bytes: Uint8Array, name: string, codec: Codec, coding: string): Promise<Pcm> {
  const decoder = await codec.decoder();
  try {
    return await decoder.default(bytes);
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split('\n');
    throw new Error(`${name}: damaged ${coding}: the decoder says "${why}"`, { cause: error });
  }
}

function checkSamples({ name, channels }: Clip): void {
  channels.forEach((channel, c) => {
    for (let i = 0; i < channel.length; i++) {
      const value = channel[i];
      if (Math.abs(value) <= LARGEST) continue;
      const what = Number.isFinite(value) ? `${value} (full scale is 1)` : 'not finite';
      throw new Error(`${name}: sample ${i} of channel ${c} is ${what}; damaged, or not scaled to +-1`);
    }
  });
}

/** A warning when the clip, or its end, is silent. */
function silence(clip: Clip): string[] {
  const level = rmsDbfs(clip.channels);
  if (level < SILENCE_DBFS) return [`${clip.name}: silent from start to end (${level.toFixed(0)} dBFS RMS)`];
  const samples = sampleCount(clip);
  let sounding = samples;
  while (clip.channels.every((channel) => channel[sounding - 1] === 0)) sounding--;
  const seconds = (samples - sounding) / clip.sampleRate;
  if (seconds < SILENT_END_S) return [];
  return [`${clip.name}: its last ${seconds.toFixed(1)} s are digital silence`];
}
