// The registry of families: each has its own model types, and says at once what it cannot open.

import { describe, expect, test } from 'vitest';
import { floatsOf } from '../../src/models/encodec/encoder.js';
import { encodec } from '../../src/models/encodec/family.js';
import type { FamilySource } from '../../src/models/family.js';
import { musicgen } from '../../src/models/musicgen/family.js';
import { FAMILIES } from '../../src/models/open.js';
import { rotary } from '../../src/models/rotary/family.js';

describe('families', () => {
  test('are all in the registry, and no two of them take the same model type', () => {
    expect(FAMILIES).toEqual(expect.arrayContaining([encodec, musicgen, rotary]));
    const types = FAMILIES.flatMap((family) => family.types);
    expect(types.length).toBe(new Set(types).size);
    expect(types).toEqual(expect.arrayContaining(['encodec', 'musicgen', 'llama']));
  });

  test.each([
    ['encodec', encodec],
    ['musicgen', musicgen],
    ['rotary', rotary],
  ])('%s names the checkpoint whose configuration it cannot read', (_, family) => {
    const checkpoint = {
      name: 'org/broken',
      config: { model_type: family.types[0], sampling_rate: 'fast' },
      remarks: [],
    };
    const source = { checkpoint, weights: {}, warn: () => undefined, precision: 'fp32' };
    expect(() => family.open(source as unknown as FamilySource)).toThrow(/org\/broken/);
  });
});

test.each([
  [undefined, 'encoder gave no float32 result'],
  [{ type: 'int32', data: Int32Array.of(1) }, 'encoder gave no float32 result'],
  [
    { type: 'float32', data: Float32Array.of(1, Number.NaN) },
    'encoder gave non-finite values; the weights are damaged',
  ],
])('results that are no numbers stop: %o', (tensor, message) => {
  expect(() => floatsOf(tensor as Parameters<typeof floatsOf>[0], 'encoder')).toThrow(message);
});
