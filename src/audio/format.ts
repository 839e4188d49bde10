// Which format a sound file is in, by its first bytes, never by its extension.

import { counted, verb } from '../counted.js';
import { startsWith } from './bytes.js';
import { firstFrame } from './mp3_frame.js';
import { nameOfOther } from './other_formats.js';
import type { ByteWindow } from './source.js';
import type { Warn } from './stream.js';
import { isWav } from './wav_read.js';

export type AudioFormat = 'wav' | 'mp3' | 'flac' | 'vorbis' | 'opus';

/** Where the sound begins: after ID3v2 tags, which some taggers put before anything. */
export interface Recognised {
  readonly format: AudioFormat;
  readonly start: number;
}

const ACCEPTED = 'WAV, MP3, FLAC, Ogg Vorbis and Opus are read';
const CONVERT = 'convert it: ffmpeg -i IN OUT.wav';
/** Bytes that are looked at to know a format. */
const HEAD = 4096;
/** Bytes in which the first MP3 frame is looked for when it does not stand where it should. */
const RESYNC = 1 << 16;
const ID3_BYTES = 10;

/** @throws when the file is empty or in none of the accepted formats. */
export async function recognise(file: ByteWindow, name: string, warn: Warn): Promise<Recognised> {
  if (file.size === 0) throw new Error(`${name}: empty file (0 bytes)`);
  const start = await afterTags(file, 0);
  const head = await file.from(start, HEAD);
  const format = formatOf(head);
  if (format !== undefined) return { format, start };
  const other = nameOfOther(head);
  if (other?.startsWith('MIDI'))
    throw new Error(
      `${name}: ${other}; play it with losscope render, or score it by a model of notes (tiny-notes)`,
    );
  if (other !== undefined) throw new Error(`${name}: ${other} is not read (${ACCEPTED}); ${CONVERT}`);
  const found = await resynchronised(file, start);
  if (found === undefined) {
    throw new Error(`${name}: not a sound file of a known format (${ACCEPTED}); others: ${CONVERT}`);
  }
  const tagged =
    start > 0
      ? 'its tag says another size than it has'
      : `its first ${counted(found, 'byte')} ${verb(found, 'is', 'are')} no sound`;
  warn(`${name}: ${tagged}; read from the first MP3 frame on, at byte ${found}`);
  return { format: 'mp3', start: found };
}

/** The format that the first bytes of a file say; undefined where they say none that is read. */
export function formatOf(head: Uint8Array): AudioFormat | undefined {
  if (isWav(head)) return 'wav';
  if (startsWith(head, 0, 'fLaC')) return 'flac';
  if (startsWith(head, 0, 'OggS')) {
    const packet = 27 + (head[26] ?? 0);
    if (startsWith(head, packet, '\x01vorbis')) return 'vorbis';
    return startsWith(head, packet, 'OpusHead') ? 'opus' : undefined;
  }
  // MPEG audio: 11 sync bits, then version (01 is reserved) and layer (01 is layer III).
  const second = head[1] ?? 0;
  const layer3 = head[0] === 0xff && (second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08;
  return layer3 ? 'mp3' : undefined;
}

/** ID3v2: "ID3", version 2, flags 1, then 4 bytes of 7 bits: the size of what follows. */
async function afterTags(file: ByteWindow, from: number): Promise<number> {
  let at = from;
  for (;;) {
    const head = await file.from(at, ID3_BYTES);
    if (head.length < ID3_BYTES || !startsWith(head, 0, 'ID3')) return at;
    at += tagSize(head, 7);
    while (at < file.size && (await file.from(at, 1))[0] === 0) at++;
  }
}

/** Bytes of the ID3v2 tag with this head; `bits` of each byte count: 7, or 8 as some taggers wrongly write it. */
function tagSize(head: Uint8Array, bits: 7 | 8): number {
  const footer = (head[5] & 0x10) !== 0 ? 10 : 0;
  const size = head.subarray(6, 10).reduce((sum, byte) => sum * 2 ** bits + (byte & (2 ** bits - 1)), 0);
  return ID3_BYTES + size + footer;
}

/** Where frames of MP3 begin, near the start, near where the tag ends, or where it would if its size were written wrongly. */
async function resynchronised(file: ByteWindow, start: number): Promise<number | undefined> {
  const head = await file.from(0, ID3_BYTES);
  const places = [start, startsWith(head, 0, 'ID3') ? tagSize(head, 8) : 0, 0];
  for (const place of places) {
    if (place >= file.size) continue;
    const found = firstFrame(await file.from(place, RESYNC + HEAD), RESYNC);
    if (found !== undefined) return place + found;
  }
  return undefined;
}
