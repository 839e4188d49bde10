// How strong an edit of a score is, on the axes of disturbances.

import type { Severity } from '../perturb/severity.js';
import type { ScoreEdit } from './edit.js';
import { DEFAULT_AMOUNTS } from './edits.js';

/** The share of notes or bars in percent, how far notes move, or by how much the tempo changes; absent for the control. */
export function severityOfEdit({ edit, share, amount }: ScoreEdit): Severity | undefined {
  if (edit === 'none') return undefined;
  if (edit === 'timing') return { name: 'jitter', value: amount ?? DEFAULT_AMOUNTS.timing };
  if (edit !== 'tempo') return { name: 'share', value: 100 * share };
  const factor = amount ?? DEFAULT_AMOUNTS.tempo;
  return { name: 'tempo', value: 100 * (Math.max(factor, 1 / factor) - 1) };
}
