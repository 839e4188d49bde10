// How a study stands while machines work on it: what is stored, who stored it when, and what is claimed.

import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { TASK_KINDS, type TaskKind, tasksOf } from '../../study/task.js';
import { claimsFolder, stateOf } from '../claims/folder.js';
import { documentFiles, documentsByKey } from './documents.js';
import { openDuckdb } from './duckdb.js';
import { stocktaking } from './inventory.js';
import { isGone, namesIn, processHere, WRITERS } from './layout.js';
import { partPaths } from './part.js';
import { readPlan } from './plan.js';
import { requirePlan, requireStore } from './store.js';
import { makerOf } from './writer.js';

export interface WriterStatus {
  readonly writer: string;
  /** "node7-4711 (Intel Xeon, avx512)". */
  readonly machine: string;
  readonly cells: number;
  /** When it stored something last, ms since 1970 by the clock of the file server. */
  readonly last: number;
}

export interface StoreStatus {
  readonly study: string;
  /** Hash of the plan. */
  readonly plan: string;
  readonly tasks: Readonly<
    Record<TaskKind, { readonly planned: number; readonly ok: number; readonly failed: number }>
  >;
  /** Files that cannot be used; losscope check names them. */
  readonly damaged: number;
  readonly writers: readonly WriterStatus[];
  /** Cells a minute over the last quarter of an hour in which something was stored; 0 before. */
  readonly rate: number;
  /** At this rate; absent when it is 0. */
  readonly secondsLeft?: number;
  /** Jobs that workers hold now, by worker; and jobs that are done. Only of claims in the folder. */
  readonly claims: {
    readonly held: readonly { readonly worker: string; readonly jobs: number }[];
    readonly done: number;
  };
}

const WINDOW_MS = 900_000;

/** @throws one line where there is no plan. */
export async function storeStatus(folder: string): Promise<StoreStatus> {
  await requireStore(folder);
  const duckdb = await openDuckdb();
  try {
    const plan = await requirePlan(() => readPlan(duckdb, folder), folder);
    const { cells, parts, damaged } = await stocktaking(duckdb, () => partPaths(folder)).current();
    const { byKey } = documentsByKey(await documentFiles(folder));
    const all = tasksOf(plan);
    const tasks = TASK_KINDS.map((kind) => {
      const own = all.filter((task) => task.kind === kind);
      const having = (status: 'ok' | 'failed'): number =>
        own.filter(({ key }) => (cells.get(key) ?? byKey.get(key))?.status === status).length;
      return { planned: own.length, ok: having('ok'), failed: having('failed') };
    });
    const [score, map, parity] = tasks;
    const stored = await Promise.all(
      parts.map(async ({ path, cells: own }) => ({ path, cells: own.length, at: await timeOf(path) })),
    );
    const rate = rateOf(stored);
    const left = score.planned - score.ok - score.failed;
    return {
      study: plan.study,
      plan: plan.hash,
      tasks: { score, map, parity },
      damaged: damaged.length,
      writers: await writersOf(stored),
      rate,
      ...(rate > 0 ? { secondsLeft: (60 * left) / rate } : {}),
      claims: await claimsOf(claimsFolder(folder, plan.hash)),
    };
  } finally {
    duckdb.closeSync();
  }
}

/** Other processes of this machine that have stored something in a store and still run. */
export async function processesAt(folder: string): Promise<number[]> {
  const found = (await namesIn(join(folder, WRITERS))).flatMap((name) => processHere(name) ?? []);
  return [...new Set(found)].filter((id) => id !== process.pid);
}

/** How many cells more than one writer has stored since a time (ms since 1970). */
export async function storedTwice(folder: string, { since }: { readonly since: number }): Promise<number> {
  const duckdb = await openDuckdb();
  try {
    const all = await partPaths(folder);
    const times = await Promise.all(all.map(timeOf));
    const { parts } = await stocktaking(duckdb, async () =>
      all.filter((_, i) => times[i] >= since),
    ).current();
    const writers = new Map<string, Set<string>>();
    for (const { path, cells } of parts) {
      for (const { key } of cells) writers.set(key, (writers.get(key) ?? new Set()).add(dirname(path)));
    }
    return [...writers.values()].filter(({ size }) => size > 1).length;
  } finally {
    duckdb.closeSync();
  }
}

interface StoredPart {
  readonly path: string;
  readonly cells: number;
  readonly at: number;
}

async function timeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

/** Cells a minute, from the first part of the window to the last; the first part's cells were made before it. */
function rateOf(parts: readonly StoredPart[]): number {
  const last = Math.max(...parts.map(({ at }) => at));
  const recent = parts.filter(({ at }) => at > last - WINDOW_MS).sort((a, b) => a.at - b.at);
  const minutes = recent.length > 1 ? (last - recent[0].at) / 60_000 : 0;
  const cells = recent.slice(1).reduce((sum, part) => sum + part.cells, 0);
  return minutes > 0 ? cells / minutes : 0;
}

async function writersOf(parts: readonly StoredPart[]): Promise<WriterStatus[]> {
  const writers = new Map<string, StoredPart[]>();
  for (const part of parts) {
    const folder = dirname(dirname(part.path));
    writers.set(folder, [...(writers.get(folder) ?? []), part]);
  }
  const found: WriterStatus[] = [];
  for (const [folder, own] of writers) {
    found.push({
      writer: basename(folder),
      machine: await makerOf(own[0].path),
      cells: own.reduce((sum, { cells }) => sum + cells, 0),
      last: Math.max(...own.map(({ at }) => at)),
    });
  }
  return found.sort((a, b) => b.last - a.last);
}

const lease = z.object({ worker: z.string() });

async function claimsOf(folder: string): Promise<StoreStatus['claims']> {
  const { done, held: leases } = await stateOf(folder);
  const held = new Map<string, number>();
  for (const name of await namesIn(folder)) {
    const [job, n, end] = name.split('.');
    if (end !== 'lease' || done.has(job) || leases.get(job) !== Number(n)) continue;
    const worker = await workerOf(join(folder, name));
    held.set(worker, (held.get(worker) ?? 0) + 1);
  }
  return { held: [...held].map(([worker, jobs]) => ({ worker, jobs })), done: done.size };
}

/** The worker of a lease; "unknown" while it is being written. */
async function workerOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (isGone(error)) return '';
    throw new Error(`${path}: cannot be read (${error.code})`);
  });
  try {
    return lease.parse(JSON.parse(text)).worker;
  } catch {
    return 'unknown';
  }
}
