import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { isAlive } from '../../src/node/processes.js';

test('a process is alive until it has ended; one of another user is alive too', async () => {
  const child = spawn('sleep', ['60']);
  const pid = child.pid ?? Number.NaN;
  expect(isAlive(pid)).toBe(true);
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill();
  await ended;
  expect(isAlive(pid)).toBe(false);
  expect(isAlive(1)).toBe(true);
});

test('a number that can be no process is none: names of files carry any', () => {
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 31, 99_999_999_999])
    expect(isAlive(pid), String(pid)).toBe(false);
});
