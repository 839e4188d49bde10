// Files are written whole or not at all: under a temporary name beside the target, then renamed.

import { rmSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Temporary files under way, so that an interrupt can take them away again. */
const unfinished = new Set<string>();

/** Writes text or bytes to a path, making its folder; an error or a kill leaves the old file, or none. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.unfinished`);
  await mkdir(dirname(path), { recursive: true });
  unfinished.add(temporary);
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new Error(`${path}: cannot be written (${error instanceof Error ? error.message : error})`);
  } finally {
    unfinished.delete(temporary);
  }
}

/** Removes what an interrupted write has left. Synchronous, for signal handlers. */
export function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}
