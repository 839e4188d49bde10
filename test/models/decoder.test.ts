// The codec's decoder in windows.

import { afterAll, expect, test } from 'vitest';
import { codesOf, rowsOf } from '../../src/audio/codes.js';
import { codecOf } from '../../src/models/model.js';
import { openNamedModel } from '../../src/node/open.js';
import { generator, seedOf } from '../../src/stats/random.js';

const model = await openNamedModel({ model: 'tiny', threads: 1 });
afterAll(() => model.close());

test('sound has the same bits whatever windows it is made in', async () => {
  const { clock, codebooks, codebookSize, decode } = codecOf(model);
  const random = generator(seedOf('windows'));
  const rows = Array.from({ length: codebooks }, () =>
    Int32Array.from({ length: 450 }, () => random.integer(codebookSize)),
  );
  const codes = codesOf(rows);
  const [long] = await decode(codes);
  expect(long).toHaveLength(450 * clock.hop);
  // 199 frames are one window, 230 are windows of 100 and 130, 450 are three of 100 and one of 150. Frames near the end see it.
  for (const frames of [199, 230]) {
    const [short] = await decode(codesOf(rowsOf(codes).map((row) => row.slice(0, frames))));
    const end = (frames - 15) * clock.hop;
    const first = short.subarray(0, end).findIndex((sample, i) => sample !== long[i]);
    expect(first, `${frames} frames: first sample that differs`).toBe(-1);
  }
});
