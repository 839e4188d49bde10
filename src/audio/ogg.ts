// Ogg pages (RFC 3533) and the packets in them. Every page carries a checksum and a running number, the last one says
// that it is the last: so damage and a cut end show. Packets are put together here, of however many pages: comment headers
// hold cover art of any size.

import { counted } from '../counted.js';
import { startsWith, viewOf } from './bytes.js';
import type { ByteWindow } from './source.js';
import type { SoundStreamOptions } from './stream.js';

export interface Page {
  /** The packets that end on this page. */
  readonly packets: readonly Uint8Array[];
  /** Samples up to the end of its last packet; -1 when no packet ends on it. */
  readonly granule: number;
  readonly last: boolean;
}

interface RawPage {
  readonly serial: number;
  readonly sequence: number;
  readonly granule: number;
  readonly begins: boolean;
  readonly last: boolean;
  /** Whether it begins with the rest of a packet of the page before. */
  readonly continues: boolean;
  readonly lacing: Uint8Array;
  readonly body: Uint8Array;
  /** Bytes with its header. */
  readonly size: number;
  readonly crcWrong: boolean;
}

/** More bytes than any page has. */
const LARGEST_PAGE = 27 + 255 + 255 * 255;
/** Bytes of packets in the header of a stream at most: cover art of 16 MB. */
const LARGEST_PACKET = 2 ** 24;
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let r = i << 24;
  for (let bit = 0; bit < 8; bit++) r = r & 0x80000000 ? (r << 1) ^ 0x04c11db7 : r << 1;
  return r >>> 0;
});

export interface OggOptions extends SoundStreamOptions {
  readonly file: ByteWindow;
  /** "Opus", for messages. */
  readonly coding: string;
  /** Packets of the header; after them a stream that was cut from a longer one may begin with any page. */
  readonly headers: number;
}

/** All pages of a file that holds one stream. @throws on checksum errors, missing pages, several streams. */
export async function* pagesOf({
  file,
  start,
  name,
  warn,
  coding,
  headers,
}: OggOptions): AsyncGenerator<Page> {
  let first: RawPage | undefined;
  let previous: RawPage | undefined;
  let packets = 0;
  const join = packetJoiner(name, coding);
  let at = start;
  for (;;) {
    const page = rawPage(await file.from(at, LARGEST_PAGE));
    if (page === undefined) break;
    if (page.crcWrong) {
      throw new Error(
        `${name}: damaged ${coding}: page ${page.sequence} fails its checksum; get the file again`,
      );
    }
    if (first !== undefined && (page.begins || page.serial !== first.serial)) {
      throw new Error(`${name}: several Ogg streams in one file; extract one: ffmpeg -i IN OUT.wav`);
    }
    if (previous !== undefined && page.sequence !== previous.sequence + 1 && packets !== headers) {
      throw new Error(
        `${name}: damaged ${coding}: page ${page.sequence} follows page ${previous.sequence}; get the file again`,
      );
    }
    const whole = join(page);
    packets += whole.length;
    first ??= page;
    previous = page;
    at += page.size;
    yield { packets: whole, granule: page.granule, last: page.last };
  }
  if (first === undefined) throw new Error(`${name}: damaged ${coding}: no whole Ogg page in it`);
  if (await holdsPage(file, at + 1)) {
    throw new Error(
      `${name}: damaged ${coding}: no page at byte ${at}, though pages follow; get the file again`,
    );
  }
  if (previous?.last !== true) {
    warn(`${name}: truncated: the last page of the ${coding} stream is missing; what is there was read`);
  } else if (file.size > at) {
    warn(`${name}: ${counted(file.size - at, 'byte')} after the end of the ${coding} stream were left out`);
  }
}

/** Puts packets together over pages. A rest of a packet whose beginning is not there is left out. */
function packetJoiner(name: string, coding: string): (page: RawPage) => Uint8Array[] {
  let parts: Uint8Array[] = [];
  let held = 0;
  let open = false;
  return ({ lacing, body, continues }) => {
    const packets: Uint8Array[] = [];
    let orphan = continues && !open;
    if (!continues) parts = [];
    if (!continues) held = 0;
    let from = 0;
    let to = 0;
    for (const [i, value] of lacing.entries()) {
      to += value;
      const ends = value < 255;
      if (!ends && i < lacing.length - 1) continue;
      parts.push(body.subarray(from, to));
      held += to - from;
      if (held > LARGEST_PACKET) {
        throw new Error(`${name}: damaged ${coding}: a packet of more than ${LARGEST_PACKET} bytes`);
      }
      if (ends && !orphan) packets.push(parts.length === 1 ? parts[0] : concatenated(parts));
      if (ends) {
        parts = [];
        held = 0;
        orphan = false;
      }
      open = !ends;
      from = to;
    }
    return packets;
  };
}

export function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Packets in pages that say nothing but where packets end: no granules, no numbers, no checksums. */
export function oggPages(
  packets: readonly Uint8Array[],
  { begins = false }: { readonly begins?: boolean } = {},
): Uint8Array {
  const lacing = packets.flatMap(({ length }) => [
    ...new Array<number>(Math.floor(length / 255)).fill(255),
    length % 255,
  ]);
  const body = concatenated(packets);
  const parts: Uint8Array[] = [];
  for (let i = 0, at = 0; i < lacing.length; i += 255) {
    const segments = lacing.slice(i, i + 255);
    const size = segments.reduce((sum, value) => sum + value, 0);
    const head = new Uint8Array(27 + segments.length);
    head.set([0x4f, 0x67, 0x67, 0x53, 0, (lacing[i - 1] === 255 ? 1 : 0) | (begins ? 2 : 0)]);
    head[26] = segments.length;
    head.set(segments, 27);
    parts.push(head, body.subarray(at, at + size));
    at += size;
  }
  return concatenated(parts);
}

/** Whether a page begins anywhere from here on. */
async function holdsPage(file: ByteWindow, from: number): Promise<boolean> {
  const step = 1 << 16;
  for (let start = from; start < file.size; start += step) {
    const bytes = (await file.from(start, step + 3)).subarray(0, step + 3);
    for (let at = bytes.indexOf(0x4f); at >= 0; at = bytes.indexOf(0x4f, at + 1)) {
      if (startsWith(bytes, at, 'OggS')) return true;
    }
  }
  return false;
}

/** The page that begins these bytes; undefined when none does or the file ends before the page does. */
function rawPage(bytes: Uint8Array): RawPage | undefined {
  if (!startsWith(bytes, 0, 'OggS') || bytes.length < 27) return undefined;
  const view = viewOf(bytes);
  const body = 27 + view.getUint8(26);
  const lacing = bytes.subarray(27, body);
  const size = lacing.reduce((sum, value) => sum + value, body);
  if (size > bytes.length) return undefined;
  return {
    granule: Number(view.getBigInt64(6, true)),
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    continues: (view.getUint8(5) & 1) !== 0,
    begins: (view.getUint8(5) & 2) !== 0,
    last: (view.getUint8(5) & 4) !== 0,
    lacing,
    body: bytes.subarray(body, size),
    size,
    crcWrong: crc(bytes.subarray(0, size)) !== view.getUint32(22, true),
  };
}

/** CRC-32 of a page, polynomial 0x04c11db7, not reflected, its own four bytes taken as zero. */
function crc(page: Uint8Array): number {
  let r = 0;
  for (let i = 0; i < page.length; i++) {
    const byte = i >= 22 && i < 26 ? 0 : page[i];
    r = (r << 8) ^ CRC_TABLE[((r >>> 24) ^ byte) & 0xff];
  }
  return r >>> 0;
}
