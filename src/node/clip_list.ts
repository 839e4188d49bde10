// The list of the bundled clips.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type DemoEntry, demoEntries } from '../probe/demo_clips.js';
import { DEMO_FOLDER } from './folders.js';

/** demo/clips.json. */
export async function readClipList(): Promise<readonly DemoEntry[]> {
  return demoEntries(JSON.parse(await readFile(path.join(DEMO_FOLDER, 'clips.json'), 'utf8')));
}
