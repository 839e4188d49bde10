// Task: one result of a study that is planned, made, stored, checked and merged on its own: a cell scored, a clip mapped, or
// a model compared with its exact form. What a task's numbers depend on is in its key, never in when or where it is done.

import { cellName } from './cell.js';
import { type MapTask, mapTasks } from './map_task.js';
import type { ParityTask } from './parity_task.js';
import type { CellFacts } from './row.js';
import type { Plan } from './store.js';

export const TASK_KINDS = ['score', 'map', 'parity'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** A version of a clip to be scored: its result is a row. */
export interface ScoreTask {
  readonly kind: 'score';
  /** SHA-256 in hex of everything that can change the result. */
  readonly key: string;
  readonly facts: CellFacts;
}

export type Task = ScoreTask | MapTask | ParityTask;

/** What became of a task: a task that cannot be done is a result with its cause. */
export interface TaskOutcome {
  readonly status: 'ok' | 'failed';
  /** One line; null when ok. */
  readonly error: string | null;
}

/** Every task of a plan. */
export function tasksOf(plan: Plan): Task[] {
  return [
    ...(plan.parity ?? []),
    ...plan.cells.map((facts): ScoreTask => ({ kind: 'score', key: facts.key, facts })),
    ...mapTasks(plan),
  ];
}

/** A task as people name it. */
export function taskName(task: Task): string {
  switch (task.kind) {
    case 'score':
      return cellName(task.facts);
    case 'map':
      return `map of ${task.clean.clip}, ${task.clean.model}`;
    case 'parity':
      return `${task.model} beside fp32 on the CPU`;
  }
}
