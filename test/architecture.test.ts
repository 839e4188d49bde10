// Holds the import table: who may import whom. The table in docs/decisions/0001-architecture.md is this one.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

const BELOW_PROBE = [
  'audio/',
  'stats/',
  'onnx/',
  'perturb/',
  'symbolic/',
  'models/',
  'loss/',
  'regions/',
  'scores/',
] as const;
const CORE = [...BELOW_PROBE, 'probe/', 'study/', 'analysis/', 'report/'] as const;

/**
 * Room (a folder or a file) -> what it may import of ours, as path prefixes without extension. A room may always import
 * itself; a prefix does not open the rooms inside it that have a row of their own.
 */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  // Counted nouns, for the messages of every room.
  counted: [],
  audio: [],
  stats: [],
  onnx: [],
  perturb: ['audio/', 'stats/random'],
  symbolic: ['audio/', 'perturb/', 'stats/random'],
  // Interfaces. Families are known to models/open alone, and not to each other.
  models: ['onnx/', 'audio/'],
  'models/open': ['models/', 'models/encodec/', 'models/musicgen/', 'models/rotary/'],
  'models/encodec': ['models/', 'onnx/', 'audio/'],
  'models/musicgen': ['models/', 'onnx/', 'audio/'],
  'models/rotary': ['models/', 'onnx/', 'audio/'],
  loss: ['audio/', 'models/', 'perturb/perturbation'],
  regions: ['loss/delta', 'loss/means', 'audio/codes', 'perturb/perturbation', 'stats/'],
  scores: ['stats/'],
  probe: [...BELOW_PROBE],
  study: [...BELOW_PROBE, 'probe/'],
  analysis: [
    'study/',
    'probe/',
    'perturb/',
    'symbolic/passage',
    'regions/',
    'scores/',
    'loss/',
    'stats/',
    'audio/codes',
  ],
  report: [
    'analysis/',
    'probe/',
    'regions/',
    'scores/',
    'stats/',
    'loss/means',
    'loss/delta',
    'perturb/perturbation',
    'audio/codes',
  ],
  node: [...CORE, 'models/open', 'index'],
  web: [...CORE, 'models/open', 'index'],
  cli: [...CORE, 'node/', 'index'],
  index: [...CORE, 'models/open'],
};

interface Import {
  readonly file: string;
  readonly target: string;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

/** Every static, dynamic and re-exporting import of a file, by specifier. */
function specifiers(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"]+)\1/g);
  return [...found].map((match) => match[2]);
}

const files = sources(SRC);
const imports: Import[] = files.flatMap((file) =>
  specifiers(readFileSync(file, 'utf8')).map((target) => ({
    file: relative(SRC, file),
    target: target.startsWith('.') ? relative(SRC, join(dirname(file), target)).replace(/\.js$/, '') : target,
  })),
);
const isOurs = ({ target }: Import): boolean =>
  ['ts', 'tsx'].some((ending) => files.includes(join(SRC, `${target}.${ending}`))) || target.endsWith('.css');
const folderOf = (path: string): string =>
  path.includes('/') ? path.split('/')[0] : path.replace(/\.tsx?$/, '');
/** The innermost room of a path. */
const roomOf = (path: string): string => {
  const plain = path.replace(/\.ts$|\/$/, '');
  const rooms = Object.keys(TABLE).filter((room) => plain === room || plain.startsWith(`${room}/`));
  return rooms.sort((a, b) => b.length - a.length)[0] ?? folderOf(path);
};
const allows = (allowed: string, target: string): boolean =>
  target.startsWith(allowed) && roomOf(allowed) === roomOf(target);

/** The first import cycle found, as a list of files, or undefined. */
function findCycle(edges: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of edges.get(node) ?? []) {
      const cycle = visit(next, [...path, node]);
      if (cycle) return cycle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of edges.keys()) {
    const cycle = visit(node, []);
    if (cycle) return cycle;
  }
  return undefined;
}

describe('architecture', () => {
  test('every folder is in the table and the scan sees the imports', () => {
    const folders = new Set(files.map((file) => folderOf(relative(SRC, file))));
    expect([...folders].filter((folder) => !(folder in TABLE))).toEqual([]);
    expect(imports.filter(isOurs).length).toBeGreaterThan(20);
  });

  test('nobody imports what the table does not allow', () => {
    const wrong = imports.filter(isOurs).filter(({ file, target }) => {
      const room = roomOf(file);
      return (
        roomOf(target) !== room &&
        target !== 'counted' &&
        !TABLE[room].some((allowed) => allows(allowed, target))
      );
    });
    expect(wrong).toEqual([]);
    expect(allows('models/', 'models/model')).toBe(true);
    expect(['models/musicgen/graph', 'models/open'].filter((inside) => allows('models/', inside))).toEqual(
      [],
    );
  });

  test('the core imports no platform', () => {
    const platform = /^(node:|onnxruntime-|happy-dom|pdfkit|svg-to-pdfkit|commander|cli-progress|@duckdb)/;
    const wrong = imports.filter(
      ({ file, target }) => !/^(node|cli|web)\//.test(file) && platform.test(target),
    );
    expect(wrong).toEqual([]);
  });

  test('relative imports lead to files of ours', () => {
    expect(
      imports
        .filter(({ target }) => /^\.|^(\w+)\//.test(target) && folderOf(target) in TABLE)
        .filter((i) => !isOurs(i)),
    ).toEqual([]);
  });

  test('no cycles', () => {
    const edges = new Map<string, string[]>();
    for (const { file, target } of imports.filter(isOurs)) {
      const from = file.replace(/\.tsx?$/, '');
      edges.set(from, [...(edges.get(from) ?? []), target]);
    }
    expect(findCycle(edges)).toBeUndefined();
    expect(
      findCycle(
        new Map([
          ['a', ['b']],
          ['b', ['a']],
        ]),
      ),
    ).toEqual(['a', 'b', 'a']);
  });
});
