// What may be typed after a command that takes clips, and how codes are read from files of one and of many.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { codesOf } from '../../src/audio/codes.js';
import { readCodes } from '../../src/node/codes.js';
import { clipSources, codesReader } from '../../src/node/sources.js';

const folder = mkdtempSync(path.join(tmpdir(), 'losscope-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string) => path.join(folder, name);
const put = (name: string, text: string) => {
  mkdirSync(path.dirname(at(name)), { recursive: true });
  writeFileSync(at(name), text);
};
const line = (codes: number[][]) => JSON.stringify({ file: 'x', codes });

put('mixed/a.wav', '');
put('mixed/a.codes.json', line([[1]]));
put('mixed/a.mid', '');
put('coded/b.json', line([[2]]));
put('coded/b.mid', '');
put('notes/c.mid', '');
put('notes/readme.md', '');
put('many.jsonl', `${line([[1]])}\n\n${line([[2, 3]])}\n`);
put('one.json', JSON.stringify({ codes: [[4]] }, undefined, 2));
put('empty/readme.md', '');

test.each([
  ['mixed', [['sound', 'mixed/a.wav']]],
  ['coded', [['codes', 'coded/b.json']]],
  ['notes', [['notes', 'notes/c.mid']]],
  ['mixed/a.*', [['sound', 'mixed/a.wav']]],
  ['mixed/a.mid', [['notes', 'mixed/a.mid']]],
  ['one.json', [['codes', 'one.json']]],
  [
    'many.jsonl',
    [
      ['codes', 'many.jsonl:1'],
      ['codes', 'many.jsonl:3'],
    ],
  ],
])('%s means the sound, or else codes, or else notes', async (entry, expected) => {
  const found = await clipSources(at(entry), { warn: () => {} });
  const names = found.map(({ kind, name }) => [kind, path.relative(folder, path.resolve(name))]);
  expect(names).toEqual(expected);
});

test('codes alone are looked for where only they are taken', async () => {
  const found = await clipSources(at('mixed'), { warn: () => {}, onlyCodes: true });
  expect(found.map(({ name }) => path.basename(name))).toEqual(['a.codes.json']);
});

test('what means nothing is said by name', async () => {
  for (const [entry, why] of [
    ['empty', 'no sound, notes (.mid) or codes (.json) there'],
    ['absent.wav', 'no such file or folder'],
  ]) {
    await expect(clipSources(at(entry), { warn: () => {} })).rejects.toThrow(`${entry}: ${why}`);
  }
});

test('each clip of a file of many is read by its line; a study takes files of one', async () => {
  const read = codesReader();
  const sources = await clipSources(at('many.jsonl'), { warn: () => {} });
  expect(await Promise.all(sources.map(read))).toEqual([codesOf([[1]]), codesOf([[2, 3]])]);
  expect(await readCodes(at('one.json'))).toEqual(codesOf([[4]]));
  await expect(readCodes(at('many.jsonl'))).rejects.toThrow('many.jsonl: holds 2 clips; one line of encode');
});

test('a file is what its first bytes say, whatever it is called', async () => {
  put('called/score.wav', 'MThd\0\0\0\u0006');
  put('called/sound.mid', 'fLaC');
  put('called/empty.mid', '');
  const kindOf = async (name: string) => (await clipSources(at(name), { warn: () => {} }))[0].kind;
  expect(await kindOf('called/score.wav')).toBe('notes');
  expect(await kindOf('called/sound.mid')).toBe('sound');
  expect(await kindOf('called/empty.mid')).toBe('notes');
});

test.each(['mixed', 'mixed/*'])('%s says once what it leaves out beside the sound', async (entry) => {
  const warned: string[] = [];
  await clipSources(at(entry), { warn: (text) => warned.push(text) });
  expect(warned).toHaveLength(1);
  expect(warned[0]).toMatch(
    /1 of its files taken \(sound files\); left out: .*a\.mid \(MIDI files; name them apart/,
  );
});

test('folders of models and of results are no clips, and a slip of a name is named', async () => {
  put('model/config.json', '{}');
  put('model/model.safetensors', '');
  put('results/plan.json', '{}');
  put('results/writers/w/writer.json', '{}');
  for (const [entry, why] of [
    ['model', /model: the folder of a model, not clips; name it by --model/],
    ['results', /results: the results of a study, not clips; see losscope report/],
    ['mixxed', /mixxed: no such file or folder; did you mean mixed\?$/],
  ] as const) {
    await expect(clipSources(at(entry), { warn: () => {} })).rejects.toThrow(why);
  }
});
