// Two studies side by side as one page and as lines of a terminal: every point that both have, and what only one has.

import { termsOfRows } from '../../analysis/answer_words.js';
import type { ComparedPoint, ComparedStudy, Comparison } from '../../analysis/comparison.js';
import type { Point } from '../../analysis/point.js';
import { counted } from '../../counted.js';
import type { Figure, FigureDrawing } from '../drawing.js';
import { asDrawing, type Drawing } from '../figures.js';
import { pageShell } from '../page_shell.js';
import { escapeXml } from '../svg.js';
import { chance } from '../words.js';
import { looksOf } from './figure.js';
import { type IntervalMark, intervalSvg } from './intervals.js';
import { figureHtml } from './markup.js';
import { makersHtml } from './page.js';
import { distinct, makerOf } from './slices.js';
import { STUDY_STYLE } from './style.js';
import { comparedTable, estimateText } from './tables.js';
import { aligned } from './terminal.js';

export interface CompareReport {
  readonly html: string;
  readonly figures: readonly Figure[];
}

/** Draws a comparison; computes nothing. */
export function compareReport(given: FigureDrawing, comparison: Comparison): CompareReport {
  const drawing = asDrawing(given);
  const { a, b, points } = comparison;
  const title = `${a.study} and ${b.study}`;
  const figures = changeFigures(drawing, comparison);
  const { changed, unchanged } = sortedByChange(points);
  const body = [
    '<p class="quiet">losscope · two studies compared</p>',
    `<h1>${escapeXml(title)}</h1>`,
    `<section class="card"><p class="verdict">${escapeXml(verdictOf(comparison))}</p>
${sentences(comparison)
  .map((sentence) => `<p>${escapeXml(sentence)}</p>`)
  .join('\n')}</section>`,
    ...(changed.length === 0
      ? []
      : ['<h2>What changed, or may have, the largest change first</h2>', comparedTable(changed)]),
    ...(unchanged.length === 0
      ? []
      : [
          `<details><summary>the same in both: ${counted(unchanged.length, 'point')}</summary>${comparedTable(unchanged)}</details>`,
        ]),
    ...figures.map(figureHtml),
    ...[a, b].map((study, i) => sideHtml(study, ['first', 'second'][i])),
  ];
  return { html: pageShell(title, body.join('\n'), { style: STUDY_STYLE }), figures };
}

/** One sentence: what became of the loss differences. */
function verdictOf({ points }: Comparison): string {
  const n = points.length;
  if (n === 0) return 'The studies have no point in common: there is nothing to compare.';
  const of = (verdict: ComparedPoint['verdict']): number =>
    points.filter((point) => point.verdict === verdict).length;
  const [different, equivalent, undecided] = [of('different'), of('equivalent'), of('undecided')];
  const least = points.every(({ change }) => change.value === 0);
  if (least) return `Nothing changed: all of ${counted(n, 'point')} are equal to the last digit.`;
  if (different === 0) {
    return equivalent === n
      ? `The same: all of ${counted(n, 'point')} are equal within ${points[0].margin} ${termsOfRows(points).nats}.`
      : `No change is shown: ${equivalent} of ${counted(n, 'point')} are the same, ${undecided} cannot be decided with these clips.`;
  }
  return `${different} of ${counted(n, 'point')} changed; ${equivalent} are the same, ${undecided} cannot be decided with these clips.`;
}

/** The largest change first; what is shown to be the same, or is, stands apart. */
function sortedByChange(points: readonly ComparedPoint[]): {
  readonly changed: readonly ComparedPoint[];
  readonly unchanged: readonly ComparedPoint[];
} {
  const size = ({ change }: ComparedPoint): number => Math.abs(change.value ?? -1);
  const sorted = points.toSorted((a, b) => size(b) - size(a));
  const isSame = ({ verdict, change }: ComparedPoint): boolean =>
    verdict === 'equivalent' || change.value === 0;
  return {
    changed: sorted.filter((point) => !isSame(point)),
    unchanged: sorted.filter(isSame),
  };
}

/** What a comparison says, a sentence each; plain text. */
function sentences({ a, b, points }: Comparison): string[] {
  const paired = points.filter((point) => point.paired).length;
  const of = (verdict: ComparedPoint['verdict']): number =>
    points.filter((point) => point.verdict === verdict).length;
  const verdicts = (['different', 'equivalent', 'undecided'] as const).map(
    (verdict) => `${of(verdict)} ${verdict}`,
  );
  if (of('unmeasured') > 0) verdicts.push(`${of('unmeasured')} not measured in both`);
  return [
    `Both studies have ${counted(points.length, 'point')}, ${paired} of them on the same clips. A point is one disturbance of one group under one model and protocol.`,
    ...(points.length === 0
      ? []
      : [
          `Of these the loss difference of the whole clip is: ${verdicts.join(', ')}. Different and equivalent go by p-values corrected for ` +
            `their number; equivalent is within ${points[0].margin} ${termsOfRows(points).nats}.`,
        ]),
    `Only the first study (${a.study}) has ${counted(a.only.length, 'point')}, only the second (${b.study}) ${b.only.length}.`,
  ];
}

/** The change at every point, a panel a group, a series a maker. */
function changeFigures(drawing: Drawing, { points }: Comparison): Figure[] {
  const nameOf = (point: ComparedPoint): string =>
    `${makerOf(point)}${point.modelB === point.model ? '' : ` → ${point.modelB}`}`;
  const { changed, unchanged } = sortedByChange(points);
  const marks = [...changed, ...unchanged].flatMap((point): IntervalMark[] => {
    const { value, low, high } = point.change;
    return value === null
      ? []
      : [
          {
            panel: point.group,
            row: point.variant,
            series: nameOf(point),
            value,
            low,
            high,
            hollow: !point.paired,
          },
        ];
  });
  if (marks.length === 0) return [];
  return [
    {
      name: 'change',
      title: 'How the loss difference changes from the first study to the second',
      caption:
        'Loss difference of the whole clip in the second study minus that in the first, with 95% intervals over clips. Filled: the ' +
        'same clips, paired; hollow: different clips. Shaded: the margin of equivalence.',
      svg: intervalSvg(drawing, marks, {
        title: 'Change of the loss difference',
        xLabel: `second − first (${termsOfRows(points).nats})`,
        lookOf: looksOf(distinct(marks.map(({ series }) => series))),
        guides: [{ at: 0, name: 'no change' }],
        margin: points[0].margin,
      }),
    },
  ];
}

function sideHtml({ study, planHash, makers, only }: ComparedStudy, which: string): string {
  const names = only.map((point: Point) => `${point.variant}, ${makerOf(point)}, ${point.group}`);
  return `<h2>The ${which} study: ${escapeXml(study)}</h2>
${makersHtml({ makers, planHash })}
${
  names.length === 0
    ? '<p class="quiet">It has no point that the other lacks.</p>'
    : `<details><summary>only here: ${counted(names.length, 'point')}</summary><ul>${names.map((name) => `<li>${escapeXml(name)}</li>`).join('\n')}</ul></details>`
}`;
}

/** A comparison in a terminal: the sentences, and a row a point. */
export function compareLines(comparison: Comparison): string[] {
  const { changed, unchanged } = sortedByChange(comparison.points);
  const rows = [...changed, ...unchanged].map((point) => [
    point.variant,
    makerOf(point),
    point.group,
    estimateText(point.a),
    estimateText(point.b),
    estimateText(point.change),
    chance(point.test.holm),
    point.verdict,
  ]);
  const head = ['disturbance', 'model · protocol', 'group', 'first (nats)', 'second (nats)'];
  const table = [[...head, 'change', 'p (Holm)', ''], ...rows];
  return [
    verdictOf(comparison),
    ...sentences(comparison),
    ...(rows.length === 0 ? [] : ['', ...aligned(table)]),
  ];
}
