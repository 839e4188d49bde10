// How strong an edit of a score is, on the axes of disturbances.

import type { Severity } from '../perturb/severity.js';
import type { ScoreEdit } from './edit.js';
import { DEFAULT_AMOUNTS } from './edits.js';

/** The share of notes or bars in percent, or by how much the tempo changes; absent for the control. */
export function severityOfEdit({
  edit,
  share,
  amount = DEFAULT_AMOUNTS.tempo,
}: ScoreEdit): Severity | undefined {
  if (edit === 'none') return undefined;
  if (edit !== 'tempo') return { name: 'share', value: 100 * share };
  return { name: 'tempo', value: 100 * (Math.max(amount, 1 / amount) - 1) };
}
