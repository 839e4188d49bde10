// Every source file has a test that is found by its path (`git grep musicgen/delay test`). A test imports the file; or it
// imports a file of the same room that imports it. A command is called by a test, a page is opened by a test in a browser.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Entry points that only hand on what others export, and types. */
const EXCEPT = ['src/index.ts', 'src/node/index.ts', 'src/web/css.d.ts', 'src/node/svg-to-pdfkit.d.ts'];
/** Pages, and the test that opens them in a browser: what they are made of is drawn there. */
const PAGES = {
  'src/web/engine/worker': 'test/web/explorer.test.ts',
  'src/web/explorer/main': 'test/web/explorer.test.ts',
  'src/web/page/main': 'test/web/explorer.test.ts',
};

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    /\.tsx?$/.test(entry.name) ? [relative(ROOT, join(entry.parentPath, entry.name))] : [],
  );
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const plain = (file: string): string => file.replace(/(\.d)?\.tsx?$/, '');
const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])(\.[^'"]*)\1/g)].map(([, , target]) =>
    plain(join(dirname(file), target).replace(/\.js$/, '')),
  );

const sources = filesIn('src');
const tests = filesIn('test');
const texts = tests.map(read).join('\n');

/** The commands that a file adds. */
const commandsOf = (file: string): string[] =>
  file.startsWith('src/cli/')
    ? [...read(file).matchAll(/\.command\('([\w-]+)'/g)].map(([, name]) => name)
    : [];
/** Whether a test calls a command: losscope('probe', ...), or ['probe', ...] in a table. */
const isCalled = (name: string): boolean =>
  new RegExp(`(?:losscope\\(|start\\(|\\[)'${name}'[,)]`).test(texts);
const roomOf = (file: string): string => file.split('/')[1];

/** Files that a test runs itself. */
function tested(): Set<string> {
  const found = new Set(tests.flatMap(importsOf));
  for (const file of sources) {
    const commands = commandsOf(file);
    if (commands.length > 0 && commands.every(isCalled)) found.add(plain(file));
  }
  for (const [, built] of texts.matchAll(/\bdist\/([\w/]+)\.js/g)) found.add(`src/${built}`);
  return found;
}

/** Files that a page is made of, within src/web. */
function drawn(entry: string, found = new Set<string>()): Set<string> {
  if (found.has(entry)) return found;
  found.add(entry);
  const file = sources.find((each) => plain(each) === entry);
  for (const target of file ? importsOf(file) : []) if (target.startsWith('src/web/')) drawn(target, found);
  return found;
}

test('every source file has a test, or is listed', () => {
  const direct = tested();
  const parts = sources
    .filter((file) => direct.has(plain(file)))
    .flatMap((file) => importsOf(file).filter((target) => roomOf(target) === roomOf(file)));
  const pages = Object.entries(PAGES).flatMap(([page, by]) => (tests.includes(by) ? [...drawn(page)] : []));
  const known = new Set([...direct, ...parts, ...pages]);
  expect(direct.size).toBeGreaterThan(200);
  expect(sources.filter((file) => !known.has(plain(file)) && !EXCEPT.includes(file))).toEqual([]);
  expect(sources.flatMap(commandsOf).filter((name) => !isCalled(name))).toEqual([]);
  expect(EXCEPT.filter((file) => !sources.includes(file))).toEqual([]);
});
