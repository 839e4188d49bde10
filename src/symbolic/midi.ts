// Standard MIDI files (MIDI 1.0 Detailed Specification, RP-001): bytes <-> Score. Read by ourselves, since the readers
// there are fill a truncated file with zeros, and play on. Formats 0 and 1; time in ticks of a quarter or (SMPTE) of a
// frame, which become ticks of a quarter of one second. What a Score does not keep: release velocities, notes that
// end without having begun, and the order of a file within one tick (eventsOf has its own).

import { latin1, startsWith, viewOf } from '../audio/bytes.js';
import type { Warn } from '../audio/stream.js';
import { counted } from '../counted.js';
import { eventsOf, isMeta, META, type Message, type Note, type Score, TEMPO } from './score.js';
import { tempoMessage } from './tempo.js';
import { readTrack } from './track.js';

const HEADER_BYTES = 14;
const MIDI_PORT = 0x21;
/** Bytes of the header that old Macintosh software put before a file. */
const MAC_BINARY = 128;

interface Header {
  readonly tracks: number;
  readonly ticksPerQuarter: number;
  /** Time is counted in frames a second: a quarter lasts so many microseconds, whatever the file says of tempo. */
  readonly tempo?: number;
  /** First byte after it. */
  readonly end: number;
}

/**
 * Oddities that lose no music give a warning: other containers, bytes between and after tracks, a missing end of track.
 * @throws one line naming the file and the byte when it is no MIDI file, of format 2, truncated or damaged.
 */
export function readMidi(file: Uint8Array, name: string, warn: Warn = () => {}): Score {
  const start = startOfMidi(file, name, warn);
  const { tracks, ticksPerQuarter, tempo, end } = readHeader(file, { start, name });
  const chunks = trackChunks(file, { from: end, name, warn });
  if (chunks.length < tracks) {
    throw new Error(
      `${name}: truncated: its header (byte ${start + 10}) says ${counted(tracks, 'track')}, ${chunks.length} are there up to its end at byte ${file.length}`,
    );
  }
  if (chunks.length > tracks)
    warn(`${name}: its header says ${counted(tracks, 'track')}, ${chunks.length} are there; all were read`);
  const notes: Note[] = [];
  const messages: Message[] = tempo === undefined ? [] : [tempoMessage(0, tempo)];
  for (const [track, { start, end, complete, strayAfter }] of chunks.entries()) {
    const read = readTrack(file.subarray(start, end), { track, start, name, warn });
    if (read.ended && !complete)
      warn(`${name}: track ${track + 1} says more bytes than there are; its end is there`);
    // Without an end of track, only the length says that the track is whole.
    if (!read.ended && (!complete || strayAfter)) {
      throw new Error(
        `${name}: damaged: byte ${end}, in track ${track + 1}: its length is wrong, and it has no end of track`,
      );
    }
    for (const note of read.notes) notes.push(note);
    for (const message of read.messages) messages.push(message);
  }
  if (notes.length === 0) throw new Error(`${name}: holds no notes`);
  refusePorts(messages, name);
  return {
    name,
    ticksPerQuarter,
    tracks: chunks.length,
    // Sorting is stable, and tracks come in their order.
    notes: notes.sort((a, b) => a.start - b.start),
    messages: (tempo === undefined ? messages : messages.filter((m, i) => i === 0 || !isMeta(m, TEMPO))).sort(
      (a, b) => a.tick - b.tick,
    ),
    end: notes.reduce((last, note) => Math.max(last, note.end), 0),
  };
}

/** Whether the first bytes of a file are those of MIDI, as it is or within RIFF. */
export function isMidi(head: Uint8Array): boolean {
  return startsWith(head, 0, 'MThd') || (startsWith(head, 0, 'RIFF') && startsWith(head, 8, 'RMID'));
}

/** Where MThd stands: at the start, or in one of the containers that hold a MIDI file as it is. */
function startOfMidi(bytes: Uint8Array, name: string, warn: Warn): number {
  if (bytes.length === 0) throw new Error(`${name}: empty file (0 bytes)`);
  if (startsWith(bytes, 0, 'MThd')) return 0;
  for (const { what, at } of [
    {
      what: 'a RIFF file (RMID)',
      at: startsWith(bytes, 0, 'RIFF') && startsWith(bytes, 8, 'RMID') ? dataOfRiff(bytes) : -1,
    },
    { what: 'a MacBinary file', at: bytes[0] === 0 ? MAC_BINARY : -1 },
  ]) {
    if (at < 0 || !startsWith(bytes, at, 'MThd')) continue;
    warn(`${name}: is ${what} that holds MIDI from byte ${at} on; that was read`);
    return at;
  }
  throw new Error(`${name}: not a MIDI file (byte 0: it does not begin with MThd)`);
}

/** Where the body of the data chunk begins; -1 when there is none. */
function dataOfRiff(bytes: Uint8Array): number {
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length; ) {
    if (startsWith(bytes, at, 'data')) return at + 8;
    const size = view.getUint32(at + 4, true);
    at += 8 + size + (size & 1);
  }
  return -1;
}

function readHeader(
  file: Uint8Array,
  { start, name }: { readonly start: number; readonly name: string },
): Header {
  const bytes = file.subarray(start);
  if (bytes.length < HEADER_BYTES) {
    throw new Error(`${name}: truncated: it ends in the MIDI header, at byte ${file.length}`);
  }
  const view = viewOf(bytes);
  const size = view.getUint32(4);
  const format = view.getUint16(8);
  const division = view.getUint16(12);
  if (size < 6) throw new Error(`${name}: damaged: a MIDI header of ${counted(size, 'byte')}, expected 6`);
  if (format > 1) {
    const what = format === 2 ? 'holds several pieces (format 2)' : `of format ${format}`;
    throw new Error(`${name}: ${what}; MIDI files of format 0 and 1 are read`);
  }
  return { tracks: view.getUint16(10), ...timeOf(division, name), end: start + 8 + size };
}

function timeOf(division: number, name: string): Pick<Header, 'ticksPerQuarter' | 'tempo'> {
  if (division === 0) throw new Error(`${name}: damaged: 0 ticks to a quarter note`);
  if (division < 0x8000) return { ticksPerQuarter: division };
  const framesPerSecond = 256 - (division >> 8);
  const ticksPerFrame = division & 255;
  if (![24, 25, 29, 30].includes(framesPerSecond) || ticksPerFrame === 0) {
    throw new Error(
      `${name}: damaged: time in ${counted(ticksPerFrame, 'tick')} of ${counted(framesPerSecond, 'frame')} a second, expected 24, 25, 29 or 30`,
    );
  }
  // 29 is drop-frame code: 30 frames take 1.001 s.
  const frames = framesPerSecond === 29 ? 30 : framesPerSecond;
  return { ticksPerQuarter: frames * ticksPerFrame, tempo: framesPerSecond === 29 ? 1_001_000 : 1_000_000 };
}

interface TrackChunk {
  /** Bytes [start, end) of the file. */
  readonly start: number;
  readonly end: number;
  /** Whether the file has all the bytes that the chunk says. */
  readonly complete: boolean;
  /** Whether bytes follow it that belong to no chunk. */
  readonly strayAfter: boolean;
}

/** The track chunks. Chunks of other types are passed over, as the standard asks for; bytes that are no chunk give a warning. */
function trackChunks(
  bytes: Uint8Array,
  { from, name, warn }: { readonly from: number; readonly name: string; readonly warn: Warn },
): TrackChunk[] {
  const view = viewOf(bytes);
  const chunks: TrackChunk[] = [];
  for (let at = from; at < bytes.length; ) {
    const head = at + 8 <= bytes.length;
    const start = at + 8;
    const end = head ? start + view.getUint32(at + 4) : bytes.length;
    if (head && startsWith(bytes, at, 'MTrk')) {
      chunks.push({
        start,
        end: Math.min(end, bytes.length),
        complete: end <= bytes.length,
        strayAfter: false,
      });
      at = end;
      continue;
    }
    if (head && end <= bytes.length && /^[\x20-\x7e]{4}$/.test(latin1(bytes, at, 4))) {
      at = end;
      continue;
    }
    const next = nextTrack(bytes, at + 1);
    const last = chunks.pop();
    if (last !== undefined) chunks.push({ ...last, strayAfter: true });
    warn(`${name}: ${counted(next - at, 'byte')} from byte ${at} on are no track; left out`);
    at = next;
  }
  return chunks;
}

/** Where the next track begins; the end of the file when none does. */
function nextTrack(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && !startsWith(bytes, at, 'MTrk')) at++;
  return at;
}

/** Channels of several ports are other channels: played as one they would take each other's programs. */
function refusePorts(messages: readonly Message[], name: string): void {
  const ports = new Set(messages.filter((m) => isMeta(m, MIDI_PORT)).map((m) => m.bytes[2]));
  if (ports.size <= 1) return;
  throw new Error(
    `${name}: is made for ${counted(ports.size, 'MIDI port')}; only 16 channels are played, merge its ports`,
  );
}

/** A score as a MIDI file of format 1. Read again it is the same score. */
export function writeMidi(score: Score): Uint8Array {
  const tracks: number[][] = Array.from({ length: score.tracks }, () => []);
  const ticks = new Float64Array(score.tracks);
  for (const { tick, track, bytes } of eventsOf(score)) {
    const out = tracks[track];
    pushQuantity(out, tick - ticks[track]);
    pushMessage(out, bytes);
    ticks[track] = tick;
  }
  const file: number[] = [];
  pushChunk(file, 'MThd', [
    ...bigEndian(1, 2),
    ...bigEndian(score.tracks, 2),
    ...bigEndian(score.ticksPerQuarter, 2),
  ]);
  for (const track of tracks) {
    track.push(0, META, 0x2f, 0);
    pushChunk(file, 'MTrk', track);
  }
  return Uint8Array.from(file);
}

function pushMessage(out: number[], bytes: Uint8Array): void {
  const fixed = bytes[0] === META ? 2 : 1;
  for (const byte of bytes.subarray(0, fixed)) out.push(byte);
  if (bytes[0] >= 0xf0) pushQuantity(out, bytes.length - fixed);
  for (const byte of bytes.subarray(fixed)) out.push(byte);
}

/** A variable-length quantity: seven bits a byte, the highest first; the top bit says that more follow. */
function pushQuantity(out: number[], value: number): void {
  for (let bits = 21; bits > 0; bits -= 7) {
    if (value >= 2 ** bits) out.push(((value >> bits) & 127) | 128);
  }
  out.push(value & 127);
}

function pushChunk(out: number[], type: string, body: readonly number[]): void {
  for (const character of type) out.push(character.charCodeAt(0));
  out.push(...bigEndian(body.length, 4));
  for (const byte of body) out.push(byte);
}

function bigEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, i) => (value >>> (8 * (bytes - 1 - i))) & 255);
}
