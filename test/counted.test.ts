// Counted nouns: "1 clip", "2 clips", and no text of the sources that counts with a plural whatever the number is.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { counted, verb } from '../src/counted.js';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

test('a noun stands in the singular for one alone', () => {
  expect([0, 1, 2].map((n) => counted(n, 'clip'))).toEqual(['0 clips', '1 clip', '2 clips']);
  expect([1, 3].map((n) => counted(n, 'series'))).toEqual(['1 series', '3 series']);
  expect([1, 3].map((n) => counted(n, 'study'))).toEqual(['1 study', '3 studies']);
  expect([1, 3].map((n) => counted(n, 'key'))).toEqual(['1 key', '3 keys']);
  expect([1, 0].map((n) => verb(n, 'is', 'are'))).toEqual(['is', 'are']);
});

/** What is counted anywhere in losscope. */
const NOUNS =
  'bars|bits|bytes|cases|cells|channels|characters|clips|clusters|codebooks|codes|columns|combinations|comparisons|cores|curves|' +
  'damages|datasets|devices|differences|disturbances|draws|entries|errors|events|figures|files|frames|groups|hits|items|jobs|keys|' +
  'layers|lines|links|lists|machines|maps|members|models|notes|numbers|options|packets|pairs|parts|passages|pieces|places|points|' +
  'ports|positions|rows|samples|scores|seeds|shards|songs|sounds|steps|stores|studies|systems|tensors|tests|tokens|tracks|trials|' +
  'values|variants|vectors|versions|warnings|windows|words|workers|writers';
/** `${n} clips`, also with one or two words between. */
const COUNTS = new RegExp(
  String.raw`\$\{((?:[^{}]|\{[^{}]*\})*)\} ((?!of |and |to |in |on |is |are |has |the |no |with |by |at |for |a |or |as |over |from |without )[A-Za-z]+ ){0,2}(?:${NOUNS})\b(?!-)`,
  'g',
);
/** A limit that stands in the source, a number with digits behind the point, and what is no number. */
const NO_COUNT =
  /^[A-Z_]+(\.\w+)?$|toFixed|toLocale|percent\(|plain\(|signed\(|shown\(|tick\(|nats\(|counted\(|join\(|\bname\b|\.host$|\.kind$|file$|verb\(|'Two'$/;
/** Words that results are keyed by: they stay as they were stored. */
const KEPT = ['analysis/published.ts', 'models/condition.ts'];
/** A verb, not a noun: "a.mid says 3 notes", "key lists ...". */
const VERBS = /says more bytes|\$\{(key|kind|what)\} (lists|samples)/;

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    /\.tsx?$/.test(entry.name) ? [join(entry.parentPath, entry.name)] : [],
  );
}

/** What counts with a fixed plural in a text, or makes a plural by itself. */
function fixedPlurals(text: string): string[] {
  const lines = text.split('\n').filter((line) => !/^\s*(\/\/|\/?\*)/.test(line));
  const fixed = [...lines.join('\n').matchAll(COUNTS)].filter(
    ([all, counts]) => !NO_COUNT.test(counts) && !VERBS.test(all),
  );
  const own = lines.flatMap((line) => line.match(/\? '' : 's'|=== 1 \? '1 \w+'/g) ?? []);
  return [...fixed.map(([all]) => all), ...own];
}

test('the sources count by this function alone', () => {
  const files = sources(SRC).filter((file) => !KEPT.includes(relative(SRC, file)));
  expect(files.length).toBeGreaterThan(500);
  const found = files.flatMap((file) =>
    fixedPlurals(readFileSync(file, 'utf8')).map((text) => `${relative(SRC, file)}: ${text}`),
  );
  expect(found).toEqual([]);
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: texts of sources
  expect(fixedPlurals('say(`${n} clips given, ${a.length} clean clips`)')).toHaveLength(2);
  expect(fixedPlurals("`${n} clip${n === 1 ? '' : 's'}`")).toHaveLength(1);
  expect(fixedPlurals('`at least ${FEWEST} clips, ${x.toFixed(1)} cells a minute`')).toEqual([]);
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: texts of sources
});
