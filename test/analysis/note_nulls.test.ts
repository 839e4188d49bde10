// Nulls of notes in studies and in records of their rows: as windows are placed, in seconds or in notes.

import { expect, test } from 'vitest';
import { recordOfRow } from '../../src/analysis/cell_record.js';
import { cleanOf, measureRow } from '../../src/analysis/measure.js';
import type { Span } from '../../src/perturb/perturbation.js';
import { mean } from '../../src/stats/describe.js';
import { generator, seedOf } from '../../src/stats/random.js';
import type { CellRow } from '../../src/study/row.js';
import { clockOf } from '../../src/symbolic/passage.js';
import { madeStudy, START } from './rows.js';

const NOTES = 300;
const LENGTH = 30;

/** A clean row of chords of three notes, one each half second; the first note of each costs 12 nats more. And one of nothing done. */
function rowsOfNotes(at: Span, length: Span): { readonly clean: CellRow; readonly row: CellRow } {
  const { rows } = madeStudy({
    groups: { Notes: 1 },
    variants: [
      { disturbance: 'nothing', variant: 'nothing', kind: 'identity', domain: 'notes', length: LENGTH },
    ],
    protocols: ['sequence'],
    frames: NOTES,
    scatter: 0,
  });
  const random = generator(seedOf('note nulls'));
  const byNote = Float32Array.from({ length: NOTES }, (_, i) => 2 + random.normal() + (i % 3 === 0 ? 12 : 0));
  const loss = Float32Array.of(...byNote, ...byNote);
  const onsets = Int32Array.from({ length: NOTES }, (_, i) => 50 * Math.floor(i / 3));
  const codes = Int32Array.of(...new Int32Array(NOTES), ...onsets);
  const { sampleRate, hop } = clockOf({ codebooks: 2, frames: NOTES, data: codes });
  const [clean, row] = rows.map(
    (made): CellRow => ({ ...made, ...{ source: 'notes', loss, codes, sampleRate, hop, reach: 0 } }),
  );
  const perturbation = { kind: 'identity', at, length };
  const place = { start: START * hop, end: (START + LENGTH) * hop };
  const events = JSON.stringify([{ kind: 'identity', domain: 'notes', ...place, perturbation }]);
  return { clean, row: { ...row, events } };
}

// A window in seconds begins with the first note of a chord (14 nats), as its null curves do. One that is counted in notes could begin
// with any: 6 nats and again 6, where this one has 14 and 2. Of the three frames of a Peak the first is not disturbed.
test.each<[string, Span, Span, { readonly mean: number; readonly isWide: boolean }]>([
  ['seconds', { seconds: START / 6 }, { seconds: LENGTH / 6 }, { mean: 0, isWide: false }],
  ['notes', { tokens: START }, { tokens: LENGTH }, { mean: (-8 + 4) / 3, isWide: true }],
])('a window in %s', (_, at, length, expected) => {
  const { clean, row } = rowsOfNotes(at, length);
  const { cell } = measureRow(row, cleanOf(clean), { seed: 1, rule: 'fixed', others: [] });
  const nulls = cell.placed?.nulls.map((draw) => draw['Peak mean']) ?? [];
  expect(nulls.length).toBe(19);
  expect(Math.abs(mean(nulls) - (expected.mean + noiseAt(clean)))).toBeLessThan(0.6);
  // Of a chord's first notes, or of any: their scatter is that of the noise alone, or that of the chords.
  const table = recordOfRow(row, clean).profile.calibration?.table ?? [];
  const { sd = 0 } = table.find(({ name }) => name === 'peak')?.mean ?? {};
  expect(sd > 1).toBe(expected.isWide);
});

/** What the noise of the clean loss at the place takes from every null Peak. */
function noiseAt({ loss }: CellRow): number {
  return -((loss?.[START] ?? 0) - 14 + (loss?.[START + 1] ?? 0) - 2) / 3;
}
