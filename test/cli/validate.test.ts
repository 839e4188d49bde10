// losscope validate on lines of `losscope rank --json`: the built program in a process of its own.

import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { valuesOf } from '../scores/values.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
let folder = '';

function losscope(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr });
    });
  });
}

/** 5 systems x 6 prompts; listeners go by the loss. */
const CLIPS = Array.from({ length: 30 }, (_, i) => {
  const values = { ...valuesOf(`${i}`), unigram: null, 'round-trip': null };
  return { name: `clips/S${i % 5}/P${Math.floor(i / 5)}.wav`, values, strength: 0 };
});
const write = (name: string, lines: readonly string[]): void =>
  writeFileSync(join(folder, name), `${lines.join('\n')}\n`);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-validate-'));
  write(
    'ranked.jsonl',
    CLIPS.map((clip) => JSON.stringify(clip)),
  );
  write('ratings.csv', [
    'file,system,prompt,rater,dimension,score',
    ...CLIPS.flatMap(({ name, values }, i) =>
      ['x', 'y'].map((rater) => `${name},S${i % 5},"P, ${Math.floor(i / 5)}",${rater},,${5 - values.loss}`),
    ),
  ]);
  write('pairs.csv', [
    'a,b,prompt,rater,winner',
    ...CLIPS.slice(1).map(({ name, values }, i) => {
      const before = CLIPS[i];
      return `${name},${before.name},p${i},,${values.loss < before.values.loss ? 'a' : before.name}`;
    }),
    `${CLIPS[0].name},${CLIPS[1].name},p0,,BOTH_BAD`,
    `lost.wav,${CLIPS[0].name},p0,,b`,
  ]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('validate', () => {
  test('ratings: a line for each score, and everything as JSON', async () => {
    const { code, stdout, stderr } = await losscope('validate', 'ranked.jsonl', '--ratings', 'ratings.csv');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('overall: 30 clips, 5 systems, 6 prompts');
    expect(stdout).toMatch(/^loss +\+1\.00 /m);
    const json = await losscope('validate', 'ranked.jsonl', '--ratings', 'ratings.csv', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      made: { fingerprint: null, scores: null, loudness: null },
      clips: 30,
      ratings: [{ dimension: 'overall', reliability: { raters: 2, reliability: 1 } }],
    });
  });

  test('pairs: ties counted, what is no scored clip said', async () => {
    const { code, stdout, stderr } = await losscope('validate', 'ranked.jsonl', '--pairs', 'pairs.csv');
    expect(code).toBe(0);
    expect(stderr).toContain('1 file is no scored clip and left out (first: lost.wav in line 32)');
    expect(stdout).toContain('29 choices with a winner, 1 without');
    expect(stdout).toMatch(/^loss +1\.00 /m);
  });

  test('without listeners, or with both kinds: a usage error', async () => {
    const none = await losscope('validate', 'ranked.jsonl');
    expect(none).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--ratings FILE or --pairs FILE'),
    });
    write('other.csv', ['file,score', 'x.wav,3']);
    const other = await losscope('validate', 'ranked.jsonl', '--ratings', 'other.csv');
    expect(other.code).toBe(1);
    expect(other.stderr).toContain(
      'other.csv: none of its files is a scored clip (it has x.wav, the run clips/S0/P0.wav)',
    );
  });
});
