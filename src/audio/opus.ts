// Opus in Ogg (RFC 7845): the packets go to libopus, where the sound begins and ends is worked out here. It always decodes
// at 48 kHz, whatever rate its header remembers of the original.

import type { OpusPacketDecoder } from '@audio/decode-opus/core';
import { counted } from '../counted.js';
import { startsWith, viewOf } from './bytes.js';
import { granuleTrim } from './granules.js';
import { type OggOptions, pagesOf } from './ogg.js';
import { quietly } from './quietly.js';
import type { ByteWindow } from './source.js';
import type { SoundPiece, SoundStream, SoundStreamOptions } from './stream.js';

const RATE = 48_000;

interface OpusHead {
  readonly channels: number;
  /** Samples before the sound, in which the decoder settles. */
  readonly preSkip: number;
  readonly outputGain: number;
  readonly streamCount: number;
  readonly coupledStreamCount: number;
  readonly mapping: readonly number[];
}

/** @throws when the first packet is damaged, or asks for what is not read. */
export async function openOpus(file: ByteWindow, options: SoundStreamOptions): Promise<SoundStream> {
  const opened: OggOptions = { ...options, file, coding: 'Opus', headers: 2 };
  const { value: page } = await pagesOf({ ...opened, warn: () => {} }).next();
  const head = opusHead(page?.packets[0] ?? new Uint8Array(0), options.name);
  return {
    coding: 'Opus',
    sampleRate: RATE,
    channels: head.channels,
    samples: undefined,
    pieces: () => piecesOf(opened, head),
  };
}

function opusHead(packet: Uint8Array, name: string): OpusHead {
  if (packet.length < 19) throw new Error(`${name}: damaged Opus: its first packet is too short`);
  const channels = packet[9];
  const family = packet[18];
  if (packet[8] > 15) throw new Error(`${name}: Opus of version ${packet[8]} is not read, only 1`);
  const view = viewOf(packet);
  const common = { channels, preSkip: view.getUint16(10, true), outputGain: view.getInt16(16, true) };
  if (family === 0) {
    if (channels < 1 || channels > 2)
      throw new Error(`${name}: damaged Opus: ${counted(channels, 'channel')}, expected 1 or 2`);
    const mapping = channels === 1 ? [0] : [0, 1];
    return { ...common, streamCount: 1, coupledStreamCount: channels - 1, mapping };
  }
  if (family === 3 || packet.length < 21 + channels) {
    throw new Error(
      `${name}: Opus with channel mapping ${family} is not read; convert it: ffmpeg -i IN OUT.wav`,
    );
  }
  const mapping = [...packet.subarray(21, 21 + channels)];
  return { ...common, streamCount: packet[19], coupledStreamCount: packet[20], mapping };
}

async function* piecesOf(opened: OggOptions, head: OpusHead): AsyncGenerator<SoundPiece> {
  const { createOpusDecoder } = await import('@audio/decode-opus/core');
  const decoder = await createOpusDecoder();
  try {
    yield* decoded(opened, head, decoder);
  } finally {
    decoder.free();
  }
}

async function* decoded(
  opened: OggOptions,
  head: OpusHead,
  decoder: OpusPacketDecoder,
): AsyncGenerator<SoundPiece> {
  const { channels, streamCount, coupledStreamCount, outputGain, preSkip } = head;
  const { name, coding, warn } = opened;
  try {
    decoder.configure({
      channels,
      streamCount,
      coupledStreamCount,
      channelMappingTable: [...head.mapping],
      outputGain,
    });
  } catch (error) {
    throw new Error(`${name}: damaged Opus: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  const trim = granuleTrim({ skip: preSkip });
  let headers = 2;
  let bad = 0;
  for await (const { packets, granule, last } of pagesOf(opened)) {
    const comments = headers === 1 && packets.length > 0 ? packets[0] : undefined;
    if (comments && !startsWith(comments, 0, 'OpusTags')) {
      throw new Error(`${name}: damaged Opus: no comment header after its first packet`);
    }
    const sound = packets.slice(headers);
    headers -= packets.length - sound.length;
    const { channelData, errors } = quietly(() => decoder.decodeFrames([...sound]));
    bad += errors.length;
    trim.page({ granule, last }, channelData[0]?.length ?? 0);
    const piece = trim.piece(channelData);
    if (piece) yield piece;
  }
  trim.tellMissing(name, warn);
  if (bad > 0) warn(`${name}: damaged: the ${coding} decoder met ${counted(bad, 'bad packet')}`);
}
