// A store towards its end: how far it is, who wrote it, what is gathered when it is complete; and documents as they are read.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLAIMS, claimsFolder } from '../../src/node/claims/folder.js';
import { parsedDocument } from '../../src/node/store/document_schema.js';
import { finishStore } from '../../src/node/store/finish.js';
import { processesAt, storedTwice, storeStatus } from '../../src/node/store/status.js';
import { openStore } from '../../src/node/store/store.js';
import { documentText } from '../../src/study/key.js';
import { partsOf } from './store_files.js';
import { failedRowOf, keptMapOf, PLAN, rowOf } from './store_rows.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-end-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('status counts what is stored and claimed; finish waits until nothing is missing, then gathers', async () => {
  const place = join(folder, 'store');
  const half = PLAN.cells.slice(0, 15);
  for (const cells of [half.slice(0, 14), half.slice(14)]) {
    const store = await openStore(place, { create: true });
    await store.writePlan(PLAN);
    await store.append(cells.map((cell) => (cell === half[14] ? failedRowOf(cell) : rowOf(cell))));
    await store.close();
  }
  const claims = claimsFolder(place, PLAN.hash);
  mkdirSync(claims, { recursive: true });
  writeFileSync(join(claims, 'job.1.lease'), JSON.stringify({ worker: 'w1' }));
  const before = await storeStatus(place);
  expect(before).toMatchObject({
    study: PLAN.study,
    tasks: { score: { planned: PLAN.cells.length, ok: 14, failed: 1 } },
    damaged: 0,
    claims: { held: [{ worker: 'w1', jobs: 1 }], done: 0 },
  });
  expect(before.writers.map(({ cells }) => cells).sort()).toEqual([1, 14]);
  expect(await finishStore(place)).toMatchObject({ check: { complete: false }, written: 0, deleted: 0 });
  expect(existsSync(join(place, CLAIMS))).toBe(true);

  const store = await openStore(place, { create: true });
  await store.append(PLAN.cells.slice(14).map((cell) => rowOf(cell)));
  await store.close();
  expect(await finishStore(place)).toMatchObject({ check: { complete: true }, written: 1, deleted: 2 });
  expect(existsSync(join(place, CLAIMS))).toBe(false);
  // The small ones in one; one of 16 rows was large already.
  expect(partsOf(place)).toHaveLength(2);
});

test('what two runs at once have both stored is counted, and who else writes on this machine', async () => {
  const place = join(folder, 'twice');
  const since = Date.now() - 60_000;
  for (const cells of [PLAN.cells.slice(0, 9), PLAN.cells.slice(4, 12)]) {
    const store = await openStore(place, { create: true });
    await store.writePlan(PLAN);
    await store.append(cells.map((cell) => rowOf(cell)));
    await store.close();
  }
  expect(await storedTwice(place, { since })).toBe(5);
  expect(await storedTwice(place, { since: Date.now() + 60_000 })).toBe(0);

  expect(await processesAt(place)).toEqual([]); // it is this process that wrote
  const other = spawn('sleep', ['60']);
  const machine = hostname().replace(/[^\w.-]/g, '-');
  mkdirSync(join(place, 'writers', `${machine}-${other.pid}-0123abcd`));
  mkdirSync(join(place, 'writers', `elsewhere-${other.pid}-0123abcd`));
  expect(await processesAt(place)).toEqual([other.pid]);
  const ended = new Promise((resolve) => other.once('close', resolve));
  other.kill();
  await ended;
  expect(await processesAt(place)).toEqual([]);
});

test('finish counts failures as results: gathers them, and says that not all went well', async () => {
  const place = join(folder, 'failures');
  const [first, ...others] = PLAN.cells;
  for (const rows of [[failedRowOf(first)], others.map(rowOf)]) {
    const store = await openStore(place, { create: true });
    await store.writePlan(PLAN);
    await store.append(rows.slice(0, 15));
    await store.append(rows.slice(15));
    await store.close();
  }
  const exported = await exportOf(place);
  const finished = await finishStore(place);
  expect(finished).toMatchObject({ check: { complete: false }, written: 1, deleted: 3 });
  expect(finished.check.score.failed).toMatchObject([{ key: first.key }]);
  expect(await exportOf(place)).toEqual(exported);
  const damaged = join(place, 'writers', 'x', 'parts', `${'0'.repeat(64)}.parquet`);
  mkdirSync(dirname(damaged), { recursive: true });
  writeFileSync(damaged, 'x');
  expect(await finishStore(place)).toMatchObject({ written: 0, deleted: 0 });
});

/** The rows of a store, in the order of the plan. */
async function exportOf(place: string): Promise<unknown[]> {
  const store = await openStore(place);
  const rows: unknown[] = [];
  for await (const row of store.rows()) rows.push(row);
  await store.close();
  return rows;
}

describe('documents', () => {
  const map = keptMapOf([0.5, Number.NaN], 4);
  const read = (document: unknown) => parsedDocument('map', JSON.parse(documentText(document)));
  test('a map is read as it was written, NaN through null', () => {
    expect(read({ key: 'k', status: 'ok', map })).toEqual({ key: 'k', result: { status: 'ok', value: map } });
    expect(read({ key: 'k', status: 'failed', error: 'why' })).toEqual({
      key: 'k',
      result: { status: 'failed', error: 'why' },
    });
  });
  test.each([
    ['of another kind', { key: 'k', status: 'ok', parity: {} }],
    ['with a field too many', { key: 'k', status: 'ok', map: { ...map, more: 1 } }],
    ['without points', { key: 'k', status: 'ok', map: { ...map, points: [] } }],
    ['with text for a number', { key: 'k', status: 'ok', map: { ...map, every: '10' } }],
    ['without a key', { status: 'ok', map }],
    ['that is no object', 'map'],
  ])('%s it is none', (_, document) => {
    expect(read(document)).toBeUndefined();
  });
});
