// Standard MIDI files (MIDI 1.0 Detailed Specification, RP-001): bytes <-> Score. Read by ourselves, since the readers
// there are fill a truncated file with zeros, and play on. Formats 0 and 1; time in ticks of a quarter or (SMPTE) of a
// frame, which become ticks of a quarter of one second. What a Score does not keep: release velocities, notes that
// end without having begun, and the order of a file within one tick (eventsOf has its own).

import { startsWith, viewOf } from '../audio/bytes.js';
import { eventsOf, isMeta, META, type Message, type Note, type Score, TEMPO } from './score.js';
import { tempoMessage } from './tempo.js';
import { readTrack } from './track.js';

const HEADER_BYTES = 14;
const MIDI_PORT = 0x21;

interface Header {
  readonly tracks: number;
  readonly ticksPerQuarter: number;
  /** Time is counted in frames a second: a quarter lasts so many microseconds, whatever the file says of tempo. */
  readonly tempo?: number;
  /** First byte after it. */
  readonly end: number;
}

/** @throws one line naming the file when it is no MIDI file, of format 2, truncated or damaged. */
export function readMidi(bytes: Uint8Array, name: string): Score {
  const { tracks, ticksPerQuarter, tempo, end } = readHeader(bytes, name);
  const chunks = trackChunks(bytes, end, name);
  if (chunks.length < tracks) {
    throw new Error(`${name}: truncated: its header says ${tracks} tracks, ${chunks.length} are there`);
  }
  const notes: Note[] = [];
  const messages: Message[] = tempo === undefined ? [] : [tempoMessage(0, tempo)];
  for (const [track, chunk] of chunks.entries()) {
    const read = readTrack(chunk, { track, name });
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

function readHeader(bytes: Uint8Array, name: string): Header {
  if (bytes.length === 0) throw new Error(`${name}: empty file (0 bytes)`);
  if (!startsWith(bytes, 0, 'MThd'))
    throw new Error(`${name}: not a MIDI file (it does not begin with MThd)`);
  if (bytes.length < HEADER_BYTES) throw new Error(`${name}: truncated: it ends in the MIDI header`);
  const view = viewOf(bytes);
  const size = view.getUint32(4);
  const format = view.getUint16(8);
  const division = view.getUint16(12);
  if (size < 6) throw new Error(`${name}: damaged: a MIDI header of ${size} bytes, expected 6`);
  if (format > 1) {
    const what = format === 2 ? 'holds several pieces (format 2)' : `of format ${format}`;
    throw new Error(`${name}: ${what}; MIDI files of format 0 and 1 are read`);
  }
  return { tracks: view.getUint16(10), ...timeOf(division, name), end: 8 + size };
}

function timeOf(division: number, name: string): Pick<Header, 'ticksPerQuarter' | 'tempo'> {
  if (division === 0) throw new Error(`${name}: damaged: 0 ticks to a quarter note`);
  if (division < 0x8000) return { ticksPerQuarter: division };
  const framesPerSecond = 256 - (division >> 8);
  const ticksPerFrame = division & 255;
  if (![24, 25, 29, 30].includes(framesPerSecond) || ticksPerFrame === 0) {
    throw new Error(
      `${name}: damaged: time in ${ticksPerFrame} ticks of ${framesPerSecond} frames a second, expected 24, 25, 29 or 30`,
    );
  }
  // 29 is drop-frame code: 30 frames take 1.001 s.
  const frames = framesPerSecond === 29 ? 30 : framesPerSecond;
  return { ticksPerQuarter: frames * ticksPerFrame, tempo: framesPerSecond === 29 ? 1_001_000 : 1_000_000 };
}

/** The bodies of the track chunks; chunks of other types are passed over, as the standard asks for. */
function trackChunks(bytes: Uint8Array, from: number, name: string): Uint8Array[] {
  const view = viewOf(bytes);
  const chunks: Uint8Array[] = [];
  for (let at = from; at + 8 <= bytes.length; ) {
    const start = at + 8;
    const end = start + view.getUint32(at + 4);
    if (startsWith(bytes, at, 'MTrk')) {
      if (end > bytes.length) {
        throw new Error(
          `${name}: truncated: track ${chunks.length + 1} says ${end - start} bytes, ${bytes.length - start} are there`,
        );
      }
      chunks.push(bytes.subarray(start, end));
    }
    at = end;
  }
  return chunks;
}

/** Channels of several ports are other channels: played as one they would take each other's programs. */
function refusePorts(messages: readonly Message[], name: string): void {
  const ports = new Set(messages.filter((m) => isMeta(m, MIDI_PORT)).map((m) => m.bytes[2]));
  if (ports.size <= 1) return;
  throw new Error(
    `${name}: is made for ${ports.size} MIDI ports; only 16 channels are played, merge its ports`,
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
