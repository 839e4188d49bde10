// Which disturbances are of sound, which of notes, and which of both.

import { counted } from '../counted.js';
import { NOTE_DAMAGES } from './note_damage.js';
import type { Perturbation } from './perturbation.js';

const OF_NOTES_ALONE: readonly Perturbation['kind'][] = NOTE_DAMAGES;
const OF_NOTES: readonly Perturbation['kind'][] = [
  ...OF_NOTES_ALONE,
  'transpose',
  'foreign',
  'gain',
  'stretch',
  'identity',
];

/** Whether a kind means nothing but on notes. */
export function isOfNotesAlone({ kind }: Pick<Perturbation, 'kind'>): boolean {
  return OF_NOTES_ALONE.includes(kind);
}

/** @throws one line when a disturbance means nothing on sound. */
export function requireOfSound(name: string, perturbation: Perturbation): void {
  if (!isOfNotesAlone(perturbation)) return;
  throw new Error(
    `${name}: ${perturbation.kind} changes notes, and this is sound; give notes (MIDI) to a model of notes, or take noise`,
  );
}

/** @throws one line when a disturbance means nothing on notes. */
export function requireOfNotes(name: string, perturbation: Perturbation): void {
  const { kind } = perturbation;
  if (!OF_NOTES.includes(kind)) {
    throw new Error(`${name}: ${kind} changes sound, and these are notes; expected ${OF_NOTES.join(', ')}`);
  }
  if (kind === 'transpose' && !Number.isInteger(perturbation.semitones)) {
    throw new Error(
      `${name}: transpose by ${counted(perturbation.semitones, 'semitone')}; of notes a whole number is expected`,
    );
  }
  if (kind === 'stretch' && (perturbation.at || perturbation.length)) {
    throw new Error(`${name}: of notes the tempo of the whole piece is stretched; leave at and length out`);
  }
  if (kind === 'foreign' && (typeof perturbation.level === 'object' || perturbation.fade)) {
    throw new Error(`${name}: foreign notes have no level in dBFS and no fade; leave them out`);
  }
}
