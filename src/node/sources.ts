// From what is typed after a command (files, folders, globs, lists) to the clips that it means: sound, codes or notes.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Codes } from '../audio/codes.js';
import { formatOf } from '../audio/format.js';
import { isMidi } from '../symbolic/midi.js';
import { parseCodes, readWrittenCodes, type WrittenCodes } from './codes.js';
import { CODES, findFiles, MIDI, SOUND } from './dataset/files.js';
import { headOf } from './input.js';
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
  await refuseOtherFolder(entry);
  const said = new Set<string>();
  const once = (line: string): void => {
    if (!said.has(line)) warn(line);
    said.add(line);
  };
  for (const kind of onlyCodes ? [CODES] : [SOUND, CODES, MIDI]) {
    const found = await findFiles(entry, { kind, folder: '.', warn: once });
    const sources: ClipSource[] = [];
    for (const { path: file } of found) {
      sources.push(...(onlyCodes || isCodes(file) ? await codesIn(file) : [await soundOrNotes(file)]));
    }
    if (sources.length > 0) return sources;
  }
  throw new Error(`${entry}: no ${onlyCodes ? '' : 'sound, notes (.mid) or '}codes (.json) there`);
}

/** @throws one line for the folder of a model or of a study's results: their JSON files are no clips. */
async function refuseOtherFolder(entry: string): Promise<void> {
  const names = await readdir(entry).catch((): string[] => []);
  if (names.includes('config.json') && names.some((name) => name.endsWith('.safetensors')))
    throw new Error(`${entry}: the folder of a model, not clips; name it by --model ${entry}`);
  if (names.includes('plan.json') && names.includes('writers'))
    throw new Error(`${entry}: the results of a study, not clips; see losscope report ${entry}`);
}

function isCodes(file: string): boolean {
  return /\.jsonl?$/i.test(file);
}

/** A file is what its first bytes say; where they say nothing, what it is called: what is not called notes is taken for sound. */
async function soundOrNotes(file: string): Promise<ClipSource> {
  const isCalledNotes = MIDI.extensions.includes(path.extname(file).toLowerCase());
  return { kind: (await contentOf(file)) ?? (isCalledNotes ? 'notes' : 'sound'), file, name: file };
}

/** @returns undefined for a file that is neither, or cannot be read: whoever reads it says so. */
async function contentOf(file: string): Promise<'notes' | 'sound' | undefined> {
  const head = await headOf(file);
  if (isMidi(head)) return 'notes';
  return formatOf(head) === undefined ? undefined : 'sound';
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
