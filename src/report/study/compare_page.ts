// Two studies side by side as one page and as lines of a terminal: every point that both have, and what only one has.

import type { ComparedPoint, ComparedStudy, Comparison } from '../../analysis/comparison.js';
import type { Point } from '../../analysis/findings.js';
import type { Drawing } from '../figures.js';
import { pageShell } from '../page_shell.js';
import { escapeXml } from '../svg.js';
import { chance, count } from '../words.js';
import { type Figure, looksOf } from './figure.js';
import { type IntervalMark, intervalSvg } from './intervals.js';
import { figureHtml, makersHtml } from './page.js';
import { distinct, makerOf } from './slices.js';
import { STUDY_STYLE } from './style.js';
import { comparedTable, estimateText } from './tables.js';
import { aligned } from './terminal.js';

export interface CompareReport {
  readonly html: string;
  readonly figures: readonly Figure[];
}

/** Draws a comparison; computes nothing. */
export function compareReport(drawing: Drawing, comparison: Comparison): CompareReport {
  const { a, b, points } = comparison;
  const title = `${a.study} and ${b.study}`;
  const figures = changeFigures(drawing, comparison);
  const body = [
    '<p class="quiet">losscope · two studies compared</p>',
    `<h1>${escapeXml(title)}</h1>`,
    `<div class="answerlist"><section class="answer">${sentences(comparison)
      .map((sentence) => `<p>${escapeXml(sentence)}</p>`)
      .join('\n')}</section></div>`,
    ...figures.map(figureHtml),
    points.length === 0 ? '' : `<h2>Every point that both have</h2>\n${comparedTable(points)}`,
    ...[a, b].map((study, i) => sideHtml(study, ['first', 'second'][i])),
  ];
  return { html: pageShell(title, body.join('\n'), { style: STUDY_STYLE }), figures };
}

/** What a comparison says, a sentence each; plain text. */
function sentences({ a, b, points }: Comparison): string[] {
  const paired = points.filter((point) => point.paired).length;
  const verdicts = (['different', 'equivalent', 'undecided'] as const).map(
    (verdict) => `${points.filter((point) => point.verdict === verdict).length} ${verdict}`,
  );
  return [
    `Both studies have ${count(points.length, 'point')}, ${paired} of them on the same clips. A point is one disturbance of one group under one model and protocol.`,
    ...(points.length === 0
      ? []
      : [
          `Of these the loss difference of the whole clip is: ${verdicts.join(', ')}. Different and equivalent go by p-values corrected for ` +
            `their number; equivalent is within ${points[0].margin} nats per code.`,
        ]),
    `Only the first study (${a.study}) has ${count(a.only.length, 'point')}, only the second (${b.study}) ${b.only.length}.`,
  ];
}

/** The change at every point, a panel a group, a series a maker. */
function changeFigures(drawing: Drawing, { points }: Comparison): Figure[] {
  const nameOf = (point: ComparedPoint): string =>
    `${makerOf(point)}${point.modelB === point.model ? '' : ` → ${point.modelB}`}`;
  const marks = points.flatMap((point): IntervalMark[] => {
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
        xLabel: 'second − first (nats per code)',
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
    : `<details><summary>only here: ${count(names.length, 'point')}</summary><ul>${names.map((name) => `<li>${escapeXml(name)}</li>`).join('\n')}</ul></details>`
}`;
}

/** A comparison in a terminal: the sentences, and a row a point. */
export function compareLines(comparison: Comparison): string[] {
  const rows = comparison.points.map((point) => [
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
  return [...sentences(comparison), ...(rows.length === 0 ? [] : ['', ...aligned(table)])];
}
