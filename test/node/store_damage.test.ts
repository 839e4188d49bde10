// Every kind of file of a finished store, damaged in every way: `check` finds it, and nothing that reads the store believes it.

import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportFile } from '../../src/node/store/export.js';
import { checkStore, mergeStores, openStore, storeStatus } from '../../src/node/store/index.js';
import { sha256 } from '../../src/node/store/layout.js';
import { MAP_DEFAULTS } from '../../src/probe/map_record.js';
import type { Parity } from '../../src/probe/parity.js';
import { type MapTask, mapTasks } from '../../src/study/map_task.js';
import type { CellRow } from '../../src/study/row.js';
import type { DocumentResult, Plan } from '../../src/study/store.js';
import { tasksOf } from '../../src/study/task.js';
import { filesOf } from './store_files.js';
import { PLAN as CELLS, keptMapOf, rowOf } from './store_rows.js';

const PLAN: Plan = {
  ...CELLS,
  maps: { ...MAP_DEFAULTS, seed: 1, groups: ['Set'] },
  parity: [{ kind: 'parity', key: 'a'.repeat(64), model: 'small', clips: ['Set/one'] }],
};
const ROWS = PLAN.cells.map(rowOf);
const DISTANCE = { mean: 0.01, p99: 0.1, max: 0.2, count: 400 };
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
  ...{ loss: DISTANCE, delta: DISTANCE, meanDifference: 0.01, codes: { equal: 399, of: 400 } },
  clips: [],
};

/** The map of a clip: with the frames and the loss of its row. */
function mapOf({ clean }: MapTask) {
  const { meanLoss, frames } = rowOf(clean);
  const map = keptMapOf([1, 2], meanLoss ?? 0);
  return { ...map, clean: { ...map.clean, frames: frames ?? 0 } };
}

let folder = '';
let copies = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-damage-'));
  const store = await openStore(join(folder, 'whole'), { create: true });
  await store.writePlan(PLAN);
  for (const half of [ROWS.slice(0, 10), ROWS.slice(10)]) await store.append(half);
  for (const task of mapTasks(PLAN)) await store.put('map', task.key, { status: 'ok', value: mapOf(task) });
  await store.put('parity', 'a'.repeat(64), { status: 'ok', value: PARITY });
  await store.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files of each kind, in a store. */
const KINDS: Readonly<Record<string, (store: string) => string[]>> = {
  part: (store) => filesOf(store, 'parts'),
  map: (store) => filesOf(store, 'maps'),
  comparison: (store) => filesOf(store, 'parity'),
  plan: (store) => [join(store, 'plan.json')],
  'plan of cells': (store) =>
    readdirSync(store)
      .filter((name) => /^plan-/.test(name))
      .map((name) => join(store, name)),
  writer: (store) =>
    readdirSync(join(store, 'writers')).map((name) => join(store, 'writers', name, 'writer.json')),
};

const flip = (bytes: Buffer, at: number): Buffer =>
  Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));

/** A damaged file's bytes; null: it is gone. The second argument is another file of its kind. */
const DAMAGES: Readonly<Record<string, (bytes: Buffer, other: Buffer) => Buffer | null>> = {
  'a bit in the middle': (bytes) => flip(bytes, bytes.length >> 1),
  'a bit at the beginning': (bytes) => flip(bytes, 0),
  'a bit near the end': (bytes) => flip(bytes, bytes.length - 3),
  'its last byte gone': (bytes) => bytes.subarray(0, -2),
  'half of it gone': (bytes) => bytes.subarray(0, bytes.length >> 1),
  empty: () => Buffer.alloc(0),
  'another file of its kind': (_, other) => other,
  'the file gone': () => null,
};

interface Seen {
  readonly rows: readonly CellRow[];
  readonly documents: readonly (DocumentResult<'map' | 'parity'> | undefined)[];
  readonly results: ReadonlySet<string>;
}

/** What a reader makes of a store: all of it, or the error of one line. */
async function seen(path: string): Promise<Seen | Error> {
  const store = await openStore(path);
  try {
    const rows: CellRow[] = [];
    for await (const row of store.rows()) rows.push(row);
    const documents: Seen['documents'][number][] = [];
    for (const { key } of mapTasks(PLAN)) documents.push(await store.get('map', key));
    documents.push(await store.get('parity', 'a'.repeat(64)));
    return { rows, documents, results: new Set((await store.results()).keys()) };
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    return error;
  } finally {
    await store.close();
  }
}

test('the whole store is complete, and reads as it was written', async () => {
  const path = join(folder, 'whole');
  expect(await checkStore(path)).toMatchObject({ complete: true, damaged: [] });
  const whole = await seen(path);
  expect(whole).toEqual({
    rows: ROWS,
    documents: [
      ...mapTasks(PLAN).map((task) => ({ status: 'ok', value: mapOf(task) })),
      { status: 'ok', value: PARITY },
    ],
    results: new Set(tasksOf(PLAN).map(({ key }) => key)),
  });
});

const cases = Object.keys(KINDS).flatMap((kind) =>
  Object.keys(DAMAGES).map((damage) => [kind, damage] as const),
);

test.each(cases)('%s, %s: found by check, believed by nobody', async (kind, damage) => {
  const path = join(folder, `damaged ${copies++}`);
  cpSync(join(folder, 'whole'), path, { recursive: true });
  const [file, other] = KINDS[kind](path);
  const before = readFileSync(file);
  const stranger = readFileSync(other ?? join(path, 'plan.json'));
  const bytes = DAMAGES[damage](before, kind === 'plan' ? Buffer.from('{}') : stranger);
  if (bytes) writeFileSync(file, bytes);
  else rmSync(file);

  // Which machine wrote is told where it is known; no number depends on it.
  const isNote = kind === 'writer';
  const check = await checkStore(path).catch((error: unknown) => String(error));
  const said = typeof check === 'string' ? check : check.damaged.join(' ');
  expect(typeof check === 'string' ? false : check.complete).toBe(isNote && bytes === null);
  if (bytes) expect(said).toContain(basename(file));

  const found = await seen(path);
  if (isNote) expect(found).toMatchObject({ rows: ROWS });
  else if (found instanceof Error) expect(found.message).not.toContain('\n');
  else {
    // What is there is what was written, and what is not there is not believed to be.
    expect(found.rows).toEqual(ROWS.filter(({ key }) => found.results.has(key)));
    expect(found.results.size).toBeLessThan(tasksOf(PLAN).length);
    expect(found.rows.length + found.documents.filter(Boolean).length).toBe(found.results.size);
  }
  if (kind !== 'part' && !kind.startsWith('plan')) return;
  const target = join(folder, 'rows.jsonl');
  const store = await openStore(path);
  const exported = await exportFile(store, target, { format: 'jsonl' }).catch((error: unknown) => error);
  await store.close();
  if (bytes || kind.startsWith('plan')) expect(exported).toBeInstanceOf(Error);
  else expect(readFileSync(target, 'utf8').trimEnd().split('\n').length).toBeLessThan(ROWS.length);
});

/** What is put in the place of a document: bytes that a name with the right key and the right checksum fits. */
const STRANGERS: readonly (readonly [
  what: string,
  kind: string,
  change: (own: string, other: string) => string,
  said: RegExp,
])[] = [
  ["another clip's map with its own key in it", 'map', (_, other) => other, /not the map that losscope run/],
  [
    "another clip's map with this key in it",
    'map',
    (own, other) => other.replace(JSON.parse(other).key, JSON.parse(own).key),
    /not the map of Set\/.* \(it has a mean loss of/,
  ],
  [
    'a map with frames that the clip has not',
    'map',
    (own) => own.replace('"frames":600', '"frames":601'),
    /601 frames/,
  ],
  [
    'a comparison of other weights',
    'comparison',
    (own) => own.replace('weights of small', 'weights of large'),
    /not the comparison of small \(it has weights/,
  ],
];

test.each(STRANGERS)('%s, under the right name: believed by nobody', async (_, kind, change, said) => {
  const path = join(folder, `strange ${copies++}`);
  cpSync(join(folder, 'whole'), path, { recursive: true });
  const [file, other] = KINDS[kind](path);
  const text = change(readFileSync(file, 'utf8'), readFileSync(other ?? file, 'utf8'));
  expect(text).not.toBe(readFileSync(file, 'utf8'));
  const [key] = basename(file).split('.');
  rmSync(file);
  writeFileSync(join(dirname(file), `${key}.ok.${sha256(text)}.json`), text);

  const check = await checkStore(path);
  expect([check.complete, check.damaged.join('\n')]).toEqual([false, expect.stringMatching(said)]);
  // A run asks for the results: what is not among them is made again.
  const store = await openStore(path);
  expect((await store.results()).has(key)).toBe(false);
  await expect(store.get(kind === 'map' ? 'map' : 'parity', key)).rejects.toThrow(said);
  await store.close();
  await expect(mergeStores(join(folder, `merged ${copies++}`), [path])).rejects.toThrow(said);
});

test.each(Object.keys(KINDS))('%s, a device in its place: it is not read, and named', async (kind) => {
  const path = join(folder, `device ${copies++}`);
  cpSync(join(folder, 'whole'), path, { recursive: true });
  const [file] = KINDS[kind](path);
  rmSync(file);
  symlinkSync('/dev/zero', file);
  const check = await checkStore(path).catch((error: unknown) => String(error));
  const said = typeof check === 'string' ? check : check.damaged.join('\n');
  expect(said).toContain(basename(file));
  expect(typeof check === 'string' ? false : check.complete).toBe(false);
  const found = await seen(path);
  if (kind.startsWith('plan')) expect(found).toBeInstanceOf(Error);
});

const writerOf = (store: string): string => join(store, 'writers', readdirSync(join(store, 'writers'))[0]);

test.each<[string, (store: string) => string]>([
  ['writers', (store) => join(store, 'writers')],
  ['a writer', writerOf],
  ['its parts', (store) => join(writerOf(store), 'parts')],
  ['its maps', (store) => join(writerOf(store), 'maps')],
])('a file in the place of the folder of %s is named by every reader', async (_, placeIn) => {
  const path = join(folder, `file ${copies++}`);
  cpSync(join(folder, 'whole'), path, { recursive: true });
  const place = placeIn(path);
  rmSync(place, { recursive: true });
  writeFileSync(place, 'x');
  const said = `${place}: is a file, expected a folder of the store; take it away`;
  await expect(checkStore(path)).rejects.toThrow(said);
  await expect(storeStatus(path)).rejects.toThrow(said);
  await expect(mergeStores(join(folder, `merged ${copies++}`), [path])).rejects.toThrow(said);
  expect(await seen(path)).toEqual(new Error(said));
});

test('what a file manager leaves beside the writers is no damage', async () => {
  const path = join(folder, `looked at ${copies++}`);
  cpSync(join(folder, 'whole'), path, { recursive: true });
  for (const name of ['.DS_Store', 'Thumbs.db', 'desktop.ini'])
    writeFileSync(join(path, 'writers', name), 'x');
  expect(await checkStore(path)).toMatchObject({ complete: true, damaged: [] });
});

test.each(Object.keys(KINDS))('%s, a folder in its place: found by check, and named', async (kind) => {
  const path = join(folder, `folder ${copies++}`);
  cpSync(join(folder, 'whole'), path, { recursive: true });
  const [file] = KINDS[kind](path);
  rmSync(file);
  mkdirSync(file);
  const check = await checkStore(path).catch((error: unknown) => String(error));
  expect(typeof check === 'string' ? check : check.damaged.join('\n')).toContain(basename(file));
});
