// How many clips a study needs, in a terminal.

import type { ClipsNeeded, ScorePower } from '../analysis/power.js';
import { table } from './terminal.js';
import { ABSENT, plain } from './words.js';

/** A row a score: for each test the clips, and in brackets the cautious number. */
export function powerLines(scores: readonly ScorePower[]): string[] {
  const head = [
    'score',
    'effect',
    's.d. of differences',
    'clips, paired',
    's.d. between clips',
    'clips in each of two groups',
    'AUC',
    'the same by ranks',
  ];
  const rows = scores.map(({ score, effect, paired, groups, auc }) => [
    score,
    plain(effect, 3),
    plain(paired.sd, 3),
    clips(paired),
    plain(groups.sd, 3),
    clips(groups),
    plain(auc.auc),
    clips(auc),
  ]);
  return table([head, ...rows]);
}

function clips({ clips, cautious }: ClipsNeeded): string {
  if (clips === null) return ABSENT;
  return `${clips} (${cautious ?? 'too many'})`;
}
