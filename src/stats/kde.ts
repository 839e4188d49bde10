// Density of a sample, for the outline of a violin.

import { requireFinite } from './defined.js';
import { standardDeviation } from './describe.js';

export interface DensityOptions {
  /** Rule for the bandwidth (standard deviation of the kernel), as SciPy has them. Default 'scott'. */
  readonly rule?: 'scott' | 'silverman';
  /** Points of the grid, from `cut` bandwidths below the least value to as many above the greatest. Default 128. */
  readonly points?: number;
  /** Default 2. */
  readonly cut?: number;
}

export interface Density {
  /** Grid in the units of the values, ascending, evenly spaced. */
  readonly x: readonly number[];
  /** Density at x, per unit of x; integrates to 1 but for what lies beyond the grid. */
  readonly y: readonly number[];
  readonly bandwidth: number;
}

/**
 * Gaussian kernel density estimate. Bandwidth sd n^(-1/5) (Scott 1992) or sd (3n/4)^(-1/5) (Silverman 1986), sd with
 * n - 1; SciPy: gaussian_kde. It smooths over bounds: a density of losses may reach below 0. Undefined, so absent, below
 * two values or where they do not vary. Throws on values that are not finite.
 */
export function densityOf(values: readonly number[], options: DensityOptions = {}): Density | undefined {
  const { rule = 'scott', points = 128, cut = 2 } = options;
  requireFinite('density', values);
  const n = values.length;
  const bandwidth = standardDeviation(values) * (rule === 'scott' ? n : (3 * n) / 4) ** -0.2;
  if (!(bandwidth > 0)) return undefined;
  const start = values.reduce((least, value) => Math.min(least, value)) - cut * bandwidth;
  const end = values.reduce((most, value) => Math.max(most, value)) + cut * bandwidth;
  const x = Array.from({ length: points }, (_, i) => start + ((end - start) * i) / (points - 1));
  const scale = n * bandwidth * Math.sqrt(2 * Math.PI);
  const y = x.map((at) => {
    let sum = 0;
    for (const value of values) sum += Math.exp(-(((at - value) / bandwidth) ** 2) / 2);
    return sum / scale;
  });
  return { x, y, bandwidth };
}
