// From what is typed after a command (files, folders, globs, lists) to the clips that it means: sound, codes or notes.

import path from 'node:path';
import type { Codes } from '../audio/codes.js';
import { parseCodes, readWrittenCodes, type WrittenCodes } from './codes.js';
import { CODES, findFiles, MIDI, SOUND } from './dataset/files.js';
import type { Warn } from './sound.js';

/** A clip that is named. */
export interface ClipSource {
  readonly kind: 'sound' | 'codes' | 'notes';
  readonly file: string;
  /** The file, and of codes that are one of several in it the line: "codes.jsonl:3". */
  readonly name: string;
}

export interface SourceOptions {
  readonly warn: Warn;
  /** Every file is one of codes, whatever it is called. */
  readonly onlyCodes?: boolean;
}

/**
 * The clips that an entry means, in order. Of a folder or glob that holds several kinds, the sound; codes where there is
 * none, and notes where there are neither.
 * @throws one line when it means none, or is not there.
 */
export async function clipSources(
  entry: string,
  { warn, onlyCodes = false }: SourceOptions,
): Promise<ClipSource[]> {
  for (const kind of onlyCodes ? [CODES] : [SOUND, CODES, MIDI]) {
    const told = kind === SOUND ? warn : () => undefined;
    const found = await findFiles(entry, { kind, folder: '.', warn: told });
    const sources: ClipSource[] = [];
    for (const { path: file } of found) {
      sources.push(...(onlyCodes || isCodes(file) ? await codesIn(file) : [soundOrNotes(file)]));
    }
    if (sources.length > 0) return sources;
  }
  throw new Error(`${entry}: no ${onlyCodes ? '' : 'sound, notes (.mid) or '}codes (.json) there`);
}

function isCodes(file: string): boolean {
  return /\.jsonl?$/i.test(file);
}

/** What is not called notes is taken for sound: its first bytes say of which format. */
function soundOrNotes(file: string): ClipSource {
  const isNotes = MIDI.extensions.includes(path.extname(file).toLowerCase());
  return { kind: isNotes ? 'notes' : 'sound', file, name: file };
}

async function codesIn(file: string): Promise<ClipSource[]> {
  return (await readWrittenCodes(file)).map(({ name }) => ({ kind: 'codes', file, name }));
}

/** Reads the codes of sources; of a file with many clips that come one after the other, the text once. */
export function codesReader(): (source: ClipSource) => Promise<Codes> {
  let last: { readonly file: string; readonly clips: readonly WrittenCodes[] } | undefined;
  return async ({ file, name }) => {
    if (last?.file !== file) last = { file, clips: await readWrittenCodes(file) };
    const written = last.clips.find((clip) => clip.name === name);
    if (!written) throw new Error(`${name}: is no longer there; the file has changed`);
    return parseCodes(written);
  };
}
