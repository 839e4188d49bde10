// losscope init: what it writes is a study of clips that are there, and nothing is overwritten.

import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav.js';
import { openLibrary } from '../../src/node/dataset.js';
import { writeFirstStudy } from '../../src/node/init.js';
import { openNamedModel } from '../../src/node/open.js';
import { planStudy } from '../../src/study/plan.js';
import { parseStudy } from '../../src/study/spec.js';
import { piece } from '../symbolic/midi_file.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-init-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clip = (seconds: number, from: number) =>
  writeWav(
    {
      name: 'x',
      sampleRate: 32_000,
      channels: [Float32Array.from({ length: seconds * 32_000 }, (_, i) => 0.1 * Math.sin((i + from) / 20))],
    },
    { format: 'pcm16' },
  );

async function plannedIn(place: string, name = 'tiny') {
  const yaml = join(place, 'study.yaml');
  const study = parseStudy(readFileSync(yaml, 'utf8'), yaml);
  const model = await openNamedModel({ model: name, threads: 1 });
  try {
    const library = openLibrary({ folder: place, warn: () => undefined });
    const models = [{ spec: { name, model: name }, model, condition: {} }];
    return await planStudy(study, { library, models });
  } finally {
    await model.close();
  }
}

test('without sound it takes the bundled clips', async () => {
  const place = join(folder, 'new', 'empty');
  mkdirSync(place, { recursive: true });
  expect(await writeFirstStudy(place, () => undefined)).toEqual({
    file: join(place, 'study.yaml'),
    clips: 0,
    kind: 'sound',
    name: 'empty',
  });
  const { study, plan } = await plannedIn(place);
  expect(study.excerpt).toEqual({ offset: 0, length: 15 });
  expect(plan.cells.filter(({ role }) => role === 'clean')).toHaveLength(6);
});

test('it takes the sound of a folder, as long as the shortest, each once, and overwrites nothing', async () => {
  const place = join(folder, 'songs: "mine" (1)');
  mkdirSync(join(place, 'more'), { recursive: true });
  writeFileSync(join(place, 'a.wav'), clip(3, 0));
  writeFileSync(join(place, 'more', 'b [x].wav'), clip(2, 7));
  copyFileSync(join(place, 'a.wav'), join(place, 'again.wav'));
  expect(await writeFirstStudy(place, () => undefined)).toMatchObject({ clips: 3, name: 'songs- -mine- -1' });
  const { study, plan, leftOut } = await plannedIn(place);
  expect(study.excerpt.length).toBe(2);
  expect(leftOut).toEqual([{ clip: 'Clips/again', first: 'Clips/a' }]);
  expect(plan.cells.filter(({ role }) => role === 'clean').map(({ clip: name }) => name)).toEqual([
    'Clips/a',
    'Clips/b [x]',
  ]);
  const before = readFileSync(join(place, 'study.yaml'), 'utf8');
  await expect(writeFirstStudy(place, () => undefined)).rejects.toThrow(
    /study\.yaml: is there already; it is never overwritten$/,
  );
  expect(readFileSync(join(place, 'study.yaml'), 'utf8')).toBe(before);
});

test('a folder that is not there is no wish for the bundled clips', async () => {
  mkdirSync(join(folder, 'my songs'));
  await expect(writeFirstStudy(join(folder, 'my song'), () => undefined)).rejects.toThrow(
    /my song: no such folder; did you mean my songs\?; for a study of the bundled clips make an empty one first$/,
  );
  expect(existsSync(join(folder, 'my song'))).toBe(false);
  writeFileSync(join(folder, 'song.wav'), clip(1, 0));
  await expect(writeFirstStudy(join(folder, 'song.wav'), () => undefined)).rejects.toThrow(
    /song\.wav: is a file, expected a folder of clips$/,
  );
});

test('MIDI gets a study of notes, and sound beside MIDI is taken with a word', async () => {
  const place = join(folder, 'scores');
  mkdirSync(place);
  writeFileSync(join(place, 'a.mid'), piece());
  expect(await writeFirstStudy(place, () => undefined)).toMatchObject({ clips: 1, kind: 'notes' });
  const { study, plan } = await plannedIn(place, 'tiny-notes');
  expect(study.excerpt).toEqual({ offset: 0, length: 12 });
  expect(plan.cells.map(({ source }) => source)).toEqual(plan.cells.map(() => 'notes'));
  expect(new Set(plan.cells.map(({ kind }) => kind)).size).toBe(4);

  const both = join(folder, 'both');
  mkdirSync(both);
  writeFileSync(join(both, 'a.mid'), piece());
  writeFileSync(join(both, 'b.wav'), clip(1, 0));
  const warned: string[] = [];
  expect(await writeFirstStudy(both, (line) => warned.push(line))).toMatchObject({ clips: 1, kind: 'sound' });
  expect(warned[0]).toMatch(
    /both: 1 of its files taken \(sound files\); left out: a\.mid \(MIDI files; name them apart/,
  );
});

test('its schema lies where it says', () => {
  const text = readFileSync(join(folder, 'new', 'empty', 'study.yaml'), 'utf8');
  const [, schema] = /^# yaml-language-server: \$schema=(.*)$/m.exec(text) ?? [];
  expect(JSON.parse(readFileSync(schema ?? '', 'utf8'))).toMatchObject({ title: 'A study of losscope' });
});
