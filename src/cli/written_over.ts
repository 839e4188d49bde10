// Where a command may write to, before it does any work: not over what it reads, nor over the files of a store, and where something can be made.

import { open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { reasonOf } from '../node/input.js';
import { requirePlace } from '../node/output.js';
import type { ClipSource } from '../node/sources.js';
import { storeOf } from '../node/store/own_files.js';
import { UsageError } from './usage.js';

/** Options that name what is written: a file, a file or a folder, or a file to whose end something is added. */
const WRITTEN: Readonly<Record<string, 'file' | 'place' | 'end'>> = {
  html: 'file',
  curves: 'file',
  junit: 'file',
  saveReference: 'file',
  midi: 'file',
  out: 'place',
  export: 'place',
  summary: 'end',
};
/** Their --out is a store: they open it before they score, and a dry run only reads it. */
const OF_STORES = ['run', 'work', 'submit', 'enqueue'];
/** Options that name something to read. */
const READ = ['melody', 'reference', 'baseline', 'against', 'soundfont', 'ratings', 'pairs'];

/** Of the command that runs: where it writes to, by what was typed. */
const targets = new Map<string, string>();

/** @throws when a file to write is named to be read too, belongs to a store (usage errors), or cannot be made. */
export async function refuseOverwriting(command: Command): Promise<void> {
  const valuesOf = (name: string): string[] =>
    [command.getOptionValue(name)].flat().filter((value) => typeof value === 'string');
  const read = new Set<string>();
  for (const name of [...command.args, ...READ.flatMap(valuesOf)]) read.add(await placeOf(name));
  for (const [name, what] of Object.entries(WRITTEN)) {
    for (const value of valuesOf(name)) {
      const place = await placeOf(value);
      // A folder that is written into may be named twice, as merge does; what is in it is looked at where it is written.
      if (name !== 'out' && read.has(place)) throw overwritten(value);
      const store = await storeOf(place);
      if (store !== undefined)
        throw new UsageError(
          `${value}: is a file of the store ${store}, and would be written over; name another file`,
        );
      if (!OF_STORES.includes(command.name())) await requireWritable(value, what);
      targets.set(place, value);
    }
  }
}

async function requireWritable(value: string, what: 'file' | 'place' | 'end'): Promise<void> {
  const isAdded = what === 'end' && (await stat(value).catch(() => undefined)) !== undefined;
  if (!isAdded) return requirePlace(value, { mayBeFolder: what === 'place' });
  const file = await open(value, 'a').catch((error: unknown) => {
    throw new Error(`${value}: cannot be written (${reasonOf(error, value)})`);
  });
  await file.close();
}

/** @throws a usage error when a clip that is read would be written over, also where a folder or a list named it. */
export async function refuseClips(sources: readonly ClipSource[]): Promise<void> {
  if (targets.size === 0) return;
  for (const { file } of sources) {
    const value = targets.get(await placeOf(file));
    if (value !== undefined) throw overwritten(value);
  }
}

function overwritten(value: string): UsageError {
  return new UsageError(`${value}: is read, and would be written over; name another file`);
}

/** Where a name really lies, through links; of what is not there, where it would. */
async function placeOf(name: string): Promise<string> {
  const full = path.resolve(name);
  return realpath(full).catch(async () =>
    path.join(await realpath(path.dirname(full)).catch(() => path.dirname(full)), path.basename(full)),
  );
}
