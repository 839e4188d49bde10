// RQ3 in sentences: whether the shape of the loss curve sees more than its mean.

import { counted } from '../counted.js';
import { median } from '../stats/describe.js';
import { extreme, measuredOf } from './answer_words.js';
import { isLoss, lossBeside, lossWords } from './features.js';
import type { FeatureAuc } from './question_findings.js';
import { numberOf } from './reading.js';

export function featureSentences(all: readonly FeatureAuc[]): string[] {
  const { rows, others } = measuredOf(all, ({ auc }) => auc.n, 'value');
  if (rows.length === 0) return [...others];
  const names = [...new Set(rows.map(({ feature }) => feature))];
  const share = (value: number): string => value.toFixed(2);
  const summaries = names.map((feature) => {
    const own = rows.filter((row) => row.feature === feature && row.auc.value !== null);
    const better = own.filter(({ overLoss }) => overLoss.low !== null && overLoss.low > 0).length;
    const worse = own.filter(({ overLoss }) => overLoss.high !== null && overLoss.high < 0).length;
    const middle = median(own.map(({ auc }) => numberOf(auc)));
    return {
      feature,
      needsClean: own.some(({ needsClean }) => needsClean),
      points: own.length,
      better,
      worse,
      middle,
    };
  });
  const losses = [false, true].flatMap((needsClean) => {
    const loss = summaries.find(({ feature }) => feature === lossBeside({ needsClean }));
    return loss && loss.points > 0
      ? [`${lossWords({ needsClean })} has a median AUC of ${share(loss.middle)}`]
      : [];
  });
  const best = (needsClean: boolean) =>
    extreme(
      summaries.filter((one) => !isLoss(one.feature) && one.needsClean === needsClean && one.points > 0),
      ({ middle }) => middle,
    );
  const say = (one: (typeof summaries)[number] | undefined, how: string): string[] =>
    one
      ? [
          `${how}, the best of them on the whole is "${one.feature}": median AUC ${share(one.middle)} over ` +
            `${counted(one.points, 'combination')} (0.5 is blind, 1 is certain); by the 95% interval it beats ${lossWords(one)} ` +
            `in ${one.better} and loses to it in ${one.worse}.`,
        ]
      : [];
  return [
    ...losses.map((sentence) => `${sentence[0].toUpperCase()}${sentence.slice(1)}.`),
    ...say(best(true), 'Of the features that need the clean clip beside the damaged one'),
    ...say(best(false), 'Of the features that see the damaged clip alone'),
    'The best is picked from several by looking, which flatters it a little; the table has them all.',
  ];
}
