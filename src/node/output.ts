// Files are written whole or not at all: under a temporary name beside the target, synced, then renamed.

import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How the temporary file of a writer that was killed ends. Its name begins with a dot. */
export const UNFINISHED = '.unfinished';

/** Temporary files under way, so that an interrupt can take them away again. */
const unfinished = new Set<string>();

/** Writes text or bytes to a path, making its folder; an error or a kill leaves the old file, or none. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
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
  const mark = `${process.pid}-${randomBytes(4).toString('hex')}`;
  const temporary = join(folder, `.${basename(path)}.${mark}${UNFINISHED}`);
  await mkdir(folder, { recursive: true });
  unfinished.add(temporary);
  try {
    const target = await write(temporary);
    await sync(temporary);
    await rename(temporary, target);
    await sync(folder);
    return target;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Error(`${path}: cannot be written (${error instanceof Error ? error.message : error})`);
  } finally {
    unfinished.delete(temporary);
  }
}

/** Brings a file, or the names in a folder, to the disk: a power cut then finds them. */
async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Removes what an interrupted write has left. Synchronous, for signal handlers. */
export function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}
