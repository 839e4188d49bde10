// How far a study has come: what its plan asks for against what its store holds.

import type { CellFacts } from './row.js';
import type { StoredCell } from './store.js';

export interface Completeness {
  readonly planned: number;
  /** Planned cells that are there and ok. */
  readonly done: number;
  readonly failed: readonly CellFacts[];
  readonly missing: readonly CellFacts[];
  /** Keys that are there and that nobody planned; they are in no result. */
  readonly unexpected: readonly string[];
}

export function completeness(
  planned: readonly CellFacts[],
  stored: ReadonlyMap<string, StoredCell>,
): Completeness {
  const keys = new Set(planned.map(({ key }) => key));
  const withStatus = (status: StoredCell['status'] | undefined): CellFacts[] =>
    planned.filter(({ key }) => stored.get(key)?.status === status);
  return {
    planned: planned.length,
    done: withStatus('ok').length,
    failed: withStatus('failed'),
    missing: withStatus(undefined),
    unexpected: [...stored.keys()].filter((key) => !keys.has(key)).sort(),
  };
}
