// How far apart instruction sets are, on cells that two of them scored.

import { expect, test } from 'vitest';
import { mixedSets } from '../../src/analysis/mix.js';
import { PLAN, rowOf } from '../node/store_rows.js';

test('the distance of two sets is over the codes of the cells that both scored', async () => {
  const [first, second] = PLAN.cells.map(rowOf);
  const moved = (row: typeof first, by: number, scoredWith: string) => ({
    ...row,
    scoredWith,
    loss: (row.loss ?? new Float32Array(0)).map((value, i) => value + (i % 2 === 0 ? by : 0)),
    codes: (row.codes ?? new Int32Array(0)).map((code, i) => (i < 3 ? code + 1 : code)),
  });
  const store = {
    async *twice() {
      yield [first, moved(first, 0.5, 'avx512')] as const;
      yield [moved(second, 0.25, 'avx512'), second] as const;
    },
  };
  const [found, ...rest] = await mixedSets(store);
  expect(rest).toEqual([]);
  expect(found).toMatchObject({ sets: ['avx2', 'avx512'], cells: 2, codes: 6 });
  expect(found.max).toBeCloseTo(0.5, 5);
  expect(found.mean).toBeCloseTo(0.1875, 2);
  expect(await mixedSets({ async *twice() {} })).toEqual([]);
});
