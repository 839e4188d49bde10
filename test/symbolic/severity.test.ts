// How strong an edit of a score is.

import { expect, test } from 'vitest';
import { severityOfEdit } from '../../src/symbolic/severity.js';

test.each([
  [{ edit: 'none', share: 1, seed: 1 }, undefined],
  [
    { edit: 'rhythm', share: 0.3, seed: 1 },
    { name: 'share', value: 30 },
  ],
  [
    { edit: 'tempo', share: 1, amount: 1.25, seed: 1 },
    { name: 'tempo', value: 25 },
  ],
  [
    { edit: 'tempo', share: 1, amount: 0.8, seed: 1 },
    { name: 'tempo', value: 25 },
  ],
  [
    { edit: 'tempo', share: 1, seed: 1 },
    { name: 'tempo', value: 50 },
  ],
] as const)('%o', (edit, expected) => {
  const found = severityOfEdit(edit);
  expect(found?.name).toBe(expected?.name);
  if (expected) expect(found?.value).toBeCloseTo(expected.value, 9);
});
