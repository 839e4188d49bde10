// The package as its users get it: packed, put beside its dependencies, and compiled against with every declaration checked.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const USER = `
import { analyse, type Clip, FAMILIES, mapPage, parseStudy, probePage, scoreClip, type Study, studyReport, summarise } from 'losscope';
import { openDrawing, openNamedModel, openStore, readClip } from 'losscope/node';
export const used: unknown[] = [analyse, FAMILIES, mapPage, parseStudy, probePage, scoreClip, studyReport, summarise];
export const onNode: unknown[] = [openDrawing, openNamedModel, openStore, readClip];
export type Used = [Clip, Study];
`;
const CONFIG = {
  compilerOptions: {
    ...{ strict: true, skipLibCheck: false, noEmit: true, module: 'NodeNext', target: 'ES2023' },
    // No DOM: a user who runs Node has none.
    ...{ lib: ['ES2023'], types: ['node'], preserveSymlinks: true },
  },
  files: ['user.ts'],
};
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-package-'));
  const own = join(folder, 'node_modules', 'losscope');
  mkdirSync(own, { recursive: true });
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  const [packed] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  execFileSync('tar', ['xzf', join(folder, packed), '-C', own, '--strip-components', '1']);
  const { dependencies } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'));
  // What npm would install beside it, and the types of Node, which its user has. No types of d3, which he has not.
  for (const name of [...Object.keys(dependencies), '@types/node', 'undici-types']) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('its types pass with skipLibCheck: false, without those of d3 and of a DOM', () => {
  writeFileSync(join(folder, 'user.ts'), USER);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG));
  const tsc = join(ROOT, 'node_modules', '.bin', 'tsc');
  let said = '';
  try {
    execFileSync(tsc, ['-p', folder], { encoding: 'utf8' });
  } catch (error) {
    said = error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error);
  }
  expect(said).toBe('');
});

test('it holds what its commands need, and the schema that studies name', () => {
  const own = join(folder, 'node_modules', 'losscope');
  for (const file of [
    'LICENSE',
    'dist/cli/main.js',
    'dist/study.schema.json',
    'models/tiny/model.safetensors',
    'studies/demo.yaml',
  ])
    expect([file, readdirSync(join(own, dirname(file))).includes(file.split('/').at(-1) ?? '')]).toEqual([
      file,
      true,
    ]);
  expect(JSON.parse(readFileSync(join(own, 'package.json'), 'utf8')).scripts).not.toHaveProperty(
    'postinstall',
  );
});

test.each([
  ['redis', 'redis://host', [], ['bullmq', 'ioredis']],
  ['redis', 'rediss://host', ['bullmq'], ['ioredis']],
  ['postgres', 'postgres://me:secret@host/x', ['bullmq'], ['pg']],
])(
  'a queue of %s at %s with %j beside it names what is missing, before anything is read',
  (engine, url, there, absent) => {
    const links = there.map((name) => join(folder, 'node_modules', name));
    for (const link of links) symlinkSync(join(ROOT, 'node_modules', basename(link)), link);
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const install = absent.map((name) => `${name}@${devDependencies[name]}`).join(' ');
    const main = join(folder, 'node_modules', 'losscope', 'dist', 'cli', 'main.js');
    for (const words of [
      ['enqueue', 'none.yaml'],
      ['work', 'none.yaml', '--threads', '1'],
      ['status', 'none.yaml'],
    ]) {
      const { status, stderr } = spawnSync(process.execPath, [main, ...words, '--queue', url], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect([status, stderr]).toEqual([
        1,
        `losscope: --queue ${engine}: needs ${absent.join(' and ')}, which losscope does not bring along; ` +
          `where it is installed: npm install ${install}\n`,
      ]);
    }
    for (const link of links) rmSync(link);
  },
);

/** What npm runs in a package that is installed. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare'];

test('nothing is run when it is installed; in a clone npm ci runs no script of a package', () => {
  const { scripts } = JSON.parse(
    readFileSync(join(folder, 'node_modules', 'losscope', 'package.json'), 'utf8'),
  );
  expect(INSTALL_SCRIPTS.filter((name) => name in scripts)).toEqual([]);
  expect(scripts.dependencies).toBe('npm run --silent prepared'); // runs in a clone only, at the end of npm ci

  // npm 10 knows no allowScripts; both it and npm 11 go by the lock file, which says that there is no script.
  const { allowScripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const withScripts = Object.keys(packages).filter((path) => packages[path].hasInstallScript);
  const names = withScripts.map((path) => path.slice(path.lastIndexOf('node_modules/') + 13));
  expect(names.filter((name) => allowScripts[name] !== false)).toEqual([]);
  expect(names).not.toContain('onnxruntime-node');
});
