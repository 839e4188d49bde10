// Ogg pages (RFC 3533) and the first packet of Vorbis and Opus (RFC 7845). Every page carries a checksum and
// a running number, the last one says that it is the last: so damage and a cut end show before decoding.

import { startsWith, viewOf } from './bytes.js';
import type { Stream } from './stream.js';

interface Page {
  readonly serial: number;
  readonly sequence: number;
  /** Samples up to the end of this page; -1 when no packet ends on it. */
  readonly granule: number;
  readonly begins: boolean;
  readonly last: boolean;
  readonly body: Uint8Array;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, i) => {
  let r = i << 24;
  for (let bit = 0; bit < 8; bit++) r = r & 0x80000000 ? (r << 1) ^ 0x04c11db7 : r << 1;
  return r >>> 0;
});

export function vorbisStream(bytes: Uint8Array, name: string): Stream {
  const { sound, first, samples, warnings } = walk(bytes, name, 'Ogg Vorbis');
  if (first.length < 30) throw new Error(`${name}: damaged Ogg Vorbis: its first packet is too short`);
  const sampleRate = viewOf(first).getUint32(12, true);
  return {
    coding: 'Ogg Vorbis',
    sampleRate,
    channels: first[11],
    sound,
    samples,
    warnings,
    restore: (c) => c,
  };
}

/** Opus always decodes at 48 kHz, whatever rate its header remembers of the original. */
export function opusStream(bytes: Uint8Array, name: string): Stream {
  const { sound, first, samples, warnings } = walk(bytes, name, 'Opus');
  if (first.length < 19) throw new Error(`${name}: damaged Opus: its first packet is too short`);
  const preSkip = viewOf(first).getUint16(10, true);
  return {
    coding: 'Opus',
    sampleRate: 48000,
    channels: first[9],
    sound,
    samples: samples - preSkip,
    warnings,
    restore: (c) => c,
  };
}

interface Walk {
  /** The whole pages. */
  readonly sound: Uint8Array;
  /** First packet. */
  readonly first: Uint8Array;
  /** Granule position of the last page. */
  readonly samples: number;
  readonly warnings: string[];
}

/** All pages of a file that holds one stream. @throws on checksum errors, missing pages, several streams. */
function walk(bytes: Uint8Array, name: string, coding: string): Walk {
  const warnings: string[] = [];
  let first: Page | undefined;
  let previous: Page | undefined;
  let samples = 0;
  let at = 0;
  while (at < bytes.length) {
    const page = pageAt(bytes, at);
    if (page === undefined) break;
    const number = page.sequence;
    if (page.crcWrong) {
      throw new Error(`${name}: damaged ${coding}: page ${number} fails its checksum; get the file again`);
    }
    if (first !== undefined && (page.begins || page.serial !== first.serial)) {
      throw new Error(`${name}: several Ogg streams in one file; extract one: ffmpeg -i IN OUT.wav`);
    }
    if (previous !== undefined && number !== previous.sequence + 1) {
      throw new Error(
        `${name}: damaged ${coding}: page ${number} follows page ${previous.sequence}; get the file again`,
      );
    }
    first ??= page;
    previous = page;
    if (page.granule > 0) samples = page.granule;
    at = page.end;
  }
  if (first === undefined) throw new Error(`${name}: damaged ${coding}: no whole Ogg page in it`);
  const rest = bytes.length - at;
  if (holdsPage(bytes, at + 1)) {
    throw new Error(
      `${name}: damaged ${coding}: no page at byte ${at}, though pages follow; get the file again`,
    );
  }
  if (rest > 0 && previous?.last === true) {
    warnings.push(`${name}: ${rest} bytes after the end of the ${coding} stream were left out`);
  } else if (previous?.last !== true) {
    warnings.push(
      `${name}: truncated: the last page of the ${coding} stream is missing; what is there was read`,
    );
  }
  return { sound: bytes.subarray(0, at), first: first.body, samples, warnings };
}

/** Whether a page begins anywhere from here on. */
function holdsPage(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.indexOf(0x4f, from); at >= 0; at = bytes.indexOf(0x4f, at + 1)) {
    if (startsWith(bytes, at, 'OggS')) return true;
  }
  return false;
}

/** The page that starts here; undefined when none does or the file ends before the page does. */
function pageAt(bytes: Uint8Array, at: number): (Page & { end: number; crcWrong: boolean }) | undefined {
  if (!startsWith(bytes, at, 'OggS') || at + 27 > bytes.length) return undefined;
  const view = viewOf(bytes.subarray(at));
  const segments = view.getUint8(26);
  const body = at + 27 + segments;
  const end = bytes.subarray(at + 27, body).reduce((sum, lacing) => sum + lacing, body);
  if (end > bytes.length) return undefined;
  return {
    granule: Number(view.getBigInt64(6, true)),
    serial: view.getUint32(14, true),
    sequence: view.getUint32(18, true),
    begins: (view.getUint8(5) & 2) !== 0,
    last: (view.getUint8(5) & 4) !== 0,
    body: bytes.subarray(body, end),
    end,
    crcWrong: crc(bytes.subarray(at, end)) !== view.getUint32(22, true),
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
