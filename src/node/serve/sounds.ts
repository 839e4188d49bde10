// Sound files of a folder, for the explorer.

import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { counted } from '../../counted.js';

const SOUND = /\.(wav|mp3|flac|ogg|oga|opus)$/i;
/** More than a page of tabs can show. */
const MOST = 200;

/** Sound files in a folder, not below it, by name. @throws when there are too many. */
export async function soundFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && SOUND.test(entry.name)).map(({ name }) => name);
  if (names.length > MOST) {
    throw new Error(
      `${folder}: ${counted(names.length, 'sound file')}, at most ${MOST} can be shown; name some of them`,
    );
  }
  return names.sort().map((name) => path.join(folder, name));
}

/** @throws one line when there is no such file. */
export async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${file}: ${error.code === 'ENOENT' ? 'no such file or folder' : `cannot be read (${error.code})`}`,
    );
  });
  if (!found.isFile()) throw new Error(`${file}: is no file; expected a sound file`);
}
