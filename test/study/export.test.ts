// study/export: text of names in CSV that a spreadsheet would compute.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { SCALAR_COLUMNS } from '../../src/study/columns.js';
import { textLines } from '../../src/study/export.js';
import type { CellRow } from '../../src/study/row.js';

async function* rowsOf(...clips: string[]): AsyncGenerator<CellRow> {
  const row = Object.fromEntries(SCALAR_COLUMNS.map(({ name, type }) => [name, type === 'text' ? '' : -1.5]));
  for (const clip of clips) yield { ...row, clip } as CellRow;
}

async function textOf(format: 'csv' | 'jsonl', ...clips: string[]): Promise<string> {
  let text = '';
  for await (const line of textLines(rowsOf(...clips), format, { withoutArrays: true })) text += line;
  return text;
}

test('names that begin as a formula does have an apostrophe before them; numbers and JSON stay as they are', async () => {
  const names = ['=1+1', '+a', '-a', '@a', '\ta', '\ra', '\uff1d1', 'a=1', '2-a', '', "'a"];
  const [header, ...lines] = (await textOf('csv', ...names)).trimEnd().split('\n');
  const at = header.split(',').indexOf('clip');
  expect(lines.map((line) => line.split(',')[at])).toEqual([
    "'=1+1",
    "'+a",
    "'-a",
    "'@a",
    "'\ta",
    '"\'\ra"',
    "'\uff1d1",
    'a=1',
    '2-a',
    '',
    "'a",
  ]);
  expect(lines[0]).toContain(',-1.5');
  expect(lines[0]).not.toContain("'-1.5");
  expect(JSON.parse(await textOf('jsonl', '=1+1')).clip).toBe('=1+1');
});

test('every writer of CSV is this one', () => {
  const src = fileURLToPath(new URL('../../src', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.tsx?$/.test(name),
  );
  const texts = files.map(
    (name) => [name.replaceAll(path.sep, '/'), readFileSync(path.join(src, name), 'utf8')] as const,
  );
  const writing = texts.filter(([, text]) => /text\/csv|'csv'|as CSV/.test(text)).map(([name]) => name);
  const using = texts
    .filter(([, text]) => /\bcsvLine\(|\bcurveCsv\(|\bcurvesCsv\(|\btextLines\(/.test(text))
    .map(([name]) => name);
  // These name the format, and write nothing.
  const naming = ['cli/commands.ts', 'cli/export.ts', 'web/viewer/save_menu.tsx'];
  expect(writing.filter((name) => !using.includes(name)).sort()).toEqual(naming);
});
