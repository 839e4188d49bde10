// Whether all values are finite, as a plain loop: a callback for each would allocate a number each, and cost as much as a small model.

/** The index of the first NaN or infinity, -1 if there is none. */
export function firstNonFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) {
    // 0 for finite values only.
    if (values[i] - values[i] !== 0) return i;
  }
  return -1;
}
