// Notes as the tokens of EleutherAI's Aria, and which token is which number of a note.
//
// Codes [3, notes]:  note      instrument class x 1664 + pitch x 13 + velocity / 10; a drum: 16640 + pitch - 35
//                    onset     from the first note on, in 10 ms
//                    duration  in 10 ms, 1 to 500; 0 for a drum, which has none
// (symbolic/note_tokens.ts makes them; the last drum stands for those that the vocabulary has not.)
//
// Sequence: prefix tokens, <S>, then for each note in order (note, onset within its segment of 5 s, duration), a drum without a
// duration; <T> opens every further segment. Prefix tokens name the instruments, in the order of the vocabulary (training
// shuffles them). Nothing is said of the end: a passage is scored, not a piece.

import type { Codes } from '../../audio/codes.js';
import { counted } from '../../counted.js';
import type { TokenLayout } from '../model.js';
import type { Sequence } from './language.js';

/** Token ids, as the published tokenizer has them. */
const BEGIN = 0;
const UNKNOWN = 3;
const SEGMENT = 5;
/** The first instrument's prefix; others follow by class. */
const INSTRUMENT = 6;
const DRUM = 16;
const NOTE = 39;
const DURATION = 16_726;
const ONSET = 17_227;

/** Of the codes: notes of an instrument class, all of them, and drums with them. */
const NOTES_OF_CLASS = 128 * 13;
const CLASSES = 10;
const PITCHED = CLASSES * NOTES_OF_CLASS;
const DRUMS = 47;
const NOTES = PITCHED + DRUMS + 1;
/** Onsets in a segment, and the longest duration. */
const STEPS = 500;

export const ARIA_LAYOUT: TokenLayout = {
  codebooks: 3,
  // Onsets count from the beginning of the piece: nearly three hours.
  codebookSize: 2 ** 20,
  step: 'event',
  rows: ['note', 'onset', 'duration'],
};

/** @throws one line when the codes are no notes in order. */
export function ariaTokens({ frames, data }: Codes, name: string): Sequence {
  const [notes, onsets, durations] = [0, 1, 2].map((row) => data.subarray(row * frames, (row + 1) * frames));
  for (let i = 0; i < frames; i++) checkNote({ note: notes[i], duration: durations[i] }, i, name);
  const tokens = [...prefixOf(notes), BEGIN];
  const places = new Int32Array(3 * frames).fill(-1);
  const apart: { at: number; position: number }[] = [];
  let segment = 0;
  const [first = 0] = onsets;
  for (let i = 0; i < frames; i++) {
    const onset = onsets[i] - first;
    if (onset < 0 || (i > 0 && onsets[i] < onsets[i - 1])) {
      throw new Error(`${name}: note ${i} begins before the one before it; notes must be in order`);
    }
    for (; segment < Math.floor(onset / STEPS); segment++) {
      apart.push({ at: tokens.length, position: i });
      tokens.push(SEGMENT);
    }
    places[i] = tokens.length;
    tokens.push(notes[i] === PITCHED + DRUMS ? UNKNOWN : NOTE + notes[i]);
    places[frames + i] = tokens.length;
    tokens.push(ONSET + (onset % STEPS));
    if (durations[i] === 0) continue;
    places[2 * frames + i] = tokens.length;
    tokens.push(DURATION + durations[i]);
  }
  return { tokens: Int32Array.from(tokens), places, apart };
}

/** Instruments that occur, in the order of the vocabulary. */
function prefixOf(notes: Int32Array): number[] {
  const tokens = Array.from(notes, (note) =>
    note >= PITCHED ? DRUM : INSTRUMENT + Math.floor(note / NOTES_OF_CLASS),
  );
  return [...new Set(tokens)].sort((a, b) => a - b);
}

function checkNote(
  { note, duration }: { readonly note: number; readonly duration: number },
  i: number,
  name: string,
): void {
  const isDrum = note >= PITCHED;
  if (note >= NOTES) throw new Error(`${name}: note ${i} is ${note}, expected 0 to ${NOTES - 1}`);
  if (duration > STEPS || isDrum !== (duration === 0)) {
    throw new Error(
      `${name}: note ${i} lasts ${counted(duration, 'step')} of 10 ms, expected ${isDrum ? '0, as it is a drum' : `1 to ${STEPS}`}`,
    );
  }
}
