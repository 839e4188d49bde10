// The library of a study on this machine: its groups are folders, globs, lists and metadata; its clips are read from
// files, or rendered from MIDI. An excerpt has the samples that it has in the whole clip: what is measured does not depend
// on where reading began.

import { createHash, type Hash } from 'node:crypto';
import type { Clip } from '../audio/clip.js';
import { openSound } from '../audio/decode.js';
import type { Item, Library } from '../study/dataset.js';
import { editScore } from '../symbolic/edits.js';
import { passageOf } from '../symbolic/passage.js';
import { renderScore } from '../symbolic/render.js';
import { readCodes } from './codes.js';
import { itemsOf } from './dataset/items.js';
import { openFile } from './input.js';
import { readNotes } from './notes.js';
import { readClip, secondsIn, type Warn } from './sound.js';
import { checkSoundFont, openSoundFonts, type SoundFonts } from './soundfont.js';

const HASHED_AT_ONCE = 1 << 20;

export interface LibraryOptions {
  /** Folder of the study's file: what is named in it is relative to it. */
  readonly folder: string;
  /** Hears every line once, however often a file is read. */
  readonly warn: Warn;
}

type ClipOptions = Parameters<Library['clip']>[1];

/** The clips on this machine, for a study to ask for. */
export function openLibrary({ folder, warn }: LibraryOptions): Library {
  const soundfonts = openSoundFonts();
  const warnOnce = once(warn);
  return {
    items: (group) => itemsOf(group, { folder, warn: warnOnce }),
    async contentHash({ source }) {
      const hash = createHash('sha256');
      await hashFile(hash, source);
      if (source.kind === 'midi' && source.soundfont !== undefined)
        hash.update(await soundfonts.hash(source.soundfont));
      return hash.digest('hex');
    },
    seconds: async ({ source: { kind, path } }) => (kind === 'audio' ? secondsIn(path) : undefined),
    async clip(item, options) {
      const clip = await clipOf(item, options, { soundfonts, warn: warnOnce });
      return { ...clip, name: item.name };
    },
    async codes({ name, source }) {
      if (source.kind === 'codes') return readCodes(source.path);
      throw new Error(`${name}: is sound, not codes; ask for its clip`);
    },
    async notes({ name, source }, { offset, length }) {
      if (source.kind !== 'midi') throw new Error(`${name}: is no MIDI; only notes are read as notes`);
      const score = await readNotes(source.path, warnOnce);
      return { ...passageOf(score, { offset, length }), name };
    },
  };
}

async function clipOf(
  { name, source }: Item,
  { format, excerpt, edit }: ClipOptions,
  { soundfonts, warn }: { readonly soundfonts: SoundFonts; readonly warn: Warn },
): Promise<Clip> {
  if (source.kind === 'codes') throw new Error(`${name}: is codes, not sound; ask for its codes`);
  if (source.kind === 'audio') {
    if (edit) throw new Error(`${source.path}: is sound; only a score (MIDI) can be edited`);
    return readClip(source.path, format, warn, excerpt);
  }
  const { offset, length } = excerpt;
  const score = await readNotes(source.path, warn);
  const to = length === undefined ? undefined : offset + length;
  const edited = edit ? editScore(score, edit, { name, from: offset, to }).score : score;
  const soundfont = await checkSoundFont(source.soundfont);
  return renderScore(edited, await soundfonts.open(soundfont), { format, offset, length });
}

/** Sound that is not read is refused here already, when a study is planned. */
async function hashFile(hash: Hash, { kind, path }: Item['source']): Promise<void> {
  const file = await openFile(path);
  try {
    // Warnings about the file are given when it is read.
    if (kind === 'audio') await openSound(file, path, () => {});
    for (let at = 0; at < file.size; at += HASHED_AT_ONCE)
      hash.update(await file.read(at, at + HASHED_AT_ONCE));
  } finally {
    await file.close();
  }
}

function once(warn: Warn): Warn {
  const told = new Set<string>();
  return (line) => {
    if (!told.has(line)) warn(line);
    told.add(line);
  };
}
