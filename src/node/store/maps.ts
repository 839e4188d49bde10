// The maps of a study on disk: one file each, maps/<key>.json in the store's folder. A file never changes once its clip
// was mapped; one that says why a clip could not be mapped gives way to a map.

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../onnx/json.js';
import type { Distribution } from '../../stats/describe.js';
import { mapName, plannedMaps } from '../../study/map_plan.js';
import type { KeptMap, MapResult, MapStore } from '../../study/maps.js';
import type { Plan } from '../../study/store.js';
import { writeWhole } from '../output.js';

/** Folder of the maps in a store. */
export const MAPS = 'maps';

/** The maps in a store's folder, which need not be there yet. */
export function openMaps(folder: string): MapStore {
  return {
    read: (key) => readMap(fileOf(folder, key), key),
    write: (key, result) => writeWhole(fileOf(folder, key), textOf(key, result)),
  };
}

function fileOf(folder: string, key: string): string {
  return path.join(folder, MAPS, `${key}.json`);
}

/** Arrays at full precision; NaN becomes null. */
function textOf(key: string, result: MapResult): string {
  const plain = (_: string, value: unknown): unknown =>
    value instanceof Float64Array ? Array.from(value) : value;
  return `${JSON.stringify({ key, ...result }, plain)}\n`;
}

const number = z.number().nullable();
const measured = number.transform((value) => value ?? Number.NaN);
const curve = z
  .array(number)
  .transform((values) => Float64Array.from(values, (value) => value ?? Number.NaN));
const distribution: z.ZodType<Distribution> = z.object({
  mean: z.number(),
  sd: measured,
  q05: z.number(),
  q50: z.number(),
  q95: z.number(),
});
const point = z.strictObject({
  start: z.int(),
  seconds: z.number(),
  peak: measured,
  inside: measured,
  rebound: measured.exactOptional(),
  highest: z.strictObject({ value: measured, at: z.int() }),
  halfTime: z.int().exactOptional(),
  chance: z.number().exactOptional(),
  levelDbfs: measured,
  changed: measured,
  delta: z.strictObject({ from: z.int(), values: curve }),
});
const map: z.ZodType<KeptMap> = z.strictObject({
  samples: z.int(),
  clock: z.strictObject({ sampleRate: z.number(), hop: z.number() }),
  disturbance: z.string(),
  every: z.int(),
  length: z.int(),
  tail: z.int(),
  clean: z.strictObject({ frames: z.int(), mean: measured, byFrame: curve }),
  entropy: curve,
  envelope: curve,
  points: z.array(point).min(1),
  silent: z.array(z.int()),
  calibration: z
    .strictObject({
      source: z.literal('self'),
      hypothesis: z.string(),
      draws: z.int(),
      bands: z.strictObject({
        peak: distribution.exactOptional(),
        inside: distribution.exactOptional(),
        rebound: distribution.exactOptional(),
      }),
    })
    .exactOptional(),
  uncalibrated: z.string().exactOptional(),
});
const file = z.union([
  z.strictObject({ key: z.string(), status: z.literal('ok'), map }),
  z.strictObject({ key: z.string(), status: z.literal('failed'), error: z.string() }),
]);

/** @throws one line when the file is damaged. */
async function readMap(name: string, key: string): Promise<MapResult | undefined> {
  const bytes = await readFile(name).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`${name}: cannot be read (${error.code})`);
  });
  if (!bytes) return undefined;
  const remedy = 'delete it and run the study again';
  let value: unknown;
  try {
    value = parseJson(bytes, name);
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}; ${remedy}`);
  }
  const found = file.safeParse(value);
  if (!found.success || found.data.key !== key) {
    throw new Error(`${name}: not the map that losscope run wrote there; ${remedy}`);
  }
  const { key: _, ...result } = found.data;
  return result;
}

/** How far the maps of a study have come. */
export interface MapsCheck {
  readonly planned: number;
  readonly done: number;
  readonly failed: readonly { readonly key: string; readonly name: string; readonly error: string }[];
  readonly missing: readonly { readonly key: string; readonly name: string }[];
  /** One line for each damaged file, with the remedy. */
  readonly damaged: readonly string[];
  readonly complete: boolean;
}

/** Looks for every planned map; undefined for a study that makes none. */
export async function checkMaps(folder: string, plan: Plan): Promise<MapsCheck | undefined> {
  if (!plan.maps) return undefined;
  const maps = openMaps(folder);
  const failed: MapsCheck['failed'][number][] = [];
  const missing: MapsCheck['missing'][number][] = [];
  const damaged: string[] = [];
  const planned = plannedMaps(plan);
  for (const each of planned) {
    const named = { key: each.key, name: mapName(each) };
    try {
      const result = await maps.read(each.key);
      if (!result) missing.push(named);
      else if (result.status === 'failed') failed.push({ ...named, error: result.error });
    } catch (error) {
      damaged.push(error instanceof Error ? error.message : String(error));
    }
  }
  const faults = failed.length + missing.length + damaged.length;
  return {
    planned: planned.length,
    done: planned.length - faults,
    failed,
    missing,
    damaged,
    complete: faults === 0,
  };
}

/**
 * Where to take the maps from that `out` does not have, folders by key: those that are not there, and those that failed
 * there and were made elsewhere. @throws when one is damaged or came out in two ways.
 */
export async function missingMaps(
  out: string,
  folders: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, { readonly folder: string; readonly digest?: string }>();
  for (const folder of [out, ...folders]) {
    for (const key of await keysIn(folder)) {
      const result = await readMap(fileOf(folder, key), key);
      const there = found.get(key);
      if (!result || (there && result.status === 'failed')) continue;
      const digest = result.status === 'ok' ? digestOf(textOf(key, result)) : undefined;
      if (there?.digest === undefined) found.set(key, { folder, ...(digest ? { digest } : {}) });
      else if (there.digest !== digest) {
        throw new Error(
          `${fileOf(folder, key)}: not the map that is in ${there.folder}; find out why before you merge them`,
        );
      }
    }
  }
  const elsewhere = [...found].filter(([, { folder }]) => folder !== out);
  return new Map(elsewhere.map(([key, { folder }]) => [key, folder]));
}

/** Copies maps from other stores, as `missingMaps` found them. */
export async function copyMaps(out: string, from: ReadonlyMap<string, string>): Promise<void> {
  for (const [key, folder] of from) {
    await writeWhole(fileOf(out, key), await readFile(fileOf(folder, key)));
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Keys of the map files in a store, in order; none where there is no such folder. */
async function keysIn(folder: string): Promise<string[]> {
  const names = await readdir(path.join(folder, MAPS)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new Error(`${path.join(folder, MAPS)}: cannot be read (${error.code})`);
  });
  return names.flatMap((name) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []).sort();
}
