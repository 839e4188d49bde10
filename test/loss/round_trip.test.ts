// The share of codes that a round trip changes, with a codec whose changes are known.

import { expect, test } from 'vitest';
import { type Codes, codesOf, rowsOf } from '../../src/audio/codes.js';
import { roundTrip } from '../../src/loss/round_trip.js';
import type { Model } from '../../src/models/model.js';

/** 10 frames a second; encoding again changes every code of the first codebook that is a multiple of `every`. */
function modelThat(every: number, seen: Codes[] = []): Model {
  const codec = {
    clock: { sampleRate: 100, hop: 10 },
    decode: async (codes: Codes) => codes,
    encode: async (codes: Codes) => {
      seen.push(codes);
      const [first, ...others] = rowsOf(codes);
      return codesOf([first.map((code) => (code % every === 0 ? code + 1 : code)), ...others]);
    },
  };
  return { name: 'made', codec } as unknown as Model;
}
const codes = codesOf([0, 1].map(() => Int32Array.from({ length: 100 }, (_, t) => t)));

test('counts the changed codes of the middle, without five frames at both ends', async () => {
  const seen: Codes[] = [];
  // Frames 30 to 69 are taken, 35 to 64 are counted: 15 of 30 even ones in one of two codebooks.
  const found = await roundTrip(modelThat(2, seen), codes, 4);
  expect(found.share).toBe(15 / 60);
  expect([found.start, ...found.byFrame]).toEqual([35, ...Array.from({ length: 30 }, (_, i) => (i % 2) / 2)]);
  expect([...rowsOf(seen[0])[0].subarray(0, 2), seen[0].frames]).toEqual([30, 31, 40]);
  expect((await roundTrip(modelThat(1000), codes, 4)).share).toBe(0);
});

test('a clip shorter than asked for is taken whole; below 11 frames there is no share', async () => {
  expect((await roundTrip(modelThat(2), codes, 60)).share).toBe(45 / 180);
  const none = await roundTrip(modelThat(2), codes, 1);
  expect([none.share, none.byFrame.length]).toEqual([Number.NaN, 0]);
});
