// Claims as files in a shared folder.

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderClaims, waitOf } from '../../src/node/claims/folder.js';
import type { Claim } from '../../src/study/claims.js';
import { claimsConformance, passTime } from '../conformance/claims.js';

let folder = '';
let folders = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-claims-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** On a clock of the test's own, which only the test moves. */
const EXPIRE = 60;

describe('claims in a folder', () => {
  claimsConformance(async (jobs) => {
    const path = join(folder, `${++folders}`);
    let clock = 0;
    return {
      open: (worker) => folderClaims(path, { jobs, worker, expire: EXPIRE, now: () => clock }),
      expire: (options) =>
        passTime(
          async () => {
            // The others may look at the leases meanwhile.
            await sleep(EXPIRE);
            clock += EXPIRE / 10;
          },
          { ...options, count: 20 },
        ),
    };
  });

  test('leave the done jobs alone: no lease is left, and other files mean nothing', async () => {
    const path = join(folder, `${++folders}`);
    const claims = await folderClaims(path, { jobs: ['a', 'b'], worker: 'x', expire: EXPIRE });
    writeFileSync(join(path, '.nfs0001'), '');
    for (const _ of [1, 2]) {
      const claim = await claims.next(() => false);
      if (claim) await claims.done(claim);
    }
    expect(readdirSync(path).sort()).toEqual(['.nfs0001', 'a.done', 'b.done']);
    expect(await claims.next(() => false)).toBeUndefined();
  });

  test('of more lost workers than one watches at a time are all taken over', async () => {
    const path = join(folder, `${++folders}`);
    const jobs = Array.from({ length: 30 }, (_, i) => `job${i}`);
    let clock = 0;
    const options = { jobs, expire: EXPIRE, now: () => clock };
    const lost = await folderClaims(path, { ...options, worker: 'lost' });
    const held: Claim[] = [];
    while (held.length < jobs.length) {
      const claim = await lost.next(() => false);
      if (claim) held.push(claim);
    }
    const other = await folderClaims(path, { ...options, worker: 'other' });
    const taken: string[] = [];
    const rest = (async () => {
      for (let claim = await other.next(() => false); claim; claim = await other.next(() => false)) {
        taken.push(claim.job);
        await other.done(claim);
      }
    })();
    while (taken.length < jobs.length) {
      clock += EXPIRE / 4;
      await sleep(EXPIRE);
    }
    await rest;
    expect(taken.sort()).toEqual([...jobs].sort());
    for (const claim of held) expect(await lost.keep(claim)).toBe(false);
    expect(readdirSync(path).every((name) => name.endsWith('.done'))).toBe(true);
  });

  test('are looked at the less often the more workers there are', () => {
    expect([1, 20, 60, 1000].map(waitOf)).toEqual([0.1, 1, 3, 6]);
  });

  test('that were given back are not made again by a sign of life that comes late', async () => {
    const path = join(folder, `${++folders}`);
    const claims = await folderClaims(path, { jobs: ['a'], worker: 'x', expire: EXPIRE });
    const claim = await claims.next(() => false);
    if (!claim) throw new Error('nothing to claim');
    await claims.release(claim);
    expect(await claims.keep(claim)).toBe(false);
    expect(readdirSync(path)).toEqual(['a.1.free']);
  });
});
