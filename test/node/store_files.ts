// Files of a store on disk, for tests that look at them or damage them.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of the files of all writers in one of their folders (`parts`, `maps`, `parity`), those being written among them. */
export function filesOf(store: string, what: 'parts' | 'maps' | 'parity'): string[] {
  const writers = join(store, 'writers');
  return readdirSync(writers)
    .sort()
    .flatMap((writer) => {
      const folder = join(writers, writer, what);
      return readdirSync(join(writers, writer)).includes(what)
        ? readdirSync(folder)
            .sort()
            .map((name) => join(folder, name))
        : [];
    });
}

export const partsOf = (store: string): string[] => filesOf(store, 'parts');
