// Where a named file is on this disk. Names are compared as people see them: an accented letter may be written as one
// character (NFC) or as two (NFD, as macOS makes them), in a list one way and on disk the other.

import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { reasonOf } from '../input.js';

/** A file or a folder, by the name that it has on disk. */
export interface SourcePlace {
  readonly path: string;
  readonly kind: 'folder' | 'file';
}

/** What a path names; undefined when nothing is there. @throws one line when it cannot be known. */
export async function placeOf(named: string): Promise<SourcePlace | undefined> {
  const exact = await kindOf(named);
  if (exact !== undefined) return { path: named, kind: exact };
  const parent = path.dirname(named);
  if (parent === named || isAscii(named)) return undefined;
  const folder = await placeOf(parent);
  if (folder?.kind !== 'folder') return undefined;
  const wanted = path.basename(named).normalize('NFC');
  const [found] = (await readdir(folder.path)).filter((name) => name.normalize('NFC') === wanted);
  if (found === undefined) return undefined;
  const place = path.join(folder.path, found);
  const kind = await kindOf(place);
  return kind === undefined ? undefined : { path: place, kind };
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

async function kindOf(place: string): Promise<SourcePlace['kind'] | undefined> {
  try {
    const stats = await stat(place);
    return stats.isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // No file has so long a name; a glob may be as long.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined;
    throw new Error(`${place}: cannot be read (${reasonOf(error, place)})`);
  }
}
