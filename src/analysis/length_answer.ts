// RQ2 in sentences: how the length of the damage changes the loss, and from where on it is detected.

import { termsOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import { extreme, measuredOf, natsOf, powerless } from './answer_words.js';
import { digitsOf, measuredAxis, unitAfter } from './axis.js';
import type { Estimate } from './estimated.js';
import type { Findings } from './findings.js';
import type { LengthTrend, Psychometric } from './question_findings.js';
import { holds, numberOf } from './reading.js';
import { signed, sliceWords, withInterval } from './wording.js';

export function lengthSentences({
  trends,
  psychometric,
}: Pick<Findings, 'trends' | 'psychometric'>): string[] {
  const planned = trends.filter(({ quantity }) => quantity === 'raw');
  const { rows: raw, others } = measuredOf(planned, ({ slope }) => slope.n, 'case');
  if (raw.length === 0) return [...others, ...(others.length > 0 ? [] : detectionSentences(psychometric))];
  const sentences = [
    `The longer the damage, the ${directions(raw)} over the clip as a whole. ${CASE}`,
    ...powerless(raw.map(({ test, slope }) => ({ test, n: slope.n }))),
  ];
  const steepest = extreme(
    raw.filter(({ test }) => holds(test)),
    ({ slope }) => Math.abs(numberOf(slope)),
  );
  if (steepest) {
    sentences.push(
      `It is steepest for ${sliceWords(steepest)}: ${withInterval(scaled(steepest.slope, 100), `${natsOf(steepest)} for every 100 ${termsOf(steepest.domain === 'notes' ? 'event' : 'frame').position}s`)}; ` +
        `the correlation of the paper's kind, over means, is ${signed(numberOf(steepest.pearsonOfMeans))}.`,
    );
  }
  const perToken = trends.filter(({ quantity, slope }) => quantity === 'perToken' && slope.n > 0);
  if (perToken.length > 0) {
    sentences.push(
      'Part of that is arithmetic, since a longer window fills more of the clip. Counted for each damaged token, the ' +
        `${directions(perToken)}.`,
    );
  }
  return [...sentences, ...others, ...detectionSentences(psychometric)];
}

const CASE = 'A case is one damage at several lengths, in one group of clips under one model.';

/** "loss falls in 3 and rises in 1 of 6 cases; in 2 there is no evidence of a trend". */
function directions(trends: readonly LengthTrend[]): string {
  const proven = trends.filter(({ test }) => holds(test));
  const falls = proven.filter(({ slope }) => numberOf(slope) < 0).length;
  const rises = proven.length - falls;
  return (
    `loss falls in ${falls} and rises in ${rises} of ${counted(trends.length, 'case')}; in ${trends.length - proven.length} there is no ` +
    'evidence of a trend'
  );
}

function scaled({ value, low, high, ...rest }: Estimate, by: number): Estimate {
  const times = (x: number | null): number | null => (x === null ? null : x * by);
  return { value: times(value), low: times(low), high: times(high), ...rest };
}

export function detectionSentences(all: readonly Psychometric[]): string[] {
  const rows = all.filter(({ points }) => points.some(({ n }) => n > 0));
  if (rows.length === 0) return [];
  const told = rows.filter(({ threshold }) => threshold.value !== null && threshold.low !== null);
  const first = extreme(told, (row) => row.threshold.n);
  if (first === undefined) {
    return [
      `In ${counted(rows.length, 'case')}, no length, level or severity could be told at which half of the clips are detected.`,
    ];
  }
  const axis = measuredAxis(first);
  const show = (value: number): string => value.toFixed(digitsOf(axis));
  return [
    `A length, level or severity at which half of the clips are detected beyond chance can be told in ${told.length} of ${rows.length} ` +
      `cases; for ${sliceWords(first)} (${first.detector}) it is ${withInterval(first.threshold, unitAfter(axis), show)}.`,
  ];
}
