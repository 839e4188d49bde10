// RQ1 in sentences: whether the loss of the whole clip sees the damage.

import { counted } from '../counted.js';
import { extreme, measuredOf, natsOf, powerless } from './answer_words.js';
import type { ClipLoss } from './question_findings.js';
import { excludes, holds, isControl, numberOf } from './reading.js';
import { percent, pointWords, signed, withInterval } from './wording.js';

export function clipLossSentences(all: readonly ClipLoss[]): string[] {
  const damages = all.filter((row) => !isControl(row));
  const { rows, others } = measuredOf(damages, ({ difference }) => difference.n, 'combination');
  const controls = controlSentences(all.filter((row) => isControl(row) && row.difference.n > 0));
  if (rows.length === 0) return [...others, ...(others.length > 0 ? controls : [])];
  const proven = rows.filter(({ test }) => holds(test));
  const rises = proven.filter(({ difference }) => numberOf(difference) > 0);
  const falls = proven.filter(({ difference }) => numberOf(difference) < 0);
  const below = rows.filter(({ difference }) => excludes(difference, 0) && numberOf(difference) < 0).length;
  const above = rows.filter(({ difference }) => excludes(difference, 0) && numberOf(difference) > 0).length;
  const sentences = [
    `Of ${counted(rows.length, 'combination')} of damage, music and model, the loss of the whole clip rises in ${rises.length} and ` +
      `falls in ${falls.length} by tests corrected for their number; in ${rows.length - proven.length} these show nothing.`,
    `By its 95% interval alone, which is not corrected, the mean difference lies above 0 in ${above} and below it in ${below}.`,
    ...powerless(rows.map(({ test, difference }) => ({ test, n: difference.n }))),
  ];
  const lowest = extreme(
    rows.filter(({ difference }) => excludes(difference, 0) && numberOf(difference) < 0),
    ({ difference }) => -numberOf(difference),
  );
  if (lowest) {
    sentences.push(
      `The damage that the model finds most likely is ${pointWords(lowest)}: the loss changes by ` +
        `${withInterval(lowest.difference, natsOf(lowest))}. ${
          holds(lowest.test)
            ? 'Damaged music is then less surprising to the model than the music itself.'
            : 'If it holds (by the corrected tests it is not shown), damaged music is then less surprising to the model than the music itself.'
        }`,
    );
  }
  const highest = extreme(
    rows.filter(({ difference }) => excludes(difference, 0) && numberOf(difference) > 0),
    ({ difference }) => numberOf(difference),
  );
  if (highest) {
    sentences.push(
      `The clearest rise is for ${pointWords(highest)}: ${withInterval(highest.difference, natsOf(highest))}.`,
    );
  }
  return [...sentences, ...aucSentence(rows), ...others, ...controls];
}

/** A sentence for controls that are called the same, as those of several places are: their value, or the range of their means. */
function controlSentences(rows: readonly ClipLoss[]): string[] {
  const byWords = new Map<string, ClipLoss[]>();
  for (const row of rows) byWords.set(pointWords(row), [...(byWords.get(pointWords(row)) ?? []), row]);
  return [...byWords].map(([words, own]) => {
    const [first] = own;
    const values = new Set(own.map(({ difference }) => withInterval(difference, natsOf(first))));
    const several = own.length === 1 ? '' : `, in ${counted(own.length, 'variant')}`;
    if (values.size === 1) return `Control, ${words}${several}: ${[...values][0]}.`;
    const means = own.map(({ difference }) => numberOf(difference));
    return `Control, ${words}${several}: from ${signed(Math.min(...means))} to ${signed(Math.max(...means))}${natsOf(first)}.`;
  });
}

function aucSentence(rows: readonly ClipLoss[]): string[] {
  const aucs = rows.flatMap(({ auc }) => (auc.value === null ? [] : [auc.value]));
  if (aucs.length === 0) return [];
  const better = rows.filter(({ auc }) => excludes(auc, 0.5) && numberOf(auc) > 0.5).length;
  const worse = rows.filter(({ auc }) => excludes(auc, 0.5) && numberOf(auc) < 0.5).length;
  return [
    `Take a damaged clip and another, clean one: the damaged one has the higher loss in ${percent(Math.min(...aucs))} to ` +
      `${percent(Math.max(...aucs))} of such pairs (50% is a coin's guess). The 95% interval lies above 50% in ${better} of ` +
      `${counted(rows.length, 'combination')} and below it in ${worse}.`,
  ];
}
