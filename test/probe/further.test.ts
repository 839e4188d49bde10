// src/probe/further.ts and src/loss/foreign_past.ts: which passes are made, and with which past.

import { expect, test } from 'vitest';
import { type Codes, rowsOf } from '../../src/audio/codes.js';
import { lossAfterForeignPast } from '../../src/loss/foreign_past.js';
import type { Condition } from '../../src/models/condition.js';
import type { Model } from '../../src/models/model.js';
import { withFurther } from '../../src/probe/further.js';
import { songOf } from '../../src/probe/songs.js';

const FRAMES = 100;
const JOINT = FRAMES / 2 + 5;

/** The loss of a code is the sum of what stands before it in its row, and 1000 without a prompt. */
function lossesOf(codes: Codes, { prompt }: Condition): Float32Array {
  const rows = rowsOf(codes).map((row) => {
    let sum = prompt === undefined ? 1000 : 0;
    return Array.from(row, (code) => {
      sum += code;
      return sum - code;
    });
  });
  return Float32Array.from(rows.flat());
}

const asked: Condition[] = [];
const model = {
  name: 'made',
  language: {},
  conditioned: async (condition: Condition) => ({
    score: async (codes: Codes) => {
      asked.push(condition);
      return { values: lossesOf(codes, condition) };
    },
  }),
} as unknown as Model;

/** Two rows of one code each. */
function codesAll(code: number, frames = FRAMES): Codes {
  return { codebooks: 2, frames, data: new Int32Array(2 * frames).fill(code) };
}

function song(name: string, code: number, condition: Condition, frames = FRAMES) {
  const codes = codesAll(code, frames);
  const loss = lossesOf(codes, condition);
  return songOf(name, { ...{ codebooks: 2, frames, frameRate: 50, loss }, entropy: loss, codes: codes.data });
}

test('the second half after another first half; undefined before it, and where the other is too short', async () => {
  const condition = { prompt: 'jazz' };
  const values = await lossAfterForeignPast(model, codesAll(1), { foreign: codesAll(3), condition });
  expect(Array.from(values ?? [])).toEqual(
    [0, 1].flatMap(() =>
      Array.from({ length: FRAMES }, (_, t) => (t < JOINT ? Number.NaN : 3 * 50 + (t - 50))),
    ),
  );
  const short = { foreign: codesAll(3, FRAMES / 2 - 1), condition };
  expect(await lossAfterForeignPast(model, codesAll(1), short)).toBeUndefined();
});

test('the past is that of the next song by name, whatever their order; a condition is left out once', async () => {
  const condition = { prompt: 'jazz' };
  const songs = [song('c', 3, condition), song('a', 1, condition), song('b', 2, condition)];
  asked.length = 0;
  const found = await withFurther(model, songs, {
    scores: ['conditional', 'own-past'],
    ...{ protocol: 'delayed', condition },
  });
  expect(found.map(({ name }) => name)).toEqual(['c', 'a', 'b']);
  // Own minus foreign code, 50 times; a is followed by b, b by c, c by a.
  expect(found.map(({ values }) => values['own-past'])).toEqual([100, -50, -50]);
  expect(found.map(({ values }) => values.conditional)).toEqual([-1000, -1000, -1000]);
  expect(asked.filter(({ missing }) => missing === 'null')).toHaveLength(3);
  expect(asked).toHaveLength(6);
});

test('nothing is measured that does not apply: one song, no condition, a shorter neighbour', async () => {
  const options = { scores: ['conditional', 'own-past'] as const, protocol: 'delayed', condition: {} };
  asked.length = 0;
  const [alone] = await withFurther(model, [song('a', 1, {})], options);
  expect(alone.values).toMatchObject({ conditional: Number.NaN, 'own-past': Number.NaN });
  expect(asked).toEqual([]);
  const pair = await withFurther(model, [song('a', 1, {}), song('b', 2, {}, FRAMES / 4)], options);
  expect(pair.map(({ values }) => values['own-past'])).toEqual([Number.NaN, expect.any(Number)]);
  expect(pair[1].values['own-past']).not.toBeNaN();
});
