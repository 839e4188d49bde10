// What dividing work costs, measured: a claim from each engine, from asking for a job to having said that it is done; and an
// append to a store that 1 and 8 writers share. Servers are started here, on loopback; those that are not installed are left out.
//
//   npm run build && npx tsx bench/claims.ts

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderClaims } from '../src/node/claims/folder.js';
import { enqueueJobs, queueClaims } from '../src/node/claims/queue.js';
import { openStore } from '../src/node/store/index.js';
import type { Claims } from '../src/study/claims.js';
import { planHash } from '../src/study/key.js';
import type { Plan } from '../src/study/store.js';
import {
  installed,
  postgresPrograms,
  type Server,
  startPostgres,
  startRedis,
} from '../test/machines/servers.js';
import { planOf, rowOf } from '../test/node/store_rows.js';

const JOBS = 400;
/** A claim is for at least one task of this length, ms. */
const TASK = 2000;
const APPENDS = 24;

const jobs = Array.from({ length: JOBS }, (_, i) => i.toString(16).padStart(32, '0'));
const folder = mkdtempSync(join(tmpdir(), 'losscope-claims-'));
try {
  await claims('folder (this disk)', () => folderClaims(join(folder, 'claims'), { jobs }));
  if (installed('redis-server')) {
    for (const sync of ['everysec', 'always'] as const)
      await served(`Redis, appendfsync ${sync}`, await startRedis({ sync }));
  } else console.log('Redis: not installed');
  if (postgresPrograms()) await served('PostgreSQL, without fsync', await startPostgres());
  else console.log('PostgreSQL: not installed');
  await appends();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function served(name: string, server: Server): Promise<void> {
  try {
    const options = { url: server.url, plan: planHash(jobs) };
    await enqueueJobs(options, jobs);
    await claims(name, () => queueClaims(options));
  } finally {
    await server.stop();
  }
}

/** Does every job, which is no work, and prints what each took. A sign of life comes every ten seconds: none within a task. */
async function claims(name: string, open: () => Promise<Claims>): Promise<void> {
  const claiming = await open();
  const times: number[] = [];
  for (;;) {
    const start = performance.now();
    const claim = await claiming.next(() => false);
    if (!claim) break;
    await claiming.done(claim);
    times.push(performance.now() - start);
  }
  await claiming.close();
  const mean = times.reduce((a, b) => a + b) / times.length;
  console.log(
    `${name}: ${times.length} jobs claimed and done: mean ${mean.toFixed(2)} ms, median ${quantile(times, 0.5).toFixed(2)}, ` +
      `99% within ${quantile(times, 0.99).toFixed(1)}; ${((100 * mean) / TASK).toFixed(2)}% of a task of ${TASK / 1000} s`,
  );
}

/** Writers take turns, so that none waits for another's processor time: what is left is what the others' files cost. */
async function appends(): Promise<void> {
  const cells = Array.from({ length: 8 * APPENDS }, (_, i) => planOf({ offsetSeconds: i }).cells[0]);
  const plan: Plan = {
    study: 'bench',
    hash: planHash(cells.map(({ key }) => key)),
    yaml: 'study: bench\n',
    cells,
  };
  const medians: number[] = [];
  for (const writers of [1, 8]) {
    const path = join(folder, `store-${writers}`);
    const stores = await Promise.all(
      Array.from({ length: writers }, () => openStore(path, { create: true })),
    );
    await stores[0].writePlan(plan);
    const times: number[] = [];
    for (const [i, cell] of cells.slice(0, writers * APPENDS).entries()) {
      const row = rowOf(cell);
      const start = performance.now();
      await stores[i % writers].append([row]);
      // The first append of a writer says which machine it is.
      if (i >= writers) times.push(performance.now() - start);
    }
    for (const store of stores) await store.close();
    medians.push(quantile(times, 0.5));
    console.log(
      `append of a row, ${writers} ${writers === 1 ? 'writer' : 'writers'}: median ${quantile(times, 0.5).toFixed(1)} ms over ${times.length}`,
    );
  }
  console.log(`append, 8 writers over 1: ${(medians[1] / medians[0]).toFixed(2)}`);
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
