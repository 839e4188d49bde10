// What a study says as a whole: rows of all groups together, and of what was measured in one group only its own.

import { ALL_GROUPS, type Slice } from './point.js';

/** Rows of all groups together, and those of the groups where there is no such row. */
export function overall<T extends Slice & { readonly variant?: string }>(rows: readonly T[]): readonly T[] {
  const key = ({ model, protocol, condition, disturbance, variant }: T): string =>
    JSON.stringify([model, protocol, condition, disturbance, variant]);
  const together = new Set(rows.filter(({ group }) => group === ALL_GROUPS).map(key));
  return rows.filter((row) => row.group === ALL_GROUPS || !together.has(key(row)));
}
