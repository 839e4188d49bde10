// Fig. 3 and its heat map, and the leak map by codebook: what was summed over clips while rows came by.

import type { Reach } from '../regions/region.js';
import { findRegions } from '../regions/rules.js';
import { meanCurve } from './curve_sums.js';
import type { Curve, Leak } from './figure_findings.js';
import { meanShares } from './leak_sums.js';
import type { Sample } from './measured.js';

/** One curve a point where frames have a counterpart in the clean clip. */
export function meanCurves(samples: readonly Sample[]): Curve[] {
  return samples.flatMap(({ point, cells, curve: sums }) => {
    const curve = meanCurve(sums);
    if (curve === undefined) return [];
    const bands = cells.some(({ placed }) => placed) ? bandsOf(curve, sums.reach) : [];
    return [{ ...point, frameRate: sums.frameRate, ...curve, bands }];
  });
}

/** The places of rule `fixed`, cut to the curve. */
function bandsOf(
  { from, mean, window }: Pick<Curve, 'from' | 'mean' | 'window'>,
  reach: Reach,
): Curve['bands'] {
  const values = Float64Array.from(mean, (value) => value ?? Number.NaN);
  const shifted = { start: window.start - from, end: window.end - from };
  const { regions } = findRegions(values, shifted, { rule: 'fixed', ...reach });
  return regions.map(({ name, start, end }) => ({ name, start: start + from, end: end + from }));
}

/** One leak map a point. */
export function leaks(samples: readonly Sample[]): Leak[] {
  return samples.flatMap(({ point, leak }) =>
    leak.clips === 0 ? [] : [{ ...point, ...meanShares(leak), n: leak.clips }],
  );
}
