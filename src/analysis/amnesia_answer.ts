// The amnesia index in sentences: whether the model forgets what came before the damage.

import { counted } from '../counted.js';
import { extreme, measuredOf } from './answer_words.js';
import type { Amnesia } from './question_findings.js';
import { numberOf } from './reading.js';
import { pointWords, signed, withInterval } from './wording.js';

export function amnesiaSentences(all: readonly Amnesia[]): string[] {
  const { rows, others } = measuredOf(all, ({ index, lost }) => Math.max(index.n, lost.n), 'case');
  const told = rows.filter(({ index }) => index.low !== null && index.high !== null);
  if (rows.length === 0) return [...others];
  if (told.length === 0) {
    return [
      ...others,
      'It cannot be told: there are too few clips, or what comes before the damage helps too little to predict what comes after it.',
    ];
  }
  const values = told.map(({ index }) => numberOf(index));
  const forgets = told.filter(({ index }) => (index.low ?? 0) > 0);
  const whole = told.filter(({ index }) => (index.low ?? 0) <= 1 && (index.high ?? 0) >= 1).length;
  const most = extreme(forgets, ({ index }) => numberOf(index));
  return [
    'The index is 0 where the model ignores the damage and 1 where it forgets all that came before. It can be told in ' +
      `${told.length} of ${counted(rows.length, 'case')} and runs from ${signed(Math.min(...values))} to ${signed(Math.max(...values))}.`,
    `In ${forgets.length} of these the 95% interval lies above 0, so that something is forgotten; in ${whole} it holds 1, so that ` +
      'everything may be.',
    ...(most
      ? [
          `The most is forgotten after ${pointWords(most)}, over the next ${counted(most.tailTokens, 'token')}: ${withInterval(most.index)}.`,
        ]
      : []),
    ...others,
  ];
}
