// The items of a group: its files, joined over all entries, named, and in the order of their names.

import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { GroupSpec, Item } from '../../study/dataset.js';
import { reasonOf } from '../input.js';
import type { Warn } from '../sound.js';
import { checkSoundFont } from '../soundfont.js';
import { CODES, type Found, findFiles, type Kind, MIDI, placeIn, SOUND } from './files.js';

export interface ItemsOptions {
  /** Folder of the study's file: what the group's entries are relative to. */
  readonly folder: string;
  readonly warn: Warn;
}

/** @throws one line when the group names nothing, too much, or a file twice. */
export async function itemsOf(group: GroupSpec, { folder, warn }: ItemsOptions): Promise<Item[]> {
  const { entries, kind } = whatIsNamed(group);
  const found: Found[] = [];
  for (const entry of entries) {
    found.push(...(await inGroup(group, () => findFiles(entry, { kind, folder, warn }))));
  }
  if (found.length === 0) {
    const other = await otherKind(group, { entries, kind, folder });
    throw new Error(
      `${titleOf(group)}: no ${kind.what} (${kind.extensions.join(' ')}) in ${entries.join(', ')}, looked in ${folder}${other}`,
    );
  }
  await refuseTwice(group, found);
  const sourceOf = await inGroup(group, () => sourcesOf(group, kind, folder));
  const names = namesOf(found.map((file) => file.path));
  const items = found.map(({ path: file, title }, i) => ({
    name: `${group.name}/${names[i]}`,
    group: group.name,
    ...(title === undefined ? {} : { title }),
    source: sourceOf(file),
  }));
  items.sort((a, b) => (a.name < b.name ? -1 : 1));
  return items.slice(0, group.limit ?? items.length);
}

/** What to write instead where the entries hold the other kind of clip. */
async function otherKind(
  group: GroupSpec,
  {
    entries,
    kind,
    folder,
  }: { readonly entries: readonly string[]; readonly kind: Kind; readonly folder: string },
): Promise<string> {
  const other = kind === MIDI ? SOUND : MIDI;
  for (const entry of entries) {
    const found = await inGroup(group, () =>
      findFiles(entry, { kind: other, folder, warn: () => undefined }),
    );
    if (found.some(({ path: file }) => other.extensions.includes(path.extname(file).toLowerCase())))
      return `; there are ${other.what}: write ${other === MIDI ? 'midi' : 'files'} in place of ${other === MIDI ? 'files' : 'midi'}`;
  }
  return '';
}

function titleOf(group: GroupSpec): string {
  return `group "${group.name}"`;
}

async function inGroup<T>(group: GroupSpec, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(`${titleOf(group)}: ${error instanceof Error ? error.message : error}`);
  }
}

function whatIsNamed(group: GroupSpec): { readonly entries: readonly string[]; readonly kind: Kind } {
  const { files, midi, codes = false } = group;
  const entries = files ?? midi ?? [];
  if ((files === undefined) === (midi === undefined) || entries.length === 0) {
    throw new Error(`${titleOf(group)}: expected files or midi, one of them, with at least one entry`);
  }
  if (midi === undefined) return { entries, kind: codes ? CODES : SOUND };
  if (codes) throw new Error(`${titleOf(group)}: MIDI has no codes; take codes away, or name files`);
  return { entries, kind: MIDI };
}

/** What makes an item's source of a file. @throws when the SoundFont that MIDI is played with is not there. */
async function sourcesOf(
  { soundfont }: GroupSpec,
  kind: Kind,
  folder: string,
): Promise<(file: string) => Item['source']> {
  if (kind === CODES) return (path) => ({ kind: 'codes', path });
  if (kind === SOUND) return (path) => ({ kind: 'audio', path });
  // Notes that are read as notes need none.
  if (soundfont === undefined) return (path) => ({ kind: 'midi', path });
  const named = await checkSoundFont(placeIn(folder, soundfont));
  return (path) => ({ kind: 'midi', path, soundfont: named });
}

/** By where files really are: a link to one is the same clip again. */
async function refuseTwice(group: GroupSpec, found: readonly Found[]): Promise<void> {
  const seen = new Map<string, Found>();
  for (const file of found) {
    const place = await realpath(file.path).catch((error: unknown) => {
      throw new Error(`${titleOf(group)}: ${file.path} cannot be read (${reasonOf(error, file.path)})`);
    });
    const before = seen.get(place);
    if (before !== undefined) {
      const by =
        before.entry === file.entry ? `twice by ${file.entry}` : `by ${before.entry} and by ${file.entry}`;
      throw new Error(`${titleOf(group)}: ${file.path} is named ${by}; every clip counts once`);
    }
    seen.set(place, file);
  }
}

/**
 * A name for each file: its stem; where two have the same, its path from the folder they are all in, with colons
 * for slashes, since seeds are drawn by what follows the last slash; where that is the same too, with its extension.
 */
function namesOf(files: readonly string[]): string[] {
  const paths = files.map((file) => path.resolve(file).normalize('NFC').split(path.sep));
  const shared = sharedFolder(paths);
  const namings = paths.map((parts) => {
    const relative = parts.slice(shared).join(':');
    return [withoutExtension(parts[parts.length - 1]), withoutExtension(relative), relative];
  });
  const count = new Map<string, number>();
  for (const naming of namings) {
    for (const name of new Set(naming)) count.set(name, (count.get(name) ?? 0) + 1);
  }
  return namings.map((naming) => naming.find((name) => count.get(name) === 1) ?? naming[2]);
}

/** How many leading folders all paths have in common. */
function sharedFolder(paths: readonly (readonly string[])[]): number {
  const [first] = paths;
  let shared = 0;
  while (paths.every((parts) => shared < parts.length - 1 && parts[shared] === first[shared])) shared++;
  return shared;
}

function withoutExtension(name: string): string {
  return name
    .replace(/\.codes\.json$/i, '')
    .replace(/\.(wav|mp3|flac|ogg|oga|opus|json|midi?|rmi|kar)$/i, '');
}
