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
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkStore } from '../../src/node/store/check.js';
import { connected, literal, openDuckdb } from '../../src/node/store/duckdb.js';
import { finishStore } from '../../src/node/store/finish.js';
import { sealed } from '../../src/node/store/sealed.js';
import { openStore } from '../../src/node/store/store.js';
import { MAP_DEFAULTS } from '../../src/probe/map_record.js';
import { VERSION } from '../../src/probe/version.js';
import { FACT_COLUMNS, RESULT_COLUMNS } from '../../src/study/columns.js';
import { cellKey, rowDigest } from '../../src/study/key.js';
import type { CellFacts, CellRow } from '../../src/study/row.js';
import type { RowQuery, Store } from '../../src/study/store.js';
import { storeConformance } from '../conformance/store.js';
import { filesOf, partsOf } from './store_files.js';
import { failedRowOf, keptMapOf, PLAN, planOf, rowOf } from './store_rows.js';

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
    const derived = ['condition', 'losscope', 'lag', ...form, 'reach', 'words', 'severityName', 'severity'];
    const same = FACT_COLUMNS.filter(({ name }) => key({ [name]: 'x' }) === key({}));
    expect(new Set(same.map(({ name }) => name))).toEqual(new Set([...names, ...derived]));
    expect(new Set(PLAN.cells.map((cell) => cell.key)).size).toBe(30);
  });

  test('a row without what later columns hold has the digest that it had before there were any', () => {
    expect(rowDigest({ ...rowOf(PLAN.cells[1]), spread: null })).toBe(
      'e7cd96a6dbcede7854e0ee905017386a22b1485c5dc12abcf6c3d29da73dee4e',
    );
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
  storeConformance(() => {
    const path = newFolder();
    return { open: () => openStore(path, { create: true }) };
  });

  test('writes a part for what is new alone', async () => {
    const path = newFolder();
    await withStore(path, async (store) => {
      await store.writePlan(PLAN);
      await store.append([rowOf(FIRST), rowOf(FIRST), failedRowOf(SECOND)]);
      await store.append([rowOf(FIRST), failedRowOf(SECOND)]);
      expect(partsOf(path)).toHaveLength(1);
      await store.append([failedRowOf(SECOND, 'another cause')]);
      expect(partsOf(path)).toHaveLength(2);
    });
  });

  test('lets each writer write in a folder of its own, which says what machine it is', async () => {
    const path = await storeOf([rowOf(FIRST)]);
    await withStore(path, (store) => store.append([rowOf(SECOND)]));
    const writers = readdirSync(join(path, 'writers'));
    expect(writers).toHaveLength(2);
    for (const writer of writers) {
      const about = JSON.parse(readFileSync(join(path, 'writers', writer, 'writer.json'), 'utf8'));
      expect(about).toMatchObject({ process: process.pid, losscope: VERSION });
    }
    // A process that only reads is no writer.
    await rowsOf(path);
    expect(readdirSync(join(path, 'writers'))).toEqual(writers);
  });

  test('keeps both results of a cell where the study mixes instruction sets, and reads one of them', async () => {
    const plan = planOf({ instructions: 'any' });
    const [cell] = plan.cells;
    const path = newFolder();
    const row = { ...rowOf(cell), scoredWith: 'avx2' };
    const other = { ...row, scoredWith: 'avx512', meanLoss: 0.5 };
    for (const each of [row, other]) {
      await withStore(path, async (store) => {
        await store.writePlan(plan);
        await store.append([each]);
      });
    }
    const [kept, ...rest] = await rowsOf(path);
    expect([row, other]).toContainEqual(kept);
    expect(rest).toEqual([]);
    const bothSets = () =>
      withStore(path, async (store) => {
        const twice: (string | null)[][] = [];
        for await (const both of store.twice()) twice.push(both.map(({ scoredWith }) => scoredWith).sort());
        return twice;
      });
    expect(await bothSets()).toEqual([['avx2', 'avx512']]);
    expect((await checkStore(path)).conflicts).toEqual([]);
    // Complete, and gathered: both results are still there, and the same one is read.
    await withStore(path, (store) => store.append(plan.cells.slice(1).map(rowOf)));
    expect(await finishStore(path)).toMatchObject({ check: { complete: true }, written: 2, deleted: 2 });
    expect(await bothSets()).toEqual([['avx2', 'avx512']]);
    expect((await rowsOf(path))[0]).toEqual(kept);
  });

  test('takes two maps of a clip where the study mixes instruction sets, and reads the same one always', async () => {
    const plan = planOf({ instructions: 'any' });
    const key = 'a'.repeat(64);
    const read: unknown[] = [];
    for (const order of [
      [1, 2],
      [2, 1],
    ]) {
      const path = newFolder();
      for (const loss of order) {
        await withStore(path, async (store) => {
          await store.writePlan(plan);
          await store.put('map', key, { status: 'ok', value: keptMapOf([loss], 2) });
        });
      }
      read.push(await withStore(path, (store) => store.get('map', key)));
      expect((await checkStore(path)).conflicts).toEqual([]);
    }
    expect(read[0]).toEqual(read[1]);
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
    const [twin, own] = [partsOf(join(folder, 'twin'))[0], partsOf(join(folder, 'tw*n'))[0]];
    renameSync(twin, join(dirname(twin), basename(own)));
    expect(await rowsOf(join(folder, 'tw*n'))).toEqual([rowOf(FIRST)]);
  });

  test('is not made by reading', async () => {
    expect(await complaint(openStore(newFolder()))).toMatch(/no such folder; expected a store/);
    expect(await complaint(openStore(folder))).toMatch(/not a store/);
    expect(await complaint(rowsOf(newFolder()))).toMatch(/has no plan; run the study again/);
  });
});

describe('a plan', () => {
  const cellsOf = (path: string): string => readdirSync(path).find((name) => /^plan-/.test(name)) ?? '';
  /** The same cells in another order of names: another file of facts. */
  const other = planOf({ measurement: 2 });

  test('with a cell twice is refused', async () => {
    const twice = { ...PLAN, cells: [...PLAN.cells, { ...FIRST, clip: 'again' }] };
    expect(await complaint(withStore(newFolder(), (store) => store.writePlan(twice)))).toMatch(
      /planned twice: Set\/one, clean, small \(delayed\) and again, clean, small/,
    );
  });

  test('is written once: the same again changes no file, other names do', async () => {
    const path = await storeOf([rowOf(FIRST)]);
    const stamp = () => readdirSync(path).map((name) => [name, statSync(join(path, name)).mtimeMs]);
    const before = stamp();
    await withStore(path, (store) => store.writePlan(PLAN));
    expect(stamp()).toEqual(before);
    await withStore(path, (store) => store.writePlan(planOf({ title: 'Ein Titel' })));
    expect(stamp()).not.toEqual(before);
  });

  test('of another study with the same cells is refused', async () => {
    const path = await storeOf([rowOf(FIRST)]);
    const renamed = { ...PLAN, study: 'other' };
    await withStore(path, async (store) => {
      await expect(store.writePlan(renamed)).rejects.toThrow(
        /holds the study .+, this is other; name another folder/,
      );
    });
  });

  test('of two that differ, written at once, one wins and the other one is told, always', async () => {
    for (let round = 0; round < 8; round++) {
      const path = newFolder();
      const stores = await Promise.all([0, 1, 2, 3].map(() => openStore(path, { create: true })));
      const ends = await Promise.all(
        stores.map((store, i) =>
          store.writePlan(i % 2 === 0 ? PLAN : other).then(
            () => (i % 2 === 0 ? PLAN.hash : other.hash),
            (error: Error) => error.message,
          ),
        ),
      );
      for (const store of stores) await store.close();
      const kept = await withStore(path, (store) => store.plan());
      const [won, lost] = kept?.hash === PLAN.hash ? [PLAN, other] : [other, PLAN];
      expect(kept?.cells).toEqual(won.cells);
      expect(ends.filter((end) => end === won.hash)).toHaveLength(2);
      expect(ends.filter((end) => end === lost.hash)).toEqual([]);
      expect(ends.filter((end) => /holds another plan/.test(end))).toHaveLength(2);
    }
  });

  test.each<[string, string, (bytes: Buffer) => Buffer, RegExp]>([
    [
      'plan.json',
      'cut short',
      (bytes) => bytes.subarray(0, 50),
      /plan\.json: not a plan \(.*\); delete it and run/,
    ],
    [
      'plan.json',
      'of before',
      () => Buffer.from(sealed({ format: 1 })),
      /another version of losscope made this store/,
    ],
    [
      'plan.json',
      'without its maps',
      (bytes) => Buffer.from(bytes.toString().replace(/"maps": \{[^}]*\},\s*/, '')),
      /plan\.json: not a plan \(damaged \(not what its checksum says\)\); delete it/,
    ],
    [
      'cells',
      'cut short',
      (bytes) => bytes.subarray(0, 500),
      /\.parquet: cannot be read \(.*\); run the study again/,
    ],
    ['cells', 'empty', () => Buffer.from(''), /\.parquet: cannot be read \(.*\); run the study again/],
  ])('that is damaged is named, and written again: %s %s', async (what, _, damage, words) => {
    const path = newFolder();
    const maps = { ...MAP_DEFAULTS, protocol: 'delayed', groups: ['Set'] } as const;
    await withStore(path, async (store) => {
      await store.writePlan({ ...PLAN, maps });
      await store.append([rowOf(FIRST)]);
    });
    const file = join(path, what === 'cells' ? cellsOf(path) : what);
    const damaged = damage(readFileSync(file));
    expect(damaged.equals(readFileSync(file))).toBe(false);
    writeFileSync(file, damaged);
    expect(await complaint(rowsOf(path))).toMatch(words);
    if (what === 'plan.json') rmSync(file);
    await withStore(path, (store) => store.writePlan({ ...PLAN, maps }));
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
  ])('%s is named with the remedy, which works; it stops no writer', async (_, damage) => {
    const path = await storeOf([rowOf(FIRST)], [rowOf(SECOND)]);
    const [part] = partsOf(path);
    writeFileSync(part, damage(readFileSync(part)));
    const message = await complaint(rowsOf(path));
    expect(message).toMatch(/^Error: .*: damaged \(.*\); delete it and run the study again/);
    expect(message).toContain(part);
    await withStore(path, async (store) => {
      expect((await store.results()).size).toBe(1);
      await store.append([rowOf(FIRST), rowOf(SECOND)]);
    });
    rmSync(part);
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
      const file = join(dirname(partsOf(path)[0]), name ?? named(bytes));
      writeFileSync(file, bytes);
      expect(await complaint(rowsOf(path))).toMatch(words);
      rmSync(file);
    }
    writeFileSync(join(dirname(partsOf(path)[0]), 'notes.txt'), 'left alone');
    expect(await rowsOf(path)).toEqual([rowOf(FIRST)]);
  });

  test('that contradicts another is named, with the cell and the other', async () => {
    const path = await storeOf([rowOf(FIRST), rowOf(SECOND)]);
    const other = await storeOf([{ ...rowOf(SECOND), meanLoss: 3 }]);
    renameSync(
      join(other, 'writers', readdirSync(join(other, 'writers'))[0]),
      join(path, 'writers', 'theirs'),
    );
    const message = await complaint(rowsOf(path));
    expect(message).toMatch(/white length=5, small \(delayed\) came out differently twice: meanLoss is/);
    expect(partsOf(path)).toHaveLength(2);
    for (const part of partsOf(path)) expect(message).toContain(part);
    // Both makers are named: with what processor, and which of its instruction sets.
    const makers = message.match(/, by [^(]+ \((.+?), (\w+)\)/g);
    expect(makers).toHaveLength(2);
    // Writers go on, and check says what is wrong.
    await withStore(path, (store) => store.append([rowOf(THIRD)]));
    expect((await checkStore(path)).conflicts).toEqual([message.replace('Error: ', '')]);
  });
});

describe('other processes', () => {
  test('killed at any moment: what was said to be safe is there, nothing is double, the end is the same', async () => {
    const path = newFolder();
    const safe = new Set<string>();
    for (const killAfter of [0, 5, 20, 40, 80, 160]) {
      for (const key of await startWriter(path, 'killed', killAfter).safe) safe.add(key);
      const there = await withStore(path, (store) => store.results());
      expect([...safe].filter((key) => !there.has(key))).toEqual([]);
    }
    await startWriter(path, 'killed').safe;
    expect(await rowsOf(path)).toEqual(PLAN.cells.map(rowOf));
  });

  test('two may write to one store at once', async () => {
    const path = newFolder();
    await Promise.all([startWriter(path, 'one').safe, startWriter(path, 'two').safe]);
    expect(await rowsOf(path)).toEqual(PLAN.cells.map(rowOf));
    expect(namesIn(path)).toEqual(['plan-*', 'plan.json', 'writers']);
    expect(partsOf(path).filter((name) => basename(name).startsWith('.'))).toEqual([]);
  });

  const namesIn = (path: string): string[] =>
    readdirSync(path)
      .map((name) => name.replace(/^plan-.*/, 'plan-*'))
      .sort();

  test('what a killed one left is never read; it is taken away when its writer must be gone', async () => {
    const path = await storeOf([rowOf(FIRST)]);
    const left = [
      join(dirname(partsOf(path)[0]), '.part.parquet.1-aa.unfinished'),
      join(path, '.plan.json.1-bb.unfinished'),
    ];
    for (const name of left) appendFileSync(name, 'PAR1 half a part');
    const again = () => withStore(path, (store) => store.writePlan(PLAN));
    await again();
    expect(await rowsOf(path)).toEqual([rowOf(FIRST)]);
    expect(partsOf(path)).toHaveLength(2);
    const yesterday = Date.now() / 1000 - 86_400;
    for (const name of left) utimesSync(name, yesterday, yesterday);
    await again();
    expect(await rowsOf(path)).toEqual([rowOf(FIRST)]);
    expect(partsOf(path)).toHaveLength(1);
    expect(namesIn(path)).toEqual(['plan-*', 'plan.json', 'writers']);
  });
});

describe('documents', () => {
  const KEY = 'b'.repeat(64);
  const ok = { status: 'ok', value: keptMapOf([1, 2], 3) } as const;

  async function withMap(): Promise<{ readonly path: string; readonly file: string }> {
    const path = await storeOf([rowOf(FIRST)]);
    await withStore(path, (store) => store.put('map', KEY, ok));
    return { path, file: filesOf(path, 'maps')[0] };
  }

  test('a flipped bit is named where the document is read, and making it again mends it', async () => {
    const { path, file } = await withMap();
    const bytes = readFileSync(file);
    writeFileSync(file, Buffer.from(bytes.map((byte, i) => (i === 600 ? byte ^ 1 : byte))));
    const reading = withStore(path, (store) => store.get('map', KEY));
    expect(await complaint(reading)).toMatch(
      /maps\/b+\.ok\.\w+\.json: damaged .*; delete it and run the study again/,
    );
    expect((await checkStore(path)).damaged).toEqual([expect.stringContaining(file)]);
    // For a run it is not there, so it is made again.
    expect(await withStore(path, async (store) => (await store.results()).has(KEY))).toBe(false);
    rmSync(file);
    await withStore(path, (store) => store.put('map', KEY, ok));
    expect(await withStore(path, (store) => store.get('map', KEY))).toEqual(ok);
  });

  test('two results of one task are told, with both files', async () => {
    const { path, file } = await withMap();
    await withStore(path, (store) => store.put('map', KEY, { status: 'ok', value: keptMapOf([1, 2], 4) }));
    const message = await complaint(withStore(path, (store) => store.get('map', KEY)));
    expect(message).toMatch(/^Error: map b+ came out differently twice; delete the wrong one of/);
    expect(message).toContain(file);
    expect((await checkStore(path)).conflicts).toEqual([message.replace('Error: ', '')]);
  });
});
