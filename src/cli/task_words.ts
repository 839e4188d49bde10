// How commands name the tasks of a study, paths and times.

import { counted } from '../counted.js';
import type { TaskKind } from '../study/task.js';

/** Results of each kind of task, in front of their numbers. */
export const LABELS: Readonly<Record<TaskKind, string>> = {
  score: 'cells',
  map: 'maps',
  parity: 'comparisons with fp32',
};

/** A result of each kind of task. */
const NOUNS: Readonly<Record<TaskKind, string>> = {
  score: 'cell',
  map: 'map',
  parity: 'comparison',
};

/** "1 map", "3 comparisons with fp32". */
export function countedTasks(n: number, kind: TaskKind): string {
  return `${counted(n, NOUNS[kind])}${kind === 'parity' ? ' with fp32' : ''}`;
}

/** A path as a shell takes it. */
export function quoted(name: string): string {
  return /^[\w./@+-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** Seconds in words: "40 s", "12 min", "3.5 h". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  if (seconds < 5400) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
