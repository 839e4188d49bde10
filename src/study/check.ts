// How far a study has come: what its plan asks for against what its store holds.

import type { StoredResult } from './store.js';
import { TASK_KINDS, type Task, type TaskKind } from './task.js';

/** Tasks of one kind. */
export interface Completeness {
  readonly planned: number;
  /** Planned tasks that are there and ok. */
  readonly done: number;
  readonly failed: readonly Task[];
  readonly missing: readonly Task[];
}

/** How far the tasks of each kind have come. */
export function completeness(
  tasks: readonly Task[],
  stored: ReadonlyMap<string, StoredResult>,
): Readonly<Record<TaskKind, Completeness>> {
  const of = (kind: TaskKind): Completeness => {
    const own = tasks.filter((task) => task.kind === kind);
    const withStatus = (status: StoredResult['status'] | undefined): Task[] =>
      own.filter(({ key }) => stored.get(key)?.status === status);
    return {
      planned: own.length,
      done: withStatus('ok').length,
      failed: withStatus('failed'),
      missing: withStatus(undefined),
    };
  };
  const [score, map, parity] = TASK_KINDS.map(of);
  return { score, map, parity };
}
