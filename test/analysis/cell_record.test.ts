// One row of a study beside its clean one, as a probe's record.

import { expect, test } from 'vitest';
import { recordOfRow } from '../../src/analysis/cell_record.js';
import { madeStudy, START, white } from './rows.js';

const made = {
  groups: { A: 1 },
  variants: white([50]),
  effect: () => -2,
  scatter: 0.1,
};
const { rows } = madeStudy(made);
const clean = rows.find(({ role }) => role === 'clean');
const disturbed = rows.find(({ role }) => role === 'disturbed');
if (!clean || !disturbed) throw new Error('the made study has no rows');

test('window, means, delta and regions are those of the rows', () => {
  const record = recordOfRow(disturbed, clean);
  expect(record.window).toEqual({ start: START, end: START + 50 });
  expect(record.reach).toEqual({ reach: 4, lag: 1 });
  expect(record.lossDifference).toBeCloseTo((disturbed.meanLoss ?? 0) - (clean.meanLoss ?? 0), 12);
  expect([...record.delta.mean.subarray(0, START)].every((value) => value === 0)).toBe(true);
  const assimilation = record.profile.regions.find(({ name }) => name === 'assimilation');
  expect(assimilation?.mean).toBeCloseTo(-2, 1);
  expect(record.provenance.instructions).toBe(disturbed.scoredWith ?? disturbed.instructions);
});

test('an edited score has no frames of its own', () => {
  const edited = { ...disturbed, events: null };
  expect(() => recordOfRow(edited, clean)).toThrow(/an edited score has no frames of its own to compare/);
});
