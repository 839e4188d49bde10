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
      box(slice, at, null, [...clean.values()]),
      ...members.map(({ point, cells }) =>
        box(
          slice,
          at,
          point.blockTokens,
          cells.map((cell) => cell.disturbed),
        ),
      ),
    ];
  });
}

function box(slice: Slice, at: string, blockTokens: number | null, values: readonly number[]): LossBox {
  const { n, mean, median, q1, q3, low, high, notchHigh, outliers } = boxOf(values);
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
  };
}
