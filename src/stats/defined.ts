// Missing values: NaN is what could not be measured. It is taken out in the open, and counted.

import { counted } from '../counted.js';

/** The defined values, and how many were not. defined([1, NaN, 2]) = { values: [1, 2], missing: 1 }. */
export function defined(values: readonly number[]): {
  readonly values: readonly number[];
  readonly missing: number;
} {
  const kept = values.filter((value) => !Number.isNaN(value));
  return { values: kept, missing: values.length - kept.length };
}

/**
 * Throws where a test or fit would be handed an undefined or infinite value: a comparison with NaN is always false and
 * would make a p-value too small without a sign of it.
 */
export function requireFinite(quantity: string, values: readonly number[]): void {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new Error(
      `${quantity}: value ${at} of ${values.length} is ${values[at]}; take missing values out first and count them`,
    );
}

/** Throws where two lists that belong together item by item differ in length. */
export function requirePaired(quantity: string, a: number, b: number): void {
  if (a !== b) throw new Error(`${quantity}: ${counted(a, 'value')} beside ${b}; each needs its partner`);
}
