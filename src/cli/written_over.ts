// What a command may not write over: what it reads, and the files of a store.

import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { ClipSource } from '../node/sources.js';
import { storeOf } from '../node/store/own_files.js';
import { UsageError } from './usage.js';

/** Options that name a file to write. */
const WRITTEN = ['html', 'curves', 'junit', 'summary', 'saveReference', 'out', 'midi'];
/** Options that name something to read. */
const READ = ['melody', 'reference', 'baseline', 'against', 'soundfont', 'ratings', 'pairs'];

/** Of the command that runs: where it writes to, by what was typed. */
const targets = new Map<string, string>();

/** @throws a usage error when a file to write is named to be read too, or belongs to a store. */
export async function refuseOverwriting(command: Command): Promise<void> {
  const valuesOf = (name: string): string[] =>
    [command.getOptionValue(name)].flat().filter((value) => typeof value === 'string');
  const read = new Set<string>();
  for (const name of [...command.args, ...READ.flatMap(valuesOf)]) read.add(await placeOf(name));
  for (const name of WRITTEN) {
    for (const value of valuesOf(name)) {
      const place = await placeOf(value);
      // A folder that is written into may be named twice, as merge does; what is in it is looked at where it is written.
      if (name !== 'out' && read.has(place)) throw overwritten(value);
      const store = await storeOf(place);
      if (store !== undefined)
        throw new UsageError(
          `${value}: is a file of the store ${store}, and would be written over; name another file`,
        );
      targets.set(place, value);
    }
  }
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
