// losscope run as a user meets it: a plan, a store, Ctrl-C, kills in the middle, shards, and one and the same end.

import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { filesOf } from '../node/store_files.js';
import { deleteAt, hooked, signalAt } from './hook.js';

/** The first line of progress: a tenth is done. */
const PROGRESS = /^run: \d+\/\d+/;
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder = '';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Interference {
  readonly meanwhile?: (child: ChildProcess) => void;
  readonly env?: NodeJS.ProcessEnv;
}

function losscope(args: readonly string[], interference?: Interference): Promise<Ended> {
  return started(process.execPath, [MAIN, ...args], interference);
}

function started(
  file: string,
  args: readonly string[],
  { meanwhile, env = process.env }: Interference = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: folder, env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    meanwhile?.(child);
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-study-'));
  for (const name of ['one', 'two']) {
    const random = generator(seedOf('study cli', name));
    const samples = Float32Array.from({ length: 3 * 32_000 }, (_, i) => {
      const note = 110 * 2 ** (((Math.floor(i / 4000) * 7) % 24) / 12);
      return 0.2 * Math.sin((2 * Math.PI * note * i) / 32_000) + 0.02 * random.normal();
    });
    const clip = { name, sampleRate: 32_000, channels: [samples] };
    writeFileSync(join(folder, `${name}.wav`), writeWav(clip, { format: 'pcm16' }));
  }
  writeFileSync(
    join(folder, 'study.yaml'),
    [
      'study: small',
      'clip: { length: 3s }',
      'models: [tiny]',
      'groups: { A: { files: "*.wav" } }',
      'disturbances:',
      '  white: { kind: noise, color: [white, pink, brown, blue], at: 1s, length: [5, 10, 20, 30, 50] }',
      '  shuffle: { kind: shuffle, block: [1, 5, 10], at: 0s, length: 100, seed: [1, 2, 3] }',
    ].join('\n'),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How long the whole study takes here, ms. */
let takes = 3000;
const CELLS = 2 * (1 + 4 * 5 + 9);

async function exported(store: string, ...more: readonly string[]): Promise<string> {
  const file = `${store}.jsonl`;
  expect(await losscope(['export', store, '--format', 'jsonl', '-o', file, ...more])).toMatchObject({
    code: 0,
  });
  return readFileSync(join(folder, file), 'utf8');
}

describe('losscope run', () => {
  test('plans, scores, and has nothing left to do', async () => {
    const dry = await losscope(['run', 'study.yaml', '--dry-run']);
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout).toMatch(new RegExp(`${CELLS} cells, 0 stored already, ${CELLS} to score now`));
    expect(dry.stdout).toMatch(/tiny: 2 clips, 60 encodes and 60 scores/);
    const part = await losscope(['run', 'study.yaml', '--dry-run', '--limit', '1']);
    expect(part.stdout).toMatch(
      new RegExp(`${CELLS} cells, 0 stored already, ${CELLS / 2} to score now, ${CELLS / 2} left`),
    );
    expect(dry.stdout).toMatch(/at most [\d.]+ (s|min|h) on this machine, about [\d.]+ MB on disk/);
    const begun = performance.now();
    expect(await losscope(['run', 'study.yaml', '-o', 'whole'])).toMatchObject({ code: 0 });
    takes = performance.now() - begun;
    const again = await losscope(['run', 'study.yaml', '-o', 'whole']);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain(`${CELLS} stored already, 0 to score now`);
    expect((await exported('whole')).trimEnd().split('\n')).toHaveLength(CELLS);
  });

  test('killed again and again, it ends with the same rows', async () => {
    const random = generator(seedOf('kills'));
    let kills = 0;
    for (; kills < 6; kills++) {
      const after = 0.6 * takes * random.uniform();
      const { code } = await losscope(['run', 'study.yaml', '-o', 'killed'], {
        // Counted from its plan on, and by how long a run takes here: it is killed at work on every machine.
        meanwhile: (child) => {
          child.stdout?.once('data', () => setTimeout(() => child.kill('SIGKILL'), after));
        },
      });
      if (code !== null) break;
    }
    expect(kills).toBeGreaterThan(1);
    expect(await losscope(['run', 'study.yaml', '-o', 'killed'])).toMatchObject({ code: 0 });
    expect(await exported('killed')).toBe(await exported('whole'));
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends it after the cell under way and says how to go on', async (signal, expected) => {
    rmSync(join(folder, 'stopped'), { recursive: true, force: true });
    const env = hooked(folder, 'signal', signalAt(PROGRESS, signal));
    const { code, stderr } = await losscope(['run', 'study.yaml', '-o', 'stopped'], { env });
    expect(code).toBe(expected);
    expect(stderr).toMatch(/finishing the cell or map under way \(again: stop at once\)/);
    const [, stored, left] =
      /(\d+) cells stored, (\d+) left; go on with: losscope run study\.yaml --out stopped/.exec(stderr) ?? [];
    expect(Number(stored) + Number(left)).toBe(CELLS);
    const check = await losscope(['check', 'stopped']);
    expect(check.code).toBe(1);
  });

  test.each([
    ['the whole store', ''],
    ['what it has written', 'writers'],
    ['its plan', 'plan.json'],
  ])('says at its end when somebody has deleted %s meanwhile', async (_, what) => {
    rmSync(join(folder, 'deleted'), { recursive: true, force: true });
    const args = ['run', 'study.yaml', '-o', 'deleted', '--limit', '1'];
    const env = hooked(folder, 'delete', deleteAt(/\/parts\//, join(folder, 'deleted', what)));
    const { code, stderr } = await losscope(args, { env });
    expect(code).toBe(1);
    // Deleted in the middle of a write, that is what fails.
    expect(stderr).toMatch(
      /losscope: deleted.*(was changed while the study ran: .* gone; run|cannot be written)/,
    );
    expect(await losscope(args)).toMatchObject({ code: 0 });
  });

  test('goes on when nobody reads its lines', async () => {
    const { code } = await losscope(['run', 'study.yaml', '-o', 'unread', '--limit', '1'], {
      meanwhile: (child) => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      },
    });
    expect(code).toBe(0);
    expect((await exported('unread', '--unfinished')).trimEnd().split('\n')).toHaveLength(CELLS / 2);
  });

  test.each([
    ['the folder of the study', ['study.yaml'], 'losscope run study.yaml'],
    ['another study of that name', ['other name.yaml'], "losscope run 'other name.yaml'"],
    [
      'a folder named after the file',
      ['study.yaml', '-o', 'runs/study'],
      'losscope run study.yaml --out runs/study',
    ],
  ])('Ctrl-C names the folder to go on in, and only where it must: %s', async (_, args, hint) => {
    writeFileSync(join(folder, 'other name.yaml'), readFileSync(join(folder, 'study.yaml')));
    rmSync(join(folder, 'runs'), { recursive: true, force: true });
    const env = hooked(folder, 'signal', signalAt(PROGRESS, 'SIGINT'));
    const { stderr } = await losscope(['run', ...args], { env });
    expect(stderr.split('go on with: ')[1]).toBe(`${hint}\n`);
  });

  test('shards of two machines make one store', async () => {
    for (const index of [1, 2]) {
      const shard = await losscope(['run', 'study.yaml', '-o', `part-${index}`, '--shard', `${index}/2`]);
      expect(shard).toMatchObject({ code: 0 });
    }
    expect(await losscope(['merge', 'merged', 'part-1', 'part-2'])).toMatchObject({ code: 0 });
    expect(await exported('merged')).toBe(await exported('whole'));
  });

  test('in 8 bits measures what that costs, and the report says it', async () => {
    const yaml = readFileSync(join(folder, 'study.yaml'), 'utf8').replace(
      'models:',
      'precision: w8a8\nmodels:',
    );
    writeFileSync(join(folder, 'approximate.yaml'), yaml.replace('[white, pink, brown, blue]', 'white'));
    const run = await losscope(['run', 'approximate.yaml', '-o', 'approximate', '--limit', '1']);
    expect(run).toMatchObject({ code: 0 });
    const [note] = filesOf(join(folder, 'approximate'), 'parity');
    const { first, second, loss } = JSON.parse(readFileSync(note, 'utf8')).parity;
    expect([first.precision, second.precision]).toEqual(['fp32', 'w8a8']);
    expect(loss.mean).toBeGreaterThan(0);
    expect((await exported('approximate', '--unfinished')).match(/"precision":"w8a8"/g)).toHaveLength(
      1 + 5 + 9,
    );
    const report = await losscope(['report', 'approximate']);
    expect(report.stdout).toMatch(/w8a8 on .*: 0\.\d+ nats per token from fp32/);
    const page = readFileSync(join(folder, 'approximate', 'report', 'index.html'), 'utf8');
    expect(page).toMatch(/computed in w8a8 on .* Against fp32 on .* on 1 clip of the study/);
    writeFileSync(note, '{}');
    const damaged = await losscope(['report', 'approximate']);
    expect(damaged).toMatchObject({ code: 1 });
    expect(damaged.stderr).toMatch(
      /approximate\/writers\/.*\/parity\/.*\.json: damaged .*run the study again/,
    );
  });

  test('a store that cannot be written is reported, and its report goes elsewhere', async () => {
    // By its mode, and for root, whom no mode stops, on a mount of its own.
    const path = join(folder, 'whole');
    const isRoot = process.getuid?.() === 0;
    const script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" "$0" && exec "$@"';
    const before = readdirSync(path, { recursive: true });
    if (!isRoot) chmodSync(path, 0o555);
    const report = (...args: readonly string[]) =>
      isRoot
        ? started('unshare', ['-m', 'sh', '-c', script, path, process.execPath, MAIN, 'report', ...args])
        : losscope(['report', ...args]);
    const { code, stderr } = await report('whole');
    const elsewhere = await report('whole', '--out', join('else', 'where', 'page.html'));
    const within = await report('whole', '--out', join('study.yaml', 'page.html'));
    if (!isRoot) chmodSync(path, 0o755);
    expect(stderr).toMatch(
      /^losscope: whole cannot be written; the report goes to whole-report \(--out FILE: elsewhere\)$/m,
    );
    expect(code).toBe(0);
    expect(elsewhere).toMatchObject({ code: 0, stderr: expect.not.stringContaining('cannot be written') });
    expect(readdirSync(join(folder, 'else', 'where')).sort()).toEqual([
      'figures',
      'findings.json',
      'page.html',
      'view.html',
    ]);
    expect(within).toMatchObject({
      code: 1,
      stderr: 'losscope: study.yaml/page.html: cannot be written (study.yaml is a file, expected a folder)\n',
    });
    expect(existsSync(join(folder, 'whole-report', 'index.html'))).toBe(true);
    expect(existsSync(join(folder, 'whole-report', 'findings.json'))).toBe(true);
    expect(readdirSync(path, { recursive: true })).toEqual(before);
  });

  test('a wrong study is a line for each fault and exit code 1, wrong options are usage', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), 'study: x\nmodel: [tiny]\n');
    const wrong = await losscope(['run', 'wrong.yaml', '-o', 'wrong']);
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr.split('\n')).toEqual([
      'losscope: wrong.yaml:1:1: groups is missing',
      'losscope: wrong.yaml:1:1: no disturbances; a study needs at least one, or battery, which scores clips as they are',
      'losscope: wrong.yaml:2:1: the study has no key model; did you mean models?',
      '',
    ]);
    const nowhere =
      'study: x\nmodels: [tinny]\ngroups: { A: { files: "*.wav" } }\ndisturbances: { s: { kind: silenc } }\n';
    writeFileSync(join(folder, 'nowhere.yaml'), nowhere);
    const { stderr } = await losscope(['run', 'nowhere.yaml', '--dry-run']);
    expect(stderr).toMatch(
      /^losscope: nowhere\.yaml:2:10: no model tinny: .*did you mean tiny\?\nlosscope: nowhere\.yaml:4:28: .*did you mean silence\?\n$/,
    );
    const none = await losscope(['run', 'none.yaml']);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/^losscope: none\.yaml: .*\n$/);
    expect((await losscope(['run', 'study.yaml', '--shard', '3/2'])).code).toBe(2);
    const other = await losscope(['run', 'study.yaml', '-o', 'whole', '--limit', '0']);
    expect(other.code).toBe(2);
  });
});
