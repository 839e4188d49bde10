// Small parts gathered in large ones: whatever is left of it in between, a store holds the same rows.

import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkStore } from '../../src/node/store/check.js';
import { exportFile } from '../../src/node/store/export.js';
import { mergeStores } from '../../src/node/store/merge.js';
import { openStore } from '../../src/node/store/store.js';
import { planHash } from '../../src/study/key.js';
import type { Plan, Store } from '../../src/study/store.js';
import { rowsIn } from '../conformance/store.js';
import { partsOf } from './store_files.js';
import { failedRowOf, PLAN, planOf, rowOf } from './store_rows.js';

const CELLS = [1, 2, 3].flatMap((measurement) => planOf({ measurement }).cells);
const NINETY: Plan = { ...PLAN, cells: CELLS, hash: planHash(CELLS.map(({ key }) => key)) };
const ROWS = CELLS.map(rowOf);
/** Rows of the first large part, each in a small one before. The last three are in small parts alone. */
const GATHERED = 64;
const LOOSE = 3;
const STORED = GATHERED + LOOSE;

let folder = '';
let stores = 0;
/** A store in which one writer has just gathered 64 small parts, and the name of its large part. */
let base = '';
let large = '';
/** Names of the small parts of which every row is in the large one. */
let gathered: readonly string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-gather-'));
  base = await newStore();
  await withStore(base, async (store) => {
    for (const row of ROWS.slice(0, GATHERED)) await store.append([row]);
    gathered = namesOf(base);
    for (const row of ROWS.slice(GATHERED, STORED)) await store.append([row]);
  });
  large = largestOf(base);
  gathered = gathered.filter((name) => name !== large);
  expect(gathered).toHaveLength(GATHERED);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const namesOf = (path: string): string[] => partsOf(path).map((part) => basename(part));

function largestOf(path: string): string {
  const [largest] = partsOf(path).sort((a, b) => readFileSync(b).length - readFileSync(a).length);
  return basename(largest);
}

async function withStore<T>(path: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(path, { create: true });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function newStore(): Promise<string> {
  const path = join(folder, `${++stores}`);
  await withStore(path, (store) => store.writePlan(NINETY));
  return path;
}

function copyOfBase(): string {
  const path = join(folder, `${++stores}`);
  cpSync(base, path, { recursive: true });
  return path;
}

/** Makes the parts so old that readers who listed them before one of them was there have finished. */
function age(path: string): void {
  const yesterday = Date.now() / 1000 - 86_400;
  for (const part of partsOf(path)) utimesSync(part, yesterday, yesterday);
}

function remove(path: string, names: readonly string[]): void {
  for (const part of partsOf(path)) if (names.includes(basename(part))) rmSync(part);
}

async function exported(path: string): Promise<Buffer> {
  const file = join(folder, 'export.jsonl');
  await withStore(path, (store) => exportFile(store, file, { format: 'jsonl' }));
  return readFileSync(file);
}

/** The rest of the study, in one part, as the next run would add it. */
const finish = (path: string): Promise<void> => withStore(path, (store) => store.append(ROWS.slice(STORED)));

describe('small parts', () => {
  test('are gathered in large ones when there are many; what is exported is the same', async () => {
    expect(partsOf(base)).toHaveLength(GATHERED + LOOSE + 1);
    expect(await withStore(base, rowsIn)).toEqual(ROWS.slice(0, STORED));
    const whole = await newStore();
    await withStore(whole, (store) => store.append(ROWS));
    const path = copyOfBase();
    await finish(path);
    expect((await exported(path)).equals(await exported(whole))).toBe(true);
    expect(await checkStore(path)).toMatchObject({ complete: true, score: { done: ROWS.length } });
  });

  test('of other writers are left alone', async () => {
    const path = copyOfBase();
    remove(path, [large]);
    age(path);
    const before = namesOf(path);
    await withStore(path, async (store) => {
      for (const row of ROWS.slice(STORED)) await store.append([row]);
    });
    expect(before.filter((name) => !namesOf(path).includes(name))).toEqual([]);
    expect(partsOf(path)).toHaveLength(ROWS.length);
  });

  /** What a kill may leave: each is what some moment of gathering looks like. */
  const states: [string, (path: string) => void][] = [
    ['nothing written yet', (path) => remove(path, [large])],
    [
      'the large part half written',
      (path) => {
        const part = partsOf(path).find((each) => basename(each) === large) ?? '';
        writeFileSync(
          join(dirname(part), '.part.parquet.1-aa.unfinished'),
          readFileSync(part).subarray(0, 1000),
        );
        rmSync(part);
      },
    ],
    ['the large part written, no small one taken away', () => undefined],
    ['some taken away', (path) => remove(path, gathered.slice(0, 20))],
    ['all taken away', (path) => remove(path, gathered)],
  ];

  test.each(states)('killed with %s: nothing is lost, nothing is double', async (_, make) => {
    const path = copyOfBase();
    make(path);
    expect(await withStore(path, rowsIn)).toEqual(ROWS.slice(0, STORED));
    await withStore(path, async (store) => {
      for (const row of ROWS.slice(STORED)) await store.append([row]);
      expect(await rowsIn(store)).toEqual(ROWS);
    });
    expect(await checkStore(path)).toMatchObject({ complete: true, damaged: [], conflicts: [] });
  });

  test('are taken away an hour after they were gathered, and no others; open stores go on reading', async () => {
    const path = await newStore();
    await withStore(path, async (other) => {
      await withStore(path, async (store) => {
        for (const row of ROWS.slice(0, STORED)) await store.append([row]);
        expect((await other.results()).size).toBe(STORED);
        await store.append([ROWS[STORED]]);
        expect(partsOf(path)).toHaveLength(GATHERED + LOOSE + 2);
        age(path);
        await store.append([ROWS[STORED + 1]]);
        expect(partsOf(path)).toHaveLength(LOOSE + 3);
        expect(await rowsIn(other)).toEqual(ROWS.slice(0, STORED + 2));
        await other.append(ROWS);
        expect(await rowsIn(other)).toEqual(ROWS);
      });
    });
  });

  test('of one store merge with the large parts of another', async () => {
    const [fewer, merged] = [copyOfBase(), join(folder, `${++stores}`)];
    remove(fewer, gathered);
    await finish(fewer);
    expect(partsOf(fewer)).toHaveLength(LOOSE + 2);
    await mergeStores(merged, [fewer, base]);
    expect(await withStore(merged, rowsIn)).toEqual(ROWS);
  });

  test('stand in for a large part that is damaged', async () => {
    const path = copyOfBase();
    appendFileSync(partsOf(path).find((part) => basename(part) === large) ?? '', 'x');
    expect((await checkStore(path)).damaged).toEqual([expect.stringContaining(large)]);
    remove(path, [large]);
    expect(await withStore(path, rowsIn)).toEqual(ROWS.slice(0, STORED));
  });

  test('of failures are gathered too; a success counts wherever it stands', async () => {
    const path = await newStore();
    await withStore(path, async (store) => {
      for (const cell of CELLS.slice(0, 40)) await store.append([failedRowOf(cell)]);
      for (const row of ROWS.slice(10, 80)) await store.append([row]);
    });
    const rows = await withStore(path, rowsIn);
    const { score } = await checkStore(path);
    expect(rows).toEqual([...CELLS.slice(0, 10).map((cell) => failedRowOf(cell)), ...ROWS.slice(10, 80)]);
    expect(score.failed).toHaveLength(10);
    expect(partsOf(path).length).toBeGreaterThan(110);
  });
});

test('a part that is deleted is no longer there, for an open store neither', async () => {
  const path = await newStore();
  await withStore(path, async (store) => {
    await store.append(ROWS.slice(0, 2));
    const [part] = partsOf(path);
    await store.append(ROWS.slice(2, 3));
    rmSync(part);
    expect([...(await store.results()).keys()]).toEqual([ROWS[2].key]);
    await store.append(ROWS.slice(0, 3));
    expect(await rowsIn(store)).toEqual(ROWS.slice(0, 3));
  });
});
