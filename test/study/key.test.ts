// Keys of cells: by content, whatever it is called.

import { describe, expect, test } from 'vitest';
import { cellKey, conditionHash, MEASUREMENT } from '../../src/study/key.js';
import { PLAN } from '../node/store_rows.js';

const [facts] = PLAN.cells;

describe('a condition', () => {
  test('enters by its content: two melodies of one length have different keys', () => {
    const [one, two] = [
      [0, 4, 7, 4],
      [0, 3, 7, 3],
    ].map((chroma) => conditionHash({ chroma }));
    expect(one).not.toBe(two);
    expect(cellKey({ ...facts, conditionHash: one })).not.toBe(cellKey({ ...facts, conditionHash: two }));
    expect(conditionHash({ chroma: Int32Array.of(0, 4, 7, 4) })).toBe(one);
  });

  test('has a hash of its own for every way to tell something, and none where nothing is told', () => {
    const told = [{ prompt: 'a' }, { prompt: 'b' }, { textIds: [3, 1] }, { missing: 'null' }] as const;
    const hashes = told.map(conditionHash);
    expect(new Set(hashes).size).toBe(told.length);
    expect(hashes.every((hash) => hash !== null && /^[0-9a-f]{64}$/.test(hash))).toBe(true);
    expect(conditionHash({})).toBeNull();
  });
});

describe('a key', () => {
  test.each([
    ['measurement', { measurement: MEASUREMENT + 1 }],
    ['device', { device: 'cuda' }],
    ['instruction set', { instructions: 'avx512' }],
    ['runtime', { runtime: 'none 1.1' }],
  ])('is another one with another %s', (_, change) => {
    expect(cellKey({ ...facts, ...change })).not.toBe(cellKey(facts));
  });

  test("does not know losscope's version, nor names", () => {
    const renamed = { ...facts, losscope: '9.9.9', model: 'other', clip: 'other', study: 'other' };
    expect(cellKey(renamed)).toBe(cellKey(facts));
  });
});
