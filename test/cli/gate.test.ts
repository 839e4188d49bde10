// losscope gate on stores of a made-up study: the built program in a process of its own.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/node/store/store.js';
import { SCORES_VERSION } from '../../src/scores/scores.js';
import type { CellRow } from '../../src/study/row.js';
import { failedRowOf, PLAN, rowOf } from '../node/store_rows.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder = '';
/** Both models of the study: each with its fingerprint and the version of the scores. */
const MADE = ['small', 'lärge'].map((model) => ({
  model,
  fingerprint: expect.stringMatching(/./),
  scores: SCORES_VERSION,
  loudness: null,
}));

function losscope(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

async function write(name: string, rows: readonly CellRow[]): Promise<void> {
  const store = await openStore(join(folder, name), { create: true });
  await store.writePlan(PLAN);
  await store.append(rows);
  await store.close();
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-gate-'));
  const rows = PLAN.cells.map((cell) => rowOf(cell));
  await write('base', rows);
  await write(
    'worse',
    rows.map((row) => ({ ...row, loss: row.loss?.map((value) => value + 1) ?? null })),
  );
  const clips = [...new Set(rows.map(({ clip }) => clip))];
  // Better in every second clip, worse in the others, by far more than the margin.
  await write(
    'unsteady',
    rows.map((row) => {
      const shift = clips.indexOf(row.clip) % 2 === 0 ? 0.5 : -0.4;
      return { ...row, loss: row.loss?.map((value) => value + shift) ?? null };
    }),
  );
  await write(
    'broken',
    rows.map((row, i) => (i === 0 ? failedRowOf(row, 'too short') : row)),
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('gate', () => {
  test.each([
    ['base', 'pass', 0],
    ['worse', 'fail', 100],
    ['unsteady', 'inconclusive', 3],
    ['broken', 'incomplete', 4],
  ])('%s: %s, exit code %i', async (candidate, verdict, code) => {
    const ended = await losscope('gate', candidate, '--baseline', 'base', '--json');
    expect([ended.code, JSON.parse(ended.stdout).verdict]).toEqual([code, verdict]);
  });

  test('the verdict stands in both files', async () => {
    const pass = await losscope('gate', 'base', '--baseline', 'base', '--summary', 'summary.md');
    expect(pass).toMatchObject({ code: 0, stderr: '' });
    expect(pass.stdout).toContain('small, delayed, Set: pass: difference 0.000 [0.000, 0.000]');
    const fail = await losscope(
      ...['gate', 'worse', '--baseline', 'base', '--summary', 'summary.md', '--junit', 'gate.xml'],
    );
    expect(fail.code).toBe(100);
    const summary = readFileSync(join(folder, 'summary.md'), 'utf8');
    expect(summary.match(/^## losscope gate: (\w+)$/gm)).toEqual([
      '## losscope gate: pass',
      '## losscope gate: fail',
    ]);
    expect(readFileSync(join(folder, 'gate.xml'), 'utf8')).toContain('tests="2" failures="2" errors="0"');
  });

  test('a failed cell: incomplete, 4; what is no store beside one: a usage error, 2', async () => {
    const broken = await losscope('gate', 'broken', '--baseline', 'base', '--json');
    expect(broken.code).toBe(4);
    expect(JSON.parse(broken.stdout)).toMatchObject({
      verdict: 'incomplete',
      score: 'loss',
      made: { candidate: MADE, baseline: MADE },
      cases: [{ missing: [{ why: 'candidate: too short' }] }, { verdict: 'pass' }],
    });
    const mixed = await losscope('gate', 'base', '--baseline', '.');
    expect(mixed.code).toBe(2);
    expect(mixed.stderr).toContain('base is a store and . is none');
    expect((await losscope('gate', 'base')).code).toBe(2);
    expect((await losscope('gate', 'base', '--baseline', 'base', '--score', 'notch')).stderr).toContain(
      'margin not given; expected a number above 0 in the unit of notch',
    );
  });
});
