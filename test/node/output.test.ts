// node/output: files whole or not at all, on file systems that cannot do everything.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import {
  MACHINE,
  makeFolder,
  makeFolderFor,
  removeAbandoned,
  requirePlace,
  writeWhole,
} from '../../src/node/output.js';

/** What syncing a file, and opening a folder, fails with. */
const broken = vi.hoisted((): { sync?: string; folder?: string } => ({}));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const failing = (code: string) => Object.assign(new Error(`${code}: cannot`), { code });
  const open: typeof real.open = async (...how) => {
    if (broken.folder !== undefined && (await real.stat(how[0])).isDirectory()) throw failing(broken.folder);
    const handle = await real.open(...how);
    if (broken.sync !== undefined) handle.sync = () => Promise.reject(failing(broken.sync ?? ''));
    return handle;
  };
  return { ...real, open };
});

const root = mkdtempSync(path.join(tmpdir(), 'losscope-output-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

test.each([
  ['folders that cannot be opened (Windows)', { folder: 'EISDIR' }],
  ['folders that may not be opened', { folder: 'EPERM' }],
  ['drives that cannot sync', { sync: 'ENOTSUP' }],
  ['shares that do not know how', { sync: 'EINVAL' }],
])('a file is written in spite of %s', async (_, how) => {
  Object.assign(broken, { sync: undefined, folder: undefined }, how);
  const file = path.join(root, 'a', 'b', 'file');
  await writeWhole(file, 'text');
  expect(readFileSync(file, 'utf8')).toBe('text');
  expect(readdirSync(path.dirname(file))).toEqual(['file']);
});

test('a name may have all 255 bytes that a file system allows; one more is named', async () => {
  Object.assign(broken, { sync: undefined, folder: undefined });
  const longest = path.join(root, 'a'.repeat(255));
  await writeWhole(longest, 'text');
  expect(readFileSync(longest, 'utf8')).toBe('text');
  await expect(writeWhole(`${longest}a`, 'text')).rejects.toThrow(/too long/i);
});

test('a disk that fails is an error, and the old file stays', async () => {
  Object.assign(broken, { sync: undefined, folder: undefined });
  const file = path.join(root, 'kept');
  await writeWhole(file, 'old');
  Object.assign(broken, { sync: 'EIO' });
  await expect(writeWhole(file, 'new')).rejects.toThrow(/kept: cannot be written \(EIO: cannot\)$/);
  expect(readFileSync(file, 'utf8')).toBe('old');
  Object.assign(broken, { sync: undefined });
});

test.each(['x'.repeat(255), 'ř'.repeat(127), '音'.repeat(85)])(
  'a name as long as names can be',
  async (name) => {
    await writeWhole(path.join(root, name), 'text');
    expect(readFileSync(path.join(root, name), 'utf8')).toBe('text');
    await expect(writeWhole(path.join(root, `${name}xx`), 'text')).rejects.toThrow(/ENAMETOOLONG/);
  },
);

test('folders that cannot be made are an error at once', async () => {
  writeFileSync(path.join(root, 'plain'), '');
  await expect(makeFolder('/proc/no/such/folder')).rejects.toThrow(/ENOENT/);
  await expect(makeFolder(path.join(root, 'plain', 'below'))).rejects.toThrow(/ENOTDIR/);
  await expect(makeFolder(path.join(root, 'plain'))).rejects.toThrow(/EEXIST/);
  const gone = path.join(root, 'gone');
  mkdirSync(gone);
  const before = process.cwd();
  process.chdir(gone);
  rmSync(gone, { recursive: true });
  try {
    await expect(makeFolder('runs/x')).rejects.toThrow(/ENOENT/);
  } finally {
    process.chdir(before);
  }
  await Promise.all([1, 2, 3, 4].map((n) => makeFolder(path.join(root, 'at', 'once', `${n % 2}`))));
  expect(readdirSync(path.join(root, 'at', 'once')).sort()).toEqual(['0', '1']);
});

test('what killed writers left is taken away when they must have ended; what somebody writes, and files of others, are not', async () => {
  const folder = path.join(root, 'left');
  mkdirSync(folder);
  const [own, other] = [`.losscope-${MACHINE}`, '.losscope-elsewhere'];
  const gone = 2 ** 22 + 1;
  const files: readonly [name: string, seconds: number][] = [
    [`${own}-${gone}-aa.unfinished`, 120],
    [`${own}-${gone}-bb.unfinished`, 10],
    [`${own}-${process.pid}-cc.unfinished`, 120],
    [`${other}-${gone}-dd.unfinished`, 120],
    [`${other}-${gone}-ee.unfinished`, 7200],
    ['.part.parquet.1-ff.unfinished', 7200],
    ['mine.unfinished', 7200],
    ['.draft.unfinished', 7200],
    ['.draft.2.unfinished', 7200],
  ];
  for (const [name, seconds] of files) {
    writeFileSync(path.join(folder, name), '');
    const then = Date.now() / 1000 - seconds;
    utimesSync(path.join(folder, name), then, then);
  }
  await removeAbandoned(folder);
  const kept = [files[1], files[2], files[3], ...files.slice(6)].map(([name]) => name);
  expect(readdirSync(folder).sort()).toEqual(kept.sort());
  await removeAbandoned(path.join(root, 'none'));
});

test('before any work it is tried whether something can be made, and nothing is left of that', async () => {
  Object.assign(broken, { sync: undefined, folder: undefined });
  const folder = path.join(root, 'place');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'file'), 'x');
  const refusals: readonly [place: string, cause: RegExp, mayBeFolder?: boolean][] = [
    ['/proc/x.html', /^\/proc\/x\.html: cannot be written \(ENOENT: no such file or directory\)$/],
    ['/proc/no/such/x.html', /\(ENOENT: no such file or directory\)$/],
    ['/proc', /\(ENOENT: no such file or directory\)$/, true],
    ['/dev/null', /\(it is a pipe or a device, not a file\)$/],
    [folder, /\(it is a folder\)$/],
    [path.join(folder, 'file', 'x.html'), /file is a file, expected a folder\)$/],
    [path.join(folder, 'x'.repeat(256)), /\(ENAMETOOLONG: name too long\)$/],
  ];
  for (const [place, cause, mayBeFolder = false] of refusals)
    await expect(requirePlace(place, { mayBeFolder }), place).rejects.toThrow(cause);
  await requirePlace(path.join(folder, 'file'));
  await requirePlace(path.join(folder, 'new', 'below', 'x.html'));
  await requirePlace(folder, { mayBeFolder: true });
  expect(readdirSync(folder)).toEqual(['file']);
});

test('a file in the place of a folder, and a folder in the place of the file, are named as the cause', async () => {
  Object.assign(broken, { sync: undefined, folder: undefined });
  const file = path.join(root, 'a file');
  writeFileSync(file, 'x');
  const within = path.join(file, 'b', 'c');
  await expect(writeWhole(within, 'text')).rejects.toThrow(
    `${within}: cannot be written (${file} is a file, expected a folder)`,
  );
  await expect(makeFolderFor(within)).rejects.toThrow(`(${file} is a file, expected a folder)`);
  await expect(makeFolderFor(file)).rejects.toThrow(
    `${file}: cannot be written (it is a file, expected a folder)`,
  );
  await expect(writeWhole(root, 'text')).rejects.toThrow(`${root}: cannot be written (it is a folder)`);
});
