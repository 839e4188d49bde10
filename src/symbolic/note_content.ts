// What stands in a window of notes afterwards: notes drawn anew, bars in another order, another pitch.

import { stem } from '../audio/clip.js';
import { counted } from '../counted.js';
import type { TransposeDamage } from '../perturb/damage.js';
import type { BarsPerturbation, NonsensePerturbation } from '../perturb/note_damage.js';
import { movedOrder, permuted } from '../perturb/order.js';
import { generator, type Random, seedOf } from '../stats/random.js';
import { codeOf, instrumentOf, PITCHED, type PitchedNote, pitchedOf } from './note_code.js';
import { type NoteContent, type NoteWindow, notesIn, rowsOfNotes, type WholeNote } from './note_window.js';

/**
 * Every note that takes part becomes one of the same instrument: pitch, velocity and duration are drawn evenly between the least
 * and the most that the instrument has in the passage, a drum is one of the passage's; the onset lies evenly between the window's
 * first and last.
 * The first note of a passage keeps its onset, which all others count from.
 */
export function nonsense(given: NoteWindow, { seed, share = 1 }: NonsensePerturbation): NoteContent {
  const { passage, rows, window } = given;
  const names = [seed, stem(passage), 'nonsense', window.start];
  const random = generator(seedOf(...names));
  const drawOf = drawsOf(rows);
  const notes = notesIn(given);
  const first = notes[0].onset;
  const end = notes[notes.length - 1].onset + 1;
  // Every note draws, also those that do not take part: a note becomes the same at every share.
  const drawn = notes.map(({ note }) => {
    const onset = first + random.integer(end - first);
    return { ...drawOf(note, random), onset };
  });
  const count = Math.max(1, Math.round(share * notes.length));
  const chosen = new Set(permuted(notes.length, generator(seedOf(...names, 'share'))).slice(0, count));
  const mixed = notes.map((own, i) => (chosen.has(i) ? drawn[i] : own));
  const sorted = mixed.toSorted((a, b) => a.onset - b.onset);
  if (window.start === 0) sorted[0] = { ...sorted[0], onset: first };
  return { rows: rowsOfNotes(sorted) };
}

/** How a note of each instrument is drawn: see nonsense. */
function drawsOf([notes, , durations]: readonly Int32Array[]) {
  const ranges = new Map<
    number,
    { readonly low: PitchedNote; readonly high: PitchedNote; readonly long: [number, number] }
  >();
  const drums = [...new Set(notes.filter((note) => note >= PITCHED))].sort((a, b) => a - b);
  notes.forEach((note, i) => {
    const own = pitchedOf(note);
    if (!own) return;
    const { low = own, high = own, long = [durations[i], durations[i]] } = ranges.get(own.instrument) ?? {};
    ranges.set(own.instrument, {
      low: least(low, own, Math.min),
      high: least(high, own, Math.max),
      long: [Math.min(long[0], durations[i]), Math.max(long[1], durations[i])],
    });
  });
  return (note: number, random: Random): Pick<WholeNote, 'note' | 'duration'> => {
    const between = (from: number, to: number): number => from + random.integer(to - from + 1);
    const range = ranges.get(instrumentOf(note));
    if (note >= PITCHED || !range) return { note: drums[random.integer(drums.length)], duration: 0 };
    const { low, high, long } = range;
    const pitch = between(low.pitch, high.pitch);
    const velocity = between(low.velocity, high.velocity);
    return { note: codeOf({ ...low, pitch, velocity }), duration: between(...long) };
  };
}

function least(a: PitchedNote, b: PitchedNote, of: (x: number, y: number) => number): PitchedNote {
  return { ...a, pitch: of(a.pitch, b.pitch), velocity: of(a.velocity, b.velocity) };
}

/**
 * The bars all of whose notes begin in the window, in another order; a bar keeps its length, and notes their place in it. The
 * bar of the passage's first note stays, since onsets count from it.
 */
export function shuffledBars(given: NoteWindow, { seed, share = 1 }: BarsPerturbation): NoteContent {
  const { passage, rows, window } = given;
  const { name, bars } = passage;
  if (bars.length === 0) throw new Error(`${name}: nothing says where its bars are; give the MIDI file`);
  const onsets = rows[1];
  const from = window.start === 0 ? onsets[0] : onsets[window.start - 1];
  const to = window.end < onsets.length ? onsets[window.end] : Number.POSITIVE_INFINITY;
  const edges = bars.filter((bar) => bar > from && bar <= to);
  const count = edges.length - 1;
  if (count < 2) {
    throw new Error(
      `${name}: ${counted(Math.max(0, count), 'whole bar')} in the window, behind the bar of the first note; make it longer, two are needed`,
    );
  }
  const order = movedOrder(count, { share, names: [seed, stem(passage), 'bars', window.start, count] });
  const notes = notesIn(given);
  const moved: WholeNote[] = [];
  let begins = edges[0];
  for (const bar of order) {
    const by = begins - edges[bar];
    const own = notes.filter(({ onset }) => onset >= edges[bar] && onset < edges[bar + 1]);
    moved.push(...own.map((note) => ({ ...note, onset: note.onset + by })));
    begins += edges[bar + 1] - edges[bar];
  }
  const before = notes.filter(({ onset }) => onset < edges[0]);
  const after = notes.filter(({ onset }) => onset >= edges[count]);
  return { rows: rowsOfNotes([...before, ...moved, ...after]), permutation: order };
}

/** Pitches moved by whole semitones; one that would leave MIDI's is an octave nearer. Drums stay. */
export function transposed(given: NoteWindow, { semitones }: TransposeDamage): NoteContent {
  const notes = notesIn(given).map((whole) => {
    const own = pitchedOf(whole.note);
    return own ? { ...whole, note: codeOf({ ...own, pitch: withinMidi(own.pitch + semitones) }) } : whole;
  });
  return { rows: rowsOfNotes(notes) };
}

function withinMidi(pitch: number): number {
  if (pitch < 0) return withinMidi(pitch + 12);
  return pitch > 127 ? withinMidi(pitch - 12) : pitch;
}
