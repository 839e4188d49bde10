// The explorer as a folder of plain files, for any web server.

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolderFor, writeWhole } from '../output.js';
import type { Resources } from './resource.js';

/** Hears of each file, and how many there are. */
type OnFile = (name: string, total: number) => void;

/** Writes every resource under its path. @throws when the folder holds something already. */
export async function exportSite(resources: Resources, folder: string, onFile: OnFile): Promise<void> {
  await makeFolderFor(folder);
  if ((await readdir(folder)).length > 0) throw new Error(`${folder}: is not empty; choose a new folder`);
  const files = [...resources].filter(([name]) => name !== '/');
  for (const [name, resource] of files) {
    onFile(name.slice(1), files.length);
    const bytes = 'make' in resource ? await resource.make() : await readFile(resource.file);
    await writeWhole(path.join(folder, ...name.split('/')), bytes);
  }
}
