// losscope submit on a real SLURM of two nodes: what is typed in docs/machines.md, a requeued task, a lost node, and the rows of
// a single machine each time.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installed, procFile, type Slurm, startSlurm } from './servers.js';
import { type SmallStudy, smallStudy } from './small_study.js';

const isThere = installed('slurmctld') && installed('slurmd') && process.getuid?.() === 0;

/** Programs start slowly on a busy machine; SLURM takes half a minute to notice that a node is gone. */
const TIMEOUT = 600_000;

describe.skipIf(!isThere)(`SLURM${isThere ? '' : ' (not installed, or not root: skipped)'}`, () => {
  let slurm: Slurm;
  let study: SmallStudy;

  /** Submits the study; returns the numbers of the workers' job and of the finishing one. */
  async function submit(store: string): Promise<{ readonly work: string; readonly finish: string }> {
    const { code, stdout, stderr } = await study.losscope(
      ...['submit', 'study.yaml', '--out', store, '--tasks', '2', '--expire', '10s'],
    );
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

  /** Waits until a requeued task is held for two minutes, and ends that. */
  async function hurry(work: string): Promise<void> {
    for (;;) {
      const [, task] =
        /^(\S+) BeginTime$/m.exec(slurm.run('squeue', '-h', '-j', work, '-r', '-o', '%i %r')) ?? [];
      if (task !== undefined) return void slurm.run('scontrol', 'update', `JobId=${task}`, 'StartTime=now');
      await sleep(300);
    }
  }

  /** Waits until a worker holds a job; returns the node that it is on. */
  async function holder(store: string): Promise<1 | 2> {
    for (;;) {
      const node = nodeOf(join(study.folder, store, 'claims'));
      if (node !== undefined) return node;
      await sleep(20);
    }
  }

  beforeAll(async () => {
    slurm = await startSlurm();
    study = await smallStudy(slurm.env);
  }, TIMEOUT);
  afterAll(async () => {
    await slurm?.stop();
    study?.remove();
  });

  test(
    'runs a study, and finishes it',
    async () => {
      const { work, finish } = await submit('plain');
      await over(finish);
      expect(stateOf(finish)).toBe('COMPLETED');
      expect(await study.exported('plain')).toBe(study.whole);
      const logs = readdirSync(join(study.folder, 'plain', 'slurm'));
      expect(logs).toEqual(
        expect.arrayContaining(['work.sh', 'finish.sh', `${work}_1.log`, `${work}_2.log`]),
      );
      expect(readFileSync(join(study.folder, 'plain', 'slurm', `${finish}_finish.log`), 'utf8')).toMatch(
        /^complete$/m,
      );
    },
    TIMEOUT,
  );

  test(
    'a requeued task changes nothing',
    async () => {
      const { work, finish } = await submit('requeued');
      await running(work);
      slurm.run('scontrol', 'requeue', `${work}_1`);
      await hurry(work);
      await over(finish);
      expect(stateOf(finish)).toBe('COMPLETED');
      expect(await study.exported('requeued')).toBe(study.whole);
    },
    TIMEOUT,
  );

  test(
    'a cancelled study is submitted again, and goes on',
    async () => {
      const first = await submit('cancelled');
      await running(first.work);
      slurm.run('scancel', first.work);
      await over(first.finish);
      expect(stateOf(first.finish)).toBe('FAILED');
      const { finish } = await submit('cancelled');
      await over(finish);
      expect(stateOf(finish)).toBe('COMPLETED');
      expect(await study.exported('cancelled')).toBe(study.whole);
    },
    TIMEOUT,
  );

  test(
    'a node that is lost changes nothing: its job is taken over, its task requeued',
    async () => {
      const { work, finish } = await submit('node-lost');
      await slurm.loseNode(await holder('node-lost'));
      await hurry(work);
      await over(finish);
      expect(stateOf(finish)).toBe('COMPLETED');
      expect(await study.exported('node-lost')).toBe(study.whole);
    },
    TIMEOUT,
  );

  test('options of sbatch reach it, and what it refuses is one line', async () => {
    const { code, stderr } = await study.losscope(
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

/** The node of a worker that has a lease in the folder. */
function nodeOf(claims: string): 1 | 2 | undefined {
  try {
    for (const name of readdirSync(claims, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.lease')) continue;
      const { process: pid } = JSON.parse(readFileSync(join(claims, name), 'utf8'));
      const [, node] = /SLURMD_NODENAME=n([12])/.exec(procFile(pid, 'environ')) ?? [];
      if (node !== undefined) return node === '1' ? 1 : 2;
    }
  } catch {
    // Not there yet, or being written.
  }
  return undefined;
}
