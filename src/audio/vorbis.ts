// Vorbis in Ogg: its packets are laid into fresh pages for the decoder, without the comments and without an end, so that
// where the sound begins and ends is worked out here.

import { counted } from '../counted.js';
import { latin1, viewOf } from './bytes.js';
import { granuleTrim, type PageEnd } from './granules.js';
import { concatenated, type OggOptions, oggPages, pagesOf } from './ogg.js';
import { quietly } from './quietly.js';
import type { ByteWindow } from './source.js';
import type { SoundPiece, SoundStream, SoundStreamOptions } from './stream.js';

/** Bytes of pages that are decoded at once. */
const BATCH = 1 << 16;
/** The three headers begin with their number and this word. */
const MAGIC = 'vorbis';
/** A comment header without comments: number, word, two empty lists, a last bit. */
const NO_COMMENTS = Uint8Array.from([
  3,
  ...Array.from(MAGIC, (c) => c.charCodeAt(0)),
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  0,
  1,
]);

interface Decoder {
  decode(bytes: Uint8Array): Pcm;
  flush(): Pcm;
  free(): void;
}

/** What the decoder gives; `errors` is there though its types do not say so. */
interface Pcm {
  readonly channelData: readonly Float32Array[];
  readonly errors?: readonly unknown[];
}

/** @throws when the first packet is damaged. */
export async function openVorbis(file: ByteWindow, options: SoundStreamOptions): Promise<SoundStream> {
  const opened: OggOptions = { ...options, file, coding: 'Ogg Vorbis', headers: 3 };
  const { value: page } = await pagesOf({ ...opened, warn: () => {} }).next();
  const head: Uint8Array = page?.packets[0] ?? new Uint8Array(0);
  if (head.length < 30) throw new Error(`${options.name}: damaged Ogg Vorbis: its first packet is too short`);
  return {
    coding: 'Ogg Vorbis',
    sampleRate: viewOf(head).getUint32(12, true),
    channels: head[11],
    samples: undefined,
    pieces: () => piecesOf(opened, head[11]),
  };
}

async function* piecesOf(opened: OggOptions, channels: number): AsyncGenerator<SoundPiece> {
  const { decoder: create } = await import('@audio/decode-vorbis');
  const decoder: Decoder = await create();
  try {
    for await (const piece of decoded(opened, decoder)) {
      if (piece.channels.length !== channels) {
        throw new Error(
          `${opened.name}: damaged Ogg Vorbis: its header says ${counted(channels, 'channel')}, its sound has ${piece.channels.length}`,
        );
      }
      yield piece;
    }
  } finally {
    decoder.free();
  }
}

/**
 * The decoder gives a page's samples when the next page comes: the first two are fed one by one, so that the samples of
 * the first are known, and with them where the stream begins.
 */
async function* decoded(opened: OggOptions, decoder: Decoder): AsyncGenerator<SoundPiece> {
  const { name, coding, warn } = opened;
  const trim = granuleTrim({ skip: 0 });
  let untold: PageEnd[] = [];
  let begun = false;
  let bad = 0;
  const run = (work: () => Pcm): SoundPiece | undefined => {
    const { channelData, errors = [] } = guarded(name, work);
    bad += errors.length;
    const samples = channelData[0]?.length ?? 0;
    if (samples === 0) return undefined;
    for (const page of untold) {
      trim.page(page, begun ? 0 : samples);
      begun = true;
    }
    untold = [];
    return trim.piece(channelData);
  };
  let batch: Uint8Array[] = [];
  let held = 0;
  let fed = 0;
  for await (const page of freshPages(opened)) {
    untold.push(page);
    batch.push(page.bytes);
    held += page.bytes.length;
    if (fed >= 2 && held < BATCH) continue;
    const bytes = concatenated(batch);
    const piece = run(() => decoder.decode(bytes));
    if (piece) yield piece;
    batch = [];
    held = 0;
    fed++;
  }
  const rest = concatenated(batch);
  for (const work of [() => decoder.decode(rest), () => decoder.flush()]) {
    const piece = run(work);
    if (piece) yield piece;
  }
  trim.tellMissing(name, warn);
  if (bad > 0) warn(`${name}: damaged: the ${coding} decoder met ${counted(bad, 'bad packet')}`);
}

function guarded(name: string, work: () => Pcm): Pcm {
  try {
    return quietly(work);
  } catch (error) {
    const [why] = String(error instanceof Error ? error.message : error).split('\n');
    throw new Error(`${name}: damaged Ogg Vorbis: the decoder says "${why}"`, { cause: error });
  }
}

interface FreshPage extends PageEnd {
  readonly bytes: Uint8Array;
}

/** The sound in pages of our own, each with a whole packet on it; the headers stand before the first. */
async function* freshPages(opened: OggOptions): AsyncGenerator<FreshPage> {
  const headers: Uint8Array[] = [];
  let packets: Uint8Array[] = [];
  let begun = false;
  for await (const { packets: found, granule, last } of pagesOf(opened)) {
    for (const packet of found) {
      if (headers.length === 3) packets.push(packet);
      else headers.push(headerPacket(packet, headers.length, opened.name));
    }
    if (headers.length < 3) continue;
    // The first packet of a stream gives no samples by itself.
    const enough = begun ? 1 : 2;
    if (!last && (granule < 0 || packets.length < enough)) continue;
    const sound = oggPages(packets);
    const [id, , setup] = headers;
    const before = begun ? [] : [oggPages([id], { begins: true }), oggPages([NO_COMMENTS, setup])];
    yield { bytes: concatenated([...before, sound]), granule, last };
    begun = true;
    packets = [];
  }
}

/** @throws when it is not the header that has this number: 1, 3 and 5. */
function headerPacket(packet: Uint8Array, index: number, name: string): Uint8Array {
  if (packet[0] === 2 * index + 1 && latin1(packet, 1, 6) === MAGIC) return packet;
  throw new Error(`${name}: damaged Ogg Vorbis: header ${index + 1} of 3 is not where it should be`);
}
