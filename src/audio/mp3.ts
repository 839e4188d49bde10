// MP3: its frames are found here and handed to the decoder without the tags and bytes between them; what the encoder
// put before and after the sound is taken away here. Frames carry no reliable checksum: a flipped bit inside one is only
// heard. Missing frames are noticed where a tag says how many there must be.

import { counted, verb } from '../counted.js';
import { startsWith, viewOf } from './bytes.js';
import { type FrameHead, frameAt, LARGEST_FRAME, type Mp3Tag, tagOf } from './mp3_frame.js';
import { quietly } from './quietly.js';
import type { ByteWindow } from './source.js';
import type { SoundPiece, SoundStream, SoundStreamOptions } from './stream.js';

/** Bytes of frames that are decoded at once. */
const BATCH = 1 << 16;

interface Frame {
  readonly head: FrameHead;
  readonly bytes: Uint8Array;
}

interface Decoder {
  decode(bytes: Uint8Array): {
    readonly channelData: readonly Float32Array[];
    readonly errors?: readonly unknown[];
  };
  free(): void;
}

/** @throws when no frame is found. */
export async function openMp3(file: ByteWindow, options: SoundStreamOptions): Promise<SoundStream> {
  const opened = { ...options, file };
  const { value: first } = await framesOf({ ...opened, warn: () => {} }).next();
  if (!first) throw new Error(`${options.name}: damaged MP3: no whole frame in it`);
  const { head, bytes } = first;
  const tag = tagOf(bytes, head);
  return {
    coding: 'MP3',
    sampleRate: head.sampleRate,
    channels: head.channels,
    samples: tag?.frames === undefined ? undefined : tag.frames * head.samples - tag.before - tag.after,
    pieces: () => piecesOf(opened, head.channels),
  };
}

/** Where the samples of a part (a file, or one of several joined ones) begin and end, counted from its first frame. */
interface Part {
  readonly from: number;
  readonly to: number;
  /** Samples up to which the tag's promise goes; what is decoded after them is another matter. */
  readonly promised: number;
}

function partOf(tag: Mp3Tag | undefined, samples: number): Part {
  const promised = tag?.frames === undefined ? Number.POSITIVE_INFINITY : tag.frames * samples;
  return { from: tag?.before ?? 0, to: promised - (tag?.after ?? 0), promised };
}

async function* piecesOf(opened: Opened, channels: number): AsyncGenerator<SoundPiece> {
  const { decoder: create } = await import('@audio/decode-mp3');
  const decoder: Decoder = await create();
  const batch = new Uint8Array(BATCH);
  let filled = 0;
  let part = partOf(undefined, 0);
  let decoded = 0;
  let given = 0;
  let bad = 0;
  const flush = (): SoundPiece | undefined => {
    const { channelData, errors = [] } = quietly(() => decoder.decode(batch.subarray(0, filled)));
    filled = 0;
    bad += errors.length;
    const rows = channelData.slice(0, channels).map((row) => inPart(row, decoded, part));
    decoded += channelData[0]?.length ?? 0;
    if (rows.length === 0 || rows[0].length === 0) return undefined;
    const piece = { at: given, channels: rows };
    given += rows[0].length;
    return piece;
  };
  try {
    for await (const { head, bytes } of framesOf(opened)) {
      const tag = tagOf(bytes, head);
      if (filled > 0 && (tag !== undefined || filled + bytes.length > BATCH)) {
        const piece = flush();
        if (piece) yield piece;
      }
      if (tag !== undefined) {
        part = partOf(tag, head.samples);
        decoded = 0;
        continue;
      }
      batch.set(bytes, filled);
      filled += bytes.length;
    }
    const piece = filled > 0 ? flush() : undefined;
    if (piece) yield piece;
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split('\n');
    throw new Error(`${opened.name}: damaged MP3: the decoder says "${why}"`, { cause: error });
  } finally {
    decoder.free();
  }
  if (bad > 0) opened.warn(`${opened.name}: damaged: the MP3 decoder met ${counted(bad, 'bad frame')}`);
}

/** Of samples that begin at `at` of a part, those that are the recording's. */
function inPart(row: Float32Array, at: number, { from, to, promised }: Part): Float32Array {
  const keep = (start: number, end: number) =>
    row.subarray(Math.max(0, start - at), Math.max(0, Math.max(start, end) - at));
  const inside = keep(from, to);
  if (at + row.length <= promised) return inside;
  const beyond = keep(promised, Number.POSITIVE_INFINITY);
  const both = new Float32Array(inside.length + beyond.length);
  both.set(inside);
  both.set(beyond, inside.length);
  return both;
}

interface Opened extends SoundStreamOptions {
  readonly file: ByteWindow;
}

/** The frames in order, whole ones only; what lies between them is passed over, and told when it is no tag. */
async function* framesOf({ file, start, name, warn }: Opened): AsyncGenerator<Frame, undefined> {
  let first: FrameHead | undefined;
  let skipped = 0;
  let gap = 0;
  let count = 0;
  for (let at = start; at + 4 <= file.size; ) {
    const bytes = await file.from(at, LARGEST_FRAME + 4);
    const head = frameAt(bytes, 0, first);
    const next = at + (head?.size ?? 0);
    if (head !== undefined && next > file.size && gap === 0) {
      warn(
        `${name}: truncated: it ends inside an MP3 frame; ${counted(count, 'whole frame')} ${verb(count, 'was', 'were')} read`,
      );
      break;
    }
    // After a gap, four bytes that look like a header are believed only if another header follows.
    if (head !== undefined && (gap === 0 || next === file.size || frameAt(bytes, head.size, head))) {
      first ??= head;
      skipped += gap;
      gap = 0;
      count++;
      yield { head, bytes: bytes.subarray(0, head.size) };
      at = next;
      continue;
    }
    const tag = gap === 0 ? tagBytes(bytes) : 0;
    at += tag || 1;
    gap += tag ? 0 : 1;
  }
  if (skipped > 0)
    warn(
      `${name}: ${counted(skipped, 'byte')} between its MP3 frames ${verb(skipped, 'is', 'are')} no frames (damage or tags); left out`,
    );
  return undefined;
}

/** Bytes of the tag that stands here: ID3v1, ID3v2 or APE. */
function tagBytes(bytes: Uint8Array): number {
  if (startsWith(bytes, 0, 'TAG')) return 128;
  if (startsWith(bytes, 0, 'ID3') && bytes.length >= 10) {
    return 10 + bytes.subarray(6, 10).reduce((sum, byte) => sum * 128 + (byte & 127), 0);
  }
  if (startsWith(bytes, 0, 'APETAGEX') && bytes.length >= 32) return 32 + viewOf(bytes).getUint32(12, true);
  return 0;
}
