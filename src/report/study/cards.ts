// The answers of a study as cards: the question, one sentence, a small figure of the numbers behind it, and the rest on demand.

import type { Answer, AnswerFigure, AnswerPoint } from '../../analysis/answer.js';
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

/** Dots with intervals, a row each; colours are the page's, so that it is at home in the dark. */
function figureSvg({ axis, reference, referenceName, points, of }: AnswerFigure): string {
  const ends = points.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const [low, high] = [Math.min(reference, ...ends), Math.max(reference, ...ends)];
  const x = (value: number): number =>
    AXIS.left + ((value - low) / (high - low || 1)) * (AXIS.right - AXIS.left);
  const bottom = TOP + ROW * points.length;
  const said = points.length < of ? `, the outermost ${points.length} of ${of}` : '';
  const show = numbersOf(reference);
  const rows = points.map((point, i) => rowSvg(point, { x, y: TOP + ROW * (i + 0.5), show }));
  return `<svg class="small" role="img" viewBox="0 0 ${WIDTH} ${bottom + 22}" aria-label="${escapeXml(altOf({ axis, reference, referenceName, points, of }))}">
<line class="reference" x1="${at(x(reference))}" x2="${at(x(reference))}" y1="${TOP - 4}" y2="${bottom}"/>
<text class="quiet" x="${at(x(reference))}" y="${TOP - 7}" text-anchor="middle">${escapeXml(referenceName)}</text>
${rows.join('\n')}
<text class="quiet" x="${WIDTH}" y="${bottom + 15}" text-anchor="end">${escapeXml(`${axis}${said}`)}</text>
</svg>`;
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
  const bar =
    low === null || high === null
      ? ''
      : `<line class="interval" x1="${at(x(low))}" x2="${at(x(high))}" y1="${at(y)}" y2="${at(y)}"/>`;
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
