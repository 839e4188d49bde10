// A first study: one that runs as it is, on the sound or the notes of a folder, or on the bundled clips.

import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { findFiles, MIDI, meantBeside, SOUND } from './dataset/files.js';
import { placeOf } from './dataset/place.js';
import { openLibrary } from './dataset.js';
import { DEMO_FOLDER, ROOT } from './folders.js';
import type { Warn } from './sound.js';

/** The schema that editors check studies with. */
const SCHEMA = path.join(ROOT, 'dist', 'study.schema.json');
const FILE = 'study.yaml';
/** Seconds of a clip that are scored, and clips, at most: minutes on two cores. */
const SECONDS = 15;
const CLIPS = 24;
/** The same of notes: a passage of which a few seconds are disturbed. */
const SECONDS_OF_NOTES = 12;
/** Frames of the bundled model in a second. */
const FRAME_RATE = 50;

export interface FirstStudy {
  readonly file: string;
  /** Files of the folder that it takes; 0: the bundled clips. */
  readonly clips: number;
  readonly kind: ClipKind;
  /** As the study is called. */
  readonly name: string;
}

/** What a study is of: notes where a folder has MIDI and no sound. */
type ClipKind = 'sound' | 'notes';

/** Writes a study into a folder. @throws when the folder is not there, or has a study already. */
export async function writeFirstStudy(folder: string, warn: Warn): Promise<FirstStudy> {
  await requireFolder(folder);
  const sounds = await findFiles('.', { kind: SOUND, folder, warn });
  const notes = sounds.length > 0 ? [] : await findFiles('.', { kind: MIDI, folder, warn });
  const clips = Math.max(sounds.length, notes.length);
  const kind = notes.length > 0 ? 'notes' : 'sound';
  const name = nameOf(folder);
  const file = path.join(folder, FILE);
  const text = studyText({
    ...{ name, kind, schema: seenFrom(folder, SCHEMA) },
    seconds:
      sounds.length > 0 ? await shortestOf(folder, warn) : kind === 'notes' ? SECONDS_OF_NOTES : SECONDS,
    groups: clips > 0 ? [ownGroup(clips, kind)] : await bundledGroups(folder),
  });
  await writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new Error(`${file}: is there already; it is never overwritten`);
    throw new Error(`${file}: cannot be written (${error.message})`);
  });
  return { file, clips: Math.min(clips, CLIPS), kind, name };
}

/** @throws one line, with the nearest name, when there is no such folder: a mistyped name is no wish for another one. */
async function requireFolder(folder: string): Promise<void> {
  const place = await placeOf(folder);
  if (place?.kind === 'folder') return;
  if (place) throw new Error(`${folder}: is a file, expected a folder of clips`);
  throw new Error(
    `${folder}: no such folder${await meantBeside(path.resolve(folder))}; for a study of the bundled clips make an empty one first`,
  );
}

/** What a file's folder may be called as a study. */
function nameOf(folder: string): string {
  const name = path
    .basename(path.resolve(folder))
    .replace(/[^\p{L}\p{N} _-]+/gu, '-')
    .replace(/^-+|-+$/g, '');
  return name.slice(0, 100) || 'study';
}

/** Seconds that every clip has, to a tenth; a clip whose length is not known, or that cannot be read, is left to the study. */
async function shortestOf(folder: string, warn: Warn): Promise<number> {
  const library = openLibrary({ folder, warn });
  const items = await library.items({ name: 'Clips', files: ['.'], limit: CLIPS });
  let shortest = SECONDS;
  for (const item of items) {
    const seconds = await library.seconds?.(item).catch((error: unknown) => {
      warn(error instanceof Error ? error.message : String(error));
      return undefined;
    });
    if (seconds !== undefined) shortest = Math.min(shortest, seconds);
  }
  return Math.max(Math.floor(shortest * 10) / 10, 0.1);
}

function ownGroup(clips: number, kind: ClipKind): string {
  return `  Clips: { ${kind === 'notes' ? 'midi' : 'files'}: .${clips > CLIPS ? `, limit: ${CLIPS}` : ''} }`;
}

/** The bundled clips, two a group. */
async function bundledGroups(folder: string): Promise<string[]> {
  const names = (await readdir(DEMO_FOLDER)).filter((name) => name.endsWith('.flac')).sort();
  return ['Training', 'Heldout', 'OOD'].map((group) => {
    const own = names.filter((name) => name.startsWith(`${group.toLowerCase()}-`));
    const files = own.map((name) => JSON.stringify(seenFrom(folder, path.join(DEMO_FOLDER, name))));
    return `  ${group}: { files: [${files.join(', ')}] }`;
  });
}

/** A file of the package: by the way from the folder where both move together, else from the root. */
function seenFrom(folder: string, file: string): string {
  const relative = path.relative(path.resolve(folder), file);
  const together = /^(\.\.[/\\])*node_modules[/\\]/.test(relative);
  return (together ? relative : file).replaceAll(path.sep, '/');
}

interface StudyParts {
  readonly name: string;
  readonly kind: ClipKind;
  /** Seconds of every clip that are scored. */
  readonly seconds: number;
  readonly groups: readonly string[];
  readonly schema: string;
}

function studyText(parts: StudyParts): string {
  const { name, kind, seconds, groups, schema } = parts;
  return `# yaml-language-server: $schema=${schema}
# Which disturbance does the model hear? Runs as it is:
#   losscope run ${FILE}
#   losscope report ${JSON.stringify(`runs/${name}`)}
# Any field of a disturbance may be a list. More: losscope's docs/tutorial.md and studies/paper.yaml.
study: ${JSON.stringify(name)}
clip: { length: ${seconds}s }
# until: 2s   # ends scoring so long after each disturbance: faster, without losses of whole clips
models: [${kind === 'notes' ? 'tiny-notes' : 'tiny'}]
duplicates: skip

groups:
${groups.join('\n')}

disturbances:
${kind === 'notes' ? OF_NOTES : soundDisturbances(seconds)}`;
}

/** Notes drawn anew, the same music higher, and nothing done. */
const OF_NOTES = `  nonsense: { kind: nonsense, at: 4s, length: [1s, 2s] }
  higher: { domain: notes, kind: transpose, semitones: [1, 12], at: 4s, length: 2s }
  control: { domain: notes, kind: identity, at: 4s, length: 2s }
`;

function soundDisturbances(seconds: number): string {
  const at = Math.floor((seconds / 3) * 10) / 10;
  const room = Math.floor((seconds - at) * FRAME_RATE);
  const lengths = [10, 50, 100, 200].filter((length) => length <= room);
  const length = lengths.length === 0 ? [Math.max(1, room)] : lengths;
  return `  white: { kind: noise, color: white, at: ${at}s, length: [${length.join(', ')}] }
  shuffle: { kind: shuffle, at: 0s, length: ${seconds}s, block: [1, 10] }
  silence: { kind: silence, at: ${at}s, length: ${length[0]} }
  control: { kind: identity, at: ${at}s, length: ${length[0]} }
`;
}
