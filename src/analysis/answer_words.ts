// What the sentences of all answers share: rows without a scored clip, tests that could show nothing, the row to name.

import { termsOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import type { Domain } from '../study/row.js';
import type { Test } from './estimated.js';
import { ALPHA, isPowerless } from './reading.js';

interface InDomain {
  readonly domain: Domain;
}

/** What frames and losses of some rows are called; where they are of sound and of notes, by both names. */
export function termsOfRows(rows: readonly InDomain[]): {
  readonly positions: string;
  readonly nats: string;
} {
  const [sound, notes] = [termsOf('frame'), termsOf('event')];
  const areNotes = new Set(rows.map(({ domain }) => domain === 'notes'));
  if (areNotes.size === 2)
    return {
      positions: `${sound.position}s or ${notes.position}s`,
      nats: `${sound.nats}; notes: ${notes.nats}`,
    };
  const { position, nats } = areNotes.has(true) ? notes : sound;
  return { positions: `${position}s`, nats };
}

/** Unit of a difference of losses, behind its number. */
export function natsOf(row: InDomain): string {
  return ` ${termsOfRows([row]).nats}`;
}

/** Rows of which something is measured, and a sentence about the others. */
export function measuredOf<T>(
  rows: readonly T[],
  clipsOf: (row: T) => number,
  noun: string,
): { readonly rows: readonly T[]; readonly others: readonly string[] } {
  const measured = rows.filter((row) => clipsOf(row) > 0);
  const missing = rows.length - measured.length;
  if (missing === 0) return { rows, others: [] };
  const of =
    missing === rows.length
      ? `none of ${counted(missing, noun)}`
      : `${missing} of ${counted(rows.length, noun)}`;
  const sentence =
    missing === rows.length
      ? `Not measured: ${of} has a scored clip.`
      : `Not measured: ${of}, which have no scored clip.`;
  return { rows: measured, others: [sentence] };
}

/** Says when no test could have shown anything. */
export function powerless(rows: readonly { readonly test: Test; readonly n: number }[]): string[] {
  if (!isPowerless(rows)) return [];
  const tested = rows.filter(({ test }) => test.p !== null);
  const most = Math.max(0, ...tested.map(({ n }) => n));
  return [
    `There are too few clips for these tests: with ${counted(most, 'clip')} and ${counted(tested.length, 'test')}, no corrected ` +
      `p-value can reach ${ALPHA}. Read the numbers as a description of these clips.`,
  ];
}

/** The row with the largest defined size. */
export function extreme<T>(rows: readonly T[], size: (row: T) => number): T | undefined {
  return rows.reduce<T | undefined>(
    (best, row) => (best === undefined || size(row) > size(best) ? row : best),
    undefined,
  );
}
