// Scores of made-up clips, whose truth is known.

import type { ScoreValues } from '../../src/scores/reference.js';
import { SCORE_NAMES, type ScoreName } from '../../src/scores/scores.js';
import { generator, seedOf } from '../../src/stats/random.js';

/** Independent normal values, named by a seed; `given` replaces some of them. */
export function valuesOf(name: string, given: Partial<Record<ScoreName, number>> = {}): ScoreValues {
  const random = generator(seedOf(1, name));
  return {
    ...(Object.fromEntries(SCORE_NAMES.map((score) => [score, random.normal()])) as ScoreValues),
    ...given,
  };
}
