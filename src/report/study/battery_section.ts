// The part of a study's report on its battery: which score hears which damage. One matrix that tells at a look, a sentence a
// score, the power of the panel, and every number behind them.

import {
  type BatteryRow,
  type JudgedScore,
  leftOutWords,
  type ScoreRow,
} from '../../analysis/battery_findings.js';
import type { Findings } from '../../analysis/findings.js';
import { counted } from '../../counted.js';
import { NOTE_PANEL_MEMBERS, PANEL_MEMBERS } from '../../scores/panel.js';
import type { Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { drawSvg, escapeXml, INK } from '../svg.js';
import { plain, signed } from '../words.js';
import { looksOf, WIDTH } from './figure.js';
import { type IntervalMark, intervalSvg } from './intervals.js';
import { asPiece, type Piece, type Section } from './piece.js';
import { distinct, slug } from './slices.js';
import { estimateText, table } from './tables.js';

const ROW = 26;
const MARGIN = { left: 168, top: 92, bottom: 10 };

type Made = Pick<BatteryRow, 'model' | 'protocol'>;
const madeBy = ({ model, protocol }: Made): string => `${model} (${protocol})`;

export function batterySection(drawing: Drawing, findings: Findings): Section {
  const { battery = [], scores = [], power = [], severity = [], unseen = [] } = findings;
  const id = 'battery';
  const title = 'Which score hears which damage';
  if (battery.length === 0) return { id, title, intro: '', pieces: [] };
  const makers = distinct(scores.map(madeBy));
  return {
    id,
    title,
    intro:
      'No clean reference is used: every damaged clip is compared with the clean versions of other clips. A number is the chance that the ' +
      'damaged clip has the larger score (AUC): 0.5 is blind, 1 hears every time, 0 takes every damaged clip for a better one. The panel ' +
      `judges ${PANEL_MEMBERS.length} scores (of notes ${NOTE_PANEL_MEMBERS.length}) together; it takes its reference from clean clips alone. It has no weights; its members ` +
      'were chosen on pieces of the composer of tiny, with damages of the kinds that the bundled battery has.',
    pieces: [
      ...makers.flatMap((maker) => {
        const own = scores.filter((each) => madeBy(each) === maker);
        const rows = battery.filter((each) => madeBy(each) === maker);
        return [asPiece(matrixFigure(drawing, rows, { scores: own, maker })), sentences(own)];
      }),
      ...makers.map((maker) =>
        asPiece(
          powerFigure(
            drawing,
            power.filter((each) => madeBy(each) === maker),
            maker,
          ),
        ),
      ),
      folded(`table: scores over the battery (${counted(scores.length, 'row')})`, scoreTable(scores)),
      folded(`table: every damage and severity (${counted(battery.length, 'row')})`, rowTable(battery)),
      folded(
        `table: how scores follow the severity (${counted(severity.length, 'row')})`,
        table(severity, [
          { head: 'damage', cell: ({ damage }) => escapeXml(damage), isText: true },
          { head: 'score', cell: ({ score }) => score },
          {
            head: 'Spearman, mean over clips',
            cell: ({ correlation }) => estimateText(correlation, { digits: 2 }),
          },
          { head: 'clips', cell: ({ correlation }) => String(correlation.n) },
        ]),
      ),
      folded(
        `table: each damage judged by what the others taught (${counted(unseen.length, 'row')})`,
        table(unseen, [
          { head: 'made of scores', cell: ({ composite }) => composite },
          { head: 'by', cell: (row) => escapeXml(madeBy(row)), isText: true },
          { head: 'damage left out', cell: ({ damage }) => escapeXml(damage || 'mean'), isText: true },
          { head: 'AUC', cell: ({ auc }) => estimateText(auc, { digits: 2, signs: false }) },
          { head: 'gain over loss', cell: ({ overLoss }) => estimateText(overLoss, { digits: 2 }) },
          { head: 'from', cell: ({ from }) => escapeXml(from), isText: true },
        ]),
      ),
    ],
  };
}

interface MatrixCell {
  readonly x: number;
  readonly y: number;
  readonly auc: number | null;
  readonly text: string;
}

/** Damages down, scores across, the best mean first; means and gains over plain loss in the last rows. */
function matrixFigure(
  { plotting, document }: Drawing,
  rows: readonly BatteryRow[],
  { scores, maker }: { readonly scores: readonly ScoreRow[]; readonly maker: string },
): Figure {
  const across = scores
    .filter(({ meanAuc }) => meanAuc.value !== null)
    .toSorted((a, b) => (b.meanAuc.value ?? 0) - (a.meanAuc.value ?? 0));
  const damages = distinct(rows.map(({ damage }) => damage));
  const meanOf = (damage: string, score: JudgedScore): number | null => {
    const known = rows.flatMap((row) =>
      row.damage === damage && row.score === score && row.auc.value !== null ? [row.auc.value] : [],
    );
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const labels = [...damages, 'mean', 'gain over loss'];
  const cells = across.flatMap(({ score, meanAuc, overLoss }, x): MatrixCell[] => [
    ...damages.map((damage, y) => {
      const auc = meanOf(damage, score);
      return { x, y, auc, text: plain(auc) };
    }),
    { x, y: damages.length, auc: meanAuc.value, text: plain(meanAuc.value) },
    { x, y: damages.length + 1, auc: null, text: score === 'loss' ? '' : signed(overLoss.value) },
  ]);
  const title = `Which score hears which damage, ${maker}`;
  const n = Math.max(0, ...rows.map(({ auc }) => auc.n));
  return {
    name: slug('battery', maker),
    title,
    caption:
      `Mean AUC over the severities of each damage, ${counted(n, 'clip')}; blue hears the damage, orange takes it for an improvement, no colour is ` +
      'blind. Intervals and single severities stand in the tables below.',
    svg: drawSvg(plotting, document, {
      title,
      width: WIDTH,
      height: MARGIN.top + MARGIN.bottom + ROW * labels.length,
      marginLeft: MARGIN.left,
      marginTop: MARGIN.top,
      marginBottom: MARGIN.bottom,
      marginRight: 56,
      color: { type: 'identity' },
      x: { axis: null, domain: [-0.5, across.length - 0.5] },
      y: { axis: null, domain: [labels.length - 0.5, -0.5] },
      marks: [
        plotting.rect(cells, {
          x1: ({ x }: MatrixCell) => x - 0.5,
          x2: ({ x }: MatrixCell) => x + 0.5,
          y1: ({ y }: MatrixCell) => y - 0.5,
          y2: ({ y }: MatrixCell) => y + 0.5,
          fill: ({ auc }: MatrixCell) => shade(auc),
          inset: 0.75,
        }),
        plotting.text(cells, {
          x: 'x',
          y: 'y',
          text: 'text',
          fill: ({ auc }: MatrixCell) => inkOn(channelsOf(auc)),
        }),
        plotting.text(
          labels.map((text, y) => ({ text, y })),
          {
            x: -0.5,
            y: 'y',
            text: 'text',
            dx: -8,
            textAnchor: 'end',
            fill: INK.text,
          },
        ),
        plotting.text(
          across.map(({ score }, x) => ({ text: score, x })),
          {
            x: 'x',
            y: -0.5,
            text: 'text',
            dy: -8,
            rotate: -38,
            textAnchor: 'start',
            fill: INK.text,
          },
        ),
      ],
    }),
  };
}

function shade(auc: number | null): string {
  return `rgb(${channelsOf(auc).join(', ')})`;
}

/** Blue above 0.5, orange below, white at it; lightness falls evenly on both sides. Red, green, blue to 255. */
function channelsOf(auc: number | null): number[] {
  if (auc === null) return [255, 255, 255];
  const far = Math.min(1, Math.abs(auc - 0.5) * 2);
  const end = auc >= 0.5 ? [0, 78, 137] : [173, 76, 0];
  return end.map((dark) => Math.round(250 + (dark - 250) * far));
}

/** Black or white, whichever stands out more (relative luminance of WCAG 2.2). */
function inkOn(channels: readonly number[]): string {
  const [red, green, blue] = channels.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000' : '#fff';
}

function sentences(scores: readonly ScoreRow[]): Piece {
  const ordered = scores.toSorted((a, b) => (b.meanAuc.value ?? -1) - (a.meanAuc.value ?? -1));
  const leftOut = leftOutWords(scores.map(({ score }) => score));
  const items = [...ordered.map(({ sentence }) => sentence), ...(leftOut === undefined ? [] : [leftOut])].map(
    (sentence) => `<li>${escapeXml(sentence)}</li>`,
  );
  return { kind: 'html', html: `<ul class="answers">${items.join('\n')}</ul>` };
}

function powerFigure(drawing: Drawing, power: NonNullable<Findings['power']>, maker: string): Figure {
  const nameOf = (harmless: boolean, damage: string): string =>
    damage === 'clean' ? 'clean clips' : harmless ? 'harmless edits' : 'damages';
  const marks = power.flatMap(({ damage, severity, harmless, alarms }): IntervalMark[] => {
    const { value, low, high } = alarms;
    const row = [damage, severity].filter((word) => word !== '').join(', ');
    return value === null ? [] : [{ panel: '', row, series: nameOf(harmless, damage), value, low, high }];
  });
  const series = ['damages', 'harmless edits', 'clean clips'];
  const title = `Alarms of the panel at 5% false alarms, ${maker}`;
  return {
    name: slug('power', maker),
    title,
    caption:
      'Share of clips in which the panel raises an alarm, with its 95% interval (Wilson). For clean clips and harmless edits this is the share of ' +
      'false alarms: 0.05 is meant.',
    svg: intervalSvg(drawing, marks, {
      title,
      xLabel: 'share of clips with an alarm',
      lookOf: looksOf(series),
      series,
      domain: [-0.02, 1.02],
      ticks: [0, 0.25, 0.5, 0.75, 1],
      guides: [{ at: 0.05, name: '5%' }],
      oneLine: true,
    }),
  };
}

function scoreTable(scores: readonly ScoreRow[]): string {
  return table(scores, [
    { head: 'score', cell: ({ score }) => score },
    { head: 'by', cell: (row) => escapeXml(madeBy(row)), isText: true },
    { head: 'mean AUC', cell: ({ meanAuc }) => estimateText(meanAuc, { signs: false }) },
    { head: 'gain over loss', cell: ({ overLoss }) => estimateText(overLoss) },
    {
      head: 'worst damage',
      cell: ({ worst }) => (worst ? escapeXml(`${worst.damage} (${plain(worst.auc)})`) : ''),
      isText: true,
    },
    {
      head: 'largest harmless shift (clean s.d.)',
      cell: ({ harmless }) =>
        harmless ? `${estimateText(harmless, { digits: 2 })} ${escapeXml(harmless.edit)}` : '',
      isText: true,
    },
  ]);
}

function rowTable(rows: readonly BatteryRow[]): string {
  return table(rows, [
    { head: 'damage', cell: ({ damage }) => escapeXml(damage), isText: true },
    { head: 'severity', cell: ({ severity }) => escapeXml(severity), isText: true },
    { head: 'score', cell: ({ score }) => score },
    { head: 'by', cell: (row) => escapeXml(madeBy(row)), isText: true },
    { head: 'AUC', cell: ({ auc }) => estimateText(auc, { signs: false }) },
    {
      head: 'above its own clean clip',
      cell: ({ paired }) => estimateText(paired, { digits: 2, signs: false }),
    },
    { head: 'clips', cell: ({ auc }) => String(auc.n) },
  ]);
}

function folded(summary: string, text: string): Piece {
  return { kind: 'folded', summary, pieces: [{ kind: 'html', html: text }] };
}
