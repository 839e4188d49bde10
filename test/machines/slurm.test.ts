// losscope submit on a real SLURM of two nodes: what is typed in docs/machines.md, a requeued task, a lost node, and the rows of
// a single machine each time.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { installed, type Slurm, startSlurm } from './servers.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const isThere = installed('slurmctld') && installed('slurmd') && process.getuid?.() === 0;

describe.skipIf(!isThere)(`SLURM${isThere ? '' : ' (not installed, or not root: skipped)'}`, () => {
  let slurm: Slurm;
  let folder = '';
  let whole = '';

  function losscope(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [MAIN, ...args], { cwd: folder, env: slurm.env }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
    });
  }

  async function exported(store: string): Promise<string> {
    expect(await losscope('export', store, '--format', 'jsonl', '-o', `${store}.jsonl`)).toMatchObject({
      code: 0,
    });
    return createHash('sha256')
      .update(readFileSync(join(folder, `${store}.jsonl`)))
      .digest('hex');
  }

  /** Submits the study; returns the numbers of the workers' job and of the finishing one. */
  async function submit(store: string): Promise<{ readonly work: string; readonly finish: string }> {
    const { code, stdout, stderr } = await losscope('submit', 'study.yaml', '--out', store, '--tasks', '2');
    expect([code, stderr]).toEqual([0, '']);
    const [, work, finish] = /workers are job (\d+), job (\d+) finishes after them/.exec(stdout) ?? [];
    return { work, finish };
  }

  /** Waits until a job is no longer in the queue. */
  async function over(job: string): Promise<void> {
    while (
      slurm
        .run('squeue', '-h', '-j', job, '--states=all', '-o', '%T')
        .match(/PENDING|RUNNING|COMPLETING|CONFIGURING|REQUEUE/)
    ) {
      await sleep(300);
    }
  }

  /** The state in which a job ended. */
  const stateOf = (job: string): string =>
    /JobState=(\w+)/.exec(slurm.run('scontrol', 'show', 'job', job))?.[1] ?? '';

  async function running(job: string): Promise<void> {
    while (!slurm.run('squeue', '-h', '-j', job, '-o', '%T').includes('RUNNING')) await sleep(100);
  }

  beforeAll(async () => {
    slurm = await startSlurm();
    folder = mkdtempSync(join(tmpdir(), 'losscope-cluster-'));
    for (const name of ['one', 'two', 'three']) {
      const random = generator(seedOf('slurm', name));
      const samples = Float32Array.from(
        { length: 64_000 },
        (_, i) => 0.2 * Math.sin(i / 20) + 0.05 * random.normal(),
      );
      const clip = { name, sampleRate: 32_000, channels: [samples] };
      writeFileSync(join(folder, `${name}.wav`), writeWav(clip, { format: 'pcm16' }));
    }
    writeFileSync(
      join(folder, 'study.yaml'),
      [
        'study: cluster',
        'clip: { length: 2s }',
        'models: [tiny]',
        'groups: { A: { files: "*.wav" } }',
        'disturbances:',
        '  white: { kind: noise, color: white, at: 1s, length: [5, 10] }',
        'maps: { every: 30, from: 20 }',
      ].join('\n'),
    );
    expect(await losscope('run', 'study.yaml', '-o', 'whole')).toMatchObject({ code: 0 });
    whole = await exported('whole');
  });
  afterAll(async () => {
    await slurm?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('runs a study, and finishes it', async () => {
    const { work, finish } = await submit('plain');
    await over(finish);
    expect(stateOf(finish)).toBe('COMPLETED');
    expect(await exported('plain')).toBe(whole);
    const logs = readdirSync(join(folder, 'plain', 'slurm'));
    expect(logs).toEqual(expect.arrayContaining(['work.sh', 'finish.sh', `${work}_1.log`, `${work}_2.log`]));
    expect(readFileSync(join(folder, 'plain', 'slurm', `${finish}_finish.log`), 'utf8')).toMatch(
      /^complete$/m,
    );
  });

  test('a requeued task changes nothing', async () => {
    const { work, finish } = await submit('requeued');
    await running(work);
    slurm.run('scontrol', 'requeue', `${work}_1`);
    // It would wait for two minutes.
    await sleep(1000);
    slurm.run('scontrol', 'update', `JobId=${work}_1`, 'StartTime=now');
    await over(finish);
    expect(stateOf(finish)).toBe('COMPLETED');
    expect(await exported('requeued')).toBe(whole);
  });

  test('a cancelled study is submitted again, and goes on', async () => {
    const first = await submit('cancelled');
    await running(first.work);
    slurm.run('scancel', first.work);
    await over(first.finish);
    expect(stateOf(first.finish)).toBe('FAILED');
    const { finish } = await submit('cancelled');
    await over(finish);
    expect(stateOf(finish)).toBe('COMPLETED');
    expect(await exported('cancelled')).toBe(whole);
  });

  test('options of sbatch reach it, and what it refuses is one line', async () => {
    const { code, stderr } = await losscope(
      'submit',
      'study.yaml',
      '--out',
      'refused',
      '--',
      '--partition=none',
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/^losscope: sbatch: .*invalid partition specified: none/m);
  });
});
