// Cells in words: the name of one, and the differences between two. For errors about stores that do not fit together.

import { counted } from '../counted.js';
import { FACT_COLUMNS, RESULT_COLUMNS } from './columns.js';
import { ANY, type CellFacts, type CellRow } from './row.js';
import type { Plan } from './store.js';

/** Whether a study's cells may be scored with any instruction set: the same task may then come out in two ways. */
export function isMixed({ cells }: Pick<Plan, 'cells'>): boolean {
  return cells[0]?.instructions === ANY;
}

/** "TrainingSet/song-01, white length=100, small (delayed)". */
export function cellName({ clip, variant, context, model, protocol }: CellFacts): string {
  const what = [variant ?? 'clean', context].filter((word) => word !== null).join(', ');
  return `${clip}, ${what}, ${model} (${protocol})`;
}

/** The first result in which two rows of one cell differ: "loss[312] is 2.25, was 2.5". */
export function rowDifference(now: CellRow, before: CellRow): string {
  for (const { name } of RESULT_COLUMNS) {
    const [a, b] = [now[name], before[name]];
    if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
      if (a.length !== b.length) return `${name} has ${counted(a.length, 'value')}, had ${b.length}`;
      const at = a.findIndex((value, i) => !Object.is(value, b[i]));
      if (at >= 0) return `${name}[${at}] is ${a[at]}, was ${b[at]}`;
    } else if (!Object.is(a, b)) {
      return `${name} is ${shown(a)}, was ${shown(b)}`;
    }
  }
  return 'nothing differs';
}

/** How two plans of different hashes differ, in one line. */
export function planDifference(now: Plan, before: Plan): string {
  const keys = new Set(before.cells.map(({ key }) => key));
  const added = now.cells.find(({ key }) => !keys.has(key));
  const counts = `${counted(now.cells.length, 'cell')}, was ${before.cells.length}`;
  if (!added) return `${counts}; what remains is the same`;
  const name = cellName(added);
  const counterpart = before.cells.find((cell) => cellName(cell) === name);
  if (!counterpart) return `${counts}; ${name} is new`;
  const changed = FACT_COLUMNS.find(
    (column) => !['key', 'cleanKey'].includes(column.name) && added[column.name] !== counterpart[column.name],
  );
  if (!changed) return `${counts}; ${name} has another key`;
  return `${name}: ${changed.name} is ${shown(added[changed.name])}, was ${shown(counterpart[changed.name])}`;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}
