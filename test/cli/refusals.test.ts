// Commands that no other test calls refuse what they cannot use: one line, a code that is not 0, nothing on stdout.

import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-refusals-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function losscope(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

const CASES: readonly (readonly [readonly string[], number, RegExp])[] = [
  [['demo', '--threads', '0'], 2, /--threads.*whole number of at least 1/],
  [['view', '--port', 'x'], 2, /--port.*whole number from 0 to 65535/],
  [['map', 'none.wav'], 1, /none\.wav: no such file or folder/],
  [['rank', 'none.wav'], 1, /none\.wav: no such file or folder/],
  [['generate', '--count', '0'], 2, /--count/],
  [['decode', 'none.json', '-o', 'a.wav'], 1, /none\.json: no such file or folder/],
  [['regions', 'none.csv', 'b.csv', '--at', '1', '--length', '2'], 1, /none\.csv/],
  [['parity', 'none.wav'], 2, /give --precision w8a8 or a --device/],
  [['render', 'none.mid', '-o', 'a.wav'], 1, /none\.mid: cannot be read/],
  [['compare', 'none', 'none'], 1, /none: no such folder; expected a store/],
  [['power', 'none'], 2, /--effect/],
  [['init', 'none', 'more'], 2, /too many arguments/],
  [
    ['generate', '--seconds', '0.1', '--out='],
    2,
    /^losscope: --out: is empty; give it a value, or leave it out\n$/,
  ],
  [['map', 'a.wav', '--html', './a.wav'], 2, /^losscope: \.\/a\.wav: is read, and would be written over;/],
  [['score', '', '-m', ''], 2, /^losscope: score: an argument is empty; name what is meant\n$/],
  [['rank', 'a.wav', '--reference', ''], 2, /^losscope: --reference: is empty;/],
  [
    ['rank', 'a.wav', '--curves', 'a.json'],
    2,
    /--curves a\.json: a table is written as CSV; expected a name/,
  ],
  [['rank', 'a.csv', '--curves', 'a.csv'], 2, /^losscope: a\.csv: is read, and would be written over;/],
  [['models', 'more'], 2, /too many arguments/],
];

test.each(CASES)('%j', async (args, code, message) => {
  const ended = await losscope(args);
  expect(ended).toMatchObject({ code, stdout: '' });
  expect(ended.stderr).toMatch(message);
  expect(ended.stderr).not.toMatch(/^ {4}at /m);
  expect(readdirSync(folder)).toEqual([]);
});
