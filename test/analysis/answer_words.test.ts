// src/analysis/answer_words.ts and wording.ts: what the sentences of all answers share.

import { expect, test } from 'vitest';
import { extreme, measuredOf, powerless, termsOfRows } from '../../src/analysis/answer_words.js';
import { percent, signed, withInterval } from '../../src/analysis/wording.js';
import { counted } from '../../src/counted.js';

const clips = ({ n }: { readonly n: number }): number => n;
const tested = (n: number, count: number) =>
  Array.from({ length: count }, () => ({ test: { p: 0.5, holm: 1, name: 'sign-flip', family: 'RQ1' }, n }));

test('rows without a scored clip are left out and counted', () => {
  expect(measuredOf([{ n: 2 }, { n: 1 }], clips, 'series')).toEqual({
    rows: [{ n: 2 }, { n: 1 }],
    others: [],
  });
  expect(measuredOf([{ n: 2 }, { n: 0 }], clips, 'case')).toEqual({
    rows: [{ n: 2 }],
    others: ['Not measured: 1 of 2 cases, which have no scored clip.'],
  });
  expect(measuredOf([{ n: 0 }, { n: 0 }], clips, 'case').others).toEqual([
    'Not measured: none of 2 cases has a scored clip.',
  ]);
});

test('losses and lengths are called what they are in sound, in notes, and where both are', () => {
  const rows = (...domains: readonly ('waveform' | 'codes' | 'notes')[]) =>
    domains.map((domain) => ({ domain }));
  expect(termsOfRows(rows('waveform', 'codes'))).toEqual({ positions: 'tokens', nats: 'nats per code' });
  expect(termsOfRows([])).toEqual({ positions: 'tokens', nats: 'nats per code' });
  expect(termsOfRows(rows('notes'))).toEqual({ positions: 'notes', nats: 'nats per token of a note' });
  expect(termsOfRows(rows('waveform', 'notes'))).toEqual({
    positions: 'tokens or notes',
    nats: 'nats per code; notes: nats per token of a note',
  });
});

test('too few clips are named only where no test could show anything', () => {
  expect(powerless(tested(4, 1))).toHaveLength(1);
  expect(powerless(tested(4, 1))[0]).toContain('with 4 clips and 1 test,');
  expect(powerless(tested(6, 1))).toEqual([]);
  expect(powerless(tested(6, 8))).toHaveLength(1);
});

test('the largest defined row is found, and numbers are written with their clips', () => {
  expect(extreme([{ n: 1 }, { n: 3 }, { n: Number.NaN }, { n: 2 }], clips)).toEqual({ n: 3 });
  expect(extreme([], clips)).toBeUndefined();
  expect([signed(-0.344), signed(0.2), signed(-0.001), percent(0.51), counted(1, 'clip')]).toEqual([
    '−0.34',
    '+0.20',
    '0.00',
    '51%',
    '1 clip',
  ]);
  const estimate = { value: -0.34, low: -0.5, high: -0.18, n: 20, missing: 0 };
  expect(withInterval(estimate, ' nats')).toBe('−0.34 nats (95% interval −0.50 to −0.18, 20 clips)');
  expect(withInterval({ ...estimate, low: null })).toBe('−0.34 (no interval, 20 clips)');
});
