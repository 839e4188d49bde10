// Sink: finished rows on their way into the store. A part is written every few seconds, so that a kill costs no more than
// that, and cells that take longer each have a part of their own.

import type { CellRow } from './row.js';
import type { Store } from './store.js';

const ROWS = 64;
const MILLISECONDS = 5000;

export interface Sink {
  put(row: CellRow): Promise<void>;
  /** Writes what is waiting. */
  flush(): Promise<void>;
}

export function sinkTo(store: Pick<Store, 'append'>): Sink {
  let waiting: CellRow[] = [];
  let since = Date.now();
  const flush = async (): Promise<void> => {
    const rows = waiting;
    waiting = [];
    if (rows.length > 0) await store.append(rows);
    since = Date.now();
  };
  return {
    async put(row) {
      waiting.push(row);
      if (waiting.length >= ROWS || Date.now() - since >= MILLISECONDS) await flush();
    },
    flush,
  };
}
