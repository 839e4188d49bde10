// The part of a study's report on its battery: which score hears which damage. One matrix that tells at a look, a sentence a
// score, the power of the panel, and every number behind them.

import { type BatteryRow, leftOutWords, type ScoreRow } from '../../analysis/battery_findings.js';
import type { Findings } from '../../analysis/findings.js';
import { counted } from '../../counted.js';
import { NOTE_PANEL_MEMBERS, PANEL_MEMBERS } from '../../scores/panel.js';
import type { Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { escapeXml } from '../svg.js';
import { plain } from '../words.js';
import { matrixFigure } from './battery_matrix.js';
import { looksOf } from './figure.js';
import { type IntervalMark, intervalSvg } from './intervals.js';
import { asPiece, type Piece, type Section } from './piece.js';
import { distinct, slug } from './slices.js';
import { estimateText, table } from './tables.js';

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
        const by = <Row extends Made>(all: readonly Row[]): Row[] =>
          all.filter((each) => madeBy(each) === maker);
        const own = by(scores);
        const tables = { rows: by(battery), scores: own, trends: by(severity), power: by(power) };
        return [asPiece(matrixFigure(drawing, tables, maker)), sentences(own)];
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
