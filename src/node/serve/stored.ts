// The bundled clips as they were measured when the package was made, so that the first curve waits for no model. They are
// stored without the sound of the clean clip, which lies in the package already.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type EncodedSound, packPage, unpackPage } from '../../report/view/page_data.js';
import { DEMO_FOLDER, PREPARED_FOLDER } from '../folders.js';

/** Where the measured clip of a sound file is stored. */
export function storedPath(file: string, folder = PREPARED_FOLDER): string {
  return path.join(folder, `${file}.lsv`);
}

/** Page data as it is stored: without the bytes of the clean sound. */
export function toStored(bytes: Uint8Array): Uint8Array {
  return withClean(bytes, (clean) => ({ ...clean, bytes: new Uint8Array(0) }));
}

/** Page data of a bundled clip, with its sound; undefined where none is stored: a tree that was changed after it was made. */
export async function storedDemo(file: string, folder = PREPARED_FOLDER): Promise<Uint8Array | undefined> {
  const stored = storedPath(file, folder);
  if (!existsSync(stored)) return undefined;
  const [bytes, sound] = await Promise.all([readFile(stored), readFile(path.join(DEMO_FOLDER, file))]);
  return withClean(new Uint8Array(bytes), (clean) => ({ ...clean, bytes: new Uint8Array(sound) }));
}

function withClean(bytes: Uint8Array, change: (clean: EncodedSound) => EncodedSound): Uint8Array {
  const { clips, ...rest } = unpackPage(bytes);
  return packPage({
    ...rest,
    clips: clips.map(({ sounds, ...clip }) =>
      sounds ? { ...clip, sounds: { ...sounds, clean: change(sounds.clean) } } : clip,
    ),
  });
}
