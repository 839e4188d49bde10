// One thing made ahead: in order, never more than one, and with room for others to go on in between.

import { expect, test } from 'vitest';
import { ahead, turn } from '../../src/probe/ahead.js';

test('a turn lets what waits go on; a promise that is settled does not', async () => {
  let went = false;
  setTimeout(() => {
    went = true;
  }, 0);
  await Promise.resolve();
  expect(went).toBe(false);
  await turn();
  expect(went).toBe(true);
});

test('the next one is under way while one is used, and the one after it is not; what is not taken is disposed of', async () => {
  const begun: number[] = [];
  const disposed: number[] = [];
  const make = async (item: number): Promise<number> => {
    begun.push(item);
    await turn();
    return item;
  };
  for await (const { item, outcome } of ahead([1, 2, 3, 4], make, async (left) => void disposed.push(left))) {
    expect(outcome).toEqual({ value: item });
    expect(begun).toEqual([1, 2, 3].slice(0, item + 1));
    if (item === 2) break;
  }
  expect(disposed).toEqual([3]);
});
