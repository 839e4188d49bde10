// The bundled clips.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ClipFormat } from '../audio/resample.js';
import { type DemoClip, type DemoEntry, demoEntries } from '../probe/demo.js';
import { DEMO_FOLDER } from './open.js';
import { readClip, type Warn } from './sound.js';

/** demo/clips.json. */
export async function readClipList(): Promise<readonly DemoEntry[]> {
  return demoEntries(JSON.parse(await readFile(path.join(DEMO_FOLDER, 'clips.json'), 'utf8')));
}

/** The bundled clips, decoded. */
export async function readDemoClips(format: ClipFormat, warn: Warn): Promise<DemoClip[]> {
  return Promise.all(
    (await readClipList()).map(async ({ file, group, title }) => {
      const clip = await readClip(path.join(DEMO_FOLDER, file), format, warn);
      return { clip: { ...clip, name: file }, title, group };
    }),
  );
}
