// Notes as a model reads them -> a score that reads as the same notes again: the inverse of note_tokens.ts.
//
// A tick is about 0.1 ms, so steps of 10 ms are exact. The published tokenizer sorts notes that begin together by track and end;
// where that is not their order, a note begins a tick later, which the grid does not show. One release ends all notes of a
// key in a track: a key that is pressed again before its end is written in another track of the same channel.

import { type Codes, rowsOf } from '../audio/codes.js';
import { DRUMS, FAMILIES, instrumentOf, PITCHED, pitchedOf, STEP_MS } from './note_code.js';
import { isMeta, type Message, type Note, PERCUSSION, type Score, TEMPO, TIME_SIGNATURE } from './score.js';
import { DEFAULT_TEMPO, tempoMap, tempoMessage, tempoOf } from './tempo.js';

export interface NoteScoreOptions {
  /** Of the score that is made. */
  readonly name: string;
  /** The score that the notes were read from: its programs are kept and, where it has one tempo only, its tempo and bars. */
  readonly like?: Score;
  /** Seconds of that score at which the time of the notes begins; default 0. */
  readonly offset?: number;
}

/** Microseconds of a tick, as near as a whole number of ticks in a quarter allows. */
const TICK = 100;
/** Ticks of a quarter that a file can say. */
const MOST_TICKS = 2 ** 15 - 1;
/** Ticks by which a note may begin late: 4 ms, with which it is still nearest to its step. */
const LATEST = 40;
/** Steps that a drum lasts in the file; a model knows none. */
const DRUM_STEPS = 10;

/**
 * The score of codes [3, notes]. Instruments of one class are one channel, with the first program that `like` has of it.
 * @throws one line when more notes begin at one time, in another order than their tracks have, than the grid can hold.
 */
export function scoreOfNotes(codes: Codes, { name, like, offset = 0 }: NoteScoreOptions): Score {
  const tempo = like === undefined ? DEFAULT_TEMPO : soleTempo(like);
  const ticksPerQuarter = Math.round((tempo ?? DEFAULT_TEMPO) / TICK);
  const ticksOf = (seconds: number): number =>
    Math.round((seconds * 1e6 * ticksPerQuarter) / (tempo ?? DEFAULT_TEMPO));
  const { notes, voices } = voiced(codes, { name, ticksOf: (steps) => ticksOf((steps * STEP_MS) / 1000) });
  const meters = like !== undefined && tempo !== undefined ? metersOf(like, offset, ticksOf) : [];
  return {
    ...{ name, ticksPerQuarter, tracks: 1 + voices.length, notes },
    messages: [tempoMessage(0, tempo ?? DEFAULT_TEMPO), ...meters, ...programsOf(voices, like)].sort(
      (a, b) => a.tick - b.tick || a.track - b.track,
    ),
    end: notes.reduce((last, note) => Math.max(last, note.end), 0),
  };
}

/** Microseconds of a quarter note in all of a score; undefined where there are several, or ticks cannot follow it. */
function soleTempo({ messages }: Score): number | undefined {
  const given = messages.filter((message) => isMeta(message, TEMPO));
  if (given.length === 0) return DEFAULT_TEMPO;
  const [tempo] = given.map(tempoOf);
  const isSole = given[0].tick === 0 && given.every((message) => tempoOf(message) === tempo);
  const ticks = Math.round(tempo / TICK);
  return isSole && ticks >= 1 && ticks <= MOST_TICKS ? tempo : undefined;
}

/** Time signatures in the time of the notes; what was said before that begins with it. */
function metersOf(like: Score, offset: number, ticksOf: (seconds: number) => number): Message[] {
  const { secondsAt } = tempoMap(like);
  return like.messages
    .filter((message) => isMeta(message, TIME_SIGNATURE))
    .map(({ tick, bytes }) => ({ tick: Math.max(0, ticksOf(secondsAt(tick) - offset)), track: 0, bytes }));
}

/** A track of one instrument. */
interface Voice {
  readonly instrument: number;
  readonly track: number;
  /** Tick until which each pitch sounds. */
  readonly until: Map<number, number>;
}

/** Notes in ticks and tracks, so that they come out in the order that they have. */
function voiced(
  codes: Codes,
  { name, ticksOf }: { readonly name: string; readonly ticksOf: (steps: number) => number },
): { readonly notes: Note[]; readonly voices: readonly Voice[] } {
  const voices: Voice[] = [];
  const freeVoice = (instrument: number, pitch: number, start: number): Voice => {
    const free = voices.find((voice) => voice.instrument === instrument && !isSounding(voice, pitch, start));
    if (free) return free;
    const added = { instrument, track: voices.length + 1, until: new Map<number, number>() };
    voices.push(added);
    return added;
  };
  let last = { start: -1, end: 0, track: 0 };
  const [kinds, onsets, durations] = rowsOf(codes);
  const notes = Array.from(kinds, (code, i): Note => {
    const { pitch, velocity } = soundOf(code);
    const begins = ticksOf(onsets[i]);
    const lasts = ticksOf(onsets[i] + (durations[i] || DRUM_STEPS)) - begins;
    const earliest = Math.max(begins, last.start);
    const { instrument, track, until } = freeVoice(instrumentOf(code), pitch, earliest);
    const isInOrder =
      earliest > last.start || track > last.track || (track === last.track && earliest + lasts >= last.end);
    const start = isInOrder ? earliest : earliest + 1;
    if (start > begins + LATEST) {
      throw new Error(
        `${name}: too many notes begin with note ${i} for MIDI to keep their order; leave some out`,
      );
    }
    last = { start, end: start + lasts, track };
    until.set(pitch, last.end);
    return { ...last, pitch, velocity, channel: channelOf(instrument) };
  });
  return { notes, voices };
}

function isSounding({ until }: Voice, pitch: number, tick: number): boolean {
  return (until.get(pitch) ?? 0) > tick;
}

/** Velocity of drums in the file; a model knows none. */
const DRUM_VELOCITY = 80;

/** Pitch and velocity that read as the code. */
function soundOf(code: number): Pick<Note, 'pitch' | 'velocity'> {
  const own = pitchedOf(code);
  if (!own) return { pitch: DRUMS.lowest + code - PITCHED, velocity: DRUM_VELOCITY };
  return { pitch: own.pitch, velocity: 10 * own.velocity };
}

function isDrums(instrument: number): boolean {
  return instrument === instrumentOf(PITCHED);
}

/** A channel for each class; percussion has its own. */
function channelOf(instrument: number): number {
  if (isDrums(instrument)) return PERCUSSION;
  return instrument < PERCUSSION ? instrument : instrument + 1;
}

/** The program of each channel, where its first track begins. */
function programsOf(voices: readonly Voice[], like: Score | undefined): Message[] {
  const first = voices.filter(
    ({ instrument }, i) =>
      !isDrums(instrument) && voices.findIndex((voice) => voice.instrument === instrument) === i,
  );
  return first.map(({ instrument, track }) => ({
    ...{ tick: 0, track },
    bytes: Uint8Array.of(0xc0 | channelOf(instrument), programOf(instrument, like)),
  }));
}

/** The first program of a class that a score names; of a class that it does not name, the first there is. */
function programOf(instrument: number, like: Score | undefined): number {
  const lowest = 8 * FAMILIES[instrument];
  const named = like?.messages.find(
    ({ bytes: [status, program] }) =>
      status >> 4 === 12 && (status & 15) !== PERCUSSION && program >= lowest && program < lowest + 8,
  );
  return named?.bytes[1] ?? lowest;
}
