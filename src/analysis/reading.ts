// How rows of findings are read: what a test or an interval shows, and what is no damage at all.

import type { Estimate, Test } from './estimated.js';
import type { Slice } from './point.js';

export const ALPHA = 0.05;

/** Kinds that do no damage: they show what the method itself does. */
const CONTROLS = ['identity', 'reencode'];

export function isControl({ kind, edit }: Slice): boolean {
  return CONTROLS.includes(kind) || edit === 'none';
}

/** Whether a p-value corrected by Holm shows a difference. */
export function holds({ holm }: Test): boolean {
  return holm !== null && holm <= ALPHA;
}

export function numberOf({ value }: Estimate): number {
  return value ?? Number.NaN;
}

/** Whether the interval lies wholly on one side of a value. */
export function excludes({ low, high }: Estimate, reference: number): boolean {
  return low !== null && high !== null && (low > reference || high < reference);
}

/** Whether no test of these could have shown anything: with n clips a sign-flip p-value is at least 2 / 2^n, before Holm. */
export function isPowerless(rows: readonly { readonly test: Test; readonly n: number }[]): boolean {
  const tested = rows.filter(({ test }) => test.p !== null);
  const most = Math.max(0, ...tested.map(({ n }) => n));
  return tested.length === 0 || tested.length * 2 ** (1 - most) > ALPHA;
}
