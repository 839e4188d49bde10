// Files are written whole or not at all: under a temporary name beside the target, synced, then renamed.

import { randomBytes } from 'node:crypto';
import { constants, rmSync } from 'node:fs';
import { access, type FileHandle, mkdir, open, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** How the temporary file of a writer that was killed ends. Its name begins with a dot. */
const UNFINISHED = '.unfinished';

/** Temporary files under way, so that an interrupt can take them away again. */
const unfinished = new Set<string>();

/** Writes text (whole, or in pieces) or bytes to a path, making its folder; an error or a kill leaves the old file, or none. */
export async function writeWhole(
  path: string,
  content: string | Uint8Array | Iterable<string>,
): Promise<void> {
  await publish(path, async (temporary) => {
    await writeFile(temporary, content);
    return path;
  });
}

/**
 * As `writeWhole`, for a writer that wants a path: `write` makes a file at the temporary path that it is handed, beside
 * `path`, and says what it shall be called, `path` or another name in its folder (one that its content decides).
 */
export async function publish(path: string, write: (temporary: string) => Promise<string>): Promise<string> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName());
  unfinished.add(temporary);
  try {
    await makeFolder(folder);
    const target = await write(temporary);
    await sync(temporary);
    await rename(temporary, target);
    await sync(folder, { isFolder: true });
    return target;
  } catch (error) {
    remove(temporary);
    throw new Error(`${path}: cannot be written (${await causeOf(error, path)})`);
  } finally {
    unfinished.delete(temporary);
  }
}

/** Not by the name of the file that is written: that may be as long as names can be. */
export function temporaryName(): string {
  return `.losscope-${MACHINE}-${process.pid}-${randomBytes(4).toString('hex')}${UNFINISHED}`;
}

/** The name of this machine as names of files have it. */
export const MACHINE = hostname()
  .replace(/[^\w.-]/g, '-')
  .slice(0, 64);

/** Names of temporary files of ours, those of former versions too: ".losscope-...-12-ab", ".NAME.12-ab". Others may end alike. */
const OWN = new RegExp(`^\\.(losscope-|.+\\.)(.+-)?\\d+-[0-9a-f]+\\${UNFINISHED}$`);

/** A temporary file is written within seconds. The writer of an older one has ended, whatever machine it ran on. */
const ABANDONED_MS = 3_600_000;
/** Of a process that is not to be seen here: it may run in a container that has the name of this machine and numbers of its own. */
const UNSEEN_MS = 60_000;

/** Takes away the temporary files that killed writers have left in a folder. What cannot be taken away stays: nobody reads it. */
export async function removeAbandoned(folder: string): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    if (!OWN.test(name)) continue;
    const path = join(folder, name);
    // Not there: its writer has finished, or another process has cleaned up.
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > ((await hasEnded(name)) ? UNSEEN_MS : ABANDONED_MS))
      remove(path);
  }
}

/** Whether a temporary file is of a process of this machine that is no longer there. */
async function hasEnded(name: string): Promise<boolean> {
  const [, machine, pid] = /^\.losscope-(.*)-(\d+)-[0-9a-f]+\./.exec(name) ?? [];
  if (machine !== MACHINE) return false;
  // Seldom needed, so not loaded by every command.
  const { isAlive } = await import('./processes.js');
  return !isAlive(Number(pid));
}

/** A file where a folder is expected, or the other way round; else the system's code and words, without the path: that may be one of our own temporary files. */
async function causeOf(error: unknown, path: string): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  if (!('syscall' in error)) return error.message;
  const file = await fileAbove(path);
  if (file !== undefined) return `${file} is a file, expected a folder`;
  return (await isThere(path)) ? 'it is a folder' : error.message.split(', ')[0];
}

/** As makeFolder. @throws one line naming the folder that was asked for. */
export async function makeFolderFor(path: string): Promise<void> {
  await makeFolder(path).catch(async (error: unknown) => {
    const isFile = await isOther(path);
    const cause = isFile ? 'it is a file, expected a folder' : await causeOf(error, path);
    throw new Error(`${path}: cannot be written (${cause})`);
  });
}

/** The lowest of the folders above a path that is there, if it is no folder. */
export async function fileAbove(path: string): Promise<string | undefined> {
  for (let at = dirname(path); ; at = dirname(at)) {
    if (await isOther(at)) return at;
    if ((await isThere(at)) || dirname(at) === at) return undefined;
  }
}

/**
 * Tries, before any work, whether something can be made at a path: what the system says of folders is not always so (for root, under
 * /proc, on shares), so a file is made and taken away in the lowest folder above it that is there.
 * @throws one line with the cause.
 */
export async function requirePlace(path: string, { mayBeFolder = false } = {}): Promise<void> {
  const cause = await unfitCause(path, { mayBeFolder });
  if (cause !== undefined) throw new Error(`${path}: cannot be written (${cause})`);
}

async function unfitCause(
  path: string,
  { mayBeFolder }: { readonly mayBeFolder: boolean },
): Promise<string | undefined> {
  const file = await fileAbove(path);
  if (file !== undefined) return `${file} is a file, expected a folder`;
  try {
    const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (there?.isDirectory() && !mayBeFolder) return 'it is a folder';
    if (there && !there.isDirectory() && !there.isFile()) return 'it is a pipe or a device, not a file';
    let at = resolve(path);
    while (!(await isThere(at)) && dirname(at) !== at) at = dirname(at);
    const probe = join(at, temporaryName());
    unfinished.add(probe);
    await writeFile(probe, '');
    remove(probe);
    unfinished.delete(probe);
    await removeAbandoned(at);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split(', ')[0] : String(error);
  }
}

/** Whether something is there that is no folder. */
async function isOther(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => !found.isDirectory(),
    () => false,
  );
}

/** Makes a folder and those above it. Node's own recursive mkdir never ends under /proc, or in a folder that was removed. */
export async function makeFolder(path: string): Promise<void> {
  const above: string[] = [];
  for (let at = resolve(path); ; at = dirname(at)) {
    try {
      await mkdir(at);
      break;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // Some systems refuse to make what is there already: look before that is believed.
      if (code !== 'ENOENT' && (await isThere(at))) break;
      if (code !== 'ENOENT' || dirname(at) === at) throw error;
      above.unshift(at);
    }
  }
  for (const folder of above) {
    await mkdir(folder).catch(async (error: unknown) => {
      if (!(await isThere(folder))) throw error;
    });
  }
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Whether files can be put into a folder. Of one that is not there, whoever writes to it says so. */
export async function canWrite(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code === 'ENOENT',
  );
}

/** Brings a file to the disk, or the names in a folder: a power cut then finds them. Folders, where the system can. */
async function sync(path: string, { isFolder = false } = {}): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    await syncHandle(file);
  } catch (error) {
    // Windows opens no folder. The file itself is safe by then, and in its place.
    if (!isFolder) throw error;
  } finally {
    await file?.close();
  }
}

/** As FileHandle.sync, but some shared and cloud drives cannot: they keep files by their own rules. */
export async function syncHandle(file: FileHandle): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!['EINVAL', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EPERM', 'EBADF'].includes(code)) throw error;
  }
}

/** Removes what an interrupted write has left. Synchronous, for signal handlers. */
export function removeUnfinished(): void {
  for (const path of unfinished) remove(path);
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // Where its folder is no folder there is nothing to remove; why the write failed is what counts.
  }
}
