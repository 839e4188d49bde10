// What a study's precision or device costs in exactness: each model that is not fp32 on the CPU is compared with the same
// model that is, on the first clip of each group.

import type { Clip } from '../audio/clip.js';
import { RESAMPLER } from '../audio/resample.js';
import { formatOf } from '../loss/encode.js';
import type { Model } from '../models/model.js';
import { type Parity, parity } from '../probe/parity.js';
import type { Excerpt, Item, Library } from './dataset.js';
import { MEASUREMENT, parityKey } from './key.js';
import type { CellFacts } from './row.js';

/** The comparison of one model. */
export interface ParityTask {
  readonly kind: 'parity';
  /** SHA-256 in hex of everything that can change its numbers. */
  readonly key: string;
  /** The model's name in the study. */
  readonly model: string;
  /** Names of the clips. */
  readonly clips: readonly string[];
}

function isExact({ precision, device }: Pick<Model, 'precision' | 'device'>): boolean {
  return precision === 'fp32' && device === 'cpu';
}

/** The comparison that a model needs; undefined for an exact one, and where no group holds sound. */
export function parityTask(
  { name, model }: { readonly name: string; readonly model: Model },
  {
    groups,
    hashes,
    excerpt,
    instructions,
  }: {
    readonly groups: Iterable<readonly Item[]>;
    readonly hashes: ReadonlyMap<string, string>;
    readonly excerpt: Excerpt;
    /** As the study's cells have it. */
    readonly instructions: string;
  },
): ParityTask | undefined {
  // A model of notes runs in fp32 only, and there is no sound to compare with.
  if (isExact(model) || !model.codec) return undefined;
  const items = [...groups].flatMap((clips) => clips.find(({ source }) => source.kind !== 'codes') ?? []);
  if (items.length === 0) return undefined;
  const { fingerprint, precision, runtime, device } = model;
  const key = parityKey({
    ...{ fingerprint, precision, runtime, device, instructions, measurement: MEASUREMENT, excerpt },
    resampler: RESAMPLER,
    clips: items.map((item) => hashes.get(item.name) ?? ''),
  });
  return { kind: 'parity', key, model: name, clips: items.map((item) => item.name) };
}

/** Compares a model with the exact one on clips of the study. */
export async function parityOf(
  { model, exact }: { readonly model: Model; readonly exact: Model },
  items: readonly Item[],
  { library, excerpt }: { readonly library: Library; readonly excerpt: Excerpt },
): Promise<Parity> {
  const clips: Clip[] = [];
  for (const item of items) clips.push(await library.clip(item, { format: formatOf(model), excerpt }));
  return parity(exact, model, clips);
}

/** Why a comparison cannot be that of a model, of which a cell is planned; undefined when it can. */
export function parityMismatch(
  cell: Pick<CellFacts, 'fingerprint' | 'precision' | 'device'>,
  { fingerprint, second }: Pick<Parity, 'fingerprint' | 'second'>,
): string | undefined {
  if (fingerprint !== cell.fingerprint)
    return `weights ${fingerprint.slice(0, 12)}, the model has ${cell.fingerprint.slice(0, 12)}`;
  const how = `${second.precision} on ${second.device}`;
  const planned = `${cell.precision} on ${cell.device}`;
  return how === planned ? undefined : `${how}, planned is ${planned}`;
}
