// The loop over songs that commands share: each heard and scored, one that cannot be heard stops no other.

import path from 'node:path';
import type { hear } from '../probe/hear.js';
import { type Song, songOf } from '../probe/songs.js';
import { progress } from './output.js';

/** Songs that were heard, and files that could not be. */
export interface HeardSongs {
  readonly songs: readonly Song[];
  readonly failed: readonly { readonly file: string; readonly why: string }[];
}

/** Every file that can be heard; one that cannot be stops no other. */
export async function heardSongs(
  files: readonly string[],
  heardOf: (file: string) => ReturnType<typeof hear>,
): Promise<HeardSongs> {
  const bar = progress('songs', files.length);
  const songs: Song[] = [];
  const failed: { file: string; why: string }[] = [];
  for (const file of files) {
    try {
      songs.push(songOf(file, await heardOf(file)));
    } catch (error) {
      if (!(error instanceof Error) || error.constructor !== Error) throw error;
      failed.push({ file, why: error.message.replace(`${file}: `, '') });
    }
    bar.step(path.basename(file));
  }
  bar.stop();
  return { songs, failed };
}
