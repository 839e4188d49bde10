// The answers of a study as cards: the question, one sentence, a small figure of the numbers behind it, and the rest on demand.

import type { Answer, AnswerFigure, AnswerPoint } from '../../analysis/answer.js';
import { shortened } from '../labels.js';
import { escapeXml } from '../svg.js';
import { plain, signed, tick } from '../words.js';

const WIDTH = 440;
const ROW = 19;
const TOP = 18;
/** Where the axis begins and ends; what is left of it is for names. */
const AXIS = { left: 190, right: 384 };
/** Letters of a name that fit. */
const LETTERS = 27;

export function cardsHtml(answers: readonly Answer[]): string {
  if (answers.length === 0) return '<p class="quiet">No answers: nothing was scored that could give one.</p>';
  return `<div class="cards">${answers.map(cardHtml).join('\n')}</div>`;
}

function cardHtml({ question, title, verdict, sentences, figure }: Answer): string {
  return `<section class="card"><h2><span>${question}</span> ${escapeXml(title)}</h2>
<p class="verdict">${escapeXml(verdict)}</p>
${figure.points.length === 0 ? '' : figureSvg(figure)}
<details><summary>The numbers in sentences</summary>
${sentences.map((sentence) => `<p>${escapeXml(sentence)}</p>`).join('\n')}</details></section>`;
}

/** Dots with intervals, a row each; colours are the page's, so that it is at home in the dark. On a phone the narrow one is shown. */
function figureSvg(figure: AnswerFigure): string {
  return `${wideSvg(figure)}\n${narrowSvg(figure)}`;
}

function wideSvg(figure: AnswerFigure): string {
  const { reference, referenceName, points } = figure;
  const x = scaleOf(figure, AXIS);
  const bottom = TOP + ROW * points.length;
  const show = numbersOf(reference);
  const rows = points.map((point, i) => rowSvg(point, { x, y: TOP + ROW * (i + 0.5), show }));
  return `<svg class="small wide" role="img" viewBox="0 0 ${WIDTH} ${bottom + 22}" aria-label="${escapeXml(altOf(figure))}">
<line class="reference" x1="${at(x(reference))}" x2="${at(x(reference))}" y1="${TOP - 4}" y2="${bottom}"/>
<text class="quiet" x="${at(x(reference))}" y="${TOP - 7}" text-anchor="middle">${escapeXml(referenceName)}</text>
${rows.join('\n')}
<text class="quiet" x="${WIDTH}" y="${bottom + 15}" text-anchor="end">${escapeXml(axisWords(figure))}</text>
</svg>`;
}

const NARROW = { width: 320, row: 36, letters: 40 } as const;

/** Names over their dots: as wide as a phone, with text as large as beside it. */
function narrowSvg(figure: AnswerFigure): string {
  const { width, row, letters } = NARROW;
  const { reference, referenceName, points } = figure;
  const x = scaleOf(figure, { left: 5, right: width - 5 });
  const show = numbersOf(reference);
  const middle = x(reference);
  const anchor = middle < 60 ? 'start' : middle > width - 60 ? 'end' : 'middle';
  const edge = anchor === 'start' ? 0 : anchor === 'end' ? width : middle;
  const rows = points.map(({ name, value, low, high }, i) => {
    const top = TOP + row * i;
    const y = top + 25;
    return `<text x="0" y="${top + 13}">${escapeXml(shortened(name, letters))}</text><text x="${width}" y="${top + 13}" text-anchor="end">${show(value)}</text>
<line class="reference" x1="${at(middle)}" x2="${at(middle)}" y1="${y - 6}" y2="${y + 6}"/>${intervalLine({ low, high }, x, y)}<circle class="dot" cx="${at(x(value))}" cy="${y}" r="4"/>`;
  });
  const bottom = TOP + row * points.length;
  return `<svg class="small narrow" role="img" viewBox="0 0 ${width} ${bottom + 18}" aria-label="${escapeXml(altOf(figure))}">
<text class="quiet" x="${at(edge)}" y="${TOP - 7}" text-anchor="${anchor}">${escapeXml(referenceName)}</text>
${rows.join('\n')}
<text class="quiet" x="0" y="${bottom + 13}">${escapeXml(axisWords(figure))}</text>
</svg>`;
}

function scaleOf(
  { reference, points }: AnswerFigure,
  { left, right }: { readonly left: number; readonly right: number },
): (value: number) => number {
  const ends = points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const [least, most] = [Math.min(reference, ...ends), Math.max(reference, ...ends)];
  return (value) => left + ((value - least) / (most - least || 1)) * (right - left);
}

function axisWords({ axis, points, of }: AnswerFigure): string {
  return points.length < of ? `${axis}, the outermost ${points.length} of ${of}` : axis;
}

function intervalLine(
  { low, high }: Pick<AnswerPoint, 'low' | 'high'>,
  x: (value: number) => number,
  y: number,
): string {
  if (low === null || high === null) return '';
  return `<line class="interval" x1="${at(x(low))}" x2="${at(x(high))}" y1="${at(y)}" y2="${at(y)}"/>`;
}

function rowSvg(
  { name, value, low, high }: AnswerPoint,
  {
    x,
    y,
    show,
  }: { readonly x: (value: number) => number; readonly y: number; readonly show: (value: number) => string },
): string {
  const short = name.length > LETTERS ? `${name.slice(0, LETTERS - 1)}…` : name;
  const bar = intervalLine({ low, high }, x, y);
  return `<g><title>${escapeXml(`${name}: ${show(value)}`)}</title>
<text x="${AXIS.left - 12}" y="${at(y + 4)}" text-anchor="end">${escapeXml(short)}</text>${bar}<circle class="dot" cx="${at(x(value))}" cy="${at(y)}" r="4"/>
<text class="value" x="${WIDTH}" y="${at(y + 4)}" text-anchor="end">${show(value)}</text></g>`;
}

/** What the figure shows, for those who do not see it. */
function altOf({ axis, reference, referenceName, points, of }: AnswerFigure): string {
  const show = numbersOf(reference);
  const [first, last] = [points[0], points[points.length - 1]];
  const ends =
    points.length === 1
      ? `${first.name} ${show(first.value)}`
      : `from ${first.name} ${show(first.value)} down to ${last.name} ${show(last.value)}`;
  return `${axis}: ${points.length} of ${of}, ${ends}; ${tick(reference)} is ${referenceName}`;
}

/** Differences have signs; shares have none. */
function numbersOf(reference: number): (value: number) => string {
  return reference === 0 ? signed : plain;
}

function at(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}
