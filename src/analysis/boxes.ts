// Fig. 5: loss of clips whose order was shuffled, by the length of a block, beside the clean clips.

import { boxOf } from '../stats/box.js';
import type { LossBox } from './figure_findings.js';
import { type Sample, seriesOf } from './measured.js';
import type { Slice } from './point.js';

/** A box a block length and one for the clean clips, for every series of shuffles. */
export function lossBoxes(samples: readonly Sample[]): LossBox[] {
  const shuffled = samples.filter(({ point, cells }) => point.blockTokens !== null && cells.length > 0);
  return seriesOf(shuffled, 'block').flatMap(({ slice, at, samples: members }) => {
    // Every clip once, whichever block lengths it was measured at.
    const clean = new Map(members.flatMap(({ cells }) => cells.map((cell) => [cell.clip, cell.clean])));
    return [
      box(
        { slice, at, blockTokens: null },
        [...clean].map(([clip, loss]) => ({ clip, variant: null, loss })),
      ),
      ...members.map(({ point: { blockTokens, variant }, cells }) =>
        box(
          { slice, at, blockTokens },
          cells.map(({ clip, disturbed }) => ({ clip, variant, loss: disturbed })),
        ),
      ),
    ];
  });
}

interface BoxPlace {
  readonly slice: Slice;
  readonly at: string;
  readonly blockTokens: number | null;
}

interface Member {
  readonly clip: string;
  readonly variant: string | null;
  readonly loss: number;
}

function box({ slice, at, blockTokens }: BoxPlace, members: readonly Member[]): LossBox {
  const { n, mean, median, q1, q3, low, high, notchHigh, outliers } = boxOf(members.map(({ loss }) => loss));
  const apart = members.filter(({ loss }) => loss < low || loss > high).toSorted((a, b) => a.loss - b.loss);
  return {
    ...slice,
    at,
    blockTokens,
    n,
    mean,
    median,
    q1,
    q3,
    low,
    high,
    notch: notchHigh - median,
    outliers,
    outlierCells: apart.map(({ clip, variant }) => ({ clip, variant })),
  };
}
