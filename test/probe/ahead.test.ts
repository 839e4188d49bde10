// One thing made ahead: in order, and never more than one.

import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ahead } from '../../src/probe/ahead.js';

/** Makes items, and keeps what it began with and what it was given back. */
function maker() {
  const begun: number[] = [];
  const disposed: number[] = [];
  return {
    ...{ begun, disposed },
    make: async (item: number): Promise<number> => {
      begun.push(item);
      await turn();
      return item;
    },
    dispose: async (left: number): Promise<void> => {
      disposed.push(left);
    },
  };
}

test('the next one is under way while one is used, the one after it is not; what is not taken is disposed of', async () => {
  const { begun, disposed, make, dispose } = maker();
  for await (const { item, outcome } of ahead([1, 2, 3, 4], make, dispose)) {
    expect(outcome).toEqual({ value: item });
    expect(begun).toEqual([1, 2, 3].slice(0, item + 1));
    if (item === 2) break;
  }
  expect(disposed).toEqual([3]);
});

test('of two stages each works on one of its own; a failure is an outcome, and an early end ends both', async () => {
  const first = maker();
  const second = maker();
  const stages = ahead(
    ahead([1, 2, 3, 4, 5], first.make, first.dispose),
    async ({ item }) => {
      if (item === 1) throw new Error('one');
      return second.make(item);
    },
    second.dispose,
  );
  for await (const { item, outcome } of stages) {
    if (item.item === 1) expect(outcome).toEqual({ error: new Error('one') });
    if (item.item < 2) continue;
    expect(outcome).toEqual({ value: 2 });
    // As long as the first result is used, each stage goes on to its next one and no further.
    for (let i = 0; i < 9; i++) await turn();
    expect(second.begun).toEqual([2, 3]);
    expect(first.begun).toEqual([1, 2, 3, 4]);
    break;
  }
  expect([first.disposed, second.disposed]).toEqual([[4], [3]]);
});
