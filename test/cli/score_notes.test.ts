// `losscope score`, `perturb`, `rank` and `gate` of notes by a model of notes.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { NOTE_PANEL_MEMBERS } from '../../src/scores/panel.js';
import { SCORES_VERSION, SOUND_SCORES } from '../../src/scores/scores.js';
import { disturbNotes } from '../../src/symbolic/disturb.js';
import { readMidi } from '../../src/symbolic/midi.js';
import { passageOf } from '../../src/symbolic/passage.js';
import { goldenFolder } from '../golden.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'losscope-notes-'));
  const text = readFileSync(new URL('../golden/note_tokens.json', import.meta.url), 'utf8');
  const cases: Record<string, { midi: string }> = JSON.parse(text);
  await writeFile(path.join(folder, 'song.mid'), Buffer.from(cases['drawn 0'].midi, 'base64'));
  await writeFile(path.join(folder, 'none.wav'), '');
  for (const place of ['songs', 'both']) await mkdir(path.join(folder, place));
  for (let i = 0; i < 6; i++) {
    const bytes = Buffer.from(cases[`drawn ${i}`].midi, 'base64');
    await writeFile(path.join(folder, 'songs', `${i}.mid`), bytes);
  }
  await writeFile(path.join(folder, 'both', 'a.wav'), '');
  await writeFile(path.join(folder, 'both', 'a.mid'), '');
});
afterAll(() => rm(folder, { recursive: true }));

function losscope(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

describe('score song.mid', () => {
  const aria = ['-m', goldenFolder('aria')];

  test('gives losses by note, onset and duration, with the seconds of each note', async () => {
    const { stdout } = await losscope('score', 'song.mid', ...aria);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ protocol: 'sequence', codebooks: 3, rows: ['note', 'onset', 'duration'] });
    expect(found.seconds).toHaveLength(found.frames);
    expect(found.loss.map((row: unknown[]) => row.length)).toEqual(new Array(3).fill(found.frames));
    expect(found.loss[0]).not.toContain(null);
    // Drums have no duration.
    expect(found.loss[2]).toContain(null);
    expect(found.apart.loss).toHaveLength(found.apart.positions.length);
    const windowed = await losscope('score', 'song.mid', ...aria, '--window', '60');
    expect(JSON.parse(windowed.stdout)).toMatchObject({
      frames: found.frames,
      windows: { frames: 60, overlap: 20 },
    });
  });

  test.each([
    [
      ['score', 'song.mid'],
      /^losscope: song\.mid: notes, but tiny takes sound; render it first \(losscope render\), or take a model of notes \(--model tiny-notes\)\n$/,
      1,
    ],
    [
      ['score', 'none.wav', ...aria],
      /^losscope: none\.wav: sound, but \S+aria reads notes; give it notes \(MIDI\), of a folder with both by FOLDER\/\*\.mid\n$/,
      1,
    ],
    [
      ['score', 'song.mid', ...aria, '--window', '5s'],
      /--window, --overlap: notes are counted, not timed/,
      2,
    ],
    [['score', 'song.mid', ...aria, '-p', 'delayed'], /--protocol delayed: .*aria has sequence/, 2],
  ])('%s is refused in one line', async (args, cause, code) => {
    const refused = await losscope(...args);
    expect(refused.stderr).toMatch(cause);
    expect(refused.code).toBe(code);
  });
});

describe('perturb song.mid', () => {
  const aria = ['-m', goldenFolder('aria')];
  const nonsense = ['--do', 'nonsense at=4s length=2s'];
  const notesIn = (name: string) =>
    passageOf(readMidi(new Uint8Array(readFileSync(path.join(folder, name))), 'song.mid'));

  test('writes MIDI that reads as the notes that a probe scores', async () => {
    const { stdout } = await losscope('perturb', 'song.mid', ...aria, ...nonsense, '-o', 'out.mid', '--json');
    const done = parsePerturbation(nonsense[1], { seed: 1 });
    const { codes, events } = disturbNotes(notesIn('song.mid'), [done]);
    expect(JSON.parse(stdout)).toMatchObject({
      file: 'song.mid',
      output: 'out.mid',
      event: { start: events[0].start },
    });
    expect(notesIn('out.mid').codes).toEqual(codes);
  });

  test.each([
    [
      ['song.mid', ...nonsense, '-o', 'x.mid'],
      /--out x\.mid: this is sound.*--out x\.wav; a model of notes/,
      2,
    ],
    [
      ['song.mid', ...aria, ...nonsense, '-o', 'x.wav'],
      /--out x\.wav: notes are written as MIDI: --out x\.mid/,
      2,
    ],
    [
      ['song.mid', ...aria, '-o', 'x.mid'],
      /^losscope: song\.mid: noise changes sound, and these are notes/,
      1,
    ],
    [
      ['none.wav', ...aria, ...nonsense, '-o', 'x.mid'],
      /^losscope: none\.wav: sound, but \S+aria reads notes/,
      1,
    ],
  ])('%j is refused in one line', async (args, cause, code) => {
    const refused = await losscope('perturb', ...args);
    expect(refused.stderr).toMatch(cause);
    expect([refused.code, refused.stdout]).toEqual([code, '']);
  });
});

describe('rank and gate of MIDI', () => {
  const aria = ['-m', goldenFolder('aria')];

  test('songs are judged by the scores that notes have, beside each other', async () => {
    const { code, stdout } = await losscope('rank', 'songs', ...aria, '--json');
    const songs = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect([code, songs.map(({ name }) => path.basename(name)).sort()]).toEqual([
      0,
      [0, 1, 2, 3, 4, 5].map((i) => `${i}.mid`),
    ]);
    for (const song of songs) {
      expect(song.made).toMatchObject({ protocol: 'sequence', loudness: 80, roundTrip: 0, seconds: 10 });
      const { values } = song;
      for (const name of ['loss', 'excess', 'entropy', 'change'])
        expect(values[name]).toEqual(expect.any(Number));
      for (const name of SOUND_SCORES) expect(values[name]).toBeNull();
      expect(values.excess).toBeCloseTo(values.loss - values.entropy, 6);
      expect(song.strength).toEqual(expect.any(Number));
    }
    const page = await losscope('rank', 'songs', ...aria, '--html', 'songs.html');
    expect(page.stdout).toContain('first 10 s of each song at a mean velocity of 80;');
    expect(page.stdout).toContain('the smallest chance of 2 scores');
    expect(readFileSync(path.join(folder, 'songs.html'), 'utf8')).toContain('<p>2 scores are judged');
    expect(readFileSync(path.join(folder, 'songs.html'), 'utf8')).not.toContain('nats per code');
  });

  test('one piece is judged beside the bundled clips of tiny-notes, and the words say so', async () => {
    const piece = fileURLToPath(new URL('../../studies/codec-or-lm/Notes/folk-001.mid', import.meta.url));
    const { code, stdout } = await losscope('rank', piece, '-m', 'tiny-notes', '--json');
    expect(code).toBe(0);
    const song = JSON.parse(stdout);
    expect(song.beside).toBe('beside 56 bundled clips of the composer that the model was trained on');
    expect(song.made).toMatchObject({ model: 'tiny-notes', scores: SCORES_VERSION, loudness: 80 });
    for (const member of NOTE_PANEL_MEMBERS) expect(song.values[member]).toEqual(expect.any(Number));
    expect(song.chance).toBeGreaterThan(0);
    expect(song.chance).toBeLessThanOrEqual(1);
  });

  test('a gate of folders compares the excess', async () => {
    const same = await losscope('gate', 'songs', '--baseline', 'songs', ...aria, '--json');
    expect([same.code, JSON.parse(same.stdout)]).toMatchObject([0, { verdict: 'pass', score: 'excess' }]);
  });

  test.each([
    [
      ['gate', 'songs', '--baseline', 'songs', '--score', 'surprise'],
      /--score surprise: is made for sound.*expected loss, excess,/,
      2,
    ],
    [['rank', 'songs', '--scores', 'own-past'], /--scores own-past: is made for sound/, 2],
    // What the folder leaves out is said before.
    [
      ['rank', 'both'],
      /^losscope: warning: both: 1 of its files [^\n]+\nlosscope: both\/a\.wav: sound, but \S+aria reads notes.*FOLDER\/\*\.mid/,
      1,
    ],
    [['rank', 'both/*.mid'], /^losscope: both\/a\.mid: empty file \(0 bytes\)/, 1],
  ])('%j is refused in one line', async (args, cause, code) => {
    const refused = await losscope(...args, ...aria);
    expect(refused.stderr).toMatch(cause);
    expect([refused.code, refused.stdout]).toEqual([code, '']);
  });
});
