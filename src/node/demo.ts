// The bundled clips.

import path from 'node:path';
import type { ClipFormat } from '../audio/resample.js';
import type { DemoClip } from '../probe/demo.js';
import type { DemoEntry } from '../probe/demo_clips.js';
import { readClipList } from './clip_list.js';
import { DEMO_FOLDER } from './folders.js';
import { readClip, type Warn } from './sound.js';

/** The bundled clips, decoded. */
export async function readDemoClips(format: ClipFormat, warn: Warn): Promise<DemoClip[]> {
  return Promise.all((await readClipList()).map((entry) => readDemoClip(entry, format, warn)));
}

/** One of them. */
export async function readDemoClip(
  { file, group, title }: DemoEntry,
  format: ClipFormat,
  warn: Warn,
): Promise<DemoClip> {
  const clip = await readClip(path.join(DEMO_FOLDER, file), format, warn);
  return { clip: { ...clip, name: file }, title, group };
}
