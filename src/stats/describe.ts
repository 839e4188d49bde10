// Descriptive statistics of plain numbers. Each names its variant; the worked value stands in the test.
// Inputs hold defined numbers only: the caller filters NaN and counts what is missing.

/** Arithmetic mean; NaN of nothing. mean([1, 2, 4]) = 7/3. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum / values.length;
}

/** Sample standard deviation, n - 1 in the denominator; NaN below two values. sd([1, 2, 4]) = sqrt(7/3). */
export function standardDeviation(values: ArrayLike<number>): number {
  if (values.length < 2) return Number.NaN;
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - centre) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

/**
 * Quantile of type 7 of Hyndman and Fan (1996), the default of R and NumPy: linear between order statistics at
 * (n - 1) p. NaN of nothing. quantile([1, 2, 4, 8], 0.25) = 1.75.
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  return quantileOfSorted(new Float64Array(values).sort(), p);
}

/** The same for values in ascending order, when several quantiles of one sample are wanted. */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = (sorted.length - 1) * p;
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
}

/** Median: the quantile at one half. median([1, 2, 4, 8]) = 3. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** What a table says of a sample: mean, sd (n - 1), and the 5, 50 and 95 per cent quantiles (type 7). */
export interface Distribution {
  readonly mean: number;
  readonly sd: number;
  readonly q05: number;
  readonly q50: number;
  readonly q95: number;
}

export function describe(values: ArrayLike<number>): Distribution {
  const sorted = new Float64Array(values).sort();
  return {
    mean: mean(sorted),
    sd: standardDeviation(sorted),
    q05: quantileOfSorted(sorted, 0.05),
    q50: quantileOfSorted(sorted, 0.5),
    q95: quantileOfSorted(sorted, 0.95),
  };
}

/**
 * Factor by which autocorrelation widens the standard error of a mean: sqrt((1 + r) / (1 - r)) with r the lag-1
 * autocorrelation, taken as 0 when negative (an AR(1) process; Bayley and Hammersley 1946, large n).
 * 1 for white noise; [1, 2, 3, 4] has r = 0.25 and the factor sqrt(5/3).
 */
export function dependenceFactor(values: ArrayLike<number>): number {
  const centre = mean(values);
  let square = 0;
  let product = 0;
  for (let i = 0; i < values.length; i++) {
    square += (values[i] - centre) ** 2;
    if (i > 0) product += (values[i] - centre) * (values[i - 1] - centre);
  }
  const r = square === 0 ? 0 : Math.min(Math.max(product / square, 0), 0.99);
  return Math.sqrt((1 + r) / (1 - r));
}
