// onnx/finite: numbers that are none, found in pieces of any length as an obvious scan finds them.

import { expect, test } from 'vitest';
import { finiteScan } from '../../src/onnx/finite.js';
import type { Dtype, StoredTensor } from '../../src/onnx/safetensors.js';
import { generator, seedOf } from '../../src/stats/random.js';

const WIDTH = { F32: 4, F16: 2, BF16: 2, F64: 8, I64: 8 } as const;

/** Tensors one after the other, from an odd byte on: nothing in a file need be aligned. */
function laidOut(kinds: readonly Dtype[], elements: number): Map<string, StoredTensor> {
  let offset = 13;
  return new Map(
    kinds.map((dtype, i) => {
      const length = elements * WIDTH[dtype as keyof typeof WIDTH];
      const tensor = { dtype, shape: [elements], offset, length };
      offset += length;
      return [`${dtype}-${i}`, tensor];
    }),
  );
}

const NONE: Partial<Record<Dtype, readonly number[]>> = {
  // NaN with the lowest bit, -Infinity, a quiet NaN: bytes in the order of the file.
  F32: [1, 0, 0x80, 0x7f],
  F16: [0, 0xfc],
  BF16: [0xc0, 0xff],
};

test('the first of every float tensor is found, whatever the pieces', () => {
  const tensors = laidOut(['F32', 'F16', 'I64', 'BF16', 'F32', 'F64', 'F16'], 37);
  const size = 13 + [...tensors.values()].reduce((sum, { length }) => sum + length, 0);
  const random = generator(seedOf('finite'));
  for (let round = 0; round < 60; round++) {
    // 0xff only where nobody looks: before the first tensor, and in integers and doubles.
    const file = new Uint8Array(size).fill(0xff);
    const expected: { tensor: string; first: number }[] = [];
    for (const [tensor, { dtype, offset, length }] of tensors) {
      const none = NONE[dtype];
      if (!none) continue;
      for (let i = offset; i < offset + length; i++) file[i] = Math.floor(random.uniform() * 0x70);
      if (random.uniform() < 0.5) continue;
      const first = Math.floor(random.uniform() * 37);
      for (const place of [first, 36]) file.set(none, offset + place * none.length);
      expected.push({ tensor, first });
    }
    const scan = finiteScan(tensors);
    for (let at = 0; at < size; ) {
      const piece = 1 + Math.floor(random.uniform() * (round % 2 === 0 ? 9 : 300));
      scan.take(file.subarray(at, Math.min(size, at + piece)));
      at += piece;
    }
    expect(scan.found()).toEqual(expected);
  }
});
