// A study in a terminal: the answers, and one small table.

import { endSentence } from '../../analysis/answers.js';
import type { Findings } from '../../analysis/findings.js';
import type { ClipLoss } from '../../analysis/question_findings.js';
import { counted } from '../../counted.js';
import { chance } from '../words.js';
import { SIDES_TITLE, sidesRows, UNITS } from './sides_figure.js';
import { distinct, makerOf, variantsOf } from './slices.js';
import { estimateText } from './tables.js';

const WIDTH = 100;

/** Lines of text: what was scored, the answers, and the loss difference of every disturbance near 100 tokens. */
export function studyLines(findings: Findings): string[] {
  const { counts, answers, clipLoss, parity } = findings;
  const clips = Object.values(counts.clips).reduce((sum, n) => sum + n, 0);
  return [
    `study ${findings.study}: ${counts.ok} of ${counted(counts.planned, 'cell')} scored, ${counts.failed} failed, ${counted(clips, 'clip')}`,
    ...(findings.until === undefined ? [] : wrapped(endSentence(findings.until), WIDTH)),
    ...answers.flatMap(({ question, title, sentences }) => [
      '',
      `${question}  ${title}`,
      ...sentences.flatMap((sentence) => wrapped(sentence, WIDTH - 4).map((line) => `    ${line}`)),
    ]),
    ...sidesTable(findings),
    ...differenceTable(clipLoss),
    ...parity.flatMap(({ first, second, loss }) => [
      '',
      `${second.precision} on ${second.runtime}, ${second.device}: ${loss.mean.toPrecision(2)} nats per token from ${first.precision} on ${first.runtime}, ${first.device} on average`,
    ]),
  ];
}

/** The regions in sound beside those in notes, where a study has both. */
function sidesTable({ regions }: Findings): string[] {
  const rows = sidesRows(regions);
  if (rows.length === 0) return [];
  return ['', SIDES_TITLE, ...wrapped(UNITS, WIDTH - 4).map((line) => `    ${line}`), ...aligned(rows)];
}

function differenceTable(points: readonly ClipLoss[]): string[] {
  if (points.length === 0) return [];
  const shown = distinct(points.map(({ disturbance }) => disturbance)).flatMap((disturbance) => {
    const own = points.filter((point) => point.disturbance === disturbance);
    return own.filter(({ variant }) => variant === variantsOf(own)[0]);
  });
  const rows = shown.map((point) => [
    point.variant,
    makerOf(point),
    point.group,
    String(point.difference.n),
    point.difference.n === 0 ? 'not measured' : estimateText(point.difference),
    chance(point.test.holm),
    estimateText(point.auc, { digits: 2, signs: false }),
  ]);
  const head = ['disturbance', 'model · protocol', 'group', 'n', 'loss difference (nats)', 'p (Holm)', 'AUC'];
  return ['', ...aligned([head, ...rows])];
}

/** Cells in columns, two spaces apart. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

/** Breaks a text at spaces. */
function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines[lines.length - 1];
    if (line !== '' && line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}
