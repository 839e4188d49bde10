// Student's t and the normal distribution, as far as intervals need them: whole degrees of freedom, closed forms.

/**
 * P(|T| <= t) of Student's t with a whole number of degrees of freedom: the finite series of Abramowitz and Stegun
 * 26.7.3 and 26.7.4. studentWithin(2.570581836, 5) = 0.95.
 */
export function studentWithin(t: number, degrees: number): number {
  const theta = Math.atan2(t, Math.sqrt(degrees));
  const cosine2 = Math.cos(theta) ** 2;
  const odd = degrees % 2 === 1;
  // Terms of cos + 2/3 cos^3 + (2*4)/(3*5) cos^5 ... (odd) or 1 + 1/2 cos^2 + (1*3)/(2*4) cos^4 ... (even).
  let term = odd ? Math.cos(theta) : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k <= degrees - 2; k += 2) {
    term *= (cosine2 * (k - 1)) / k;
    sum += term;
  }
  return odd ? (2 / Math.PI) * (theta + Math.sin(theta) * sum) : Math.sin(theta) * sum;
}

/** P(|Z| <= z) of the standard normal: the series of Abramowitz and Stegun 26.2.11. normalWithin(1.959964) = 0.95. */
export function normalWithin(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; term > sum * 1e-17; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return Math.min(1, 2 * sum * Math.exp((-z * z) / 2) * 0.3989422804014327);
}

/** The x > 0 at which an increasing probability reaches p, by bisection to the last bit but a few. */
export function inverse(within: (x: number) => number, p: number): number {
  let [low, high] = [0, 1];
  while (within(high) < p) high *= 2;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (within(middle) < p) low = middle;
    else high = middle;
  }
  return high;
}
