// The plan of a store: plan.json says what is planned and holds the study's YAML, plan.parquet the facts of every cell.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBInstance } from '@duckdb/node-api';
import { z } from 'zod';
import { parseJson } from '../../onnx/json.js';
import { cellName, planDifference } from '../../study/cell.js';
import { FACT_COLUMNS } from '../../study/columns.js';
import { factsDigest, planHash } from '../../study/key.js';
import type { MapPlan } from '../../study/map_plan.js';
import type { CellFacts } from '../../study/row.js';
import type { Plan } from '../../study/store.js';
import { publish, writeWhole } from '../output.js';
import { connected, parquet, reason } from './duckdb.js';
import { createTable, insert, select, writeParquet } from './table.js';

export const HEADER = 'plan.json';
const CELLS = 'plan.parquet';
const FORMAT = 2;

const mapPlan: z.ZodType<MapPlan> = z.strictObject({
  every: z.int(),
  length: z.int(),
  level: z.union([z.literal('match'), z.strictObject({ dbfs: z.number() })]),
  tail: z.int(),
  from: z.int(),
  seed: z.int(),
  protocol: z.string().optional(),
  groups: z.array(z.string()),
});
const header = z.strictObject({
  /** Version of the store's layout. */
  format: z.literal(FORMAT, `expected ${FORMAT}; another version of losscope made this store`),
  study: z.string(),
  /** SHA-256 over the sorted keys, and over all facts in order. */
  hash: z.string(),
  facts: z.string(),
  cells: z.int(),
  yaml: z.string(),
  /** Only of a study that maps its clips. */
  maps: mapPlan.optional(),
});
type Header = z.output<typeof header>;

/** The plan of a store, undefined where there is none. @throws one line when it is damaged. */
export async function readPlan(duckdb: DuckDBInstance, folder: string): Promise<Plan | undefined> {
  const head = await readHeader(folder);
  if (!head) return undefined;
  const cells = await readCells(duckdb, folder);
  if (factsDigest(cells) !== head.facts) {
    throw new Error(`${join(folder, CELLS)}: damaged (not the cells that ${HEADER} names); ${REMEDY}`);
  }
  const { study, hash, yaml, maps } = head;
  return { study, hash, yaml, cells, ...(maps ? { maps } : {}) };
}

/**
 * Writes the plan of a new store; names and YAML of an old one, if its cells are the same ones.
 * @throws when other cells are planned there, naming what differs.
 */
export async function writePlan(duckdb: DuckDBInstance, folder: string, plan: Plan): Promise<void> {
  requireSound(plan);
  const { study, hash, yaml, cells, maps } = plan;
  const head = await readHeader(folder);
  if (head && head.hash !== hash) {
    const before = await readPlan(duckdb, folder);
    const what = before ? planDifference(plan, before) : 'it is gone';
    throw new Error(`${folder}: holds another plan (${what}); name another folder`);
  }
  const next: Header = {
    format: FORMAT,
    study,
    hash,
    facts: factsDigest(cells),
    cells: cells.length,
    yaml,
    ...(maps ? { maps } : {}),
  };
  // The cells first: a plan whose header is there is whole. Killed between the two, the next run writes it again.
  await publish(join(folder, CELLS), async (temporary) => {
    await connected(duckdb, async (connection) => {
      await createTable(connection, 'plan', FACT_COLUMNS);
      await insert(connection, 'plan', { columns: FACT_COLUMNS, rows: cells.map((cell) => ({ ...cell })) });
      await writeParquet(connection, 'plan', temporary);
    });
    return join(folder, CELLS);
  });
  await writeWhole(join(folder, HEADER), `${JSON.stringify(next, null, 2)}\n`);
}

const REMEDY = 'run the study again: it writes the plan anew and keeps what is scored';

async function readHeader(folder: string): Promise<Header | undefined> {
  const path = join(folder, HEADER);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`${path}: cannot be read (${error.code})`);
  });
  if (!bytes) return undefined;
  try {
    return header.parse(parseJson(bytes, path));
  } catch (error) {
    const why = error instanceof z.ZodError ? error.issues[0].message : reason(error);
    throw new Error(`${path}: not a plan (${why}); delete it and ${REMEDY}`);
  }
}

async function readCells(duckdb: DuckDBInstance, folder: string): Promise<CellFacts[]> {
  const path = join(folder, CELLS);
  const cells: CellFacts[] = [];
  try {
    await connected(duckdb, async (connection) => {
      for await (const rows of select(connection, FACT_COLUMNS, parquet([path]))) {
        // The columns are those of CellFacts, and the digest over all their values is compared by the caller.
        cells.push(...(rows as unknown as CellFacts[]));
      }
    });
  } catch (error) {
    throw new Error(`${path}: cannot be read (${reason(error)}); ${REMEDY}`);
  }
  return cells;
}

function requireSound({ study, hash, cells }: Plan): void {
  const names = new Map<string, string>();
  for (const cell of cells) {
    const twin = names.get(cell.key);
    if (twin !== undefined) {
      throw new Error(
        `${study}: planned twice: ${twin} and ${cellName(cell)} have the same content; leave one out`,
      );
    }
    names.set(cell.key, cellName(cell));
  }
  if (planHash([...names.keys()]) !== hash) throw new TypeError('the hash of a plan is not that of its keys');
}
