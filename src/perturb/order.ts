// Which blocks stand where after a shuffle: the same answer for samples and for codes, so that both domains can
// be compared on one and the same permutation.

import { stem } from '../audio/clip.js';
import { counted } from '../counted.js';
import { generator, type Random, seedOf } from '../stats/random.js';
import type { Place, ShufflePerturbation } from './perturbation.js';

/**
 * permutation[i] = which block of the clean window stands at block i; `block` samples each, whole blocks only.
 * Those that take part are round(share x blocks), at least two, and are permuted without a fixed point, uniformly
 * among all such orders: what a share names has really moved. The others keep their place.
 * @throws when the window holds fewer than two blocks, or the share is not in (0, 1].
 */
export function shuffledOrder(
  name: string,
  { share = 1, seed }: ShufflePerturbation,
  place: Place,
  block: number,
): number[] {
  const count = block > 0 ? Math.floor((place.end - place.start) / block) : 0;
  if (count < 2) {
    throw new Error(
      `${name}: a window of ${counted(place.end - place.start, 'sample')} holds fewer than 2 blocks of ${block}; ` +
        'nothing can change its order, make the block shorter or the window longer',
    );
  }
  if (!(share > 0 && share <= 1)) {
    throw new Error(
      `shuffle: the share of blocks that take part is ${share}, expected more than 0, at most 1`,
    );
  }
  return movedOrder(count, { share, names: [seed, stem({ name }), 'shuffle', place.start, block, count] });
}

/**
 * An order of `count` things, at least two, of which a share moves: order[i] = which of them stands at i. Those that
 * take part are round(share x count), at least two, and none of them keeps its place. The draw is named by `names`.
 */
export function movedOrder(
  count: number,
  { share, names }: { readonly share: number; readonly names: readonly (string | number)[] },
): number[] {
  const everyone = permuted(count, generator(seedOf(...names)));
  const moving = everyone.slice(0, Math.max(2, Math.round(share * count))).sort((a, b) => a - b);
  const derangement = deranged(moving.length, generator(seedOf(...names, moving.length)));
  const order = Array.from({ length: count }, (_, i) => i);
  derangement.forEach((from, to) => {
    order[moving[to]] = moving[from];
  });
  return order;
}

/** A uniform permutation of 0..n-1: Fisher and Yates, as by Durstenfeld (1964). */
export function permuted(n: number, random: Random): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** A uniform derangement by rejection; about e tries for any n >= 2. */
function deranged(n: number, random: Random): number[] {
  for (;;) {
    const order = permuted(n, random);
    if (order.every((from, to) => from !== to)) return order;
  }
}
