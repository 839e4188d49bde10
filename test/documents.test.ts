// The documents are true where a machine can tell: links and paths lead to files, and what can be asked for is defined.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { PERTURBATION_KINDS } from '../src/perturb/schema.js';
import { SCORE_NAMES } from '../src/scores/scores.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

function filesIn(folder: string, ending: RegExp): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() && ending.test(entry.name) ? [relative(ROOT, join(entry.parentPath, entry.name))] : [],
  );
}

const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const DOCUMENTS = ['README.md', 'CHANGELOG.md', ...filesIn('docs', /\.md$/)];
/** Commands, each a file of that name. */
const COMMANDS = filesIn('src/cli', /\.ts$/).map((file) => basename(file, '.ts'));
/** Paths that are made by a command, or stand for any name. */
const MADE = /[<>*{}]|NAME|DIR|\.\.\.|^src\/(loss|models|study)$/;

describe('documents', () => {
  test('relative links lead to files', () => {
    const broken = DOCUMENTS.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
        .map(([, target]) => target)
        .filter((target) => !existsSync(join(ROOT, dirname(file), target)))
        .map((target) => `${file}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('paths of this repository lead to files, in documents and in comments', () => {
    const named = [...DOCUMENTS, ...filesIn('src', /\.tsx?$/)].flatMap((file) =>
      [...read(file).matchAll(/(?<![\w./-])(?:docs|src|test|tools|studies|bench)\/[\w./*<>{}-]*[\w/]/g)].map(
        ([target]) => [file, target],
      ),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(([, target]) => !MADE.test(target) && !existsSync(join(ROOT, target)))).toEqual([]);
  });

  test('every kind of disturbance and every score has its row', () => {
    const kinds = `${read('docs/measure/disturbances.md')}${read('docs/decisions/0004-perturbations.md')}`;
    expect(PERTURBATION_KINDS.filter((kind) => !new RegExp(`^\\|.*\\b${kind}\\b`, 'm').test(kinds))).toEqual(
      [],
    );
    const scores = read('docs/measure/scores.md');
    expect(SCORE_NAMES.filter((score) => !scores.includes(`| \`${score}\` |`))).toEqual([]);
  });

  test('manifests are YAML, and shell lines are what a shell reads', () => {
    const text = read('docs/machines.md');
    const manifests = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, manifest]) =>
      parseDocument(manifest),
    );
    expect(manifests.length).toBeGreaterThan(0);
    expect(manifests.flatMap(({ errors }) => errors)).toEqual([]);
    const [job, shard] = manifests.map((manifest) => manifest.toJS());
    const [{ command }] = job.spec.template.spec.containers;
    const lines = [...text.matchAll(/^ {4}(\w.*)$/gm)].map(([, line]) => line);
    const [, , script] = shard.command;
    const shell = [...lines, script, command.join(' ')];
    expect(shell.length).toBeGreaterThan(9);
    for (const line of shell) execFileSync('bash', ['-n', '-c', line]);
  });

  test('commands and options in docs/machines.md are those of losscope', () => {
    const used = [...read('docs/machines.md').matchAll(/losscope,? (\w+)([^`\n#;&"]*)/g)].map(
      ([, name, rest]) => ({
        name,
        options: [...rest.split(' -- ')[0].matchAll(/--[\w-]+/g)].map(([option]) => option),
      }),
    );
    const source = (name: string): string => (COMMANDS.includes(name) ? read(`src/cli/${name}.ts`) : '');
    const shared = read('src/cli/options.ts');
    const unknown = used.flatMap(({ name, options }) =>
      options.filter(
        (option) =>
          ![source(name), shared].some((text) => text.includes(`${option} `) || text.includes(`'${option}'`)),
      ),
    );
    expect(used.length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  });

  test('the README is short enough to be read', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThan(150);
  });
});
