// Claims from a queue, on a real Redis and a real PostgreSQL.

import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  enqueueJobs,
  publishedPlan,
  publishPlan,
  queueClaims,
  queueStatus,
} from '../../src/node/claims/queue.js';
import { claimsConformance, passTime } from '../conformance/claims.js';
import { installed, postgresPrograms, type Server, startPostgres, startRedis } from './servers.js';

const EXPIRE = 4000;
let plans = 0;
/** Each test has a plan, and so a queue, of its own. */
const newPlan = (): string => String(++plans).padEnd(64, 'x');

const ENGINES = [
  ['Redis', installed('redis-server'), () => startRedis()],
  ['PostgreSQL', postgresPrograms() !== undefined, startPostgres],
] as const;

for (const [name, isThere, start] of ENGINES) {
  describe.skipIf(!isThere)(`claims from ${name}${isThere ? '' : ' (not installed: skipped)'}`, () => {
    let server: Server;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());

    claimsConformance(async (jobs) => {
      const options = { url: server.url, plan: newPlan(), expire: EXPIRE };
      await enqueueJobs(options, jobs);
      return {
        open: () => queueClaims(options),
        expire: (options) => passTime(() => sleep(EXPIRE / 4), { ...options, count: 12 }),
      };
    });

    test('adding jobs twice adds them once; a queue that is done is made again', async () => {
      const options = { url: server.url, plan: newPlan() };
      expect(await enqueueJobs(options, ['a', 'b'])).toBe(2);
      expect(await enqueueJobs(options, ['a', 'b', 'c'])).toBe(3);
      const claims = await queueClaims(options);
      for (let i = 0; i < 3; i++) {
        const claim = await claims.next(() => false);
        if (claim) await claims.done(claim);
      }
      expect(await claims.next(() => false)).toBeUndefined();
      expect(await enqueueJobs(options, ['a'])).toBe(1);
      await claims.close();
    });

    test('a job that is done is added again if it is missing from the results, while others wait', async () => {
      const options = { url: server.url, plan: newPlan() };
      await enqueueJobs(options, ['a', 'b']);
      const claims = await queueClaims(options);
      const claim = await claims.next(() => false);
      if (!claim) throw new Error('nothing to claim');
      await claims.done(claim);
      expect(await enqueueJobs(options, ['a', 'b'])).toBe(1);
      expect(await enqueueJobs(options, [claim.job], { missing: true })).toBe(2);
      await claims.close();
    });

    test('says how it stands, and who holds what', async () => {
      const options = { url: server.url, plan: newPlan() };
      await enqueueJobs(options, ['a', 'b', 'c']);
      const claims = await queueClaims(options);
      const [first] = [await claims.next(() => false), await claims.next(() => false)];
      const worker = `${hostname()}-${process.pid}`;
      expect(await queueStatus(options)).toEqual({
        ...{ waiting: 1, done: 0, failed: 0 },
        held: [{ worker, jobs: 2 }],
      });
      if (first) await claims.done(first);
      expect(await queueStatus(options)).toEqual({
        ...{ waiting: 1, done: 1, failed: 0 },
        held: [{ worker, jobs: 1 }],
      });
      await claims.close();
    });

    test('keeps what workers need of a plan, the last that was published', async () => {
      const { url } = server;
      const study = newPlan();
      const digest = {
        hash: 'a',
        instructions: 'avx2',
        contents: { 'A/"one"': 'x' },
        fingerprints: { tiny: 'y' },
      };
      expect(await publishedPlan({ url }, study)).toBeUndefined();
      await publishPlan({ url }, study, digest);
      await publishPlan({ url }, study, { ...digest, hash: 'b' });
      expect(await publishedPlan({ url }, study)).toEqual({ ...digest, hash: 'b' });
    });

    test('a server that is killed keeps what is on disk', async () => {
      const options = { url: server.url, plan: newPlan() };
      await enqueueJobs(options, ['a', 'b']);
      await server.restart({ kept: true });
      const claims = await queueClaims(options);
      expect((await claims.next(() => false))?.job).toMatch(/^[ab]$/);
      await claims.close();
    });
  });
}

describe('a queue', () => {
  test.each(['redis://:secret@127.0.0.1:1', 'postgres://me:secret@127.0.0.1:1/x'])(
    'at %s, where nobody answers, is told in one line without the password',
    async (url) => {
      await expect(queueClaims({ url, plan: newPlan() })).rejects.toThrow(
        /^--queue \w+:\/\/(me)?:\*\*\*@127\.0\.0\.1:1(\/x)?: does not answer \(.*ECONNREFUSED.*\); start it/,
      );
    },
  );
});

describe.skipIf(!installed('redis-server'))('a queue that was lost', () => {
  test('is made again by enqueueing again', async () => {
    const server = await startRedis();
    const options = { url: server.url, plan: newPlan() };
    await enqueueJobs(options, ['a', 'b']);
    await server.restart({ kept: false });
    expect(await enqueueJobs(options, ['a', 'b'])).toBe(2);
    await server.stop();
  });
});
