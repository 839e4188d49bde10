// Store: where a study's rows are kept. Immutable parts, each written whole; nothing is ever changed in place.

import type { MapPlan } from './map_plan.js';
import type { CellFacts, CellRow, Role } from './row.js';

/** What is known of a stored cell without reading its arrays. */
export interface StoredCell {
  readonly status: CellRow['status'];
  /** SHA-256 in hex of everything that came out (`rowDigest`): equal results have equal digests. */
  readonly digest: string;
}

export interface RowQuery {
  /** Default: all. */
  readonly roles?: readonly Role[];
  /** Only these cells. */
  readonly keys?: readonly string[];
  /** Leave loss and codes out (null), for what needs no arrays. Default false. */
  readonly withoutArrays?: boolean;
}

/** Everything a study will score, written before the first score. */
export interface Plan {
  readonly study: string;
  /** SHA-256 in hex over the sorted keys: two stores can be merged when it is equal. */
  readonly hash: string;
  /** The study's YAML text as it was read. */
  readonly yaml: string;
  /** In the order in which cells are walked: by model and clip, a clean cell before what is compared with it. */
  readonly cells: readonly CellFacts[];
  /** How clips are mapped; absent: they are not. No part of the hash: maps have keys of their own. */
  readonly maps?: MapPlan;
}

export interface Store {
  /** Absent before `writePlan`. */
  plan(): Promise<Plan | undefined>;
  /**
   * Writes the plan of a new store, whole; names and order of an old one. @throws when there is another plan (other
   * hash), naming what differs.
   */
  writePlan(plan: Plan): Promise<void>;
  /** Every finished cell by key. A cell that failed once and succeeded later is `ok`. */
  cells(): Promise<ReadonlyMap<string, StoredCell>>;
  /**
   * Adds rows as one immutable part: written under a temporary name, synced, renamed.
   * @throws when a key is there with other numbers, naming the cell.
   */
  append(rows: readonly CellRow[]): Promise<void>;
  /**
   * Rows of planned cells in the order of the plan, each cell once, with the plan's names, a bounded number in memory
   * at a time. @throws where there is no plan.
   */
  rows(query?: RowQuery): AsyncIterable<CellRow>;
  close(): Promise<void>;
}
