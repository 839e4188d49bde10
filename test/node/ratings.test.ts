// src/node/ratings.ts: tables of listeners and lines of rank, as they are and as they should not be.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { firstTwice } from '../../src/node/csv.js';
import { readPreferences, readRanked, readRatings } from '../../src/node/ratings.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-ratings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(text: string): string {
  const path = join(folder, 'table.csv');
  writeFileSync(path, text);
  return path;
}

describe('tables of listeners', () => {
  test('ratings: what is empty is absent, the dimension is overall unless said', async () => {
    const table =
      'file,system,prompt,rater,dimension,score\n a.wav ,S1,"one, two",,,3.5\nb.wav,,,r1,alignment,-1\n';
    expect(await readRatings(file(`\ufeff${table}`))).toEqual([
      { file: 'a.wav', system: 'S1', prompt: 'one, two', dimension: 'overall', score: 3.5, line: 2 },
      { file: 'b.wav', rater: 'r1', dimension: 'alignment', score: -1, line: 3 },
    ]);
  });

  test('choices: the winner by side or by name', async () => {
    const table = 'a,b,system_a,winner\nx,y,S1,x\nx,y,,B\nx,y,,both_bad\nx,y,,tie\n';
    const found = await readPreferences(file(table));
    expect(found.map(({ winner }) => winner)).toEqual(['a', 'b', 'tie', 'tie']);
    expect(found[0]).toMatchObject({ a: 'x', b: 'y', systemA: 'S1', systemB: undefined, line: 2 });
  });

  test('what is wrong is said with its line', async () => {
    const cases = [
      [readRatings, 'file,score\na,good\n', /table\.csv: line 2: column score: expected a number/],
      [readRatings, 'file,score\na,Infinity\n', /line 2: column score: expected a number/],
      [readRatings, 'name,score\na,1\n', /line 2: column file: /],
      [readRatings, 'file,score\n', /no lines; expected columns file, score/],
      [readRatings, 'file,score\na,1,2\n', /not a table of comma-separated values/],
      [readPreferences, 'a,b,winner\nx,y,z\n', /line 2: winner z; expected a, b, tie, both_bad, x or y/],
      [readRanked, '{"name":"a"}\n', /line 1: is no line of losscope rank --json/],
      [readRanked, '\n', /no clips; expected lines of losscope rank --json/],
      [readRanked, 'a,b\n', /line 1: /],
    ] as const;
    for (const [read, text, words] of cases) await expect(read(file(text)), text).rejects.toThrow(words);
  });

  test('ranked songs: null is undefined, the folder is the group', async () => {
    const {
      clips: [clip],
      made,
    } = await readRanked(file('{"name":"x/S1/a.wav","values":{"loss":4,"unigram":null},"strength":1}\n'));
    expect(clip).toMatchObject({ name: 'x/S1/a.wav', group: 'S1', values: { loss: 4, unigram: Number.NaN } });
    expect(clip.values.excess).toBeNaN();
    expect(made).toMatchObject({ fingerprint: null, scores: null, loudness: null });
  });

  test('ranked songs: what made them is kept, and lines made otherwise or twice are refused', async () => {
    const made = {
      ...{ model: 'tiny', fingerprint: 'abc', protocol: 'delayed', condition: 'none' },
      ...{ scores: 1, loudness: -23, roundTrip: 3, seconds: 10 },
    };
    const line = (name: string, other: object = made): string =>
      `${JSON.stringify({ name, values: { loss: 4 }, made: other })}\n`;
    expect((await readRanked(file(line('a') + line('b')))).made).toEqual(made);
    const cases = [
      [
        line('a') + line('b', { ...made, fingerprint: 'def' }),
        /line 2: made by model tiny \(def\), .*; line 1 by model tiny \(abc\)/,
      ],
      [line('a') + line('b', { ...made, loudness: null }), /line 2: made by .*as loud as they are/],
      [line('a') + line('b', { ...made, scores: 2 }), /scores version 2.*scores version 1/],
      [`${line('a')}{"name":"b","values":{}}`, /line 2: made by .*not known/],
      [line('a') + line('a'), /a is there twice; give each clip one line/],
    ] as const;
    for (const [text, words] of cases) await expect(readRanked(file(text)), text).rejects.toThrow(words);
  });
});

test('a name that is there twice among 300,000 is found at once', () => {
  const names = Array.from({ length: 300_000 }, (_, i) => `clip ${i}`);
  expect(firstTwice(names)).toBeUndefined();
  expect(firstTwice([...names, 'b', 'clip 7', 'clip 3'])).toBe('clip 7');
});
