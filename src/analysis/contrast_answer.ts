// RQ4 in sentences: whether it is the same for every model, kind of music and kind of damage.

import { counted, verb } from '../counted.js';
import { extreme } from './answer_words.js';
import type { Contrast } from './question_findings.js';
import { numberOf } from './reading.js';
import { withInterval } from './wording.js';

const FACTOR_WORDS: Readonly<Record<Contrast['factor'], string>> = {
  model: 'models',
  group: 'kinds of music',
  kind: 'kinds of damage',
  protocol: 'ways of feeding the model',
  domain: 'damage to the sound and to the codes',
};

/** `nats`: unit of the differences, behind their number. */
export function contrastSentences(rows: readonly Contrast[], nats: string): string[] {
  return Object.entries(FACTOR_WORDS).flatMap(([factor, words]) => {
    const all = rows.filter((row) => row.factor === factor);
    const own = all.filter(({ verdict }) => verdict !== 'unmeasured');
    const missing = all.length - own.length;
    if (all.length === 0) return [];
    if (own.length === 0)
      return [
        `Between ${words} nothing is measured yet: ${counted(missing, 'comparison')} ${verb(missing, 'has', 'have')} no scored clip on one side.`,
      ];
    const of = (verdict: Contrast['verdict']) => own.filter((row) => row.verdict === verdict);
    const rest = missing === 0 ? '' : ` Not measured: ${missing} more, with no scored clip on one side.`;
    const largest = extreme(of('different'), ({ difference }) => Math.abs(numberOf(difference)));
    const example = largest
      ? ` The largest: ${largest.a} minus ${largest.b} (${largest.at}), ${withInterval(largest.difference, nats)}.`
      : '';
    const [{ margin }] = own;
    return [
      `Between ${words}, the loss difference is different in ${of('different').length} of ${counted(own.length, 'comparison')}, ` +
        `the same within ${margin}${nats} in ${of('equivalent').length}, and not decided in ${of('undecided').length}.${example}${rest}`,
    ];
  });
}
