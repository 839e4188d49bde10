// The demo, whole, as a stranger runs it first: its page is one file that can be sent by mail.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'losscope-demo-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('losscope demo: a page of six clips with their sound in less than 2 MB, a table, the numbers', () => {
  const said = execFileSync(process.execPath, [MAIN, 'demo', '--out', 'demo'], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(said).toMatch(/100 tokens of disturbance lower the mean loss of 5 of 6 clips/);
  const page = join(folder, 'demo', 'index.html');
  expect(statSync(page).size).toBeLessThan(2_000_000);
  // One that came out small because its sound is missing would not do.
  expect(statSync(page).size).toBeGreaterThan(1_000_000);
  expect(readFileSync(page, 'utf8')).not.toContain(folder);
  expect(readdirSync(join(folder, 'demo')).sort()).toEqual(['curves', 'index.html', 'summary.json']);
}, 900_000);
