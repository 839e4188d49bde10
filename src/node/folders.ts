// Folders: where what comes with the package lies, the same from source and from dist, and what losscope keeps for a user.

import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The bundled model's folder. */
export const TINY_FOLDER = path.join(ROOT, 'models', 'tiny');

/** The folder of the bundled model of notes. */
export const TINY_NOTES_FOLDER = path.join(ROOT, 'models', 'tiny-notes');

/** The bundled demo clips' folder. */
export const DEMO_FOLDER = path.join(ROOT, 'demo');

/** What runs in a browser, made by the build. */
export const WEB_FOLDER = path.join(ROOT, 'dist', 'web');

/** The bundled clips as they were measured when the package was made (tools/prepared.ts), where they were. */
export const PREPARED_FOLDER = path.join(ROOT, 'dist', 'demo');

/** A path in the folder of what losscope keeps for this user. */
export function ownCache(...names: readonly string[]): string {
  const cache = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  return path.join(cache, 'losscope', ...names);
}

/** Is there a folder of that name? */
export async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch {
    // Whatever keeps us from looking, there is no folder to open here.
    return false;
  }
}
