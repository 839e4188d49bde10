// Long clips in windows: what is scored where, with how much of the past, and that nothing is lost at the seams.

import { afterAll, describe, expect, test } from 'vitest';
import { type Codes, codesOf, rowsOf } from '../../src/audio/codes.js';
import { score } from '../../src/loss/loss.js';
import { scoreInWindows } from '../../src/loss/windows.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { goldenFolder } from '../golden.js';
import { PROTOCOLS } from '../musicgen.js';

const runtime = nodeRuntime({ threads: 1 });
const model = await openModel(openFolder(goldenFolder('mono-a'), { name: 'mono-a' }), runtime);
afterAll(() => runtime.close());

function piece(frames: number): Codes {
  const data = Int32Array.from({ length: 4 * frames }, (_, i) => (i * 7919 + i * i * 31) % 512);
  return { codebooks: 4, frames, data };
}

const part = (codes: Codes, start: number, end: number): Codes =>
  codesOf(rowsOf(codes).map((row) => row.subarray(start, end)));

describe('windows', () => {
  test.each(PROTOCOLS)(
    'score each frame in the first window that holds it beyond the overlap, %s',
    async (protocol) => {
      const codes = piece(130);
      const windows = { frames: 50, overlap: 20 };
      const loss = await scoreInWindows(model, codes, { protocol, windows });
      // 50 frames, 3 of them read for the delay: [0, 47), then [47, 74) from 27, [74, 101) from 54, [101, 128) from 81, the rest from 108.
      const seams = [
        { start: 0, from: 0, to: 47 },
        { start: 27, from: 47, to: 74 },
        { start: 54, from: 74, to: 101 },
        { start: 81, from: 101, to: 130 },
      ];
      for (const { start, from, to } of seams) {
        const own = await score(model, part(codes, start, Math.min(130, start + 50)), { protocol });
        for (let k = 0; k < 4; k++) {
          for (const what of ['values', 'entropy', 'spread'] as const) {
            const expected = own[what]?.subarray(k * own.frames + from - start, k * own.frames + to - start);
            expect(Array.from(loss[what]?.subarray(k * 130 + from, k * 130 + to) ?? [])).toEqual(
              Array.from(expected ?? [Number.NaN]),
            );
          }
        }
      }
      const undefinedAt = Array.from(loss.values).flatMap((value, i) =>
        Number.isNaN(value) ? [i % 130] : [],
      );
      const atEnds = { delayed: [129, 128, 129, 127, 128, 129], undelayed: [0, 0, 0, 0], unshifted: [] };
      expect(undefinedAt.sort()).toEqual(atEnds[protocol].sort());
    },
  );

  test('tell which one is done, and of how many', async () => {
    for (const frames of [51, 77, 78, 130, 131]) {
      const told: string[] = [];
      const onWindow = (done: number, of: number) => void told.push(`${done} of ${of}`);
      await scoreInWindows(model, piece(frames), { windows: { frames: 50, overlap: 20 }, onWindow });
      expect(told.at(-1)).toBe(`${told.length} of ${told.length}`);
    }
  });

  test('leave a clip alone that fits into one', async () => {
    const codes = piece(40);
    const loss = await scoreInWindows(model, codes, { windows: { frames: 40, overlap: 10 } });
    expect(loss).toEqual(await score(model, codes));
  });

  test.each([
    { frames: 20, overlap: 17 },
    { frames: 20, overlap: 0 },
    { frames: 2.5, overlap: 1 },
  ])('of $frames with $overlap of overlap are refused', async (windows) => {
    await expect(scoreInWindows(model, piece(40), { windows })).rejects.toThrow(
      /^mono-a: windows of .*expected/,
    );
  });
});
