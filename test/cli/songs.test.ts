// What every command that takes clips has in common: which part of a long one it takes, what may be named, and that a bad
// one stops no other.

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav.js';
import { SCORES_VERSION } from '../../src/scores/scores.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** A small MusicGen, so that 30 s cost little. */
const MODEL = ['-m', goldenFolder('mono-a')];
let folder = '';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function losscope(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { cwd: folder, maxBuffer: 2 ** 27 },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
      },
    );
  });
}

const lines = ({ stdout }: Ended) =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

/** Words on stderr that are no progress. */
const words = ({ stderr }: Ended) => stderr.split('\n').filter((line) => line.startsWith('losscope: '));

function putSound(name: string, seconds: number): void {
  const random = generator(seedOf('songs', name));
  const row = Float32Array.from({ length: seconds * 8000 }, (_, i) => {
    return 0.2 * Math.sin((i * (2 + Math.floor(i / 2000))) % 6283) + 0.01 * random.normal();
  });
  writeFileSync(
    path.join(folder, name),
    writeWav({ name, sampleRate: 8000, channels: [row] }, { format: 'pcm16' }),
  );
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'losscope-songs-'));
  mkdirSync(path.join(folder, 'clips', 'more'), { recursive: true });
  putSound('long.wav', 33);
  putSound('clips/a.wav', 2);
  putSound('clips/more/b.wav', 2);
  writeFileSync(path.join(folder, 'bad.wav'), 'no sound at all\n');
  writeFileSync(path.join(folder, 'list.txt'), 'clips/more/b.wav\n');
  const { stdout } = await losscope('encode', 'clips', ...MODEL);
  writeFileSync(path.join(folder, 'codes.jsonl'), stdout);
  mkdirSync(path.join(folder, 'coded'));
  writeFileSync(path.join(folder, 'coded', 'a.codes.json'), stdout.split('\n')[0]);
  mkdirSync(path.join(folder, 'empty'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a clip that is longer than the model was trained on', () => {
  test('is taken up to there, which is said once; all of it is scored in windows', async () => {
    const twice = await losscope('encode', 'long.wav', 'long.wav', ...MODEL);
    expect(words(twice)).toEqual([
      expect.stringMatching(/^losscope: long\.wav: lasts 33\.0 s; the first 30 s are taken/),
    ]);
    expect(lines(twice).map(({ frames }) => frames)).toEqual([1500, 1500]);
    const [first] = lines(await losscope('score', 'long.wav', ...MODEL));
    expect([first.frames, first.windows]).toEqual([1500, undefined]);

    const all = await losscope('score', 'long.wav', '--duration', 'all', ...MODEL);
    expect(words(all)).toEqual([]);
    const [whole] = lines(all);
    expect([whole.frames, whole.windows]).toEqual([1650, { frames: 1500, overlap: 500 }]);
    // What the first window scores is what the first 30 s alone give, as far as both are encoded alike.
    expect(whole.loss[0].slice(0, 1400)).toEqual(first.loss[0].slice(0, 1400));

    const codes = await losscope('encode', 'long.wav', '--duration', 'all', ...MODEL);
    writeFileSync(path.join(folder, 'long.json'), codes.stdout);
    const byCodes = await losscope('score', 'long.json', ...MODEL);
    expect(words(byCodes)).toEqual([expect.stringMatching(/^losscope: long\.json: lasts 33\.0 s/)]);
    expect(lines(byCodes)[0].frames).toBe(1500);
  });

  test('is probed as a whole only when asked, with a word about the memory', async () => {
    const asked = ['--duration', '31s', '--at', '1s', '--length', '10', '--json'];
    const { code, stderr } = await losscope('probe', 'long.wav', ...asked, ...MODEL);
    expect(stderr).toMatch(
      /^losscope: warning: long\.wav: 31 s at once, .* was trained on 30 s; memory grows/m,
    );
    expect(code).toBe(0);
  });

  test.each([
    ['score', []],
    ['encode', []],
    ['probe', ['--at', '1s', '--length', '10', '--json']],
    ['map', ['--every', '50', '--length', '5', '--tail', '5', '--json']],
    ['perturb', ['--at', '1s', '--length', '10', '--json', '-o', 'part.wav']],
  ])('%s takes the part that is asked for', async (command, options) => {
    const part = ['--offset', '31s', '--duration', '2s'];
    const ended = await losscope(command, 'long.wav', ...part, ...options, ...MODEL);
    expect([ended.code, words(ended)]).toEqual([0, []]);
    const [found] = lines(ended);
    expect(found.offset ?? found.clip.offset).toBe(31);
    expect(found.frames ?? (found.samples ?? found.clip.samples) / 640).toBe(100);
    const beyond = await losscope(
      command,
      'long.wav',
      '--offset',
      '32s',
      '--duration',
      '2s',
      ...options,
      ...MODEL,
    );
    expect([beyond.code, words(beyond)]).toEqual([
      1,
      [expect.stringMatching(/^losscope: long\.wav: lasts 33\.00 s, asked for 2 s from 32 s on/)],
    ]);
  });
});

test('rank says in each line what made the numbers', async () => {
  const clip = fileURLToPath(new URL('../../demo/heldout-strings.flac', import.meta.url));
  const ended = await losscope('rank', clip, '--json');
  expect([ended.code, lines(ended).length]).toEqual([0, 1]);
  for (const { made, offset, beside } of lines(ended)) {
    expect({ made, offset, beside }).toMatchObject({
      ...{ offset: 0, beside: expect.stringMatching(/^beside 38 bundled clips/) },
      made: {
        ...{ model: 'tiny', fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/), protocol: 'delayed' },
        ...{ condition: 'none', scores: SCORES_VERSION, loudness: -23, roundTrip: 3, seconds: 10 },
      },
    });
  }
});

test('rank writes the curves over seconds that its numbers follow from', async () => {
  const clip = fileURLToPath(new URL('../../demo/heldout-strings.flac', import.meta.url));
  const taken = ['--offset', '2s', '--duration', '4s', '--json'];
  const beside = ['--reference', path.join(clip, '../../studies/demo/TrainingSet')];
  const ended = await losscope('rank', clip, ...taken, ...beside, '--curves', 'curves.csv');
  expect([ended.code, ended.stderr]).toEqual([0, expect.stringMatching(/^wrote curves\.csv$/m)]);
  const [{ values }] = lines(ended);
  const rows = readFileSync(path.join(folder, 'curves.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => row.split(','));
  const defined = Object.keys(values).filter((score) => values[score] !== null);
  expect(rows[0]).toEqual(['song', 'seconds', ...defined]);
  // Seconds of the song: the round trip's middle 3 s of its part begin before the quarter that scores leave out ends.
  expect(rows[1].slice(0, 3)).toEqual([clip, '2.6', '']);
  expect(rows.find((row, i) => i > 0 && row[2] !== '')?.[1]).toBe('2.98');
  const column = (score: string): number[] => {
    const at = rows[0].indexOf(score);
    return rows.slice(1).flatMap((row) => (row[at] === '' ? [] : [Number(row[at])]));
  };
  for (const score of ['loss', 'excess', 'own-codes', 'round-trip']) {
    const sum = column(score).reduce((total, value) => total + value, 0);
    expect(sum / column(score).length, score).toBeCloseTo(values[score], 5);
  }
  expect(Math.max(...column('contour'))).toBeCloseTo(values.contour, 5);

  const map = ['--every', '40', '--length', '5', '--tail', '5', '--json'];
  const mapped = await losscope(
    'rank',
    'clips',
    '--by',
    'sensitivity',
    ...map,
    ...MODEL,
    '--curves',
    'map.csv',
  );
  const peaks = readFileSync(path.join(folder, 'map.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((row) => row.split(','));
  expect(peaks[0]).toEqual(['song', 'seconds', 'sensitivity']);
  for (const {
    clip: { name },
    features,
  } of lines(mapped)) {
    const own = peaks
      .filter(([song]) => path.basename(song) === path.basename(name))
      .map((row) => Number(row[2]));
    expect(own.reduce((sum, value) => sum + value, 0) / own.length).toBeCloseTo(features.sensitivity, 5);
  }
});

test('rank --by sensitivity takes clips at one loudness and in one polarity: a turned clip has the same numbers', async () => {
  // Noise is drawn by the name of a file.
  mkdirSync(path.join(folder, 'turned'));
  const turned = ['perturb', 'clips/a.wav', '-o', 'turned/a.wav', '--do', 'polarity', ...MODEL];
  expect(await losscope(...turned)).toMatchObject({ code: 0 });
  const every = ['--every', '40', '--length', '5', '--tail', '5', '--json'];
  const found = lines(
    await losscope('rank', 'clips/a.wav', 'turned/a.wav', '--by', 'sensitivity', ...every, ...MODEL),
  );
  expect(found.map(({ loudness }) => loudness)).toEqual([-23, -23]);
  expect(found[0].features).toEqual(found[1].features);
});

describe('one bad clip', () => {
  const short = ['--at', '1s', '--length', '10'];
  test.each([
    ['score', ['--json']],
    ['encode', []],
    ['probe', [...short, '--json', '--html', 'page.html']],
    ['map', ['--every', '40', '--length', '5', '--tail', '5', '--json']],
    ['rank', ['--by', 'sensitivity', '--every', '40', '--length', '5', '--tail', '5', '--json']],
    ['perturb', [...short, '--json', '-o', 'disturbed']],
    ['parity', ['--precision', 'w8a8', '--json']],
  ])('%s does the others, and names it at the end with exit code 1', async (command, options) => {
    const ended = await losscope(command, 'bad.wav', 'clips', 'absent.wav', ...options, ...MODEL);
    const found = lines(ended);
    expect(found.flatMap((line) => line.clips ?? [line])).toHaveLength(2);
    expect(words(ended)).toEqual([
      expect.stringMatching(/^losscope: absent\.wav: no such file/),
      expect.stringMatching(/^losscope: bad\.wav: not a sound file/),
      'losscope: 2 of 4 failed',
    ]);
    expect(ended.code).toBe(1);
  });

  test('decode does the others too', async () => {
    writeFileSync(path.join(folder, 'odd.json'), '{"codes": [[1], [2, 3]]}');
    const ended = await losscope('decode', 'odd.json', 'codes.jsonl', '--out', 'decoded', ...MODEL);
    expect(readdirSync(path.join(folder, 'decoded')).sort()).toEqual(['codes-1.wav', 'codes-2.wav']);
    expect(words(ended)[0]).toMatch(/^losscope: odd\.json: codes: row 1 has 2 frames, expected 1/);
    expect(ended.code).toBe(1);
  });

  test('alone is the error, in one line', async () => {
    for (const files of [['bad.wav'], ['bad.wav', 'bad.wav']]) {
      const ended = await losscope('probe', ...files, '--html', 'none.html', ...MODEL);
      expect(words(ended)[0]).toMatch(/^losscope: bad\.wav: not a sound file/);
      expect(words(ended)).toHaveLength(files.length === 1 ? 1 : 3);
      expect([ended.code, ended.stdout]).toEqual([1, '']);
    }
    expect(readdirSync(folder)).not.toContain('none.html');
  });
});

describe('what may be named', () => {
  const both = ['clips/a.wav', 'clips/more/b.wav'];
  test.each([
    [['clips'], both],
    [['clips/**/*.wav'], both],
    [
      ['list.txt', 'clips/a.wav'],
      ['clips/more/b.wav', 'clips/a.wav'],
    ],
    [['codes.jsonl'], ['codes.jsonl:1', 'codes.jsonl:2']],
    [['coded'], ['coded/a.codes.json']],
    [
      ['coded/*.json', 'clips/a.wav'],
      ['coded/a.codes.json', 'clips/a.wav'],
    ],
  ])('%j', async (entries, names) => {
    const encoded = lines(await losscope('encode', ...entries, ...MODEL));
    expect(encoded.map(({ file }) => file)).toEqual(names);
    // Codes stay what they are.
    const of = JSON.parse(readFileSync(path.join(folder, 'codes.jsonl'), 'utf8').split('\n')[0]);
    const a = encoded.find(({ file }) => /\ba\.|:1$/.test(file));
    if (a) expect(a.codes).toEqual(of.codes);
  });

  test('a folder or pattern without any is an error by name', async () => {
    for (const entry of ['empty', 'empty/*.wav']) {
      const { code, stderr } = await losscope('score', entry, ...MODEL);
      expect([code, stderr]).toEqual([
        1,
        `losscope: ${entry}: no sound, notes (.mid) or codes (.json) there\n`,
      ]);
    }
  });
});

describe('what is written', () => {
  const asked = ['--at', '1s', '--length', '10'];
  test.each([
    [['perturb', 'clips/a.wav', ...asked, '-o', 'x.mp3'], /--out x\.mp3: only WAV is written.*--out x\.wav/],
    [['decode', 'codes.jsonl', '-o', 'x.wav'], /--out x\.wav: 2 clips are written into a folder/],
    [['decode', 'coded', '--output', 'x.flac'], /--out x\.flac: only WAV is written/],
    [['perturb', 'clips/a.wav', 'clips/a.wav', ...asked, '-o', 'out'], /would both be out\/a\.wav/],
    [
      ['perturb', 'clips/a.wav', ...asked, '-o', 'x.wav', '--duration', '0s'],
      /a clip lasts more than nothing/,
    ],
    [['score', 'clips/a.wav', '--offset', '5'], /"5" is no time/],
  ])('%j is a usage error', async (args, why) => {
    const ended = await losscope(...args, ...MODEL);
    expect(ended.stderr).toMatch(why);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
  });

  test('no clip is written over itself', async () => {
    const before = readFileSync(path.join(folder, 'clips/a.wav'));
    const ended = await losscope('perturb', 'clips/a.wav', ...asked, '--out', 'clips', ...MODEL);
    expect(ended.stderr).toBe('losscope: clips/a.wav: would be written over itself; give another --out\n');
    expect(readFileSync(path.join(folder, 'clips/a.wav'))).toEqual(before);
  });
});
