// The curves of scores as a table: a line a frame, a column a score.

import { type SecondsCurve, scoreCurve } from '../scores/curves.js';
import { secondsAt } from '../scores/heard.js';
import { SCORE_NAMES } from '../scores/scores.js';
import { csvLine } from './csv.js';
import type { Song } from './songs.js';

interface TableOptions {
  /** Seconds of the song at which the time of its curve begins. Default: 0. */
  readonly offset?: number | undefined;
}

/**
 * CSV with the columns `song`, `seconds` (of the song, where the frame or note begins) and a column for each score that any song has,
 * empty where it is undefined. Six decimals. In pieces of one song each, made when they are asked for.
 */
export function* curvesCsv(songs: readonly Song[], { offset = 0 }: TableOptions = {}): Generator<string> {
  const scores = SCORE_NAMES.filter((score) => songs.some(({ values }) => !Number.isNaN(values[score])));
  yield csvLine(['song', 'seconds', ...scores]);
  for (const { name, heard } of songs) {
    const curves = scores.map((score) => scoreCurve(heard, score));
    const there = curves.filter((curve) => curve !== undefined);
    const first = Math.min(...there.map((curve) => curve.first));
    const end = Math.max(...there.map((curve) => curve.first + curve.values.length));
    const lines = Array.from({ length: Math.max(0, end - first) }, (_, i) => {
      const frame = first + i;
      const values = curves.map((curve) => curve?.values[frame - curve.first] ?? Number.NaN);
      return csvLine([name, ...[secondsAt(heard, frame) + offset, ...values].map(rounded)]);
    });
    yield lines.join('');
  }
}

/** The same of maps, whose positions are their own. */
export function* sensitivityCsv(
  clips: readonly { readonly name: string; readonly curve: SecondsCurve }[],
  { offset = 0 }: TableOptions = {},
): Generator<string> {
  yield csvLine(['song', 'seconds', 'sensitivity']);
  for (const { name, curve } of clips) {
    const lines = Array.from(curve.seconds, (time, i) =>
      csvLine([name, rounded(time + offset), rounded(curve.values[i])]),
    );
    yield lines.join('');
  }
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
