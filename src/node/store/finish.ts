// The end of a study that many machines worked on: checked, and if every task has a result its small parts gathered and its
// claims taken away.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TASK_KINDS } from '../../study/task.js';
import { CLAIMS } from '../claims/folder.js';
import { checkStore, type StoreCheck } from './check.js';
import { openDuckdb } from './duckdb.js';
import { gatherAll } from './gather.js';
import { stocktaking } from './inventory.js';
import { newWriter, WRITERS } from './layout.js';
import { partPaths } from './part.js';

export interface Finished {
  readonly check: StoreCheck;
  /** Large parts that were written, and small ones that were deleted, now. */
  readonly written: number;
  readonly deleted: number;
}

/**
 * Checks a store; gathers it when every task has a result, also one that says why it failed, for then nobody writes to it any
 * more. What is damaged or contradicts itself is left as it is.
 */
export async function finishStore(folder: string): Promise<Finished> {
  const check = await checkStore(folder);
  if (!hasAllResults(check)) return { check, written: 0, deleted: 0 };
  const duckdb = await openDuckdb();
  try {
    const inventory = await stocktaking(duckdb, () => partPaths(folder)).current();
    const gathered = await gatherAll(duckdb, join(folder, WRITERS, newWriter()), inventory);
    await rm(join(folder, CLAIMS), { recursive: true, force: true });
    return { check, ...gathered };
  } finally {
    duckdb.closeSync();
  }
}

function hasAllResults(check: StoreCheck): boolean {
  const isMissing = TASK_KINDS.some((kind) => check[kind].missing.length > 0);
  return !isMissing && check.damaged.length + check.conflicts.length === 0;
}
