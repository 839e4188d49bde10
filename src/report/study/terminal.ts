// A study in a terminal: the answers, and one small table.

import { endSentence } from '../../analysis/answers.js';
import type { Findings } from '../../analysis/findings.js';
import type { ClipLoss } from '../../analysis/question_findings.js';
import { chance, count } from '../words.js';
import { distinct, makerOf, variantsOf } from './slices.js';
import { estimateText } from './tables.js';

const WIDTH = 100;

/** Lines of text: what was scored, the answers, and the loss difference of every disturbance near 100 tokens. */
export function studyLines(findings: Findings): string[] {
  const { counts, answers, clipLoss, parity } = findings;
  const clips = Object.values(counts.clips).reduce((sum, n) => sum + n, 0);
  return [
    `study ${findings.study}: ${counts.ok} of ${count(counts.planned, 'cell')} scored, ${counts.failed} failed, ${count(clips, 'clip')}`,
    ...(findings.until === undefined ? [] : wrapped(endSentence(findings.until), WIDTH)),
    ...answers.flatMap(({ question, title, sentences }) => [
      '',
      `${question}  ${title}`,
      ...sentences.flatMap((sentence) => wrapped(sentence, WIDTH - 4).map((line) => `    ${line}`)),
    ]),
    ...differenceTable(clipLoss),
    ...parity.flatMap(({ first, second, loss }) => [
      '',
      `${second.precision} on ${second.runtime}, ${second.device}: ${loss.mean.toPrecision(2)} nats per token from ${first.precision} on ${first.runtime}, ${first.device} on average`,
    ]),
  ];
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
