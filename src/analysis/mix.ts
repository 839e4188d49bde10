// A study that mixes instruction sets: how far apart the same cells are that were scored with two of them.

import type { CellRow } from '../study/row.js';
import type { Store } from '../study/store.js';

/** Cells that two sets scored, and came out differently. */
export interface MixedSets {
  /** The two sets, sorted. */
  readonly sets: readonly [string, string];
  readonly cells: number;
  /** Over the codes of these cells, nats: mean and largest |a - b| of the loss; and how many codes differ in themselves. */
  readonly mean: number;
  readonly max: number;
  readonly codes: number;
}

/** One entry for every two sets; none where no cell came out in two ways. */
export async function mixedSets(store: Pick<Store, 'twice'>): Promise<MixedSets[]> {
  const found = new Map<
    string,
    { sets: [string, string]; cells: number; sum: number; count: number; max: number; codes: number }
  >();
  for await (const [a, b] of store.twice()) {
    const [first, second] = [a.scoredWith ?? '', b.scoredWith ?? ''].sort();
    const key = `${first} ${second}`;
    const sums = found.get(key) ?? { sets: [first, second], cells: 0, sum: 0, count: 0, max: 0, codes: 0 };
    found.set(key, sums);
    sums.cells++;
    sums.codes += codesApart(a, b);
    for (const distance of distances(a, b)) {
      sums.sum += distance;
      sums.count++;
      sums.max = Math.max(sums.max, distance);
    }
  }
  return [...found.values()].map(({ sets, cells, sum, count, max, codes }) => ({
    ...{ sets, cells, max, codes },
    mean: count === 0 ? 0 : sum / count,
  }));
}

/** |a - b| of the loss where both are defined. */
function distances({ loss: a }: CellRow, { loss: b }: CellRow): number[] {
  if (!a || !b) return [];
  return Array.from(a, (value, i) => Math.abs(value - b[i])).filter((distance) => !Number.isNaN(distance));
}

function codesApart({ codes: a }: CellRow, { codes: b }: CellRow): number {
  return a && b ? a.reduce((count, code, i) => count + (code === b[i] ? 0 : 1), 0) : 0;
}
