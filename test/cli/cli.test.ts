// The command line as a stranger meets it: the built program in a process of its own.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readWav, writeWav } from '../../src/audio/wav.js';
import { VERSION } from '../../src/probe/version.js';
import { generator, seedOf } from '../../src/stats/random.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder = '';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function losscope(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const options = {
      cwd: folder,
      maxBuffer: 2 ** 27,
      env: { ...process.env, NO_COLOR: '1', HF_HOME: join(folder, 'hub') },
    };
    execFile(process.execPath, [MAIN, ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

const SECONDS = 3;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-cli-'));
  // A broken chord with a little noise, at a rate and channel count that must be converted.
  const random = generator(seedOf('cli test'));
  const left = Float32Array.from({ length: SECONDS * 44_100 }, (_, i) => {
    const note = [220, 277.2, 329.6, 440][Math.floor((i / 44_100) * 4) % 4];
    return 0.2 * Math.sin((2 * Math.PI * note * i) / 44_100) + 0.005 * random.normal();
  });
  const clip = { name: 'chord', sampleRate: 44_100, channels: [left, left.map((v) => v / 2)] };
  writeFileSync(join(folder, 'chord.wav'), writeWav(clip, { format: 'pcm16' }));
  writeFileSync(join(folder, 'broken.wav'), readFileSync(join(folder, 'chord.wav')).subarray(0, 30));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('usage', () => {
  test('pulling the bundled model needs no network', async () => {
    expect(await losscope('pull', 'tiny')).toEqual({
      code: 0,
      stdout: 'tiny: comes with losscope; nothing to fetch, and no network needed\n',
      stderr: '',
    });
  });

  test('help names every command, every command explains itself', async () => {
    const { code, stdout } = await losscope('--help');
    expect(code).toBe(0);
    for (const command of [
      'demo',
      'probe',
      'map',
      'rank',
      'run',
      'report',
      'check',
      'merge',
      'export',
      'compare',
      'render',
      'parity',
      'score',
      'encode',
      'decode',
      'perturb',
      'regions',
      'models',
      'pull',
      'doctor',
    ]) {
      expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    }
    expect((await losscope('probe', '--help')).stdout).toContain('--protocol');
  });

  test('the built program can be started by its name: npx needs the executable bit', () => {
    expect(statSync(MAIN).mode & 0o111).toBe(0o111);
  });

  test('the version is package.json’s', async () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(VERSION).toBe(JSON.parse(manifest).version);
    expect((await losscope('--version')).stdout.trim()).toBe(VERSION);
  });

  test.each([
    [['prob', 'chord.wav'], /Did you mean probe/],
    [['score', 'chord.wav', '--protocl', 'delayed'], /Did you mean --protocol/],
    [['score', 'chord.wav', '--protocol', 'undelaid'], /Did you mean undelayed/],
    [['probe', 'chord.wav', '--noise', 'wite'], /white/],
    [['probe', 'chord.wav', '--rule', 'onst'], /Did you mean onset/],
    [['score', 'chord.wav', '--device', 'gpu'], /A GPU is cuda \(NVIDIA\), dml .*webgpu; auto takes/],
    [['score', 'chord.wav', '--device', 'cud'], /Did you mean cuda/],
    [['probe', 'chord.wav', '--at', 'five'], /"five"/],
    [['probe', 'chord.wav', '--level', '7 apples'], /"7 apples"/],
    [['probe', 'chord.wav', '--seed', '-1'], /whole number/],
    [['probe', 'chord.wav', '--do', 'shufle block=5'], /kind is "shufle", expected one of .*shuffle/],
    [['probe', 'chord.wav', '--do', 'delete at=1s lenth=5'], /delete has no key lenth; expected .*length/],
    [['probe', 'chord.wav', '--do', 'silence at=1s length=5', '--level', 'match'], /cannot be used with/],
    [['perturb', 'chord.wav'], /--out/],
    [['regions', 'a.csv', 'b.csv', '--at', '1.5', '--length', '2'], /whole number/],
    [['score'], /missing required argument/],
  ])('%j is a usage error: exit code 2, the nearest valid word, nothing on stdout', async (args, words) => {
    const { code, stdout, stderr } = await losscope(...args);
    expect(stderr).toMatch(words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test.each([
    [['score', 'absent.wav'], /^losscope: absent\.wav: .*no such file/m],
    [['encode', 'broken.wav'], /^losscope: broken\.wav: /m],
    [['score', 'chord.wav', '--model', 'no-such-model'], /no-such-model/],
    [['perturb', 'chord.wav', '--at', '2s', '--length', '2s', '-o', 'out.wav'], /leaves the clip/],
    [['regions', 'absent.csv', 'b.csv', '--at', '1', '--length', '2'], /absent\.csv: cannot be read/],
    [['decode', 'chord.wav', '-o', 'out.wav'], /chord\.wav: is not text in UTF-8/],
  ])('%j is an error: exit code 1, one line, no stack, no file left', async (args, words) => {
    const before = readdirSync(folder);
    const { code, stdout, stderr } = await losscope(...args);
    const complaint = stderr.split('\n').filter((line) => line.startsWith('losscope: '));
    expect(complaint).toHaveLength(1);
    expect(complaint[0]).toMatch(words);
    expect(stderr).not.toMatch(/\n\s+at |internal error/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('an interrupt', () => {
  test('in the middle of a run ends with 130, one line, and nothing half-written', async () => {
    const child = spawn(process.execPath, [MAIN, 'demo', '--out', 'interrupted'], { cwd: folder });
    let stderr = '';
    let asked = false;
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      // The first progress line: models are loaded, and the next run is under way.
      if (!/demo: \d+\/36/.test(stderr) || asked) return;
      asked = true;
      child.kill('SIGINT');
    });
    const ended = await new Promise((resolve) => {
      child.on('close', (code, signal) => resolve({ code, signal }));
    });
    expect(ended).toEqual({ code: 130, signal: null });
    expect(stderr.match(/^losscope: .*$/gm)).toEqual([expect.stringContaining('interrupted')]);
    expect(readdirSync(folder)).not.toContain('interrupted');
  });
});

describe('the measurement, command by command', () => {
  const frames = SECONDS * 50;

  test('encode, decode: codes out, sound back, one JSON line', async () => {
    const { code, stdout } = await losscope('encode', 'chord.wav', '--json');
    expect(code).toBe(0);
    const line = JSON.parse(stdout);
    expect(line).toMatchObject({
      file: 'chord.wav',
      model: 'tiny',
      sampleRate: 32_000,
      frameRate: 50,
      frames,
    });
    expect(line.codes).toHaveLength(line.codebooks);
    expect(line.codes[0]).toHaveLength(frames);
    const part = await losscope('encode', 'chord.wav', '--offset', '500ms', '--duration', '1s');
    expect(JSON.parse(part.stdout)).toMatchObject({
      file: 'chord.wav',
      offset: 0.5,
      duration: 1,
      frames: 50,
    });
    expect((await losscope('encode', 'chord.wav', '--offset', '5')).code).toBe(2);
    writeFileSync(join(folder, 'codes.json'), stdout);
    // Codes are scored as they are, to the same bits as the sound that they came from.
    const [byCodes, bySound] = await Promise.all(
      ['codes.json', 'chord.wav'].map(async (file) =>
        JSON.parse((await losscope('score', file, '--json')).stdout),
      ),
    );
    expect(byCodes.loss).toEqual(bySound.loss);
    expect((await losscope('decode', 'codes.json', '-o', 'decoded.wav')).code).toBe(0);
    const { clip } = await readWav(readFileSync(join(folder, 'decoded.wav')), 'decoded.wav');
    expect([clip.sampleRate, clip.channels[0].length]).toEqual([32_000, frames * 640]);
  });

  test('score: undefined is null where the protocol says so and nowhere else; mean is the mean', async () => {
    for (const protocol of ['delayed', 'undelayed']) {
      const { code, stdout } = await losscope('score', 'chord.wav', '--protocol', protocol, '--json');
      expect(code).toBe(0);
      const line = JSON.parse(stdout);
      expect(line).toMatchObject({ file: 'chord.wav', protocol, frames, codebooks: 4 });
      const loss: (number | null)[][] = line.loss;
      const undefinedAt = loss.flatMap((row, k) => row.flatMap((v, t) => (v === null ? [[k, t]] : [])));
      expect(undefinedAt).toEqual(
        protocol === 'delayed'
          ? [1, 2, 3].flatMap((k) => Array.from({ length: k }, (_, i) => [k, frames - k + i]))
          : [0, 1, 2, 3].map((k) => [k, 0]),
      );
      const defined = loss.flat().filter((v) => v !== null);
      expect(defined.reduce((a, b) => a + b, 0) / defined.length).toBeCloseTo(line.mean, 10);
      expect(Math.min(...defined)).toBeGreaterThanOrEqual(0);
    }
  });

  test('perturb, then score both: the same delta as probe, bit for bit before the disturbance', async () => {
    const noise = ['--at', '50', '--length', '20', '--level', '-20dB', '--seed', '7'];
    const perturbed = await losscope('perturb', 'chord.wav', ...noise, '-o', 'noisy.wav', '--json');
    const { event } = JSON.parse(perturbed.stdout);
    expect([event.start, event.end]).toEqual([50 * 640, 70 * 640]);
    expect(event.levelDbfs).toBeCloseTo(-20, 5);

    const page = join(folder, 'probe.html');
    const probed = await losscope('probe', 'chord.wav', ...noise, '--json', '--html', page);
    expect(probed.code).toBe(0);
    const record = JSON.parse(probed.stdout);
    expect(record.window).toEqual({ start: 50, end: 70 });
    expect(readFileSync(page, 'utf8')).toContain('</html>');

    const scored = await losscope('score', 'noisy.wav', '--json');
    expect(JSON.parse(scored.stdout).loss).toEqual(record.disturbed.loss);
    // regions reads what score and probe print, and finds what probe finds.
    const both = await losscope('score', 'chord.wav', 'noisy.wav', '--json');
    writeFileSync(join(folder, 'both.jsonl'), both.stdout);
    writeFileSync(join(folder, 'clean.json'), both.stdout.split('\n')[0]);
    writeFileSync(join(folder, 'noisy.json'), scored.stdout);
    writeFileSync(join(folder, 'probe.json'), probed.stdout);
    for (const files of [['both.jsonl'], ['clean.json', 'noisy.json'], ['probe.json']]) {
      const found = await losscope('regions', ...files, '--at', '50', '--length', '20', '--json');
      const { regions } = JSON.parse(found.stdout).profile;
      const spans = (all: { name: string; start: number; end: number }[]) =>
        all.map(({ name, start, end }) => [name, start, end]);
      expect([files, spans(regions)]).toEqual([files, spans(record.profile.regions)]);
    }
    // Codec reach (4 frames) and delay (3 frames) before the window nothing may move.
    const early = record.delta.flatMap((row: number[]) => row.slice(0, 43));
    expect(new Set(early)).toEqual(new Set([0]));
    // Undelayed, no codebook is predicted early: three frames more are baseline, and frame 0 is undefined.
    const undelayed = await losscope('probe', 'chord.wav', ...noise, '--protocol', 'undelayed', '--json');
    const { frames: baseline } = JSON.parse(undelayed.stdout).profile.baseline;
    expect([record.profile.baseline.frames, baseline]).toEqual([43, 45]);
    expect(record.delta.some((row: number[]) => row.slice(50, 70).some((v) => v !== 0))).toBe(true);
  });

  test('probe without flags for output prints the curve and the regions', async () => {
    const { code, stdout } = await losscope(
      'probe',
      'chord.wav',
      '--at',
      '1s',
      '--length',
      '40',
      '--rule',
      'fixed',
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/chord\.wav: white noise, 40 tokens at 1 s/);
    expect(stdout).toMatch(/rule fixed; baseline/);
  });

  test('other disturbances: each keeps what it should, a deletion compares what stands for what', async () => {
    const probeWith = async (what: string) => {
      const { code, stdout, stderr } = await losscope('probe', 'chord.wav', '--do', what, '--json');
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    };
    const nothing = await probeWith('identity at=1s length=20');
    expect(new Set(nothing.delta.flat())).toEqual(new Set([0, null]));
    const shuffled = await probeWith('shuffle block=5 at=1s length=20');
    expect([...shuffled.event.permutation].sort()).toEqual([0, 1, 2, 3]);
    const deleted = await probeWith('delete at=1s length=20');
    expect([deleted.frames, deleted.window]).toEqual([frames - 20, { start: 50, end: 51 }]);
    // The clean clip's loss after the joint is that of the frames that moved there.
    const clean = JSON.parse((await losscope('score', 'chord.wav', '--json')).stdout);
    expect(deleted.clean.loss[0][60]).toBe(clean.loss[0][80]);
    // 400 of 640 samples: as many frames as before, yet what follows is nearest to one frame later.
    const nudged = await probeWith('delete at=1s length=12.5ms');
    expect(nudged.frames).toBe(frames);
    expect([nudged.clean.loss[0][40], nudged.clean.loss[0][60]]).toEqual([
      clean.loss[0][40],
      clean.loss[0][61],
    ]);
  });

  test('regions: curves in the authors’ format', async () => {
    const csv = (shape: (t: number) => number): string =>
      `token_position,avg_loss_value\n${Array.from({ length: 299 }, (_, i) => `${i},${5 + Math.sin(i) + shape(i + 1)}`).join('\n')}\n`;
    writeFileSync(
      join(folder, 'clean.csv'),
      csv(() => 0),
    );
    writeFileSync(
      join(folder, 'noisy.csv'),
      csv((t) => (t < 100 || t > 152 ? 0 : t < 103 ? 4 : t < 150 ? -2 : 5)),
    );
    const { code, stdout } = await losscope(
      ...['regions', 'clean.csv', 'noisy.csv', '--at', '100', '--length', '50', '--json'],
    );
    expect(code).toBe(0);
    const { profile } = JSON.parse(stdout);
    const starts = Object.fromEntries(
      profile.regions.map((r: { name: string; start: number }) => [r.name, r.start]),
    );
    // Peak and Rebound are judged on the three frames around each boundary.
    expect(starts).toMatchObject({ peak: 99, assimilation: 103, rebound: 149 });
    const alone = await losscope('regions', 'clean.csv', '--at', '100', '--length', '50');
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('clean.csv holds one curve')]);
  });

  test('a page is written though nobody reads the lines before it', async () => {
    const { code, stderr } = await new Promise<{ code: number | null; stderr: string }>((resolve) => {
      const child = spawn(
        process.execPath,
        [MAIN, 'probe', 'chord.wav', '--at', '1s', '--length', '10', '--html', 'unread.html'],
        {
          cwd: folder,
        },
      );
      let text = '';
      child.stderr.on('data', (chunk) => {
        text += chunk;
      });
      child.stdout.destroy();
      child.on('close', (ended) => resolve({ code: ended, stderr: text }));
    });
    expect(stderr).toContain('wrote unread.html');
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'unread.html'), 'utf8')).toContain('</html>');
  });

  test('doctor runs the model and says so', async () => {
    const { code, stdout } = await losscope('doctor');
    expect(stdout).toMatch(/ok +model tiny .*nats per code/);
    expect(code).toBe(0);
  });
});
