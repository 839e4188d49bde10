// Failures that may be a machine's fault are held back.

import { describe, expect, test } from 'vitest';
import { holdFailures, WorkerFault } from '../../src/study/failures.js';
import { memoryStore } from '../../src/study/memory_store.js';
import type { Job } from '../../src/study/plan.js';
import { failedRowOf, keptMapOf, PLAN, rowOf } from '../node/store_rows.js';

/** As far as failures are concerned, a job is its clip. */
const jobOf = (name: string): Job =>
  ({ kind: 'clip', id: name, item: { name, group: 'Set', source: { kind: 'audio', path: name } } }) as Job;

async function stored(store: ReturnType<typeof memoryStore>): Promise<string[]> {
  return [...(await store.results()).keys()];
}

describe('failures', () => {
  const cells = PLAN.cells;

  test('of a job in which something went well after them are stored with it', async () => {
    const store = memoryStore();
    const hold = holdFailures(store);
    await hold.store.append([failedRowOf(cells[1]), rowOf(cells[0])]);
    expect(await stored(store)).toEqual([cells[0].key]);
    expect(await hold.settle(jobOf('one'))).toHaveLength(1);
    expect(await stored(store)).toEqual([cells[0].key, cells[1].key]);
  });

  test('at the end of a job wait for the next one: a machine may have broken in the middle', async () => {
    const store = memoryStore();
    const hold = holdFailures(store);
    await hold.store.append([rowOf(cells[0]), failedRowOf(cells[1], 'out of memory')]);
    expect(await hold.settle(jobOf('one'))).toEqual([]);
    await hold.store.append([failedRowOf(cells[2], 'out of memory')]);
    expect(await hold.settle(jobOf('two'))).toEqual([]);
    await hold.store.append([failedRowOf(cells[3], 'out of memory')]);
    await expect(hold.settle(jobOf('three'))).rejects.toThrow(WorkerFault);
    expect(await stored(store)).toEqual([cells[0].key]);
  });

  test('at the end of every job are results where each begins well', async () => {
    const store = memoryStore();
    const hold = holdFailures(store);
    const done: string[] = [];
    for (const [i, name] of ['one', 'two', 'three', 'four'].entries()) {
      const [good, bad] = cells.slice(2 * i);
      await hold.store.append([rowOf(good), failedRowOf(bad, `${name}: too short`)]);
      done.push(...(await hold.settle(jobOf(name))).map(({ id }) => id));
    }
    expect(done).toEqual(['one', 'two', 'three']);
    expect(await stored(store)).toHaveLength(7);
    expect((await hold.end()).map(({ id }) => id)).toEqual(['four']);
  });

  test('of a whole job wait for the next one that goes well, or fails in another way', async () => {
    const store = memoryStore();
    const hold = holdFailures(store);
    await hold.store.append([failedRowOf(cells[0], 'one: too short by 3 samples')]);
    expect(await hold.settle(jobOf('one'))).toEqual([]);
    await hold.store.put('map', 'a'.repeat(64), { status: 'failed', error: 'silent' });
    expect((await hold.settle(jobOf('two'))).map(({ id }) => id)).toEqual(['one']);
    await hold.store.put('map', 'b'.repeat(64), { status: 'ok', value: keptMapOf([1], 2) });
    expect((await hold.settle(jobOf('three'))).map(({ id }) => id)).toEqual(['two', 'three']);
    expect(await stored(store)).toHaveLength(3);
  });

  test('alike of three jobs in a row stop the worker and leave nothing, whatever clip they name', async () => {
    const store = memoryStore();
    const hold = holdFailures(store);
    for (const [i, name] of ['one', 'two'].entries()) {
      await hold.store.append([failedRowOf(cells[i], `${name}: cannot be read (EIO) at ${i}`)]);
      expect(await hold.settle(jobOf(name))).toEqual([]);
    }
    await hold.store.append([failedRowOf(cells[2], 'three: cannot be read (EIO) at 17')]);
    const end = hold.settle(jobOf('three'));
    await expect(end).rejects.toThrow(WorkerFault);
    await expect(end).rejects.toThrow(/^3 jobs in a row failed alike \(three: cannot be read/);
    expect(await stored(store)).toEqual([]);
  });

  test('that wait at the end of the study are results', async () => {
    const store = memoryStore();
    const hold = holdFailures(store);
    await hold.store.append([failedRowOf(cells[0])]);
    await hold.settle(jobOf('one'));
    expect((await hold.end()).map(({ id }) => id)).toEqual(['one']);
    expect(await stored(store)).toEqual([cells[0].key]);
  });
});
