// Ranks of codes: read off the logits of the same pass, they change no loss, and are those that the logits say.

import { afterAll, describe, expect, test } from 'vitest';
import type { Codes } from '../../src/audio/codes.js';
import { keepScoring } from '../../src/loss/keep.js';
import { score } from '../../src/loss/loss.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';

const runtime = nodeRuntime();
const opened = openModel(openFolder(goldenFolder('mono-a')), runtime);
afterAll(() => runtime.close());

async function codesOf(frames: number, changedFrom = frames): Promise<Codes> {
  const { codebooks, codebookSize } = await opened;
  const random = generator(seedOf('ranks'));
  const data = Int32Array.from({ length: codebooks * frames }, () =>
    Math.floor(random.uniform() * codebookSize),
  );
  return {
    ...{ codebooks, frames },
    data: data.map((code, i) => (i % frames < changedFrom ? code : (code + 1) % codebookSize)),
  };
}

describe.each(['delayed', 'undelayed', 'unshifted'])('%s', (protocol) => {
  test('the losses are the same to the bit with and without; a rank is small where a loss is', async () => {
    const model = await opened;
    const codes = await codesOf(30);
    const plain = await score(model, codes, { protocol });
    const ranked = await score(model, codes, { protocol, ranks: true });
    expect(plain.ranks).toBeUndefined();
    expect([ranked.values, ranked.entropy, ranked.spread]).toEqual([
      plain.values,
      plain.entropy,
      plain.spread,
    ]);
    const { choices, values } = ranked.ranks ?? { choices: 0, values: new Float32Array(0) };
    expect(choices).toBe(model.codebookSize);
    values.forEach((rank, i) => {
      expect(Number.isNaN(rank)).toBe(Number.isNaN(plain.values[i]));
      if (Number.isNaN(rank)) return;
      expect(Number.isInteger(rank) && rank >= 1 && rank <= choices).toBe(true);
      // So many codes are likelier than this one: together they cannot have more than all the probability.
      expect(rank * Math.exp(-plain.values[i])).toBeLessThanOrEqual(1 + 1e-5);
    });
    expect(new Set(values).size).toBeGreaterThan(10);
  });

  test('of a version from where it differs they are those of the whole', async () => {
    const model = await opened;
    const kept = await keepScoring(model, await codesOf(30), { protocol, ranks: true });
    const version = await codesOf(30, 12);
    expect(await kept.score(version)).toEqual(await score(model, version, { protocol, ranks: true }));
    const early = await kept.score(version, { end: 20 });
    expect(early.ranks?.values[25]).toBeNaN();
    await kept.release();
  });
});

test('the likeliest code of a place has rank 1', async () => {
  const model = await opened;
  const codes = await codesOf(6);
  const ranks: number[] = [];
  for (let code = 0; code < model.codebookSize; code++) {
    const data = codes.data.map((given, i) => (i === 3 ? code : given));
    const { values } = (await score(model, { ...codes, data }, { ranks: true })).ranks ?? {};
    ranks.push(values?.[3] ?? Number.NaN);
  }
  // Every rank comes once, unless two logits are the same.
  expect([...ranks].sort((a, b) => a - b)).toEqual(ranks.map((_, i) => i + 1));
});
