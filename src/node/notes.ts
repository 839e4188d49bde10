// MIDI files on disk -> Score.

import { formatOf } from '../audio/format.js';
import { isMidi, readMidi } from '../symbolic/midi.js';
import type { Score } from '../symbolic/score.js';
import { headOf, readBytes } from './input.js';
import { tellingAfter, type Warn } from './sound.js';

/** Bytes of a MIDI file (16 MiB): a symphony has one of them. */
const LARGEST_MIDI = 2 ** 24;

/** @throws one line naming the file when it cannot be read, is too large, or is no MIDI. */
export async function readNotes(file: string, warn: Warn): Promise<Score> {
  const head = await headOf(file);
  const format = formatOf(head);
  if (format !== undefined && !isMidi(head))
    throw new Error(
      `${file}: is sound (${format.toUpperCase()}), not MIDI, whatever it is called; rename it`,
    );
  const bytes = await readBytes(file, { limit: LARGEST_MIDI });
  return tellingAfter(warn, async (later) => readMidi(bytes, file, later));
}
