// Stores that were made before a column was there: read as they are, with nulls in its place, and gone on with.

import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connected, openDuckdb, parquet, pathLiteral } from '../../src/node/store/duckdb.js';
import { finishStore } from '../../src/node/store/finish.js';
import { checkStore } from '../../src/node/store/index.js';
import { storedHash } from '../../src/node/store/layout.js';
import { openStore } from '../../src/node/store/store.js';
import { LATER_COLUMNS } from '../../src/study/columns.js';
import type { CellRow } from '../../src/study/row.js';
import { partsOf } from './store_files.js';
import { PLAN, rowOf } from './store_rows.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'losscope-columns-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OLD = PLAN.cells.slice(0, 20).map((cell): CellRow => ({ ...rowOf(cell), spread: null }));
const NEW = PLAN.cells.slice(20).map(rowOf);

/** Takes the later columns out of every part, as if there had been none. */
async function makeOld(store: string): Promise<void> {
  const duckdb = await openDuckdb();
  await connected(duckdb, async (connection) => {
    for (const part of partsOf(store)) {
      const next = join(dirname(part), 'next');
      const without = LATER_COLUMNS.map(({ name }) => name).join(', ');
      await connection.run(
        `COPY (SELECT * EXCLUDE (${without}) FROM ${parquet([part])}) TO ${pathLiteral(next)} (FORMAT parquet)`,
      );
      renameSync(next, join(dirname(part), `${await storedHash(next)}.parquet`));
      rmSync(part);
    }
  });
  duckdb.closeSync();
}

async function rowsIn(store: string): Promise<CellRow[]> {
  const open = await openStore(store);
  const rows: CellRow[] = [];
  for await (const row of open.rows()) rows.push(row);
  await open.close();
  return rows;
}

test('a store of before is read, checked, and gone on with', async () => {
  const at = join(folder, 'old');
  const first = await openStore(at, { create: true });
  await first.writePlan(PLAN);
  await first.append(OLD);
  await first.close();
  await makeOld(at);
  expect(await rowsIn(at)).toEqual(OLD);

  const again = await openStore(at, { create: true });
  await again.append(NEW);
  await again.close();
  // Both kinds of parts in one query.
  expect(await rowsIn(at)).toEqual([...OLD, ...NEW]);
  expect(await checkStore(at)).toMatchObject({ complete: true, damaged: [] });
  await finishStore(at);
  expect(await rowsIn(at)).toEqual([...OLD, ...NEW]);
});
