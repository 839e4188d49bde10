// Repeats in long lists, in one pass.

import { expect, test } from 'vitest';
import { repeats } from '../../src/stats/repeated.js';

test('each value that occurred before is marked', () => {
  expect(repeats(['a', 'b', 'a', 'a', undefined, undefined])).toEqual([
    false,
    false,
    true,
    true,
    false,
    true,
  ]);
  const many = Array.from({ length: 200_000 }, (_, i) => `clip ${i}`);
  expect(repeats([...many, 'clip 7']).indexOf(true)).toBe(many.length);
});
