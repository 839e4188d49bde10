// The maps of a study, as they are planned: which clips are mapped, how, and under which key each map is kept. Nothing
// is listed beside the cells: a clip's map follows from its clean cell.

import { stem } from '../audio/clip.js';
import type { MapForm } from '../probe/map_record.js';
import { mapKey } from './key.js';
import type { CellFacts } from './row.js';

/** How the clips of a study are mapped. */
export interface MapPlan extends MapForm {
  /** Absent: the first under which the study scores the model. */
  readonly protocol?: string;
  /** Groups of the study whose clips are mapped. */
  readonly groups: readonly string[];
}

/** The map of one clip under one model. */
export interface PlannedMap {
  /** SHA-256 in hex of everything that can change its numbers. */
  readonly key: string;
  /** The clip as it is: the facts of its clean cell. */
  readonly clean: CellFacts;
}

/** The planned maps in the order of the cells. A clip that is there as codes is mapped by its sound. */
export function plannedMaps({
  maps,
  cells,
}: {
  readonly maps?: MapPlan;
  readonly cells: readonly CellFacts[];
}): PlannedMap[] {
  if (!maps) return [];
  const { groups, protocol, ...how } = maps;
  const clean = cells.filter((cell) => cell.role === 'clean');
  const first = new Map<string, string>();
  for (const cell of clean) if (!first.has(cell.model)) first.set(cell.model, cell.protocol);
  return clean
    .filter((cell) => cell.source !== 'codes' && groups.includes(cell.group))
    .filter((cell) => cell.protocol === (protocol ?? first.get(cell.model)))
    .map((clean) => ({
      key: mapKey({ ...how, clean: clean.key, seedName: stem({ name: clean.clip }) }),
      clean,
    }));
}

/** "TrainingSet/song-01, tiny": a map as people name it. */
export function mapName({ clean }: PlannedMap): string {
  return `map of ${clean.clip}, ${clean.model}`;
}
