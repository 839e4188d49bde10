// The codec's decoder in windows.

import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { codesOf, rowsOf } from '../../src/audio/codes.js';
import { parseCodecConfig } from '../../src/models/encodec/config.js';
import { decoderMargin } from '../../src/models/encodec/decoder.js';
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
  const { audio_encoder } = JSON.parse(readFileSync('models/tiny/config.json', 'utf8'));
  const config = parseCodecConfig(audio_encoder, 'tiny', ['audio_encoder']);
  // What a frame's samples are made of: features beside it, and what the first convolution makes those of.
  const { after } = decoderMargin(config);
  const first = (config.kernel_size - 1) / 2;
  const [long] = await decode(codes);
  expect(long).toHaveLength(450 * clock.hop);
  // 199 frames are one window, 230 are windows of 100 and 130, 450 are three of 100 and one of 150. Frames near the end see it.
  for (const frames of [199, 230]) {
    const [short] = await decode(codesOf(rowsOf(codes).map((row) => row.slice(0, frames))));
    const end = (frames - after - first) * clock.hop;
    const differs = short.subarray(0, end).findIndex((sample, i) => sample !== long[i]);
    expect(differs, `${frames} frames: first sample that differs`).toBe(-1);
  }
});
