// Store: where a study's results are kept: rows, and documents (a map, a comparison with the exact model). Each is written
// whole and never changed in place; any number of writers may add to one store at once.

import type { Parity } from '../probe/parity.js';
import type { KeptMap, MapPlan } from './map_task.js';
import type { ParityTask } from './parity_task.js';
import type { CellFacts, CellRow, Role } from './row.js';

/** What is known of a stored result without reading its arrays. */
export interface StoredResult {
  readonly status: CellRow['status'];
  /** SHA-256 in hex of everything that came out: equal results have equal digests. */
  readonly digest: string;
}

/** Results that are no rows, by the kind of their task. */
export interface Documents {
  readonly map: KeptMap;
  readonly parity: Parity;
}
export type DocumentKind = keyof Documents;

export type DocumentResult<K extends DocumentKind> =
  | { readonly status: 'ok'; readonly value: Documents[K] }
  | { readonly status: 'failed'; readonly error: string };

export interface RowQuery {
  /** Default: all. */
  readonly roles?: readonly Role[];
  /** Only these cells. */
  readonly keys?: readonly string[];
  /** Leave arrays out (null), for what needs none. Default false. */
  readonly withoutArrays?: boolean;
}

/** Everything a study will do, written before the first score. */
export interface Plan {
  readonly study: string;
  /** SHA-256 in hex over the sorted keys of the cells: two stores can be merged when it is equal. */
  readonly hash: string;
  /** The study's YAML text as it was read. */
  readonly yaml: string;
  /** In the order in which cells are walked: by model and clip, a clean cell before what is compared with it. */
  readonly cells: readonly CellFacts[];
  /** How clips are mapped; absent: they are not. No part of the hash: maps have keys of their own. */
  readonly maps?: MapPlan;
  /** Comparisons of inexact models; absent: there is none. No part of the hash. */
  readonly parity?: readonly ParityTask[];
}

export interface Store {
  /** Absent before `writePlan`. */
  plan(): Promise<Plan | undefined>;
  /**
   * Writes the plan of a new store, whole; names and order of an old one. Of two different plans at once one is kept and
   * the other one's writer is told. @throws when there is another plan (other hash), naming what differs.
   */
  writePlan(plan: Plan): Promise<void>;
  /** Every finished task by key, of all writers. A task that failed once and succeeded later is `ok`. What is damaged is not there. */
  results(): Promise<ReadonlyMap<string, StoredResult>>;
  /**
   * Adds rows as one immutable part: written under a temporary name, synced, renamed.
   * @throws when this writer has stored a key with other numbers, naming the cell.
   */
  append(rows: readonly CellRow[]): Promise<void>;
  /**
   * Rows of planned cells in the order of the plan, each cell once, with the plan's names, a bounded number in memory
   * at a time. @throws where there is no plan, a part is damaged, or a cell has two results.
   */
  rows(query?: RowQuery): AsyncIterable<CellRow>;
  /**
   * Both results of each cell that was scored with two instruction sets and came out differently, in a study that may mix
   * them.
   */
  twice(): AsyncIterable<readonly [CellRow, CellRow]>;
  /** Keeps a document. */
  put<K extends DocumentKind>(kind: K, key: string, result: DocumentResult<K>): Promise<void>;
  /** The document of a task; undefined where there is none. @throws when it is damaged, or there are two that differ. */
  get<K extends DocumentKind>(kind: K, key: string): Promise<DocumentResult<K> | undefined>;
  close(): Promise<void>;
}
