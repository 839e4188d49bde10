// Clips of a study that are the same sound: two of them would count as two clips and are one.

import type { Item } from './dataset.js';
import type { Study } from './spec.js';

/** A clip, and the first one of the study that is the same. */
export interface Twins {
  readonly clip: string;
  readonly first: string;
}

/** Groups without the clips that are there before, and those. Sound, codes and scores are never the same. */
export function withoutTwins(
  groups: ReadonlyMap<string, readonly Item[]>,
  hashes: ReadonlyMap<string, string>,
): { readonly groups: ReadonlyMap<string, readonly Item[]>; readonly twins: readonly Twins[] } {
  const known = new Map<string, string>();
  const twins: Twins[] = [];
  const kept = [...groups].map(([name, items]) => {
    const own = items.filter((item) => {
      const content = `${item.source.kind} ${hashes.get(item.name)}`;
      const first = known.get(content);
      if (first === undefined) known.set(content, item.name);
      else twins.push({ clip: item.name, first });
      return first === undefined;
    });
    return [name, own] as const;
  });
  return { groups: new Map(kept), twins };
}

/** One line for each clip that is there before. */
export function twinFaults({ say }: Study, twins: readonly Twins[]): string[] {
  return twins.map(({ clip, first }) => {
    const [group] = clip.split('/');
    const words = `${first} and ${clip} are the same sound; leave one out, or write duplicates: skip`;
    return say(['groups', group], words);
  });
}
