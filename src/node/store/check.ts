// Looks a whole store over: its plan against what is there, every file against its checksum, every map against its clip.

import { isMixed } from '../../study/cell.js';
import { type Completeness, completeness } from '../../study/check.js';
import type { CellRow } from '../../study/row.js';
import type { Plan, StoredResult } from '../../study/store.js';
import { TASK_KINDS, type Task, type TaskKind, taskName, tasksOf } from '../../study/task.js';
import { type DocumentFile, documentConflict, documentFiles, documentsByKey } from './documents.js';
import { connected, openDuckdb } from './duckdb.js';
import { type Inventory, stocktaking } from './inventory.js';
import { writerFolders } from './layout.js';
import { documentReader, type OwnDocument } from './own_documents.js';
import { partPaths } from './part.js';
import { readPlan } from './plan.js';
import { explainConflict, plannedRows } from './rows.js';
import { requirePlan, requireStore } from './store.js';
import { writerFault } from './writer.js';

/** A task by its key, and in words. */
export interface NamedTask {
  readonly key: string;
  readonly name: string;
}

/** How far the tasks of one kind have come. */
export interface KindCheck extends Pick<Completeness, 'planned' | 'done'> {
  readonly failed: readonly (NamedTask & { readonly error: string })[];
  readonly missing: readonly NamedTask[];
}

export interface StoreCheck extends Readonly<Record<TaskKind, KindCheck>> {
  readonly study: string;
  /** Files that hold rows, damaged ones among them. */
  readonly parts: number;
  /** Keys of cells that are there and that nobody planned; they are in no result. */
  readonly unexpected: readonly string[];
  /** One line for each file that is damaged, with the remedy. */
  readonly damaged: readonly string[];
  /** One line for each task of which there are two results. */
  readonly conflicts: readonly string[];
  /** Every planned task is done, and nothing else is there. */
  readonly complete: boolean;
}

/** @throws one line where there is no plan to compare with. */
export async function checkStore(folder: string): Promise<StoreCheck> {
  await requireStore(folder);
  const duckdb = await openDuckdb();
  try {
    const plan = await requirePlan(() => readPlan(duckdb, folder), folder);
    const inventory = await stocktaking(duckdb, () => partPaths(folder)).current();
    const { cells, parts } = inventory;
    return await connected(duckdb, async (connection) => {
      const rows = new Map<string, CellRow>();
      for await (const row of plannedRows(connection, plan.cells, {
        cells,
        query: { withoutArrays: true },
      })) {
        rows.set(row.key, row);
      }
      const documents = await checkDocuments(folder, plan, cells);
      const tasks = tasksOf(plan);
      const found = completeness(tasks, new Map<string, StoredResult>([...cells, ...documents.sound]));
      const errors = new Map([...rows].map(([key, { error }]) => [key, error]));
      for (const [key, error] of documents.errors) errors.set(key, error);
      const conflicts = [...documents.conflicts];
      for (const conflict of inventory.conflicts) conflicts.push(await explainConflict(connection, conflict));
      const kinds = TASK_KINDS.map((kind) => kindCheck(found[kind], errors));
      const [score, map, parity] = kinds;
      const check = {
        study: plan.study,
        parts: parts.length + inventory.damaged.length,
        ...{ score, map, parity },
        unexpected: unplanned(tasks, inventory),
        damaged: [...inventory.damaged, ...documents.damaged, ...(await writerFaults(folder))],
        conflicts,
      };
      const faults = [
        check.unexpected,
        check.damaged,
        conflicts,
        ...kinds.flatMap((kind) => [kind.failed, kind.missing]),
      ];
      return { ...check, complete: faults.every(({ length }) => length === 0) };
    });
  } finally {
    duckdb.closeSync();
  }
}

async function writerFaults(folder: string): Promise<string[]> {
  const faults = await Promise.all((await writerFolders(folder)).map(writerFault));
  return faults.filter((fault) => fault !== undefined);
}

function kindCheck(
  { planned, done, failed, missing }: Completeness,
  errors: ReadonlyMap<string, string | null>,
): KindCheck {
  return {
    planned,
    done,
    failed: failed.map((task) => ({ ...named(task), error: errors.get(task.key) ?? 'no cause is given' })),
    missing: missing.map(named),
  };
}

function named(task: Task): NamedTask {
  return { key: task.key, name: taskName(task) };
}

function unplanned(tasks: readonly Task[], { cells }: Inventory): string[] {
  const keys = new Set(tasks.map(({ key }) => key));
  return [...cells.keys()].filter((key) => !keys.has(key)).sort();
}

interface DocumentsCheck {
  /** Of the planned documents those that are whole and of their task, by key. */
  readonly sound: ReadonlyMap<string, DocumentFile>;
  /** Why a task failed, by key. */
  readonly errors: ReadonlyMap<string, string>;
  readonly damaged: readonly string[];
  readonly conflicts: readonly string[];
}

/** Reads every planned document. Others are of an earlier plan, whose clips were mapped otherwise, and are only hashed. */
async function checkDocuments(
  folder: string,
  plan: Plan,
  cells: Inventory['cells'],
): Promise<DocumentsCheck> {
  const [damaged, own]: [string[], OwnDocument[]] = [[], []];
  for (const look of await documentReader().look(await documentFiles(folder), { plan, cells })) {
    if (look instanceof Error) damaged.push(look.message);
    else if (look !== 'gone') own.push(look);
  }
  const errors = new Map(own.flatMap(({ key, error }) => (error === undefined ? [] : [[key, error]])));
  const { byKey, conflicts } = documentsByKey(own, { mixed: isMixed(plan) });
  return { sound: byKey, errors, damaged, conflicts: conflicts.map(documentConflict) };
}
