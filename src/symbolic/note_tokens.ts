// A score as numbers by note, as EleutherAI's Aria reads it: which note, when, for how long, in steps of 10 ms. Facts from its
// published tokenizer, whose ids these are but for constants (models/rotary/aria.ts adds them).
//
// Codes [3, notes]:  note      instrument class x 1664 + pitch x 13 + velocity / 10; a drum: 16640 + pitch - 35
//                    onset     from the first note on
//                    duration  1 to 500; 0 for a drum, which has none
//
// Steps are the nearest, and of two as near the one that a bisection of their list meets first: no rule of rounding gives the
// published ids. A note is as long as its key or the sustain pedal holds it, at most 5 s. One release ends all notes of its
// key. Instruments without a class, and channels that ever have one, are left out.

import type { Codes } from '../audio/codes.js';
import { barsWithin } from './bars.js';
import { codeOf, DRUMS, FAMILIES, PITCHED, STEP_MS, VELOCITIES } from './note_code.js';
import { isMeta, type Message, type Note, PERCUSSION, type Score, TEMPO } from './score.js';
import { DEFAULT_TEMPO, tempoMap, tempoOf } from './tempo.js';

/** Notes of a score, one position each. */
export interface NoteTokens {
  /** [3, notes]. */
  readonly codes: Codes;
  /** [notes] when each begins, seconds from the start of the score. */
  readonly seconds: Float64Array;
  /** Where bars begin that lie behind the first note, and where the last one ends, on the scale of onsets. */
  readonly bars: Int32Array;
}

const CLASSES: ReadonlyMap<number, number> = new Map(FAMILIES.map((family, index) => [family, index]));
const SEGMENT_MS = 5000;
const SUSTAIN = 64;

/** @throws one line when no note of a known instrument is left. */
export function noteTokens(score: Score): NoteTokens {
  const { classes, dropped } = instrumentsOf(score);
  const notes = releasedNotes(score.notes.filter(({ channel }) => !dropped.has(channel)));
  if (notes.length === 0) throw new Error(`${score.name}: no note of an instrument that the model knows`);
  const clock = clockOf(score);
  const pedals = pedalsOf(score.messages, notes[notes.length - 1].end);
  const [{ start: first }] = notes;
  const { secondsAt } = tempoMap(score);
  const rows = notes.map((note) => {
    const onset = stepOf(clock(first, note.start));
    if (note.channel === PERCUSSION) return [drumOf(note.pitch), onset, 0];
    const held = pedals.get(note.channel)?.find(({ down, up }) => down < note.end && note.end < up);
    const lasts = clock(note.start, held?.up ?? note.end);
    const velocity = Math.max(1, closest(note.velocity, 10, VELOCITIES - 1));
    const kind = codeOf({ instrument: classes.get(note.channel) ?? 0, pitch: note.pitch, velocity });
    return [kind, onset, Math.max(1, closest(lasts, STEP_MS, SEGMENT_MS / STEP_MS))];
  });
  const data = Int32Array.from([0, 1, 2].flatMap((row) => rows.map((numbers) => numbers[row])));
  return {
    codes: { codebooks: 3, frames: rows.length, data },
    seconds: Float64Array.from(notes, ({ start }) => secondsAt(start)),
    bars: Int32Array.from(barsWithin(score, { start: first, end: Number.POSITIVE_INFINITY }), (tick) =>
      stepOf(clock(first, tick)),
    ),
  };
}

/** The step of an onset: within its segment the nearest. */
function stepOf(ms: number): number {
  const steps = SEGMENT_MS / STEP_MS;
  return Math.floor(ms / SEGMENT_MS) * steps + closest(ms % SEGMENT_MS, STEP_MS, steps - 1);
}

/** A drum outside General MIDI's is unknown, which is the number after the last. */
function drumOf(pitch: number): number {
  const known = pitch >= DRUMS.lowest && pitch <= DRUMS.highest;
  return PITCHED + (known ? pitch : DRUMS.highest + 1) - DRUMS.lowest;
}

/** Instrument classes by channel, and channels that are left out. */
function instrumentsOf({ messages }: Score) {
  const programs = messages.flatMap(({ bytes: [status, program] }) =>
    status >> 4 === 12 && (status & 15) !== PERCUSSION ? [{ channel: status & 15, program }] : [],
  );
  const classOf = (program: number) => CLASSES.get(Math.floor(program / 8));
  const unknown = programs.filter(({ program }) => program > 0 && classOf(program) === undefined);
  const dropped = new Set(unknown.map(({ channel }) => channel));
  const classes = new Map(programs.map(({ channel, program }) => [channel, classOf(program)]));
  return { classes, dropped };
}

/**
 * Notes by start and, of one start, by end: one release ends all notes of its key that began before it. A note that is
 * released where it begins is none.
 */
function releasedNotes(notes: readonly Note[]): Note[] {
  const releases = new Map<number, number[]>();
  const keyOf = ({ track, channel, pitch }: Note) => (track * 16 + channel) * 128 + pitch;
  for (const note of notes) {
    const ends = releases.get(keyOf(note)) ?? [];
    ends.push(note.end);
    releases.set(keyOf(note), ends);
  }
  for (const ends of releases.values()) ends.sort((a, b) => a - b);
  return notes
    .filter(({ start, end }) => end > start)
    .map((note) => ({ ...note, end: releases.get(keyOf(note))?.find((end) => end > note.start) ?? note.end }))
    .sort((a, b) => a.start - b.start || a.track - b.track || a.end - b.end);
}

interface Pedal {
  readonly down: number;
  readonly up: number;
}

/** The sustain pedal by channel; where it is never released it is at tick `last`. */
function pedalsOf(messages: readonly Message[], last: number): Map<number, Pedal[]> {
  const down = new Map<number, number>();
  const pedals = new Map<number, Pedal[]>();
  const release = (channel: number, up: number) => {
    const since = down.get(channel);
    if (since === undefined) return;
    pedals.set(channel, [...(pedals.get(channel) ?? []), { down: since, up }]);
    down.delete(channel);
  };
  for (const { tick, bytes } of messages) {
    const [status, controller, value] = bytes;
    if (status >> 4 !== 11 || controller !== SUSTAIN) continue;
    if (value < 64) release(status & 15, tick);
    else if (!down.has(status & 15)) down.set(status & 15, tick);
  }
  for (const channel of [...down.keys()]) release(channel, last);
  return pedals;
}

/**
 * Whole milliseconds between two ticks. Before the first tempo message its tempo holds already. From behind the last
 * of several tempi the published tokenizer goes back to that message at the tempo before it, and so does this.
 */
function clockOf({ messages, ticksPerQuarter }: Score): (start: number, end: number) => number {
  const given = messages.filter((message) => isMeta(message, TEMPO));
  const tempi = given.map((message) => ({ tick: message.tick, tempo: tempoOf(message) }));
  if (tempi.length === 0) tempi.push({ tick: 0, tempo: DEFAULT_TEMPO });
  const last = tempi.length - 1;
  return (start, end) => {
    if (last > 0 && start > tempi[last].tick) {
      const { tick, tempo } = tempi[last];
      const back = (tick - start) * tempi[last - 1].tempo;
      return halfToEven(((back + (end - tick) * tempo) * 1e-3) / ticksPerQuarter);
    }
    let seconds = 0;
    for (const [i, { tick, tempo }] of tempi.entries()) {
      const from = i === 0 ? start : Math.max(start, tick);
      const to = i === last ? end : Math.min(end, tempi[i + 1].tick);
      if (to > from) seconds += ((to - from) * tempo * 1e-6) / ticksPerQuarter;
    }
    return halfToEven(seconds * 1e3);
  };
}

/** The nearest whole number, of two the even one. */
function halfToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

/** Which of the steps 0 to `most` is nearest to `value`: halfway between two, the one that a bisection meets first. */
function closest(value: number, step: number, most: number): number {
  const positive = Math.max(0, value);
  const below = Math.floor(positive / step);
  const rest = positive - below * step;
  if (below >= most || 2 * rest !== step) return Math.min(most, below + (2 * rest > step ? 1 : 0));
  let [left, right] = [0, most];
  for (;;) {
    const middle = Math.floor((left + right) / 2);
    if (middle === below || middle === below + 1) return middle;
    if (middle < below) left = middle + 1;
    else right = middle - 1;
  }
}
