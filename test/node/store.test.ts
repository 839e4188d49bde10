// The store on disk: what goes in comes out, whatever is killed, damaged or done at once.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connected, literal, openDuckdb } from '../../src/node/store/duckdb.js';
import { openStore } from '../../src/node/store/store.js';
import { FACT_COLUMNS, RESULT_COLUMNS } from '../../src/study/columns.js';
import { cellKey, planHash, rowDigest } from '../../src/study/key.js';
import type { CellFacts, CellRow } from '../../src/study/row.js';
import type { RowQuery, Store } from '../../src/study/store.js';
import { failedRowOf, PLAN, planOf, rowOf, shuffled } from './store_rows.js';

const WRITER = fileURLToPath(new URL('store_writer.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const [FIRST, SECOND, THIRD] = PLAN.cells;
let folder = '';
let stores = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "losscope 'store' "));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newFolder = (): string => join(folder, `store ${++stores}`);
const partsOf = (path: string): string[] => readdirSync(join(path, 'parts'));

/** Opens, works, closes. */
async function withStore<T>(path: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(path, { create: true });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** A new store with these rows, a part a list. */
async function storeOf(...parts: readonly (readonly CellRow[])[]): Promise<string> {
  const path = newFolder();
  await withStore(path, async (store) => {
    await store.writePlan(PLAN);
    for (const rows of parts) await store.append(rows);
  });
  return path;
}

function rowsOf(path: string, query?: RowQuery): Promise<CellRow[]> {
  return withStore(path, async (store) => {
    const rows: CellRow[] = [];
    for await (const row of store.rows(query)) rows.push(row);
    return rows;
  });
}

/** The one line of the error that reading gives. */
async function complaint(work: Promise<unknown>): Promise<string> {
  const message = await work.then(
    () => 'no error',
    (error: Error) => `${error.constructor.name}: ${error.message}`,
  );
  expect(message).not.toContain('\n');
  return message;
}

interface Writer {
  /** Keys of the rows that the process said were safe. */
  readonly safe: Promise<readonly string[]>;
}

/** Runs a writer; kills it so many milliseconds after it began to write. */
function startWriter(path: string, seed: string, killAfter?: number): Writer {
  const child = spawn(process.execPath, ['--import', TSX, WRITER, path, seed]);
  const lines: string[] = [];
  const said: string[] = [];
  child.stderr.on('data', (chunk) => said.push(String(chunk)));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line !== 'ready') lines.push(line);
    else if (killAfter !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfter);
  });
  const safe = new Promise<readonly string[]>((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') resolve(lines);
      else reject(new Error(said.join('')));
    });
  });
  return { safe };
}

describe('names by content', () => {
  const key = (changes: Partial<CellFacts>): string => cellKey({ ...SECOND, ...changes });
  const digest = (changes: Partial<CellRow>): string => rowDigest({ ...rowOf(SECOND), ...changes });

  test('a key changes with whatever can change the numbers, and with no name', () => {
    const names = ['key', 'cleanKey', 'study', 'model', 'group', 'clip', 'title', 'disturbance', 'variant'];
    const form = ['grid', 'kind', 'color', 'edit', 'lengthTokens', 'blockTokens', 'level', 'levelDbfs'];
    const derived = ['condition', 'losscope', 'lag', ...form, 'reach', 'words'];
    const same = FACT_COLUMNS.filter(({ name }) => key({ [name]: 'x' }) === key({}));
    expect(new Set(same.map(({ name }) => name))).toEqual(new Set([...names, ...derived]));
    expect(new Set(PLAN.cells.map((cell) => cell.key)).size).toBe(30);
  });

  test('a digest changes with every result, and not with which NaN it is', () => {
    for (const { name } of RESULT_COLUMNS) {
      const same = digest({ [name]: 7 }) === digest({});
      expect([name, same]).toEqual([name, name === 'scoredWith']);
    }
    const loss = rowOf(SECOND).loss as Float32Array;
    const others = loss.slice();
    new Uint32Array(others.buffer)[0] = 0xffc01234;
    expect(Number.isNaN(others[0])).toBe(true);
    expect(digest({ loss: others })).toBe(digest({ loss }));
    others[0] = 0;
    expect(digest({ loss: others })).not.toBe(digest({ loss }));
    expect(digest({ meanLoss: Number.NaN })).not.toBe(digest({ meanLoss: null }));
  });
});

describe('a store', () => {
  test('gives back what went in: every column, NaN, null, any text; in the order of the plan', async () => {
    const rows = PLAN.cells.map((cell, i) => (i === 7 ? failedRowOf(cell) : rowOf(cell)));
    const path = await storeOf(shuffled(rows, 'a').slice(0, 11), shuffled(rows, 'a').slice(11));
    expect(await rowsOf(path)).toEqual(rows);
    expect(partsOf(path)).toHaveLength(2);
    const { plan, cells } = await withStore(path, async (store) => ({
      plan: await store.plan(),
      cells: await store.cells(),
    }));
    expect(plan).toEqual(PLAN);
    expect(new Map([...cells].map(([key, { status, digest }]) => [key, { status, digest }]))).toEqual(
      new Map(rows.map((row) => [row.key, { status: row.status, digest: rowDigest(row) }])),
    );
  });

  test('answers queries: by role, by key, without arrays', async () => {
    const path = await storeOf(PLAN.cells.slice(0, 8).map(rowOf));
    const clean = await rowsOf(path, { roles: ['clean'] });
    expect(clean.map(({ key }) => key)).toEqual([PLAN.cells[0].key, PLAN.cells[5].key]);
    const [bare, ...rest] = await rowsOf(path, { keys: [SECOND.key], withoutArrays: true });
    expect(bare).toEqual({ ...rowOf(SECOND), loss: null, entropy: null, codes: null });
    expect(rest).toEqual([]);
    expect(await rowsOf(path, { keys: [] })).toEqual([]);
  });

  test('takes a cell once: the same again is nothing new, success replaces failure', async () => {
    const path = await storeOf(
      [rowOf(FIRST), rowOf(FIRST), failedRowOf(FIRST), failedRowOf(SECOND)],
      [rowOf(FIRST)],
    );
    expect(partsOf(path)).toHaveLength(1);
    const add = (row: CellRow): Promise<void> => withStore(path, (store) => store.append([row]));
    await add(failedRowOf(SECOND));
    expect(partsOf(path)).toHaveLength(1);
    await add(failedRowOf(SECOND, 'another cause'));
    expect((await rowsOf(path)).map(({ status }) => status)).toEqual(['ok', 'failed']);
    await add(rowOf(SECOND));
    await add(failedRowOf(SECOND));
    expect(await rowsOf(path)).toEqual([rowOf(FIRST), rowOf(SECOND)]);
    expect(partsOf(path)).toHaveLength(3);
  });

  test.each<[string, (row: CellRow) => CellRow, RegExp]>([
    [
      'loss',
      (row) => ({ ...row, loss: Float32Array.from(row.loss ?? [], (v, i) => (i === 9 ? 2.5 : v)) }),
      /loss\[9\] is 2\.5, was 0\.\d+/,
    ],
    ['length', (row) => ({ ...row, codes: Int32Array.of(1) }), /codes has 1 values, had 2400/],
    ['mean', (row) => ({ ...row, meanLoss: Number.NaN }), /meanLoss is NaN, was 0\.\d+/],
  ])('refuses another result of the same cell: %s', async (_, change, words) => {
    const path = await storeOf([rowOf(FIRST), rowOf(SECOND)]);
    const other = change(rowOf(SECOND));
    const message = await complaint(withStore(path, (store) => store.append([other, rowOf(THIRD)])));
    expect(message).toMatch(/^Error: Set\/one, white length=5, small \(delayed\) came out differently/);
    expect(message).toMatch(words);
    const within = storeOf([rowOf(SECOND), other]);
    expect(await complaint(within)).toMatch(words);
    expect(await rowsOf(path)).toEqual([rowOf(FIRST), rowOf(SECOND)]);
  });

  test('is the one of that name: a path is no pattern', async () => {
    for (const [name, row] of [
      ['twin', SECOND],
      ['tw*n', FIRST],
    ] as const) {
      await withStore(join(folder, name), async (store) => {
        await store.writePlan(PLAN);
        await store.append([rowOf(row)]);
      });
    }
    renameSync(
      join(folder, 'twin/parts', partsOf(join(folder, 'twin'))[0]),
      join(folder, 'twin/parts', partsOf(join(folder, 'tw*n'))[0]),
    );
    expect(await rowsOf(join(folder, 'tw*n'))).toEqual([rowOf(FIRST)]);
  });

  test('is not made by reading', async () => {
    expect(await complaint(openStore(newFolder()))).toMatch(/no such folder; expected a store/);
    expect(await complaint(openStore(folder))).toMatch(/not a store/);
    expect(await complaint(rowsOf(newFolder()))).toMatch(/has no plan; run the study again/);
  });
});

describe('a plan', () => {
  test('can be renamed, and its names are those of the rows', async () => {
    const path = await storeOf([rowOf(FIRST)]);
    const renamed = planOf({ title: 'Ein Titel', group: 'Other' });
    expect(renamed.hash).toBe(PLAN.hash);
    await withStore(path, (store) => store.writePlan(renamed));
    expect(await rowsOf(path)).toEqual([{ ...rowOf(FIRST), title: 'Ein Titel', group: 'Other' }]);
  });

  test('is not replaced by another', async () => {
    const path = await storeOf([rowOf(FIRST)]);
    const writing = (plan: typeof PLAN) => complaint(withStore(path, (store) => store.writePlan(plan)));
    const cells = PLAN.cells.slice(1);
    expect(await writing(planOf({ measurement: 2 }))).toMatch(
      /holds another plan \(Set\/one, clean, small \(delayed\): measurement is 2, was 1\)/,
    );
    const fewer = { ...PLAN, cells, hash: planHash(cells.map(({ key }) => key)) };
    expect(await writing(fewer)).toMatch(/29 cells, was 30; what remains is the same/);
    expect(await writing({ ...PLAN, cells: [...PLAN.cells, { ...FIRST, clip: 'again' }] })).toMatch(
      /planned twice: Set\/one, clean, small \(delayed\) and again, clean, small/,
    );
    expect((await withStore(path, (store) => store.plan()))?.cells).toEqual(PLAN.cells);
  });

  test.each([
    [
      'plan.json',
      (bytes: Buffer) => bytes.subarray(0, 50),
      /plan\.json: not a plan \(.*\); delete it and run/,
    ],
    ['plan.json', () => Buffer.from('{"format": 1}'), /another version of losscope made this store/],
    [
      'plan.parquet',
      (bytes: Buffer) => bytes.subarray(0, 500),
      /plan\.parquet: cannot be read \(.*\); run the study again/,
    ],
    ['plan.parquet', () => Buffer.from(''), /plan\.parquet: cannot be read \(.*\); run the study again/],
  ])('that is damaged is named, and written again: %s', async (name, damage, words) => {
    const path = await storeOf([rowOf(FIRST)]);
    const file = join(path, name);
    writeFileSync(file, damage(readFileSync(file)));
    expect(await complaint(rowsOf(path))).toMatch(words);
    if (name === 'plan.json') rmSync(file);
    await withStore(path, (store) => store.writePlan(PLAN));
    expect(await rowsOf(path)).toEqual([rowOf(FIRST)]);
  });
});

describe('a damaged part', () => {
  const named = (bytes: Uint8Array): string => `${createHash('sha256').update(bytes).digest('hex')}.parquet`;

  /** A Parquet file that DuckDB reads, but of other columns. */
  async function foreign(select: string): Promise<Buffer> {
    const path = join(folder, 'foreign.parquet');
    const duckdb = await openDuckdb();
    await connected(duckdb, (each) => each.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet)`));
    duckdb.closeSync();
    return readFileSync(path);
  }

  const flipped = (bytes: Buffer, at: number): Buffer =>
    Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));

  test.each<[string, (bytes: Buffer) => Buffer]>([
    ['cut short', (bytes) => bytes.subarray(0, bytes.length - 100)],
    ['empty', () => Buffer.alloc(0)],
    ['with a bit flipped in its data', (bytes) => flipped(bytes, bytes.length >> 1)],
    ['with a bit flipped in its footer', (bytes) => flipped(bytes, bytes.length - 20)],
    ['with something behind it', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
  ])('%s is named with the remedy, which works', async (_, damage) => {
    const path = await storeOf([rowOf(FIRST)], [rowOf(SECOND)]);
    const part = join(path, 'parts', partsOf(path)[0]);
    writeFileSync(part, damage(readFileSync(part)));
    for (const work of [() => rowsOf(path), () => withStore(path, (store) => store.cells())]) {
      const message = await complaint(work());
      expect(message).toMatch(/^Error: .*: damaged \(.*\); delete it and run the study again/);
      expect(message).toContain(part);
    }
    rmSync(part);
    await withStore(path, (store) => store.append([rowOf(FIRST), rowOf(SECOND)]));
    expect(await rowsOf(path)).toEqual([rowOf(FIRST), rowOf(SECOND)]);
  });

  test('that never was one is named, even under the right name', async () => {
    const path = await storeOf([rowOf(FIRST)]);
    for (const [bytes, name, words] of [
      [
        await foreign('SELECT 1 AS key'),
        undefined,
        /not a part that losscope reads \(no column key of type VARCHAR\)/,
      ],
      [await foreign("SELECT 'k' AS key"), undefined, /no column role of type VARCHAR/],
      [Buffer.from('PAR1 not at all PAR1'), undefined, /not a part that losscope reads \(.+\); delete it/],
      [
        await foreign('SELECT 1 AS key'),
        'mine.parquet',
        /mine\.parquet: not a part of a store; take it away/,
      ],
    ] as const) {
      const file = join(path, 'parts', name ?? named(bytes));
      writeFileSync(file, bytes);
      expect(await complaint(rowsOf(path))).toMatch(words);
      rmSync(file);
    }
    writeFileSync(join(path, 'parts', 'notes.txt'), 'left alone');
    expect(await rowsOf(path)).toEqual([rowOf(FIRST)]);
  });

  test('that contradicts another is named, with the cell and the other', async () => {
    const path = await storeOf([rowOf(FIRST), rowOf(SECOND)]);
    const other = await storeOf([{ ...rowOf(SECOND), meanLoss: 3 }]);
    const [mine, [theirs]] = [partsOf(path), partsOf(other)];
    renameSync(join(other, 'parts', theirs), join(path, 'parts', theirs));
    const message = await complaint(rowsOf(path));
    expect(message).toMatch(/white length=5, small \(delayed\) came out differently twice: meanLoss is/);
    for (const name of [...mine, theirs]) expect(message).toContain(name);
  });
});

describe('other processes', () => {
  test('killed at any moment: what was said to be safe is there, nothing is double, the end is the same', async () => {
    const path = newFolder();
    const safe = new Set<string>();
    for (const killAfter of [0, 5, 20, 40, 80, 160]) {
      for (const key of await startWriter(path, 'killed', killAfter).safe) safe.add(key);
      const there = await withStore(path, (store) => store.cells());
      expect([...safe].filter((key) => !there.has(key))).toEqual([]);
    }
    await startWriter(path, 'killed').safe;
    expect(await rowsOf(path)).toEqual(PLAN.cells.map(rowOf));
  });

  test('two may write to one store at once', async () => {
    const path = newFolder();
    await Promise.all([startWriter(path, 'one').safe, startWriter(path, 'two').safe]);
    expect(await rowsOf(path)).toEqual(PLAN.cells.map(rowOf));
    expect(readdirSync(path).sort()).toEqual(['parts', 'plan.json', 'plan.parquet']);
    expect(partsOf(path).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('what a killed one left is never read; it is taken away when its writer must be gone', async () => {
    const path = await storeOf([rowOf(FIRST)]);
    const left = ['parts/.part.parquet.1-aa.unfinished', '.plan.json.1-bb.unfinished'];
    for (const name of left) appendFileSync(join(path, name), 'PAR1 half a part');
    expect(await rowsOf(path)).toEqual([rowOf(FIRST)]);
    expect(partsOf(path)).toHaveLength(2);
    const yesterday = Date.now() / 1000 - 86_400;
    for (const name of left) utimesSync(join(path, name), yesterday, yesterday);
    expect(await rowsOf(path)).toEqual([rowOf(FIRST)]);
    expect(partsOf(path)).toHaveLength(1);
    expect(readdirSync(path).sort()).toEqual(['parts', 'plan.json', 'plan.parquet']);
  });
});
