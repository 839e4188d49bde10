// What every store must do, whatever keeps it. `open` opens the same store again: with several writers, or after a restart.

import { expect, test } from 'vitest';
import { planHash, rowDigest } from '../../src/study/key.js';
import type { CellRow } from '../../src/study/row.js';
import type { DocumentResult, RowQuery, Store } from '../../src/study/store.js';
import { failedRowOf, keptMapOf, PLAN, planOf, rowOf, shuffled } from '../node/store_rows.js';

const [FIRST, SECOND, THIRD] = PLAN.cells;
const KEY = 'a'.repeat(64);

/** A new store, and how to open it once more. */
export interface StoreUnderTest {
  open(): Promise<Store>;
}

export async function rowsIn(store: Pick<Store, 'rows'>, query?: RowQuery): Promise<CellRow[]> {
  const rows: CellRow[] = [];
  for await (const row of store.rows(query)) rows.push(row);
  return rows;
}

/** @param make a new store that holds nothing. */
export function storeConformance(make: () => StoreUnderTest): void {
  /** Opens, works, closes. */
  async function within<T>(under: StoreUnderTest, work: (store: Store) => Promise<T>): Promise<T> {
    const store = await under.open();
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  async function planned(): Promise<StoreUnderTest> {
    const under = make();
    await within(under, (store) => store.writePlan(PLAN));
    return under;
  }

  test('has no plan and no rows before a plan is written, and then that plan', async () => {
    const under = make();
    await within(under, async (store) => {
      expect(await store.plan()).toBeUndefined();
      expect(await store.results()).toEqual(new Map());
      await expect(rowsIn(store)).rejects.toThrow(/has no plan/);
      await store.writePlan(PLAN);
      expect(await store.plan()).toEqual(PLAN);
    });
    await within(under, async (store) => {
      expect(await store.plan()).toEqual(PLAN);
      expect(await rowsIn(store)).toEqual([]);
    });
  });

  test('keeps a plan but for names, and refuses another, naming what differs', async () => {
    const under = await planned();
    const renamed = planOf({ title: 'Ein Titel', group: 'Other' });
    await within(under, (store) => store.append([rowOf(FIRST)]));
    await within(under, (store) => store.writePlan(renamed));
    await within(under, async (store) => {
      const [first] = await rowsIn(store);
      expect(first).toEqual({ ...rowOf(FIRST), title: 'Ein Titel', group: 'Other' });
      const cells = PLAN.cells.slice(1);
      const fewer = { ...PLAN, cells, hash: planHash(cells.map(({ key }) => key)) };
      await expect(store.writePlan(fewer)).rejects.toThrow(/holds another plan \(29 cells, was 30/);
      const other = planOf({ measurement: 2 });
      await expect(store.writePlan(other)).rejects.toThrow(/measurement is 2, was 1/);
    });
    await within(under, async (store) => expect(await store.plan()).toEqual(renamed));
  });

  test('gives back what went in: every column, NaN, null, any text; in the order of the plan', async () => {
    const under = await planned();
    const rows = PLAN.cells.map((cell, i) => (i === 7 ? failedRowOf(cell) : rowOf(cell)));
    const mixed = shuffled(rows, 'conformance');
    await within(under, (store) => store.append(mixed.slice(0, 11)));
    await within(under, (store) => store.append(mixed.slice(11)));
    await within(under, async (store) => {
      expect(await rowsIn(store)).toEqual(rows);
      const found = await store.results();
      expect(new Map([...found].map(([key, { status, digest }]) => [key, { status, digest }]))).toEqual(
        new Map(rows.map((row) => [row.key, { status: row.status, digest: rowDigest(row) }])),
      );
      expect((await rowsIn(store, { roles: ['clean'] })).map(({ role }) => role)).toEqual(
        new Array(6).fill('clean'),
      );
      const [bare, ...rest] = await rowsIn(store, { keys: [SECOND.key], withoutArrays: true });
      expect(bare).toEqual({ ...rowOf(SECOND), loss: null, entropy: null, spread: null, codes: null });
      expect(rest).toEqual([]);
      expect(await rowsIn(store, { keys: [] })).toEqual([]);
    });
  });

  test('leaves out of its rows what nobody planned', async () => {
    const under = await planned();
    const [other] = planOf({ seed: 4 }).cells;
    await within(under, async (store) => {
      await store.append([rowOf(FIRST), rowOf(other)]);
      expect(await rowsIn(store)).toEqual([rowOf(FIRST)]);
      expect([...(await store.results()).keys()].sort()).toEqual([FIRST.key, other.key].sort());
    });
  });

  test('takes a cell once: the same again changes nothing, success replaces failure in whatever order', async () => {
    const under = await planned();
    await within(under, async (store) => {
      await store.append([rowOf(FIRST), rowOf(FIRST), failedRowOf(FIRST), failedRowOf(SECOND)]);
      await store.append([rowOf(FIRST)]);
      expect((await rowsIn(store)).map(({ status }) => status)).toEqual(['ok', 'failed']);
    });
    await within(under, (store) => store.append([rowOf(SECOND), failedRowOf(SECOND, 'another cause')]));
    await within(under, (store) => store.append([failedRowOf(FIRST), failedRowOf(SECOND)]));
    await within(under, async (store) => {
      expect(await rowsIn(store)).toEqual([rowOf(FIRST), rowOf(SECOND)]);
      expect((await store.results()).get(SECOND.key)?.status).toBe('ok');
    });
  });

  test.each<[string, (row: CellRow) => CellRow, RegExp]>([
    [
      'loss',
      (row) => ({ ...row, loss: Float32Array.from(row.loss ?? [], (v, i) => (i === 9 ? 2.5 : v)) }),
      /loss\[9\] is 2\.5, was 0\.\d+/,
    ],
    ['length', (row) => ({ ...row, codes: Int32Array.of(1) }), /codes has 1 value, had 2400/],
    ['mean', (row) => ({ ...row, meanLoss: Number.NaN }), /meanLoss is NaN, was 0\.\d+/],
  ])('refuses another result of a cell that it stored: %s', async (_, change, words) => {
    const under = await planned();
    await within(under, async (store) => {
      await store.append([rowOf(FIRST), rowOf(SECOND)]);
      const other = store.append([change(rowOf(SECOND)), rowOf(THIRD)]);
      await expect(other).rejects.toThrow(
        /^Set\/one, white length=5, small \(delayed\) came out differently/,
      );
      await expect(store.append([change(rowOf(SECOND))])).rejects.toThrow(words);
      expect(await rowsIn(store)).toEqual([rowOf(FIRST), rowOf(SECOND)]);
    });
  });

  test('keeps documents beside the rows: NaN stays NaN, success replaces failure', async () => {
    const under = await planned();
    const map = keptMapOf([Number.NaN, 1.5], 3);
    const ok: DocumentResult<'map'> = { status: 'ok', value: map };
    const failed: DocumentResult<'map'> = { status: 'failed', error: 'silent at every position' };
    await within(under, async (store) => {
      expect(await store.get('map', KEY)).toBeUndefined();
      await store.put('map', KEY, failed);
      expect(await store.get('map', KEY)).toEqual(failed);
      expect((await store.results()).get(KEY)?.status).toBe('failed');
    });
    await within(under, (store) => store.put('map', KEY, ok));
    await within(under, (store) => store.put('map', KEY, failed));
    await within(under, async (store) => {
      expect(await store.get('map', KEY)).toEqual(ok);
      expect(await store.get('parity', KEY)).toBeUndefined();
      expect((await store.results()).get(KEY)?.status).toBe('ok');
      expect(await rowsIn(store)).toEqual([]);
    });
  });

  test('takes rows and documents of several writers at once', async () => {
    const under = await planned();
    const writers = await Promise.all([under.open(), under.open(), under.open()]);
    await Promise.all(
      writers.map(async (store, i) => {
        await store.append(PLAN.cells.filter((_, at) => at % 3 === i || at === 0).map(rowOf));
        await store.put('map', KEY, { status: 'ok', value: keptMapOf([1], 3) });
        await store.put('map', String(i).repeat(64), { status: 'failed', error: `writer ${i}` });
      }),
    );
    for (const store of writers) {
      expect(await rowsIn(store)).toEqual(PLAN.cells.map(rowOf));
      expect(await store.get('map', '2'.repeat(64))).toEqual({ status: 'failed', error: 'writer 2' });
      await store.close();
    }
  });
}
