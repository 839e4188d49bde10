// Exit codes after a signal that comes before a command is under way, and those of a leader whose workers it met.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { codeOfEnded, interruptsEndWith } from '../../src/cli/interrupt.js';
import { hooked } from './hook.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'losscope-interrupt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a worker that a signal has ended counts as the leader after that signal, anything else as it is', () => {
  const ends = [
    [null, 'SIGINT'],
    [null, 'SIGTERM'],
    [null, 'SIGHUP'],
    [130, null],
    [143, null],
    [129, null],
    [0, null],
    [1, null],
    [2, null],
    [null, 'SIGKILL'],
  ] as const;
  const codes = (): readonly number[] => ends.map(([code, signal]) => codeOfEnded(code, signal));
  expect(codes()).toEqual([130, 143, 129, 130, 143, 129, 0, 1, 2, 1]);
  interruptsEndWith(130);
  expect(codes()).toEqual([130, 130, 130, 130, 130, 130, 0, 1, 2, 1]);
});

/** Sends the process a signal when losscope begins to listen, or before; or cuts it off from its leader. */
const HOOK = `
  const [who, when, signal] = process.env.HOOK.split(' ');
  const isWorker = process.send !== undefined;
  if (isWorker === (who === 'worker')) {
    if (when === 'alone') process.disconnect();
    else if (when === 'before') process.kill(process.pid, signal);
    else process.on('newListener', (event) => {
      if (event === signal) setImmediate(() => process.kill(process.pid, signal));
    });
  }`;

describe('a signal that comes before the command is under way', () => {
  test.each([
    ['ends work with its one code', ['work', 'none.yaml'], 'command listening SIGTERM', 130],
    ['ends work with its one code', ['--debug', 'work', 'none.yaml'], 'command listening SIGHUP', 130],
    ['ends other commands with its own code', ['check', 'none'], 'command listening SIGTERM', 143],
    ['to its workers', ['work', 'none.yaml', '--workers', '2'], 'worker listening SIGTERM', 130],
    ['to its workers', ['work', 'none.yaml', '--workers', '2'], 'worker before SIGINT', 130],
    ['to its workers', ['work', 'none.yaml', '--workers', '2'], 'worker before SIGTERM', 130],
    ['to its workers', ['work', 'none.yaml', '--workers', '2'], 'worker before SIGKILL', 1],
    ['as the end of the leader', ['work', 'none.yaml', '--workers', '2'], 'worker alone', 130],
  ] as const)('%s: %j, %s', async (_, args, hook, expected) => {
    const env = { ...hooked(folder, 'signal', HOOK), MALLOC_ARENA_MAX: '1', HOOK: hook };
    const code = await new Promise((resolve) => {
      const child = execFile(process.execPath, [MAIN, ...args], { cwd: folder, env });
      child.on('close', (code, signal) => resolve(code ?? signal));
    });
    expect(code).toBe(expected);
  });
});
