// One track of a MIDI file: its messages one after the other, note beginnings paired with their ends.

import { startsWith } from '../audio/bytes.js';
import type { Warn } from '../audio/stream.js';
import { counted } from '../counted.js';
import { META, type Message, type Note, TEMPO, TIME_SIGNATURE } from './score.js';

/** Data bytes of a channel message, by the upper half of its status. */
const DATA_BYTES: Readonly<Record<number, number>> = { 8: 2, 9: 2, 10: 2, 11: 2, 12: 1, 13: 1, 14: 2 };
const END_OF_TRACK = 0x2f;
/** A note value of a time signature is 2^-power; beyond a 128th it is damage. */
const LARGEST_POWER = 7;
/** The longest time between two messages that a file can hold; more than a day at any tempo that occurs. */
const LAST_TICK = 2 ** 28 - 1;

export interface Track {
  readonly notes: readonly Note[];
  readonly messages: readonly Message[];
  /** Whether it says where it ends. */
  readonly ended: boolean;
}

export interface TrackOptions {
  readonly track: number;
  /** Byte of the file where the track's body begins, for errors. */
  readonly start: number;
  /** Hears of what is odd though nothing is lost. */
  readonly warn: Warn;
  /** Of the file, for errors. */
  readonly name: string;
}

interface Reader {
  readonly bytes: Uint8Array;
  at: number;
  fail(what: string): never;
}

/** @throws one line naming the file, the track and the byte where it is damaged. */
export function readTrack(bytes: Uint8Array, { track, start, name, warn }: TrackOptions): Track {
  const reader: Reader = {
    bytes,
    at: 0,
    fail(what) {
      throw new Error(`${name}: damaged: byte ${start + this.at}, in track ${track + 1}: ${what}`);
    },
  };
  const pairs = openNotes();
  const messages: Message[] = [];
  let tick = 0;
  let status = 0;
  let realTime = 0;
  let ended = false;
  while (reader.at < bytes.length) {
    tick += quantity(reader);
    if (tick > LAST_TICK) reader.fail(`tick ${tick}, later than any music`);
    if (isRealTime(bytes[reader.at])) {
      reader.at++;
      realTime++;
      continue;
    }
    const message = nextMessage(reader, status);
    const [kind, data, value] = message;
    ended = kind === META && data === END_OF_TRACK;
    if (ended) break;
    if (kind < 0xf0) status = kind;
    // A beginning of velocity 0 is an end.
    if (kind >> 4 === 9 && value > 0) {
      pairs.begin({ start: tick, pitch: data, velocity: value, channel: kind & 15, track });
    } else if (kind >> 4 === 8 || kind >> 4 === 9) pairs.end(tick, kind & 15, data);
    else messages.push({ tick, track, bytes: message });
  }
  const told = (what: string) => warn(`${name}: track ${track + 1} ${what}`);
  if (!ended) told('has no end of track; all of it was read');
  if (realTime > 0) told(`holds ${realTime} real-time bytes, which have no place in a file; left out`);
  const rest = bytes.length - reader.at;
  if (rest > 0 && holds(bytes.subarray(reader.at), 'MTrk')) {
    reader.fail('another track begins within it; its length is wrong');
  }
  if (rest > 0)
    told(`goes on for ${counted(rest, 'byte')} after its end (byte ${start + reader.at}); left out`);
  return { notes: pairs.finish(tick), messages, ended };
}

/** Clock, start, stop and the like: on the wire they come between messages, and mean nothing in a file. */
function isRealTime(byte: number): boolean {
  return byte >= 0xf8 && byte < META;
}

function holds(bytes: Uint8Array, word: string): boolean {
  for (let at = 0; at + word.length <= bytes.length; at++) if (startsWith(bytes, at, word)) return true;
  return false;
}

/** The message at the reader's place, as Message has it; `running` is the last channel status, 0 for none. */
function nextMessage(reader: Reader, running: number): Uint8Array {
  const { bytes } = reader;
  const first = byteOf(reader);
  if (first >= 0xf0) return longMessage(reader, first);
  if (first < 0x80 && running === 0) reader.fail(`data byte ${first} without a status`);
  const status = first < 0x80 ? running : first;
  if (first < 0x80) reader.at--;
  const message = new Uint8Array(1 + DATA_BYTES[status >> 4]);
  message[0] = status;
  for (let i = 1; i < message.length; i++) {
    message[i] = byteOf(reader);
    if (message[i] >= 0x80) reader.fail(`${bytes[reader.at - 1]} where a data byte below 128 is expected`);
  }
  return message;
}

/** Meta and system exclusive messages, which say how long they are. */
function longMessage(reader: Reader, first: number): Uint8Array {
  if (first !== META && first !== 0xf0 && first !== 0xf7)
    reader.fail(`status ${first} has no place in a file`);
  const head = first === META ? [first, byteOf(reader)] : [first];
  const length = quantity(reader);
  const end = reader.at + length;
  if (end > reader.bytes.length) reader.fail(`a message of ${counted(length, 'byte')} leaves the track`);
  const message = Uint8Array.from([...head, ...reader.bytes.subarray(reader.at, end)]);
  const [, type, ...data] = message;
  if (first === META && type === TEMPO && (length !== 3 || !data.some((byte) => byte > 0))) {
    reader.fail('a tempo of no length');
  }
  if (
    first === META &&
    type === TIME_SIGNATURE &&
    !(length >= 2 && data[0] > 0 && data[1] <= LARGEST_POWER)
  ) {
    reader.fail(
      length < 2
        ? `a time signature of ${counted(length, 'byte')}`
        : `a time signature of ${data[0]}/2^${data[1]}`,
    );
  }
  reader.at = end;
  return message;
}

function byteOf(reader: Reader): number {
  if (reader.at >= reader.bytes.length) reader.fail('it ends within a message');
  return reader.bytes[reader.at++];
}

/** A variable-length quantity, at most four bytes. */
function quantity(reader: Reader): number {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const byte = byteOf(reader);
    value = value * 128 + (byte & 127);
    if (byte < 128) return value;
  }
  return reader.fail('a quantity of more than four bytes');
}

/** Notes that sound. An end ends the one of its pitch and channel that has sounded longest. */
function openNotes() {
  type Begun = Omit<Note, 'end'>;
  const sounding = new Map<number, Begun[]>();
  const ended = new Map<Begun, number>();
  const begun: Begun[] = [];
  return {
    begin(note: Begun) {
      begun.push(note);
      const key = note.channel * 128 + note.pitch;
      const same = sounding.get(key);
      if (same) same.push(note);
      else sounding.set(key, [note]);
    },
    end(tick: number, channel: number, pitch: number) {
      const note = sounding.get(channel * 128 + pitch)?.shift();
      if (note) ended.set(note, tick);
    },
    /** All notes in the order of their beginnings; what still sounds ends with the track. */
    finish(tick: number): Note[] {
      return begun.map((note) => ({ ...note, end: ended.get(note) ?? tick }));
    },
  };
}
