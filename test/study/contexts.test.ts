// Contexts of the amnesia index, put together from codes; and how far the tasks of a study have come.

import { describe, expect, test } from 'vitest';
import { codesOf, rowsOf } from '../../src/audio/codes.js';
import { completeness } from '../../src/study/check.js';
import { inContext, tailOf } from '../../src/study/counterfactual.js';
import type { StoredResult } from '../../src/study/store.js';
import type { Task } from '../../src/study/task.js';

describe('contexts', () => {
  const row = (from: number): Int32Array => Int32Array.from({ length: 8 }, (_, t) => from + t);
  const clean = codesOf([row(0), row(100)]);
  const disturbed = codesOf([row(1000), row(1100)]);
  const window = { start: 2, end: 5 };

  test.each([
    ['prefix+noise', [0, 1, 1002, 1003, 1004, 5, 6, 7], 5],
    ['prefix', [0, 1, 5, 6, 7], 2],
    ['noise', [1002, 1003, 1004, 5, 6, 7], 3],
  ] as const)('%s', (context, expected, tail) => {
    const made = inContext(context, { clean, disturbed, window });
    expect(made.tail).toBe(tail);
    expect(rowsOf(made.codes).map((codes) => [...codes])).toEqual([
      [...expected],
      expected.map((code) => code + 100),
    ]);
  });

  test.each([
    [{ start: 0, end: 3 }, 'before'],
    [{ start: 4, end: 8 }, 'after'],
  ])('%o leaves nothing %s it', (place, side) => {
    expect(() => inContext('prefix', { clean, disturbed, window: place })).toThrow(
      `leaves no music ${side} it; move it into the clip`,
    );
  });

  test('the tail of a loss is its last frames in every codebook', () => {
    const values = Float32Array.from({ length: 12 }, (_, i) => i);
    const loss = { protocol: 'delayed', codebooks: 2, frames: 6, values, entropy: values.map((v) => -v) };
    const tail = tailOf(loss, 4);
    expect([tail.frames, [...tail.values], [...tail.entropy]]).toEqual([
      2,
      [4, 5, 10, 11],
      [-4, -5, -10, -11],
    ]);
  });
});

test('planned tasks are done, failed or missing, each kind by itself', () => {
  const task = (kind: string, key: string) => ({ kind, key }) as unknown as Task;
  const tasks = [task('score', 'a'), task('score', 'b'), task('score', 'c'), task('map', 'd')];
  const stored = new Map<string, StoredResult>([
    ['a', { status: 'ok' }],
    ['b', { status: 'failed' }],
    ['other', { status: 'ok' }],
  ] as unknown as [string, StoredResult][]);
  const found = completeness(tasks, stored);
  expect(found.score).toEqual({ planned: 3, done: 1, failed: [tasks[1]], missing: [tasks[2]] });
  expect(found.map).toEqual({ planned: 1, done: 0, failed: [], missing: [tasks[3]] });
  expect(found.parity.planned).toBe(0);
});
