// The standard normal distribution. Tails are computed as tails, not as 1 minus the rest: P(Z < -20) is 2.75e-89.

const ROOT_TWO_PI = 2.5066282746310002;
/** Where the series hands over to the continued fraction. */
const FAR = 2.5;

/**
 * P(Z > z). Below 2.5 the series of Abramowitz and Stegun 26.2.11, from there the continued fraction 26.2.14; relative
 * error below 1e-13 up to the smallest double. normalTail(20) = 2.7536241186062e-89.
 */
export function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / ROOT_TWO_PI;
  if (z < FAR) {
    let term = z;
    let sum = z;
    for (let k = 3; term > sum * 1e-17; k += 2) {
      term *= (z * z) / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = 0;
  for (let k = 150; k > 0; k--) fraction = k / (z + fraction);
  return density / (z + fraction);
}

/** P(Z <= z), exact in the left tail too. normalCdf(-1.959963984540054) = 0.025. */
export function normalCdf(z: number): number {
  return normalTail(-z);
}

/** The z with P(Z <= z) = p: minus and plus infinity at 0 and 1, NaN outside. normalQuantile(0.975) = 1.959963984540054. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  return p > 0 ? -inverseTail(normalTail, p) : Number.NaN;
}

/** The x >= 0 at which a falling tail probability passes p, 0 < p <= 0.5, by bisection to the last bits. */
export function inverseTail(tail: (x: number) => number, p: number): number {
  let [low, high] = [0, 1];
  while (tail(high) > p) {
    low = high;
    high *= 2;
  }
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (tail(middle) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
