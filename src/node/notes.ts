// MIDI files on disk -> Score.

import { readMidi } from '../symbolic/midi.js';
import type { Score } from '../symbolic/score.js';
import { readBytes } from './input.js';
import { tellingAfter, type Warn } from './sound.js';

/** Bytes of a MIDI file (16 MiB): a symphony has one of them. */
const LARGEST_MIDI = 2 ** 24;

/** @throws one line naming the file when it cannot be read, is too large, or is no MIDI. */
export async function readNotes(file: string, warn: Warn): Promise<Score> {
  const bytes = await readBytes(file, { limit: LARGEST_MIDI });
  return tellingAfter(warn, async (later) => readMidi(bytes, file, later));
}
