// losscope work as users meet it: several workers in one folder, killed, paused and interrupted, and one and the same end.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav.js';
import { generator, seedOf } from '../../src/stats/random.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const CLIPS = ['one', 'two', 'three'];
const STUDY = [
  'study: small',
  'clip: { length: 2s }',
  'models: [tiny]',
  'groups: { A: { files: "*.wav" } }',
  'disturbances:',
  '  white: { kind: noise, color: [white, pink], at: 1s, length: [5, 10] }',
  'maps: { every: 30, from: 20 }',
].join('\n');
let folder = '';
let whole = '';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Prepared as a worker needs it, so that the worker is this process and no child of it: signals are meant for it. */
const ENV = { ...process.env, MALLOC_ARENA_MAX: '1' };

/** Starts losscope in a process group of its own, as a terminal does. */
function start(...args: readonly string[]): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: ENV, detached: true });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

const losscope = (...args: readonly string[]): Promise<Ended> => start(...args).ended;
const work = (store: string, ...more: readonly string[]): Running =>
  start('work', 'study.yaml', '--out', store, '--threads', '1', ...more);
/** For workers that are lost. A worker that is only slow may be taken for lost, too: that changes nothing but who does a job. */
const SOON = ['--expire', '4s'];

/** Waits until a worker holds a job of a store. */
async function claimed({ child }: Running, store: string): Promise<void> {
  const claims = join(folder, store, 'claims');
  while (child.exitCode === null) {
    const plans = existsSync(claims) ? readdirSync(claims) : [];
    if (plans.some((plan) => readdirSync(join(claims, plan)).some((name) => name.endsWith('.lease')))) return;
    await sleep(20);
  }
  throw new Error('the worker ended before it held a job');
}

async function exported(store: string): Promise<string> {
  expect(await losscope('export', store, '--format', 'jsonl', '-o', `${store}.jsonl`)).toMatchObject({
    code: 0,
  });
  return createHash('sha256')
    .update(readFileSync(join(folder, `${store}.jsonl`)))
    .digest('hex');
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-work-'));
  for (const name of CLIPS) {
    const random = generator(seedOf('work cli', name));
    const samples = Float32Array.from({ length: 2 * 32_000 }, (_, i) => {
      const note = 110 * 2 ** (((Math.floor(i / 4000) * 7) % 24) / 12);
      return 0.2 * Math.sin((2 * Math.PI * note * i) / 32_000) + 0.02 * random.normal();
    });
    const clip = { name, sampleRate: 32_000, channels: [samples] };
    writeFileSync(join(folder, `${name}.wav`), writeWav(clip, { format: 'pcm16' }));
  }
  writeFileSync(join(folder, 'study.yaml'), STUDY);
  expect(await losscope('run', 'study.yaml', '-o', 'whole')).toMatchObject({ code: 0 });
  whole = await exported('whole');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('losscope work', () => {
  test('three workers end with the rows of one machine; status and finish say so', async () => {
    const ends = await Promise.all([work('three'), work('three'), work('three')].map(({ ended }) => ended));
    for (const { code, stdout } of ends) {
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /^(?:1 job|[02-9] jobs) done here, none is left; losscope finish three checks and gathers/,
      );
    }
    expect(ends.map(({ stdout }) => Number.parseInt(stdout, 10)).reduce((a, b) => a + b)).toBe(CLIPS.length);
    expect(await exported('three')).toBe(whole);
    const status = await losscope('status', 'three');
    expect(status.stdout).toMatch(/cells: 15 of 15 done\n {2}maps: 3 of 3 done\n/);
    const finish = await losscope('finish', 'three');
    expect(finish).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/complete\n\d+ small parts gathered in 1\n$/),
    });
    expect(await exported('three')).toBe(whole);
    expect(existsSync(join(folder, 'three', 'claims'))).toBe(false);
    expect(await losscope('finish', 'three')).toMatchObject({ code: 0 });
  });

  test('a worker that is started without what it needs is a process of its own, and ends as it does', async () => {
    const env = { ...process.env, MALLOC_ARENA_MAX: undefined };
    const ended = (...args: readonly string[]): Promise<number | null> =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, [MAIN, 'work', ...args], { cwd: folder, env, stdio: 'ignore' });
        child.on('close', resolve);
      });
    expect(await ended('study.yaml', '--out', 'child')).toBe(0);
    expect(await exported('child')).toBe(whole);
    expect(await ended('none.yaml', '--out', 'child')).toBe(1);
  });

  test('a worker killed with -9 loses its job to another', async () => {
    const killed = work('killed', ...SOON);
    await claimed(killed, 'killed');
    killed.child.kill('SIGKILL');
    await killed.ended;
    const early = await losscope('finish', 'killed');
    expect(early.code).toBe(1);
    expect(await work('killed', ...SOON).ended).toMatchObject({ code: 0 });
    expect(await exported('killed')).toBe(whole);
    expect(await losscope('finish', 'killed')).toMatchObject({ code: 0 });
  });

  test('a worker that is paused until its job was taken over goes on and changes nothing', async () => {
    const paused = work('paused', ...SOON);
    await claimed(paused, 'paused');
    paused.child.kill('SIGSTOP');
    expect(await work('paused', ...SOON).ended).toMatchObject({ code: 0 });
    expect(await exported('paused')).toBe(whole);
    paused.child.kill('SIGCONT');
    expect((await paused.ended).code).toBe(0);
    expect(await exported('paused')).toBe(whole);
    expect(await losscope('check', 'paused')).toMatchObject({ code: 0 });
  });

  /** Leases that are left of a store's workers. */
  function leasesOf(store: string): string[] {
    const claims = join(folder, store, 'claims');
    const names = readdirSync(claims).flatMap((plan) => readdirSync(join(claims, plan)));
    return names.filter((name) => name.endsWith('.lease'));
  }

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s: a worker gives its job back, ends with 130, and others go on',
    async (signal) => {
      const stopped = work(signal);
      await claimed(stopped, signal);
      stopped.child.kill(signal);
      const { code, stdout, stderr } = await stopped.ended;
      expect(code).toBe(130);
      expect(stderr).toMatch(/finishing the cell or map under way within 20 s, then giving the job back/);
      expect(stdout).toMatch(/^(?:1 job|[02-9] jobs) done here; go on with the same command/);
      expect(leasesOf(signal)).toEqual([]);
      expect(await work(signal).ended).toMatchObject({ code: 0 });
      expect(await exported(signal)).toBe(whole);
    },
  );

  test('several workers of one command end well together, though a terminal signals them and their leader', async () => {
    const both = start('work', 'study.yaml', '--out', 'both', '--workers', '2');
    await claimed(both, 'both');
    process.kill(-Number(both.child.pid), 'SIGINT');
    const { code, stderr } = await both.ended;
    expect(code).toBe(130);
    expect(stderr).not.toMatch(/fault/);
    expect(leasesOf('both')).toEqual([]);
    expect(await start('work', 'study.yaml', '--out', 'both', '--workers', '2').ended).toMatchObject({
      code: 0,
    });
    expect(await exported('both')).toBe(whole);
  });

  test('status --watch goes on until all is done', async () => {
    const first = work('watched');
    await claimed(first, 'watched');
    const watch = start('status', 'watched', '--watch');
    expect(await first.ended).toMatchObject({ code: 0 });
    const { code, stdout } = await watch.ended;
    expect(code).toBe(0);
    const looks = stdout.trim().split('\n\n');
    expect(looks[0]).toMatch(/^watched: study small\n {2}cells: \d+ of 15 done\n/);
    expect(looks.at(-1)).toMatch(/cells: 15 of 15 done\n {2}maps: 3 of 3 done\n/);
  });

  test('a clip that is not the one that was planned stops the worker, and nothing of it is stored', async () => {
    const first = work('changed', ...SOON);
    await claimed(first, 'changed');
    first.child.kill('SIGKILL');
    await first.ended;
    const files = CLIPS.map((name) => join(folder, `${name}.wav`));
    const kept = files.map((file) => readFileSync(file));
    for (const [i, file] of files.entries()) writeFileSync(file, kept[(i + 1) % kept.length]);
    const { code, stderr } = await work('changed', ...SOON).ended;
    for (const [i, file] of files.entries()) writeFileSync(file, kept[i]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /losscope: A\/\w+: its content is \w+\.\.\., planned was \w+\.\.\.; bring the clip back/,
    );
    expect(await work('changed', ...SOON).ended).toMatchObject({ code: 0 });
    expect(await exported('changed')).toBe(whole);
  });

  test('another study in the same folder is refused, naming what differs', async () => {
    writeFileSync(join(folder, 'other.yaml'), STUDY.replace('[5, 10]', '[5, 11]'));
    const { code, stderr } = await losscope('work', 'other.yaml', '--out', 'whole');
    expect(code).toBe(1);
    expect(stderr).toMatch(/this machine would plan other cells \(.*length=11/);
  });

  test.each([
    [['--queue', 'http://x'], 1, /expected redis:\/\/host/],
    [['--queue', 'redis://h:99999'], 1, /--queue redis:\/\/h:99999: expected redis:\/\/host/],
    [['--expire', '5'], 2, /Expected a time of at least a second/],
    [['--grace', 'soon'], 2, /Expected a time of at least a second/],
    [['--workers', '0'], 2, /at least 1/],
    [['--workers', '2', '--device', 'auto'], 2, /expected --device cpu or cuda, got auto/],
  ])('%s is refused', async (options, code, words) => {
    const ended = await losscope('work', 'study.yaml', '--out', 'wrong', ...options);
    expect(ended.code).toBe(code);
    expect(ended.stderr).toMatch(words);
  });
});

describe('losscope submit', () => {
  test('prints the scripts without submitting', async () => {
    const { code, stdout } = await losscope(
      'submit',
      'study.yaml',
      '--out',
      'x',
      '--tasks',
      '3',
      '--print',
      ...['--', '-p', 'all', '--account=lab', '--mem=1G'],
    );
    expect(code).toBe(0);
    expect(stdout).toMatch(/^#!\/bin\/bash\n#SBATCH --job-name=losscope-small\n#SBATCH --array=1-3\n/);
    expect(stdout).toMatch(
      /exec .*main\.js work .*study\.yaml --out .*\/x --device cpu --expire 60000ms --grace 20000ms --threads "\$\{SLURM_CPUS_PER_TASK:-1\}"/,
    );
    const [workers, finish] = stdout.split('\n\n');
    expect(finish).toMatch(/exec .*main\.js finish .*\/x$/m);
    expect(workers).toMatch(/\nexport MALLOC_ARENA_MAX=1\n/);
    expect(workers).toMatch(/\n#SBATCH -p all\n#SBATCH --account=lab\n#SBATCH --mem=1G\n/);
    expect(finish).toMatch(/\n#SBATCH -p all\n#SBATCH --account=lab\n#/);
    expect(finish).not.toMatch(/mem/);
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  test('says where sbatch is missing', async () => {
    const child = spawn(process.execPath, [MAIN, 'submit', 'study.yaml', '--out', 'y'], {
      cwd: folder,
      env: { ...process.env, PATH: '/nowhere' },
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^losscope: sbatch: not found; submit where SLURM is/m),
    ]);
  });
});
