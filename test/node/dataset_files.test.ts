// From what a study names to files: folders, lists, metadata, names in another normal form. One line for each that is wrong.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CODES, findFiles, MIDI, SOUND } from '../../src/node/dataset/files.js';
import { readMetadata } from '../../src/node/dataset/metadata.js';
import { placeOf } from '../../src/node/dataset/place.js';
import { bundledReference } from '../../src/node/reference.js';
import { clipSources, codesReader } from '../../src/node/sources.js';
import type { Hearing } from '../../src/probe/hear.js';
import {
  FURTHER_SCORES,
  SCORE_NAMES,
  SCORES_VERSION,
  type ScoreName,
  SOUND_SCORES,
} from '../../src/scores/scores.js';

let folder = '';
const put = (name: string, text = ''): string => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
};
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'losscope-dataset-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['+(a+)+(a+)b.wav', 'a glob with +( ) or *( ), which is not read'],
  ['*a*a*a*a*b.wav', 'up to 5 * in a name'],
  [`${'**/'.repeat(9)}*.wav`, '9 **; at most'],
  [`{${'a,'.repeat(600)}b}.wav`, 'a glob of 1207 characters'],
])('the glob %.20s takes too long to compare with names, and is refused', async (entry, message) => {
  const search = { kind: SOUND, folder, warn: () => {} };
  await expect(findFiles(entry, search)).rejects.toThrow(message);
  put('globbed/a.wav');
  expect(await findFiles('g*b*d*/*a*.{wav,ogg}', search)).toHaveLength(1);
});

describe('files of a group', () => {
  const warnings: string[] = [];
  const find = async (entry: string, kind = SOUND): Promise<string[]> => {
    const found = await findFiles(entry, { kind, folder, warn: (line) => warnings.push(line) });
    return found.map((each) => path.relative(folder, each.path));
  };
  beforeAll(() => {
    for (const name of ['a.wav', 'b.FLAC', 'c.m4a', 'd.mid', 'deep/e.ogg', 'notes.txt']) put(`plain/${name}`);
    put('list.txt', '# mine\n\nplain/a.wav\nplain/deep/e.ogg\n');
    put('wrong.txt', 'plain/a.wav\nplain/none.wav\n');
    put('drawn/00000.wav');
    put('drawn/extra.wav');
    put('drawn/00000.codes.json', '{}');
    put('drawn/metadata.csv', 'file_name,title\n00000.wav,First\n');
  });

  test.each([
    ['a folder', 'plain', SOUND, ['plain/a.wav', 'plain/b.FLAC', 'plain/deep/e.ogg']],
    ['a folder of notation', 'plain', MIDI, ['plain/d.mid']],
    ['a glob', 'plain/*.wav', SOUND, ['plain/a.wav']],
    ['a list, whose paths begin where it lies', 'list.txt', SOUND, ['plain/a.wav', 'plain/deep/e.ogg']],
    ['a folder with metadata', 'drawn', SOUND, ['drawn/00000.wav']],
    ['the codes beside its clips', 'drawn', CODES, ['drawn/00000.codes.json']],
    ['a file', 'plain/a.wav', SOUND, ['plain/a.wav']],
  ])('%s', async (_, entry, kind, expected) => {
    expect((await find(entry, kind)).sort()).toEqual(expected);
  });

  test('what is left out is said', () => {
    expect(warnings).toContainEqual(
      expect.stringMatching(/plain: left out, of a format that is not read: c\.m4a$/),
    );
    expect(warnings).toContainEqual(
      expect.stringMatching(/drawn: left out, not named in metadata\.csv: extra\.wav$/),
    );
  });

  test.each([
    ['nothing', /nothing: no such file or folder$/],
    ['wrong.txt', /wrong\.txt: line 2: .*none\.wav is not there$/],
  ])('%s is refused', async (entry, message) => {
    await expect(find(entry)).rejects.toThrow(message);
  });
});

describe('metadata', () => {
  test('a table and lines of JSON give the same rows', async () => {
    const csv = put('m/metadata.csv', '\ufefffile_name,title,codes\na.wav,One,\nb.wav,,b.json\n');
    const lines = put(
      'm/metadata.jsonl',
      '{"file_name":"a.wav","text":"One"}\n\n{"file_name":"b.wav","codes":"b.json"}\n',
    );
    const [a, b] = await readMetadata(csv);
    expect([a, b]).toEqual([
      { file: 'a.wav', title: 'One', codes: undefined, line: 2 },
      { file: 'b.wav', title: undefined, codes: 'b.json', line: 3 },
    ]);
    expect(await readMetadata(lines)).toEqual([{ ...a, line: 1 }, b]);
  });

  test.each([
    ['no file_name', 'metadata.csv', 'title\nOne\n', /line 2: file_name: .*; expected a file_name$/],
    [
      'a way out',
      'metadata.jsonl',
      '{"file_name":"../a.wav"}',
      /line 1: \.\.\/a\.wav lies outside the folder/,
    ],
    ['a column twice', 'metadata.csv', 'file_name,file_name\na,b\n', /column file_name occurs twice/],
    ['no JSON', 'metadata.jsonl', '{file', /metadata\.jsonl: line 1/],
  ])('%s is refused by line', async (what, name, text, message) => {
    await expect(readMetadata(put(`${what}/${name}`, text))).rejects.toThrow(message);
  });
});

test('a name is found in another normal form, and only there', async () => {
  const decomposed = 'Übung é.wav'.normalize('NFD');
  put(`names/${decomposed}`);
  const composed = path.join(folder, 'names', decomposed.normalize('NFC'));
  expect(await placeOf(composed)).toEqual({ path: path.join(folder, 'names', decomposed), kind: 'file' });
  expect(await placeOf(path.join(folder, 'names'))).toMatchObject({ kind: 'folder' });
  expect(await placeOf(path.join(folder, 'names', 'none.wav'))).toBeUndefined();
});

test('a folder of several kinds means its sound; codes in lines are a clip a line', async () => {
  const codes = { frames: 2, codebooks: 1, codes: [[1, 2]] };
  const lines = put(
    'mixed/codes.jsonl',
    [1, 2].map((n) => JSON.stringify({ file: `${n}`, ...codes })).join('\n'),
  );
  put('mixed/a.wav');
  const warn = (): void => undefined;
  const kinds = async (entry: string, onlyCodes = false) =>
    (await clipSources(path.join(folder, entry), { warn, onlyCodes })).map(({ kind }) => kind);
  expect(await kinds('mixed')).toEqual(['sound']);
  expect(await kinds('plain/d.mid')).toEqual(['notes']);
  expect(await kinds('mixed/codes.jsonl', true)).toEqual(['codes', 'codes']);
  await expect(kinds('names', true)).rejects.toThrow(/names: no codes \(\.json\) there$/);
  const [first] = await clipSources(lines, { warn });
  expect((await codesReader()(first)).data).toEqual(Int32Array.of(1, 2));
});

test.each<[string, Hearing, string, readonly ScoreName[]]>([
  // How often other clips have each code is not counted by rank.
  ['tiny', { loudness: -23, roundTrip: 3 }, 'delayed', ['unigram']],
  ['tiny-notes', { loudness: 80, roundTrip: 0 }, 'sequence', SOUND_SCORES],
])(
  'the bundled reference of %s is given for it only, is of this version, and has every score that costs no further pass',
  async (model, hearing, protocol, undefinedThere) => {
    expect(await bundledReference('another model')).toBeUndefined();
    const folder = new URL(`../../models/${model}/`, import.meta.url);
    const { fingerprint } = JSON.parse(readFileSync(new URL('reference.json', folder), 'utf8'));
    const reference = await bundledReference(fingerprint);
    expect(reference).toMatchObject({ version: SCORES_VERSION, seconds: 10, hearing, protocol });
    const clips = reference?.clips.length ?? 0;
    expect(clips).toBeGreaterThanOrEqual(6);
    const expected = SCORE_NAMES.slice(0, -FURTHER_SCORES.length).filter(
      (score) => !undefinedThere.includes(score),
    );
    for (const score of expected) {
      const found = reference?.scores[score];
      expect([score, (found?.clips ?? 0) > clips / 2, (found?.sd ?? 0) > 0]).toEqual([score, true, true]);
    }
  },
);
