// losscope check, merge and export on stores of a made-up study: the built program in a process of its own.

import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connected, openDuckdb, parquet } from '../../src/node/store/duckdb.js';
import { exportFile } from '../../src/node/store/export.js';
import { openStore } from '../../src/node/store/store.js';
import { select } from '../../src/node/store/table.js';
import type { Parity } from '../../src/probe/parity.js';
import { COLUMNS, type ColumnType, SCALAR_COLUMNS } from '../../src/study/columns.js';
import type { CellRow } from '../../src/study/row.js';
import type { Plan } from '../../src/study/store.js';
import { filesOf } from '../node/store_files.js';
import { failedRowOf, keptMapOf, PLAN, planOf, rowOf, shuffled } from '../node/store_rows.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const ROWS = PLAN.cells.map((cell, i) => (i === 7 ? failedRowOf(cell, 'too short,\n"by" 3') : rowOf(cell)));
const DISTANCE = { mean: 0.01, p99: 0.1, max: 0.2, count: 400 };
const CODES = { equal: 399, of: 400 };
const PARITY: Parity = {
  ...{
    losscope: '0.1.0',
    model: 'small',
    fingerprint: 'weights of small',
    protocol: 'delayed',
    disturbance: 'white noise',
  },
  first: { precision: 'fp32', runtime: 'none', device: 'cpu' },
  second: { precision: 'fp32', runtime: 'none', device: 'cpu' },
  ...{ loss: DISTANCE, delta: DISTANCE, meanDifference: 0.01, codes: CODES },
  clips: [{ clip: 'one', codes: CODES, loss: DISTANCE, meanDifference: 0.01, delta: DISTANCE }],
};
let folder = '';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function started(file: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd: folder, maxBuffer: 2 ** 27 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

const losscope = (...args: readonly string[]): Promise<Ended> => started(process.execPath, [MAIN, ...args]);

/** Writes a store, a part a list. */
async function write(name: string, parts: readonly (readonly CellRow[])[], plan: Plan = PLAN): Promise<void> {
  const store = await openStore(join(folder, name), { create: true });
  await store.writePlan(plan);
  for (const rows of parts) await store.append(rows);
  await store.close();
}

const partsOf = (name: string): string[] => filesOf(join(folder, name), 'parts');
const namesOf = (name: string): string[] =>
  partsOf(name)
    .map((part) => basename(part))
    .sort();
const bytesOf = (name: string): Buffer => readFileSync(join(folder, name));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-store-'));
  await write('whole', [ROWS]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('check', () => {
  test('a complete store: exit code 0', async () => {
    await write('complete', [PLAN.cells.map(rowOf)]);
    const { code, stdout, stderr } = await losscope('check', 'complete');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^complete: study made up, 1 part\n30 cells planned$/m);
    expect(stdout).toMatch(/^ +done +30$/m);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('complete');
  });

  test('what is failed, missing, unexpected or damaged: exit code 1', async () => {
    await write('started', [ROWS.slice(0, 10), ROWS.slice(20), [rowOf(planOf({ seed: 4 }).cells[0])]]);
    const whole = await losscope('check', 'started', '--json');
    expect(whole.code).toBe(1);
    expect(JSON.parse(whole.stdout)).toMatchObject({
      study: 'made up',
      score: {
        planned: 30,
        done: 19,
        failed: [{ key: ROWS[7].key, name: expect.stringContaining('zwei'), error: 'too short,\n"by" 3' }],
      },
      unexpected: [planOf({ seed: 4 }).cells[0].key],
      damaged: [],
      conflicts: [],
      complete: false,
    });
    expect(JSON.parse(whole.stdout).score.missing.map(({ key }: { key: string }) => key)).toEqual(
      PLAN.cells.slice(10, 20).map(({ key }) => key),
    );
    const sizes = partsOf('started').map((part) => ({ part, size: readFileSync(part).length }));
    const [largest] = sizes.sort((a, b) => b.size - a.size);
    truncateSync(largest.part, 1000);
    const { code, stdout } = await losscope('check', 'started');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      new RegExp(`^ +damaged +1\\n +.*${basename(largest.part)}: damaged .*; delete it`, 'm'),
    );
    expect(stdout).toMatch(/^ +missing +20\n( +Set.*\n){3} +and 17 more/m);
    expect(stdout).toMatch(/^not complete: first delete the files named above; losscope run goes on/m);
  });

  test.each([
    ['absent', /absent: no such folder; expected a store/],
    ['.', /not a store/],
  ])('%s is no store: one line', async (name, words) => {
    const { code, stdout, stderr } = await losscope('check', name);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

describe('merge', () => {
  test('puts shards together; again, or with what overlaps, changes nothing', async () => {
    await write('shard-1', [ROWS.slice(0, 4), ROWS.slice(4, 12)]);
    await write('shard-2', [ROWS.slice(10)]);
    const once = await losscope('merge', 'merged', 'shard-1', 'shard-2');
    expect(once).toMatchObject({ code: 0, stderr: '' });
    expect(once.stdout).toBe('merged: 3 parts put there, 3 in all; 30 of 30 planned cells\n');
    expect(namesOf('merged')).toEqual([...namesOf('shard-1'), ...namesOf('shard-2')].sort());
    const again = await losscope('merge', 'merged', 'shard-2', 'merged', 'shard-1');
    expect(again.stdout).toBe('merged: 0 parts put there, 3 in all; 30 of 30 planned cells\n');
    const [{ stdout: whole }, { stdout: merged }] = [
      await losscope('export', 'whole'),
      await losscope('export', 'merged'),
    ];
    expect(merged).toBe(whole);
  });

  test('refuses other plans, contradictions and damage, and then writes nothing', async () => {
    await write('other-plan', [], planOf({ measurement: 2 }));
    await write('other-loss', [[{ ...ROWS[3], meanLoss: 7 }]]);
    await write('damaged', [[ROWS[3]]]);
    const place = dirname(partsOf('damaged')[0]);
    copyFileSync(join(folder, 'whole/plan.json'), join(place, `${'0'.repeat(64)}.parquet`));
    for (const [name, words] of [
      ['other-plan', /other-plan: its plan is not that of whole \(.*measurement is 2, was 1\)/],
      [
        'other-loss',
        /white length=50, small \(delayed\) came out differently twice: meanLoss is .*; delete the wrong/,
      ],
      ['damaged', /0\.parquet: damaged/],
    ] as const) {
      const { code, stdout, stderr } = await losscope('merge', 'refused', 'whole', name);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(words);
      expect(stderr.trimEnd()).not.toContain('\n');
      expect(existsSync(join(folder, 'refused'))).toBe(false);
    }
  });

  test('takes along maps and comparisons with fp32, with their makers; a folder that is no store is told', async () => {
    const task = { kind: 'parity', key: 'c'.repeat(64), model: 'small', clips: ['Set/one'] } as const;
    const plan: Plan = { ...PLAN, parity: [task] };
    await write('noted', [ROWS.slice(0, 4)], plan);
    const store = await openStore(join(folder, 'noted'));
    await store.put('parity', task.key, { status: 'ok', value: PARITY });
    await store.put('map', 'd'.repeat(64), { status: 'ok', value: keptMapOf([1], 2) });
    await store.close();
    await write('bare', [ROWS.slice(4)], plan);
    const merged = await losscope('merge', 'with-note', 'bare', 'noted', 'absent');
    expect(merged.code).toBe(1);
    expect(merged.stdout).toMatch(
      /30 of 30 planned cells; 1 map put there; 1 comparison with fp32 put there/,
    );
    expect(merged.stderr).toMatch(/^losscope: not merged: absent: no such folder; expected a store/);
    const there = await openStore(join(folder, 'with-note'));
    expect(await there.get('parity', task.key)).toEqual({ status: 'ok', value: PARITY });
    await there.close();
    expect(readdirSync(join(folder, 'with-note', 'writers')).sort()).toEqual(
      ['bare', 'noted'].flatMap((name) => readdirSync(join(folder, name, 'writers'))).sort(),
    );
    expect((await losscope('merge', 'again', 'absent')).code).toBe(1);
    expect(existsSync(join(folder, 'again'))).toBe(false);
  });
});

describe('a store that cannot be written', () => {
  /** Runs losscope where a folder cannot be written: by its mode, and for root, whom no mode stops, on a mount of its own. */
  const readOnly = async (store: string, ...args: readonly string[]): Promise<Ended> => {
    const path = join(folder, store);
    if (process.getuid?.() === 0) {
      const script = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" "$0" && exec "$@"';
      return started('unshare', ['-m', 'sh', '-c', script, path, process.execPath, MAIN, ...args]);
    }
    chmodSync(path, 0o555);
    return losscope(...args).finally(() => chmodSync(path, 0o755));
  };

  test('is checked and exported', async () => {
    await write('sealed', [ROWS]);
    const before = readdirSync(join(folder, 'sealed'), { recursive: true });
    expect((await readOnly('sealed', 'check', 'sealed')).stderr).toBe('');
    expect((await readOnly('sealed', 'export', 'sealed')).stdout).toBe(
      (await losscope('export', 'whole')).stdout,
    );
    expect(readdirSync(join(folder, 'sealed'), { recursive: true })).toEqual(before);
  });
});

describe('export', () => {
  test('of a store that is not finished is refused, unless that is wanted', async () => {
    await write('half', [ROWS.slice(0, 12)]);
    const refused = await losscope('export', 'half', '-o', 'half.csv');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^losscope: half: 12 of 30 planned rows are there; .*--unfinished.*\n$/);
    expect(existsSync(join(folder, 'half.csv'))).toBe(false);
    const wanted = await losscope('export', 'half', '--unfinished', '--format', 'jsonl', '--without-arrays');
    expect(wanted).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/12 of 30 planned rows are there; the others/),
    });
    expect(wanted.stdout.trimEnd().split('\n')).toHaveLength(12);
  });

  test('gives the same bytes for the same rows, however they came to be', async () => {
    const mixed = shuffled(ROWS, 'export');
    await write('in-pieces', [mixed.slice(0, 1), mixed.slice(1, 9), mixed.slice(5, 17), mixed.slice(15)]);
    await write('retried', [[failedRowOf(PLAN.cells[2], 'first')], shuffled(ROWS, 'again')]);
    for (const format of ['csv', 'jsonl', 'parquet'] as const) {
      for (const withoutArrays of [false, true]) {
        const files = ['whole', 'in-pieces', 'retried'].map((name) => `${name}.${format}`);
        for (const [i, name] of ['whole', 'in-pieces', 'retried'].entries()) {
          const store = await openStore(join(folder, name));
          await exportFile(store, join(folder, files[i]), { format, withoutArrays });
          await store.close();
        }
        const [whole, ...others] = files.map(bytesOf);
        for (const other of others) expect(other.equals(whole)).toBe(true);
      }
    }
    const file = await losscope('export', 'in-pieces', '-o', 'cli.csv', '--without-arrays');
    expect(file).toEqual({ code: 0, stdout: '', stderr: '' });
    const { stdout } = await losscope('export', 'whole', '--without-arrays');
    for (const name of ['cli.csv', 'retried.csv']) expect(bytesOf(name).toString()).toBe(stdout);
  });

  test('CSV: null and undefined are empty, arrays JSON', async () => {
    const { stdout } = await losscope('export', 'whole');
    const rows: Record<string, string>[] = parse(stdout, { columns: true });
    const text = (value: CellRow[keyof CellRow]): string =>
      value === null ? '' : typeof value === 'object' ? JSON.stringify([...value]) : String(value);
    expect(rows).toEqual(
      ROWS.map((row) => Object.fromEntries(COLUMNS.map(({ name }) => [name, text(row[name])]))),
    );
    const bare: Record<string, string>[] = parse(
      (await losscope('export', 'whole', '--without-arrays')).stdout,
      {
        columns: true,
      },
    );
    expect(Object.keys(bare[0])).toEqual(SCALAR_COLUMNS.map(({ name }) => name));
  });

  test('JSON lines: every column, undefined is null', async () => {
    const { stdout } = await losscope('export', 'whole', '--format', 'jsonl');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map((row) => Object.keys(row))).toEqual(ROWS.map(() => COLUMNS.map(({ name }) => name)));
    const plain = (row: CellRow) => ({
      ...row,
      loss: row.loss && Array.from(row.loss, (value) => (Number.isNaN(value) ? null : value)),
      entropy: row.entropy && Array.from(row.entropy, (value) => (Number.isNaN(value) ? null : value)),
      spread: row.spread && Array.from(row.spread, (value) => (Number.isNaN(value) ? null : value)),
      codes: row.codes && [...row.codes],
    });
    expect(rows).toEqual(ROWS.map(plain));
  });

  test('Parquet: the rows themselves, in one order, NaN not null', async () => {
    await losscope('export', 'whole', '--format', 'parquet', '-o', 'rows.parquet');
    const duckdb = await openDuckdb();
    const rows = await connected(duckdb, async (connection) => {
      const found: unknown[] = [];
      for await (const chunk of select(connection, COLUMNS, parquet([join(folder, 'rows.parquet')]))) {
        found.push(...chunk);
      }
      return found;
    });
    duckdb.closeSync();
    expect(rows).toEqual(ROWS);
  });

  test('a reader that has seen enough ends it quietly', async () => {
    const command = `"${process.execPath}" "${MAIN}" export whole --format jsonl | head -c 100; echo " \${PIPESTATUS[0]}"`;
    const { stdout, stderr } = await started('bash', ['-c', command]);
    expect(stdout).toMatch(/^\{"key".{94} 0\n$/);
    expect(stderr).toBe('');
  });

  test.each([
    [['whole', '--format', 'parquet'], 2, /needs a file: -o/],
    [['whole', '--format', 'jsonl5'], 2, /Did you mean jsonl/],
    [['absent'], 1, /no such folder/],
    [['whole', '-o', 'whole'], 1, /whole: cannot be written/],
  ])('%j is an error', async (args, code, words) => {
    const before = readdirSync(folder);
    const ended = await losscope('export', ...args);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr).toMatch(words);
    expect(readdirSync(folder)).toEqual(before);
  });
});

describe('docs/results.md', () => {
  test('lists every column as it is', () => {
    const words: Record<ColumnType, string> = {
      text: 'text',
      integer: 'integer',
      number: 'number',
      floats: 'list of float32',
      integers: 'list of int32',
    };
    const table = COLUMNS.map(({ name, type, meaning }) => `| \`${name}\` | ${words[type]} | ${meaning} |`);
    const document = readFileSync(new URL('../../docs/results.md', import.meta.url), 'utf8');
    expect(document.split('\n').filter((line) => line.startsWith('| `'))).toEqual(table);
  });
});
