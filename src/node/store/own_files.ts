// Which files are a store's own: nobody but the store writes there.

import path from 'node:path';
import { isStore } from './index.js';
import { HEADER, WRITERS } from './layout.js';

/** A plan's tables: plan-<sha256>.parquet. */
const TABLE = /^plan-[0-9a-f]{64}\.\w+$/;

/** The store that a path is a file of, or would be one of; undefined for any other, reports and exports in its folder too. */
export async function storeOf(place: string): Promise<string | undefined> {
  for (let at = path.dirname(place); ; at = path.dirname(at)) {
    const [first] = path.relative(at, place).split(path.sep);
    const isOwn = first === HEADER || first === WRITERS || TABLE.test(first);
    if (isOwn && (await isStore(at))) return at;
    if (path.dirname(at) === at) return undefined;
  }
}
