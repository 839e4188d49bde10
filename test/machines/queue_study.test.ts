// A whole study through a queue, each worker with a store of its own: workers killed and paused, servers killed with and without
// what they have on disk; and the rows of a single machine each time.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine } from '../../src/node/claims/engine.js';
import { installed, postgresPrograms, type Server, startPostgres, startRedis } from './servers.js';
import { type Running, type SmallStudy, smallStudy } from './small_study.js';

const ENGINES = [
  ['Redis', installed('redis-server'), () => startRedis()],
  ['PostgreSQL', postgresPrograms() !== undefined, startPostgres],
] as const;
/** Programs start slowly on a busy machine, and each test starts some ten. */
const TIMEOUT = 600_000;

for (const [name, isThere, start] of ENGINES) {
  describe.skipIf(!isThere)(`a study on ${name}${isThere ? '' : ' (not installed: skipped)'}`, () => {
    let study: SmallStudy;
    let server: Server;
    let plan = '';
    beforeAll(async () => {
      server = await start();
      study = await smallStudy();
      plan = JSON.parse(readFileSync(join(study.folder, 'whole', 'plan.json'), 'utf8')).hash;
    }, TIMEOUT);
    afterAll(async () => {
      study?.remove();
      await server?.stop();
    });

    async function enqueue(...more: readonly string[]): Promise<void> {
      const ended = await study.losscope('enqueue', 'study.yaml', '--queue', server.url, ...more);
      expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d of 3 jobs wait; on each/) });
    }

    /** What is said of the queue, asked with a store of the study or its file. */
    const status = async (place: string): Promise<string> =>
      (await study.losscope('status', place, '--queue', server.url)).stdout;

    const work = (store: string): Running =>
      study.start(
        ...['work', 'study.yaml', '--queue', server.url, '--out', store],
        ...['--threads', '1', '--expire', '4s'],
      );

    /** Waits until a worker holds a job of the queue. */
    async function holds({ child }: Running): Promise<void> {
      const engine = await openEngine({ url: server.url });
      const queue = await engine.queue(`losscope-${plan.slice(0, 32)}`);
      while ((await queue.getJobCountByTypes('active')) === 0) {
        if (child.exitCode !== null) throw new Error('the worker ended before it held a job');
        await sleep(20);
      }
      await queue.close();
      await engine.close();
    }

    async function merged(out: string, ...stores: readonly string[]): Promise<string> {
      expect(await study.losscope('merge', out, ...stores)).toMatchObject({ code: 0 });
      expect(await study.losscope('finish', out)).toMatchObject({ code: 0 });
      return study.exported(out);
    }

    test(
      'is done by those that are left when a worker is killed with -9',
      async () => {
        await enqueue();
        const killed = work('killed');
        await holds(killed);
        killed.child.kill('SIGKILL');
        await killed.ended;
        expect(await status('study.yaml')).toMatch(
          /^study\.yaml: study cluster\n {2}queue: \d jobs done, \d wait, 1 held by \S+-\d+\n$/,
        );
        const ends = await Promise.all([work('left'), work('right')].map(({ ended }) => ended));
        expect(ends.map(({ code }) => code)).toEqual([0, 0]);
        expect(await status('left')).toMatch(/\n {2}queue: 3 jobs done, 0 wait\n/);
        expect(await merged('after-kill', 'killed', 'left', 'right')).toBe(study.whole);
      },
      TIMEOUT,
    );

    test(
      'is not disturbed by a worker that is paused until its job was taken over',
      async () => {
        await enqueue();
        const paused = work('paused');
        await holds(paused);
        paused.child.kill('SIGSTOP');
        expect(await work('awake').ended).toMatchObject({ code: 0 });
        paused.child.kill('SIGCONT');
        expect((await paused.ended).code).toBe(0);
        expect(await merged('after-pause', 'paused', 'awake')).toBe(study.whole);
      },
      TIMEOUT,
    );

    test(
      'goes on when the server was killed and is back with what it has on disk',
      async () => {
        await enqueue();
        const worker = work('patient');
        await holds(worker);
        await server.restart({ kept: true });
        expect((await worker.ended).code).toBe(0);
        expect(await study.exported('patient')).toBe(study.whole);
      },
      TIMEOUT,
    );

    test(
      'ends well when it is asked to while the server is away',
      async () => {
        await enqueue();
        const worker = work('alone');
        await holds(worker);
        await server.lose();
        worker.child.kill('SIGTERM');
        const { code, stdout } = await worker.ended;
        await server.restart({ kept: true });
        expect(code).toBe(130);
        expect(stdout).toMatch(/jobs done here; go on with the same command/);
        expect((await work('alone').ended).code).toBe(0);
        expect(await study.exported('alone')).toBe(study.whole);
      },
      TIMEOUT,
    );

    test.skipIf(name !== 'Redis')(
      'is enqueued again when the queue was lost: only what the store lacks',
      async () => {
        await enqueue();
        const worker = work('lost');
        await holds(worker);
        await server.restart({ kept: false });
        expect((await worker.ended).code).toBe(0);
        await enqueue('--out', 'lost');
        expect((await work('lost').ended).code).toBe(0);
        expect(await study.exported('lost')).toBe(study.whole);
      },
      TIMEOUT,
    );
  });
}
