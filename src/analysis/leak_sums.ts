// Running sums of which codes changed, by codebook: mean shares over clips.

import type { LeakMap } from '../perturb/leak.js';

const PARTS = ['before', 'inside', 'after'] as const;
type Part = (typeof PARTS)[number];

export interface LeakSums {
  clips: number;
  /** By part and codebook: sum of the clips' shares, and clips that have codes there. */
  readonly shares: Readonly<Record<Part, { sum: number; clips: number }[]>>;
}

export function leakSums(): LeakSums {
  return { clips: 0, shares: { before: [], inside: [], after: [] } };
}

/** Adds the leak map of one clip. */
export function addLeak(sums: LeakSums, { byCodebook }: LeakMap): void {
  sums.clips++;
  for (const part of PARTS) {
    for (const [k, book] of byCodebook.entries()) {
      const { changed, of } = book[part];
      const so = sums.shares[part][k] ?? { sum: 0, clips: 0 };
      sums.shares[part][k] = of === 0 ? so : { sum: so.sum + changed / of, clips: so.clips + 1 };
    }
  }
}

/** [K] mean shares over clips; null where no clip has codes. */
export function meanShares(sums: LeakSums): Readonly<Record<Part, (number | null)[]>> {
  const of = (part: Part) => sums.shares[part].map(({ sum, clips }) => (clips === 0 ? null : sum / clips));
  return { before: of('before'), inside: of('inside'), after: of('after') };
}
