// From what a study names (a folder, a glob, a list file, a file) to the files of a group, in no particular order.

import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { counted } from '../../counted.js';
import { meant } from '../../perturb/nearest.js';
import { readText } from '../input.js';
import type { Warn } from '../sound.js';
import { METADATA_FILES, readMetadata } from './metadata.js';
import { placeOf } from './place.js';

/** What a group is made of: which files of a folder count, by their extension. */
export interface Kind {
  readonly what: string;
  readonly extensions: readonly string[];
}

export const SOUND: Kind = {
  what: 'sound files',
  extensions: ['.wav', '.mp3', '.flac', '.ogg', '.oga', '.opus'],
};
export const CODES: Kind = { what: 'files of codes', extensions: ['.json'] };
export const MIDI: Kind = { what: 'MIDI files', extensions: ['.mid', '.midi', '.rmi', '.kar'] };

/** Sound that is not read: left out of a folder in silence, it would be missing without anybody knowing. */
const UNREAD_SOUND = (
  '.m4a .aac .aif .aiff .aifc .wma .webm .caf .mp4 .wv .ape .tta .mpc .au .snd .w64 .dsf .dff .amr .ra .spx .mka .ac3 .dts .voc ' +
  '.mod .xm .it .s3m .mtm .med .sid .vgm'
).split(' ');

/** A file of a group, and what its metadata say of it. */
export interface Found {
  readonly path: string;
  readonly title?: string;
  /** The entry that named it, for errors. */
  readonly entry: string;
}

export interface Search {
  readonly kind: Kind;
  /** What relative entries are relative to. */
  readonly folder: string;
  readonly warn: Warn;
}

/** The files that an entry names; none is no error here. @throws one line when the entry is not there, or its list is wrong. */
export async function findFiles(entry: string, search: Search): Promise<Found[]> {
  const place = placeIn(search.folder, entry);
  const found = await placeOf(place);
  if (found?.kind === 'folder') return ofFolder(found.path, entry, search);
  if (found && place.toLowerCase().endsWith('.txt')) return ofList(found.path, entry);
  if (found) return [{ path: found.path, entry }];
  if (isDynamicPattern(entry)) return ofGlob(entry, search);
  throw new Error(`${place}: no such file or folder${await meantBeside(place)}`);
}

/** Where something lies that is named in a file of a folder. */
export function placeIn(folder: string, named: string): string {
  return path.isAbsolute(named) ? named : path.join(folder, named);
}

/** A folder with metadata names its clips itself; of any other, every file of the kind, also in folders inside. */
async function ofFolder(place: string, entry: string, { kind, warn }: Search): Promise<Found[]> {
  const names = await readdir(place);
  const metadata = METADATA_FILES.filter((name) => names.includes(name));
  if (metadata.length > 1) throw new Error(`${place}: holds ${metadata.join(' and ')}; keep one of them`);
  const inside = (await glob('**/*', { cwd: place, expandDirectories: false })).sort();
  if (metadata.length === 0 || kind === MIDI) {
    const own = inside.filter(isOf(kind));
    tellLeftOut(place, inside, { kind, warn, taken: own.length });
    return own.map((file) => ({ path: path.join(place, file), entry }));
  }
  const rows = await readMetadata(path.join(place, metadata[0]));
  const seen = (file: string): string => path.normalize(file).normalize('NFC');
  const named = new Set(rows.map((row) => seen(row.file)));
  const extra = inside.filter(isOf(SOUND)).filter((file) => !named.has(seen(file)));
  if (extra.length > 0) warn(`${place}: left out, not named in ${metadata[0]}: ${listed(extra)}`);
  return Promise.all(
    rows.map(async ({ file, title, codes, line }) => {
      const named = path.join(place, kind === CODES && codes !== undefined ? codes : file);
      const found = kind === CODES ? codesBeside(named) : named;
      const there = await placeOf(found);
      if (there?.kind !== 'file') {
        const make = kind === CODES ? '; losscope generate --codes writes codes beside its clips' : '';
        throw new Error(`${path.join(place, metadata[0])}: line ${line}: ${found} is not there${make}`);
      }
      return { path: there.path, title, entry };
    }),
  );
}

/** "; did you mean songs/?", of what lies in the same folder. */
export async function meantBeside(place: string): Promise<string> {
  const names = await readdir(path.dirname(place)).catch((): string[] => []);
  return names.length > MOST_NAMES ? '' : meant(path.basename(place), names);
}

/** Names of a folder that are compared with one that is not there. */
const MOST_NAMES = 10_000;

interface Taken extends Omit<Search, 'folder'> {
  /** Files that were taken. */
  readonly taken: number;
}

/** Says what a folder or glob holds beside what was taken of it: other formats, and the other kind of clip. */
function tellLeftOut(place: string, inside: readonly string[], { kind, warn, taken }: Taken): void {
  const other = kind === SOUND ? MIDI : kind === MIDI ? SOUND : undefined;
  const others = other === undefined ? [] : inside.filter(isOf(other));
  if (taken > 0 && other && others.length > 0) {
    warn(
      `${place}: ${taken} of its files taken (${kind.what}); left out: ${listed(others)} (${other.what}; name them apart to take them)`,
    );
  }
  if (kind !== SOUND) return;
  const unread = inside.filter((file) => UNREAD_SOUND.includes(path.extname(file).toLowerCase()));
  if (unread.length > 0) warn(`${place}: left out, of a format that is not read: ${listed(unread)}`);
}

function listed([first, ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** Of a glob: with more, one name of a file can take longer to be compared with it than anybody waits. */
const GLOB = { characters: 1000, stars: 4, folders: 8 } as const;

/** @throws one line for a glob that is too long, repeats groups, or has too many stars. */
function refuseCostly(entry: string): void {
  const parts = entry.split('/');
  const stars = Math.max(...parts.map((part) => part.match(/\*+|!\(/g)?.length ?? 0));
  const folders = parts.filter((part) => part === '**').length;
  const shown = entry.length > 80 ? `${entry.slice(0, 77)}...` : entry;
  if (/[+*]\(/.test(entry))
    throw new Error(`${shown}: a glob with +( ) or *( ), which is not read; use *, **, ?, [abc] or {a,b}`);
  if (entry.length > GLOB.characters || stars > GLOB.stars || folders > GLOB.folders) {
    throw new Error(
      `${shown}: a glob of ${counted(entry.length, 'character')}, up to ${stars} * in a name and ${folders} **; ` +
        `at most ${GLOB.characters}, ${GLOB.stars} and ${GLOB.folders} are read; name folders or a list (.txt)`,
    );
  }
}

async function ofGlob(entry: string, { kind, folder, warn }: Search): Promise<Found[]> {
  refuseCostly(entry);
  const files = (await glob(entry, { cwd: folder, expandDirectories: false })).sort();
  const own = files.filter(isOf(kind));
  tellLeftOut(entry, files, { kind, warn, taken: own.length });
  return own.map((file) => ({
    path: placeIn(folder, file),
    entry,
  }));
}

/** Bytes of a list (16 MiB): some hundred thousand paths. */
const LARGEST_LIST = 2 ** 24;

/** A path a line, relative to the list; empty lines and lines that begin with # do not count. */
async function ofList(list: string, entry: string): Promise<Found[]> {
  const lines = (await readText(list, { limit: LARGEST_LIST })).split(/\r?\n/).map((line) => line.trim());
  const found: Found[] = [];
  for (const [i, line] of lines.entries()) {
    if (line === '' || line.startsWith('#')) continue;
    const file = placeIn(path.dirname(list), line);
    const there = await placeOf(file);
    if (there?.kind !== 'file') {
      const why = there?.kind === 'folder' ? 'is a folder; a list names files' : 'is not there';
      throw new Error(`${list}: line ${i + 1}: ${file} ${why}`);
    }
    found.push({ path: there.path, entry });
  }
  return found;
}

function isOf(kind: Kind): (file: string) => boolean {
  return (file) => kind.extensions.includes(path.extname(file).toLowerCase());
}

/** Where `losscope generate --codes` puts the codes of a clip: 00000.wav, 00000.codes.json. */
function codesBeside(file: string): string {
  if (isOf(CODES)(file)) return file;
  return `${file.slice(0, file.length - path.extname(file).length)}.codes.json`;
}
