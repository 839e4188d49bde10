// The names, streams and rows of generated clips, and the list of the bundled ones.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Model } from '../../src/models/model.js';
import { PAPER_LENGTHS } from '../../src/probe/demo.js';
import { demoEntries, GROUPS } from '../../src/probe/demo_clips.js';
import {
  generatedNames,
  generatedRow,
  generatedSeed,
  generatedSpec,
  parsedRow,
  specDifference,
} from '../../src/probe/generated.js';

const model = {
  ...{ name: 'made', fingerprint: 'f', runtime: 'none', device: 'cpu' },
  codec: { clock: { sampleRate: 100, hop: 10 } },
} as unknown as Model;
const sampling = { temperature: 1, topK: 250, topP: 0 };
const spec = (more: object = {}) => generatedSpec(model, { frames: 50, sampling, seed: 1, ...more });

describe('generated clips', () => {
  test.each([
    ['seed', { seed: 2 }],
    ['frames', { frames: 51 }],
    ['temperature', { sampling: { ...sampling, temperature: 0.9 } }],
    ['top_k', { sampling: { ...sampling, topK: 10 } }],
    ['prompt', { condition: { prompt: 'a waltz' } }],
    ['melody', { condition: { chroma: Uint8Array.of(1, 2, 3) } }],
  ])('another %s is another stream, and is named as what differs', (what, more) => {
    const other = spec(more);
    expect(generatedSeed(other, 0)).not.toEqual(generatedSeed(spec(), 0));
    expect(specDifference(generatedRow(model, spec(), 0), other)).toBe(what);
  });

  test('two melodies of one length differ; clips of one set have a stream each', () => {
    const [a, b] = [
      [1, 2, 3],
      [3, 2, 1],
    ].map((notes) => spec({ condition: { chroma: Uint8Array.from(notes) } }));
    expect(a.melody).not.toBe(b.melody);
    expect(generatedSeed(spec(), 0)).not.toEqual(generatedSeed(spec(), 1));
    expect(generatedSeed(spec(), 3)).toEqual(generatedSeed(spec(), 3));
  });

  test('a row is read as it was written, and what is none is none', () => {
    const row = generatedRow(model, spec(), 7);
    expect(generatedNames(7)).toEqual({ sound: '00007.wav', codes: '00007.codes.json' });
    expect(row).toMatchObject({ file_name: '00007.wav', seconds: 5, sample_rate: 100 });
    expect(parsedRow(JSON.parse(JSON.stringify({ ...row, later: 1 })))).toEqual({ ...row, later: 1 });
    expect(specDifference(row, spec())).toBeUndefined();
    for (const wrong of [{ ...row, index: 8 }, { ...row, seed: 'one' }, null, { file_name: '00007.wav' }]) {
      expect(parsedRow(wrong)).toBeUndefined();
    }
  });
});

test('every bundled clip is listed with a group that is explained; lengths are the paper’s', () => {
  const list = JSON.parse(readFileSync(new URL('../../demo/clips.json', import.meta.url), 'utf8'));
  const entries = demoEntries(list);
  expect(entries.length).toBeGreaterThanOrEqual(6);
  expect(entries.filter(({ group }) => !(group in GROUPS))).toEqual([]);
  expect(PAPER_LENGTHS).toEqual([5, 10, 50, 100, 150, 200]);
  expect(() => demoEntries([{ file: 'a.flac', group: 'other', title: 'A' }])).toThrow(/group/);
});
