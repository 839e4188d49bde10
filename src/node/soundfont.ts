// SoundFonts on disk: what MIDI is played with. None is bundled, they are large; a user names one.

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { RENDERER, readSoundFont, type SoundFont } from '../symbolic/render.js';
import { readBytes } from './input.js';

const ANY =
  'any .sf2, .sf3 or .dls does: apt install fluid-soundfont-gm puts one at /usr/share/sounds/sf2/FluidR3_GM.sf2, ' +
  'others are free at musescore.org (MuseScore General) and schristiancollins.com (GeneralUser GS)';

/** A SoundFont, ready to play. @throws one line that says how to get one when none is named, or it is not there. */
export async function openSoundFont(file: string | undefined): Promise<SoundFont> {
  const found = await checkSoundFont(file);
  return readSoundFont(await readBytes(found), found);
}

/** The file of a SoundFont. @throws one line that says how to get one when none is named, or it is not there. */
export async function checkSoundFont(file: string | undefined): Promise<string> {
  if (file === undefined) throw new Error(`MIDI is played with a SoundFont, and none is named; ${ANY}`);
  try {
    await stat(file);
  } catch {
    throw new Error(`${file}: no such SoundFont; ${ANY}`);
  }
  return file;
}

/** SoundFonts of one library: each is hashed once and read once, and kept. */
export interface SoundFonts {
  /** SHA-256 in hex of its bytes and the name of the renderer: all that makes a score sound as it does. */
  hash(file: string): Promise<string>;
  open(file: string): Promise<SoundFont>;
}

export function openSoundFonts(): SoundFonts {
  return {
    hash: once(async (file) =>
      createHash('sha256')
        .update(await readBytes(await checkSoundFont(file)))
        .update(RENDERER)
        .digest('hex'),
    ),
    open: once(openSoundFont),
  };
}

/** The answer for a file, asked for once; a failure is not kept. */
function once<T>(answer: (file: string) => Promise<T>): (file: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (file) => {
    const found = known.get(file) ?? answer(file);
    known.set(file, found);
    found.catch(() => known.delete(file));
    return found;
  };
}
