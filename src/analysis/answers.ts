// The answers first, in plain words: what the tables carry, no more. A difference is only named where its p-value
// corrected by Holm is at most 0.05, or where the interval excludes what is denied.

import { median } from '../stats/describe.js';
import { digitsOf, measuredAxis, unitAfter } from './axis.js';
import type { Estimate } from './estimated.js';
import { CLIP_LOSS } from './features.js';
import type {
  Amnesia,
  Answer,
  ClipLoss,
  Contrast,
  FeatureAuc,
  Findings,
  LengthTrend,
  Test,
} from './findings.js';
import { overall } from './overall.js';
import { ALPHA, excludes, holds, isControl, isPowerless, numberOf } from './reading.js';
import {
  amnesiaVerdict,
  contrastVerdict,
  featureVerdict,
  lengthVerdict,
  lossVerdict,
  type Verdict,
} from './verdicts.js';
import { counted, percent, pointWords, signed, sliceWords, withInterval } from './wording.js';

export type Tables = Pick<
  Findings,
  'clipLoss' | 'trends' | 'psychometric' | 'features' | 'contrasts' | 'amnesia'
>;

const NATS = ' nats per code';

/** One answer a question that the study has rows for. */
export function answersOf(all: Tables): Answer[] {
  const tables = together(all);
  const seen = measuredTables(tables);
  const answers: Answer[] = [
    {
      question: 'RQ1',
      title: 'Does the loss of the whole clip see the damage?',
      sentences: clipLoss(tables.clipLoss),
      ...said(lossVerdict(seen.clipLoss), seen.clipLoss, tables.clipLoss),
    },
    {
      question: 'RQ2',
      title: 'How does the length of the damage change the loss?',
      sentences: length(tables),
      ...said(lengthVerdict(seen.trends, detection(seen.psychometric)[0]), seen.trends, tables.trends),
    },
    {
      question: 'RQ3',
      title: 'Does the shape of the loss curve see more than its mean?',
      sentences: features(tables.features),
      ...said(featureVerdict(seen.features), seen.features, tables.features),
    },
    {
      question: 'RQ4',
      title: 'Is it the same for every model, kind of music and kind of damage?',
      sentences: contrasts(tables.contrasts),
      ...said(contrastVerdict(seen.contrasts), seen.contrasts, tables.contrasts),
    },
    {
      question: 'Amnesia',
      title: 'Does the model forget what came before?',
      sentences: amnesia(tables.amnesia),
      ...said(amnesiaVerdict(seen.amnesia), seen.amnesia, tables.amnesia),
    },
  ];
  return answers.filter(({ sentences }) => sentences.length > 0);
}

/** Rows of which something is measured: verdicts are on these alone. */
function measuredTables({ clipLoss, trends, psychometric, features, contrasts, amnesia }: Tables): Tables {
  return {
    clipLoss: clipLoss.filter(({ difference }) => difference.n > 0),
    trends: trends.filter(({ slope }) => slope.n > 0),
    psychometric: psychometric.filter(({ points }) => points.some(({ n }) => n > 0)),
    features: features.filter(({ auc }) => auc.n > 0),
    contrasts: contrasts.filter(({ verdict }) => verdict !== 'unmeasured'),
    amnesia: amnesia.filter(({ index, lost }) => Math.max(index.n, lost.n) > 0),
  };
}

/** A verdict, unless everything that could give one is still missing. */
function said(verdict: Verdict, seen: readonly unknown[], planned: readonly unknown[]): Verdict {
  if (seen.length > 0 || planned.length === 0) return verdict;
  return { ...verdict, verdict: 'Not measured: nothing is scored yet that could tell.' };
}

/** The rows of all groups together where there are any; contrasts as they are. */
function together({ clipLoss, trends, psychometric, features, contrasts, amnesia }: Tables): Tables {
  return {
    ...{ clipLoss: overall(clipLoss), trends: overall(trends), psychometric: overall(psychometric) },
    ...{ features: overall(features).filter((row) => !isControl(row)), contrasts, amnesia: overall(amnesia) },
  };
}

/** Rows of which something is measured, and a sentence about the others. */
function measuredOf<T>(
  rows: readonly T[],
  clipsOf: (row: T) => number,
  noun: string,
): { readonly rows: readonly T[]; readonly others: readonly string[] } {
  const measured = rows.filter((row) => clipsOf(row) > 0);
  const missing = rows.length - measured.length;
  if (missing === 0) return { rows, others: [] };
  const of =
    missing === rows.length
      ? `none of ${counted(missing, noun)}`
      : `${missing} of ${counted(rows.length, noun)}`;
  const sentence =
    missing === rows.length
      ? `Not measured: ${of} has a scored clip.`
      : `Not measured: ${of}, which have no scored clip.`;
  return { rows: measured, others: [sentence] };
}

function clipLoss(all: readonly ClipLoss[]): string[] {
  const damages = all.filter((row) => !isControl(row));
  const { rows, others } = measuredOf(damages, ({ difference }) => difference.n, 'combination');
  const controls = all.filter((row) => isControl(row) && row.difference.n > 0).map(controlSentence);
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
        `${withInterval(lowest.difference, NATS)}. Damaged music is then less surprising to the model than the music itself.`,
    );
  }
  const highest = extreme(
    rows.filter(({ difference }) => excludes(difference, 0) && numberOf(difference) > 0),
    ({ difference }) => numberOf(difference),
  );
  if (highest) {
    sentences.push(
      `The clearest rise is for ${pointWords(highest)}: ${withInterval(highest.difference, NATS)}.`,
    );
  }
  return [...sentences, ...aucSentence(rows), ...others, ...controls];
}

function controlSentence(row: ClipLoss): string {
  return `Control, ${pointWords(row)}: ${withInterval(row.difference, NATS)}.`;
}

function aucSentence(rows: readonly ClipLoss[]): string[] {
  const aucs = rows.flatMap(({ auc }) => (auc.value === null ? [] : [auc.value]));
  if (aucs.length === 0) return [];
  const better = rows.filter(({ auc }) => excludes(auc, 0.5) && numberOf(auc) > 0.5).length;
  const worse = rows.filter(({ auc }) => excludes(auc, 0.5) && numberOf(auc) < 0.5).length;
  return [
    `Take a damaged clip and another, clean one: the damaged one has the higher loss in ${percent(Math.min(...aucs))} to ` +
      `${percent(Math.max(...aucs))} of such pairs (50% is a coin's guess). The 95% interval lies above 50% in ${better} of ` +
      `${rows.length} combinations and below it in ${worse}.`,
  ];
}

/** Says when no test could have shown anything. */
function powerless(rows: readonly { readonly test: Test; readonly n: number }[]): string[] {
  if (!isPowerless(rows)) return [];
  const tested = rows.filter(({ test }) => test.p !== null);
  const most = Math.max(0, ...tested.map(({ n }) => n));
  return [
    `There are too few clips for these tests: with ${counted(most, 'clip')} and ${counted(tested.length, 'test')}, no corrected ` +
      `p-value can reach ${ALPHA}. Read the numbers as a description of these clips.`,
  ];
}

function length({ trends, psychometric }: Tables): string[] {
  const series = trends.filter(({ quantity }) => quantity === 'raw');
  const { rows: raw, others } = measuredOf(series, ({ slope }) => slope.n, 'series');
  if (raw.length === 0) return [...others, ...(others.length > 0 ? [] : detection(psychometric))];
  const sentences = [
    `The longer the damage, the ${directions(raw)} over the clip as a whole.`,
    ...powerless(raw.map(({ test, slope }) => ({ test, n: slope.n }))),
  ];
  const steepest = extreme(
    raw.filter(({ test }) => holds(test)),
    ({ slope }) => Math.abs(numberOf(slope)),
  );
  if (steepest) {
    sentences.push(
      `It is steepest for ${sliceWords(steepest)}: ${withInterval(scaled(steepest.slope, 100), ' nats per code for every 100 tokens')}; ` +
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
  return [...sentences, ...others, ...detection(psychometric)];
}

/** "loss falls in 3 of 6 series and rises in 1; in 2 there is no evidence of a trend". */
function directions(trends: readonly LengthTrend[]): string {
  const proven = trends.filter(({ test }) => holds(test));
  const falls = proven.filter(({ slope }) => numberOf(slope) < 0).length;
  const rises = proven.length - falls;
  return (
    `loss falls in ${falls} and rises in ${rises} of ${trends.length} series; in ${trends.length - proven.length} there is no ` +
    'evidence of a trend'
  );
}

function scaled({ value, low, high, ...rest }: Estimate, by: number): Estimate {
  const times = (x: number | null): number | null => (x === null ? null : x * by);
  return { value: times(value), low: times(low), high: times(high), ...rest };
}

function detection(all: Tables['psychometric']): string[] {
  const rows = all.filter(({ points }) => points.some(({ n }) => n > 0));
  if (rows.length === 0) return [];
  const told = rows.filter(({ threshold }) => threshold.value !== null && threshold.low !== null);
  const first = extreme(told, (row) => row.threshold.n);
  if (first === undefined) {
    return [
      `In ${counted(rows.length, 'series')}, no length, level or severity could be told at which half of the clips are detected.`,
    ];
  }
  const axis = measuredAxis(first);
  const show = (value: number): string => value.toFixed(digitsOf(axis));
  return [
    `A length, level or severity at which half of the clips are detected beyond chance can be told in ${told.length} of ${rows.length} ` +
      `series; for ${sliceWords(first)} (${first.detector}) it is ${withInterval(first.threshold, unitAfter(axis), show)}.`,
  ];
}

function features(all: readonly FeatureAuc[]): string[] {
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
  const loss = summaries.find(({ feature }) => feature === CLIP_LOSS);
  const best = (needsClean: boolean) =>
    extreme(
      summaries.filter((one) => one.feature !== CLIP_LOSS && one.needsClean === needsClean && one.points > 0),
      ({ middle }) => middle,
    );
  const say = (one: (typeof summaries)[number] | undefined, how: string): string[] =>
    one
      ? [
          `${how}, the best of them on the whole is "${one.feature}": median AUC ${share(one.middle)} over ` +
            `${counted(one.points, 'combination')} (0.5 is blind, 1 is certain); by the 95% interval it beats the loss of the whole clip ` +
            `in ${one.better} and loses to it in ${one.worse}.`,
        ]
      : [];
  return [
    ...(loss && loss.points > 0
      ? [`The loss of the whole clip has a median AUC of ${share(loss.middle)}.`]
      : []),
    ...say(best(true), 'Of the features that need the clean clip beside the damaged one'),
    ...say(best(false), 'Of the features that see the damaged clip alone'),
    'The best is picked from several by looking, which flatters it a little; the table has them all.',
  ];
}

const FACTOR_WORDS: Readonly<Record<Contrast['factor'], string>> = {
  model: 'models',
  group: 'kinds of music',
  kind: 'kinds of damage',
  protocol: 'ways of feeding the model',
  domain: 'damage to the sound and to the codes',
};

function contrasts(rows: readonly Contrast[]): string[] {
  return Object.entries(FACTOR_WORDS).flatMap(([factor, words]) => {
    const all = rows.filter((row) => row.factor === factor);
    const own = all.filter(({ verdict }) => verdict !== 'unmeasured');
    const missing = all.length - own.length;
    if (all.length === 0) return [];
    if (own.length === 0)
      return [
        `Between ${words} nothing is measured yet: ${counted(missing, 'comparison')} have no scored clip on one side.`,
      ];
    const of = (verdict: Contrast['verdict']) => own.filter((row) => row.verdict === verdict);
    const rest = missing === 0 ? '' : ` Not measured: ${missing} more, with no scored clip on one side.`;
    const largest = extreme(of('different'), ({ difference }) => Math.abs(numberOf(difference)));
    const example = largest
      ? ` The largest: ${largest.a} minus ${largest.b} (${largest.at}), ${withInterval(largest.difference, NATS)}.`
      : '';
    const [{ margin }] = own;
    return [
      `Between ${words}, the loss difference is different in ${of('different').length} of ${counted(own.length, 'comparison')}, ` +
        `the same within ${margin} nats per code in ${of('equivalent').length}, and not decided in ${of('undecided').length}.${example}${rest}`,
    ];
  });
}

function amnesia(all: readonly Amnesia[]): string[] {
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

/** The row with the largest defined size. */
function extreme<T>(rows: readonly T[], size: (row: T) => number): T | undefined {
  return rows.reduce<T | undefined>(
    (best, row) => (best === undefined || size(row) > size(best) ? row : best),
    undefined,
  );
}
