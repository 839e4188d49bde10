// What the parts of a store hold, cell by cell, without arrays. Parts never change, so each is read once; others appear
// while another process writes to the same folder, and small ones go when their rows are in large ones.

import type { DuckDBInstance } from '@duckdb/node-api';
import type { StoredResult } from '../../study/store.js';
import { connected } from './duckdb.js';
import { isLarge, type Part, type PartCell, readParts } from './part.js';

/** A cell and the path of the part to read it from. */
export interface StockedCell extends PartCell {
  readonly part: string;
  /** Whether that part is there for good. */
  readonly large: boolean;
}

/** Two results of one cell that cannot both be true. */
export type Conflict = readonly [StockedCell, StockedCell];

export interface Inventory {
  readonly cells: ReadonlyMap<string, StockedCell>;
  readonly conflicts: readonly Conflict[];
  /** Two results of one cell by processors of different instruction sets, where the study may mix them. */
  readonly twice: readonly Conflict[];
  /** One line for each part that cannot be read. */
  readonly damaged: readonly string[];
  readonly parts: readonly Part[];
}

export interface Stocktaking {
  /** What is there now. A part that has been read is not read again. */
  current(): Promise<Inventory>;
  /** A part that this process has just written. */
  add(part: Part): void;
}

/** @param list gives the paths of the parts that are there now. */
export function stocktaking(duckdb: DuckDBInstance, list: () => Promise<readonly string[]>): Stocktaking {
  const parts = new Map<string, Part>();
  const cells = new Map<string, StockedCell>();
  const conflicts: Conflict[] = [];
  const twice: Conflict[] = [];
  const count = (part: Part): void => {
    const large = isLarge(part);
    for (const each of part.cells) {
      const cell = { ...each, part: part.path, large };
      const there = cells.get(cell.key);
      if (there && differ(there, cell)) (mayDiffer(there, cell) ? twice : conflicts).push([there, cell]);
      if (!there || replaces(cell, there)) cells.set(cell.key, cell);
    }
  };
  const add = (part: Part): void => {
    if (parts.has(part.path)) return;
    parts.set(part.path, part);
    count(part);
  };
  const forget = (gone: readonly string[]): void => {
    for (const path of gone) parts.delete(path);
    cells.clear();
    conflicts.length = 0;
    twice.length = 0;
    for (const part of parts.values()) count(part);
  };
  return {
    add,
    async current() {
      const paths = await list();
      const listed = new Set(paths);
      const gone = [...parts.keys()].filter((path) => !listed.has(path));
      if (gone.length > 0) forget(gone);
      const fresh = paths.filter((path) => !parts.has(path));
      const found = await connected(duckdb, (connection) => readParts(connection, fresh));
      const damaged: string[] = [];
      for (const part of found) {
        if (part instanceof Error) damaged.push(part.message);
        else add(part);
      }
      return { cells, conflicts, twice, damaged, parts: [...parts.values()] };
    },
  };
}

/** Whether two results of a cell cannot both be true. A failure may have another cause each time. */
export function differ(a: StoredResult, b: StoredResult): boolean {
  return a.status === 'ok' && b.status === 'ok' && a.digest !== b.digest;
}

/** Whether the study allows two results of a cell: their processors sum in another order. */
function mayDiffer(a: PartCell, b: PartCell): boolean {
  return a.mixed !== null && b.mixed !== null && a.mixed !== b.mixed;
}

/**
 * Success replaces failure; of two failures the same one is taken whatever the order of the parts; what is in a large
 * part is read from there.
 */
function replaces(cell: StockedCell, there: StockedCell): boolean {
  if (cell.status !== there.status) return cell.status === 'ok';
  if (cell.digest !== there.digest) return cell.digest < there.digest;
  return cell.large && !there.large;
}
