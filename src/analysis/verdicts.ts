// The verdict of each question: one sentence in everyday words, and the few numbers that a small figure beside it shows.

import { counted } from '../counted.js';
import { median } from '../stats/describe.js';
import type { AnswerFigure, AnswerPoint } from './answer.js';
import { termsOfRows } from './answer_words.js';
import { isLoss, lossBeside, lossWords } from './features.js';
import type { Amnesia, ClipLoss, Contrast, FeatureAuc, LengthTrend } from './question_findings.js';
import { holds, isControl, isPowerless, numberOf } from './reading.js';

export interface Verdict {
  readonly verdict: string;
  readonly figure: AnswerFigure;
}

/** Rows of a small figure. */
const ROWS = 8;

export function lossVerdict(all: readonly ClipLoss[]): Verdict {
  const rows = all.filter((row) => !isControl(row));
  const figure = figureOf(
    rows.map(({ variant, difference, ...row }) => pointOf(namedBy({ ...row, variant }, rows), difference)),
    { axis: `change of the loss (${termsOfRows(rows).nats})`, reference: 0, referenceName: 'no change' },
  );
  const n = rows.length;
  const count = (shows: (row: ClipLoss) => boolean, sign: number): number =>
    rows.filter((row) => shows(row) && sign * numberOf(row.difference) > 0).length;
  const byTest = ({ test }: ClipLoss): boolean => holds(test);
  const anyhow = (): boolean => true;
  const [rises, falls] = [count(byTest, 1), count(byTest, -1)];
  if (rises + falls === 0 && isPowerless(rows.map(({ test, difference }) => ({ test, n: difference.n })))) {
    return {
      verdict: `Too few clips to tell. In these, the mean rises in ${count(anyhow, 1)} and falls in ${count(anyhow, -1)} of ${counted(n, 'case')}, which may be chance.`,
      figure,
    };
  }
  const verdict =
    falls > 0
      ? `No: it falls in ${falls} of ${counted(n, 'case')}${rises > 0 ? ` and rises in ${rises}` : ''}, so a low loss does not mean undamaged music.`
      : rises === n
        ? 'Yes: it rises with every damage.'
        : rises > 0
          ? `Only in part: it rises in ${rises} of ${counted(n, 'case')}; in the others nothing shows.`
          : `There is no evidence that it does, in any of ${counted(n, 'case')}.`;
  return { verdict, figure };
}

export function lengthVerdict(trends: readonly LengthTrend[], detected: string | undefined): Verdict {
  const raw = trends.filter(({ quantity }) => quantity === 'raw');
  const { positions, nats } = termsOfRows(raw);
  const figure = figureOf(
    raw.map(({ slope, disturbance, at, ...row }) =>
      pointOf(namedBy({ ...row, variant: [disturbance, at].filter(Boolean).join(', ') }, raw), slope, 100),
    ),
    { axis: `change for every 100 ${positions} more (${nats})`, reference: 0, referenceName: 'no trend' },
  );
  if (raw.length === 0) return { verdict: detected ?? 'It cannot be told from these clips.', figure };
  const proven = raw.filter(({ test }) => holds(test));
  const falls = proven.filter(({ slope }) => numberOf(slope) < 0).length;
  const rises = proven.length - falls;
  const of = `of ${counted(raw.length, 'case')}`;
  if (proven.length === 0) {
    const few = isPowerless(raw.map(({ test, slope }) => ({ test, n: slope.n })));
    return {
      verdict: few
        ? 'Too few clips to tell; the figure describes these.'
        : `There is no evidence that it does, in any ${of}.`,
      figure,
    };
  }
  const verdict =
    rises === 0
      ? `The longer the damage, the lower the loss, in ${falls} ${of}.`
      : falls === 0
        ? `The longer the damage, the higher the loss, in ${rises} ${of}.`
        : `It depends on the damage: the longer, the lower in ${falls} and the higher in ${rises} ${of}.`;
  return { verdict, figure };
}

export function featureVerdict(rows: readonly FeatureAuc[]): Verdict {
  const medians = [...new Set(rows.map(({ feature }) => feature))].flatMap((feature) => {
    const own = rows.filter((row) => row.feature === feature && row.auc.value !== null);
    if (own.length === 0) return [];
    const [{ needsClean }] = own;
    return [{ feature, needsClean, value: median(own.map(({ auc }) => numberOf(auc))) }];
  });
  const figure = figureOf(
    medians.map(({ feature, value }) => ({ name: feature, value, low: null, high: null })),
    {
      axis: 'median AUC (1: every damaged clip is told)',
      reference: 0.5,
      referenceName: 'guessing',
    },
  );
  // A feature is held against the loss that is told from the same undisturbed curves: other AUCs are no gain.
  const compared = medians.flatMap((one) => {
    const loss = medians.find(({ feature }) => feature === lossBeside(one));
    return loss && !isLoss(one.feature) ? [{ ...one, loss: loss.value }] : [];
  });
  if (compared.length === 0) return { verdict: 'It cannot be told from these clips.', figure };
  const [best] = compared.filter(({ value, loss }) => value > loss).sort((a, b) => b.value - a.value);
  if (!best)
    return { verdict: 'No: no feature of the curve tells damaged clips better than the loss does.', figure };
  const shown = rows.some(({ feature, overLoss }) => feature === best.feature && (overLoss.low ?? 0) > 0);
  const beside = `“${best.feature}” tells damaged clips best (AUC ${best.value.toFixed(2)}; ${lossWords(best)} has ${best.loss.toFixed(2)})`;
  return {
    verdict: shown
      ? `Yes: ${beside}.`
      : `Not shown: ${beside}, but no 95% interval of its gain lies above zero.`,
    figure,
  };
}

/** `nats`: unit of the differences. */
export function contrastVerdict(rows: readonly Contrast[], nats: string): Verdict {
  const count = (verdict: Contrast['verdict']): number =>
    rows.filter((row) => row.verdict === verdict).length;
  const [different, equivalent, undecided] = [count('different'), count('equivalent'), count('undecided')];
  const n = counted(rows.length, 'comparison');
  const tail = `${equivalent} are the same, ${undecided} not decided`;
  return {
    verdict:
      different > 0
        ? `No: ${different} of ${n} differ; ${tail}.`
        : equivalent === rows.length
          ? `Yes, within ${rows[0]?.margin} ${nats}, in all of ${n}.`
          : `No difference is shown in ${n}; ${tail}.`,
    figure: figureOf(
      rows.map(({ a, b, difference }) => pointOf(`${a} − ${b}`, difference)),
      { axis: `difference of the changes (${nats})`, reference: 0, referenceName: 'the same' },
    ),
  };
}

export function amnesiaVerdict(rows: readonly Amnesia[]): Verdict {
  const told = rows.filter(({ index }) => index.low !== null && index.high !== null);
  const forgets = told.filter(({ index }) => (index.low ?? 0) > 0).length;
  const figure = figureOf(
    told.map(({ variant, index, ...row }) => pointOf(namedBy({ ...row, variant }, told), index)),
    { axis: 'amnesia index (1: all is forgotten)', reference: 0, referenceName: 'nothing forgotten' },
  );
  if (told.length === 0) return { verdict: 'It cannot be told from these clips.', figure };
  return {
    verdict:
      forgets === 0
        ? `There is no evidence that it does, in any of ${counted(told.length, 'case')} that can be told.`
        : `Something is forgotten in ${forgets} of ${counted(told.length, 'case')} that can be told.`,
    figure,
  };
}

/** The rows with the smallest and the largest values, in order; how many there are in all is said. */
export function figureOf(
  points: readonly AnswerPoint[],
  words: Pick<AnswerFigure, 'axis' | 'reference' | 'referenceName'>,
): AnswerFigure {
  const sorted = points.filter(({ value }) => Number.isFinite(value)).sort((a, b) => b.value - a.value);
  const shown =
    sorted.length <= ROWS
      ? sorted
      : [...sorted.slice(0, ROWS / 2), ...sorted.slice(sorted.length - ROWS / 2)];
  return { ...words, points: shown, of: sorted.length };
}

function pointOf(
  name: string,
  { value, low, high }: { value: number | null; low: number | null; high: number | null },
  times = 1,
): AnswerPoint {
  const scaled = (x: number | null): number | null => (x === null ? null : x * times);
  return { name, value: (value ?? Number.NaN) * times, low: scaled(low), high: scaled(high) };
}

interface Named {
  readonly variant: string;
  readonly model: string;
  readonly protocol: string;
  readonly group: string;
}

/** The variant, and what else varies among the rows. */
function namedBy(row: Named, all: readonly Omit<Named, 'variant'>[]): string {
  const varies = (['group', 'model', 'protocol'] as const).filter(
    (name) => new Set(all.map((one) => one[name])).size > 1,
  );
  return [row.variant, ...varies.map((name) => row[name])].join(' · ');
}
