// The bundled model and clips: what ships is what the recipe computed, and it has learned something.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sampleCount } from '../../src/audio/clip.js';
import { score } from '../../src/loss/loss.js';
import { meanByCodebook, rowsOfLoss } from '../../src/loss/means.js';
import { codecOf } from '../../src/models/model.js';
import { readClipList } from '../../src/node/clip_list.js';
import { readDemoClips } from '../../src/node/demo.js';
import { ROOT } from '../../src/node/folders.js';
import { openNamedModel } from '../../src/node/open.js';
import { scoreClip } from '../../src/probe/probe.js';
import { largestDifference, openTinyGolden } from '../golden.js';

const model = await openNamedModel({ model: 'tiny' });
const golden = await openTinyGolden();
const folder = mkdtempSync(path.join(tmpdir(), 'losscope-tiny-'));
afterAll(async () => {
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('tiny', () => {
  test('gives the codes, losses and sound that the recipe computed in float64 from the same weights', async () => {
    const codes = await codecOf(model).encode([golden.floats('wav')]);
    const expected = golden.codes('codes');
    expect(Array.from(codes.data)).toEqual(Array.from(expected.data));

    const every = await score(model, expected, { untrained: 'scored' });
    const { data, shape } = golden.tensor('nll_delayed');
    const [, frames] = shape;
    // The recipe leaves undefined what training never asks for.
    const defined = Array.from(data).flatMap((value, i) => (Number.isNaN(value) ? [] : [i]));
    expect(defined.length).toBeGreaterThanOrEqual(4 * frames - 6);
    const at = (values: ArrayLike<number>) => defined.map((i) => values[i]);
    expect(largestDifference(at(every.values), at(data))).toBeLessThan(2e-5);

    const undelayed = rowsOfLoss(await score(model, expected, { protocol: 'undelayed' }));
    const scored = undelayed.flatMap((row) => row.slice(1));
    expect(largestDifference(scored, golden.tensor('nll_undelayed').data)).toBeLessThan(2e-5);

    const [decoded] = await codecOf(model).decode(expected);
    expect(largestDifference(decoded, golden.tensor('audio_decoded').data)).toBeLessThan(2e-5);
  });

  test('predicts every codebook of every bundled clip better than chance, the first by far', async () => {
    for (const { clip } of await readDemoClips({ sampleRate: 32_000, channels: 1 }, () => undefined)) {
      const { scored } = await scoreClip(model, clip);
      const byCodebook = meanByCodebook(scored.loss);
      const chance = Math.log(model.codebookSize);
      for (const mean of byCodebook) expect(mean, clip.name).toBeLessThan(chance);
      expect(byCodebook[0], clip.name).toBeLessThan(chance - 0.5);
    }
  });
});

test.each([
  ['tiny', 'decoder.model.decoder.layers.3.'],
  ['tiny-notes', 'model.encode_layers.7.'],
])(
  '%s with a layer fewer in config.json than in the file is refused, not scored with what is left',
  async (name, left) => {
    const own = path.join(folder, name);
    cpSync(path.join(ROOT, 'models', name), own, { recursive: true });
    const config = JSON.parse(readFileSync(path.join(own, 'config.json'), 'utf8'));
    const decoder = config.decoder ?? config;
    decoder.num_hidden_layers -= 1;
    writeFileSync(path.join(own, 'config.json'), JSON.stringify(config));
    await expect(openNamedModel({ model: own })).rejects.toThrow(
      new RegExp(
        `${left.replaceAll('.', '\\.')}.* left over: config\\.json has ${decoder.num_hidden_layers} layers`,
      ),
    );
  },
);

describe('bundled clips', () => {
  test('are 15 s of finite mono sound, in three groups', async () => {
    const warnings: string[] = [];
    const clips = await readDemoClips({ sampleRate: 32_000, channels: 1 }, (line) => warnings.push(line));
    expect(warnings).toEqual([]);
    expect(clips.map(({ clip }) => sampleCount(clip))).toEqual(clips.map(() => 480_000));
    expect(new Set((await readClipList()).map(({ group }) => group))).toEqual(
      new Set(['heldout', 'training', 'ood']),
    );
  });
});
