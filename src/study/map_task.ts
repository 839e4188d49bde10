// The maps of a study, as they are planned and as they are made. Nothing is listed beside the cells: a clip's map follows
// from its clean cell, and is made on what scoring the cells of the clip keeps.

import { stem } from '../audio/clip.js';
import { counted } from '../counted.js';
import type { ClipMap, MapForm, SensitivityMap } from '../probe/map_record.js';
import { mapKey } from './key.js';
import { ANY, type CellFacts } from './row.js';

/** How the clips of a study are mapped. */
export interface MapPlan extends MapForm {
  /** Absent: the first under which the study scores the model. */
  readonly protocol?: string;
  /** Groups of the study whose clips are mapped. */
  readonly groups: readonly string[];
}

/** The map of one clip under one model. */
export interface MapTask {
  readonly kind: 'map';
  /** SHA-256 in hex of everything that can change its numbers. */
  readonly key: string;
  /** The clip as it is: the facts of its clean cell. */
  readonly clean: CellFacts;
}

/** A map without names: what it is of stands in the plan. */
export interface KeptMap extends Omit<ClipMap, 'clip' | 'choices'> {
  /** Length of the clip at the codec's rate. */
  readonly samples: number;
}

/** The planned maps in the order of the cells. A clip that is there as codes is mapped by its sound. */
export function mapTasks({
  maps,
  cells,
}: {
  readonly maps?: MapPlan;
  readonly cells: readonly CellFacts[];
}): MapTask[] {
  if (!maps) return [];
  const { groups, protocol, ...how } = maps;
  const clean = cells.filter((cell) => cell.role === 'clean');
  const first = new Map<string, string>();
  for (const cell of clean) if (!first.has(cell.model)) first.set(cell.model, cell.protocol);
  return clean
    .filter((cell) => cell.source !== 'codes' && groups.includes(cell.group))
    .filter((cell) => cell.protocol === (protocol ?? first.get(cell.model)))
    .map((cell) => ({
      kind: 'map',
      key: mapKey({ ...how, clean: cell.key, seedName: stem({ name: cell.clip }) }),
      clean: cell,
    }));
}

/** A map as it is kept: what names it stands in the plan. */
export function keptMap({ provenance: _, choices: __, clip, ...map }: SensitivityMap): KeptMap {
  return { ...map, samples: clip.samples };
}

/** A kept map with the names of the plan. */
export function namedMap({ clean }: MapTask, { samples, ...map }: KeptMap): ClipMap {
  const { clip: name, group, title } = clean;
  const { sampleRate } = map.clock;
  return { ...map, clip: { name, group, sampleRate, samples, ...(title === null ? {} : { title }) } };
}

/** What of a map is held against the clean cell of its clip. */
export interface MapFacts {
  readonly frames: number;
  /** Mean loss of the clip, nats per code. */
  readonly mean: number;
}

/** Nats by which processors of two instruction sets may differ in a clip's mean loss, by far. */
const MIXED_NATS = 0.1;

/**
 * Why a map cannot be that of its task; undefined when it can. Its clean loss is the one of the clip's row, to the bit, where
 * the study is held to one instruction set.
 */
export function mapMismatch(
  { clean }: Pick<MapTask, 'clean'>,
  { frames, mean }: MapFacts,
  row: { readonly meanLoss: number | null; readonly frames: number | null },
): string | undefined {
  if (frames !== row.frames) return `${counted(frames, 'frame')}, the clip has ${row.frames}`;
  const loss = row.meanLoss ?? Number.NaN;
  const isClose = clean.instructions === ANY && Math.abs(mean - loss) < MIXED_NATS;
  if (isClose || Object.is(mean, loss)) return undefined;
  return `a mean loss of ${mean}, the clip has ${loss}`;
}
