// Where a number of a study belongs: one model under one protocol on one group of clips, disturbed in one way. Lengths are in
// codec frames ("tokens").

import type { Severity } from '../perturb/severity.js';
import type { CellFacts, Domain, GridValue } from '../study/row.js';

/**
 * The group that holds every clip of a study of several groups, each counted once. Its rows stand beside those of the
 * groups, and their tests are families of their own.
 */
export const ALL_GROUPS = 'all groups';

/** One model under one protocol on one group, disturbed in one way: what a line of a figure shows. */
export interface Slice {
  readonly model: string;
  readonly protocol: string;
  readonly condition: string;
  readonly group: string;
  /** Name of the disturbance in the study. */
  readonly disturbance: string;
  readonly kind: string;
  readonly color: string | null;
  readonly edit: string | null;
  readonly domain: Domain;
}

/** One member of a slice's grid. */
export interface Point extends Slice {
  readonly variant: string;
  readonly lengthTokens: number | null;
  readonly blockTokens: number | null;
  readonly level: CellFacts['level'];
  readonly levelDbfs: number | null;
  /** Its severity; null where it has none. */
  readonly severity: Severity | null;
  /** What varies within the disturbance, and this point's values. */
  readonly grid: readonly GridValue[];
  readonly words: string;
}
