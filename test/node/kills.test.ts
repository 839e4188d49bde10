// The short form of bench/kills.ts: a study that is killed at random ends with the export of one that is not.

import { expect, test } from 'vitest';
import { kills } from '../../bench/kills.js';

test('six kills at random moments: the same export', async () => {
  const { killed, ended, same } = await kills({ count: 6, seed: 2 });
  expect(Object.values(killed).reduce((sum, n) => sum + n, 0) + ended).toBe(6);
  expect(same).toBe(true);
}, 600_000);
