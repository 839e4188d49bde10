// The matrix of a battery, which tells at a look which score hears which damage: means over severities, in bold where one is
// told from guessing; behind each cell every severity with its interval.

import type { BatteryRow, BatteryTrend, PowerRow, ScoreRow } from '../../analysis/battery_findings.js';
import type { Estimate } from '../../analysis/estimated.js';
import { counted } from '../../counted.js';
import type { Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { drawSvg, INK } from '../svg.js';
import { plain, signed } from '../words.js';
import { WIDTH } from './figure.js';
import { distinct, slug } from './slices.js';
import { estimateText } from './tables.js';

const ROW = 26;
const MARGIN = { left: 168, top: 92, bottom: 10 };

interface MatrixCell {
  readonly x: number;
  readonly y: number;
  readonly auc: number | null;
  readonly text: string;
  /** Every severity, a line each. */
  readonly words: string;
  /** Whether the interval at the strongest severity leaves out 0.5 (of a gain 0). */
  readonly isTold: boolean;
}

/** The tables of one model and protocol. */
interface BatteryTables {
  readonly rows: readonly BatteryRow[];
  readonly scores: readonly ScoreRow[];
  readonly trends: readonly BatteryTrend[];
  readonly power: readonly PowerRow[];
}

/** Damages down, scores across, the best mean first; means and gains over plain loss in the last rows. */
export function matrixFigure(
  { plotting, document }: Drawing,
  { rows, scores, trends, power }: BatteryTables,
  maker: string,
): Figure {
  const across = scores
    .filter(({ meanAuc }) => meanAuc.value !== null)
    .toSorted((a, b) => (b.meanAuc.value ?? 0) - (a.meanAuc.value ?? 0));
  const damages = distinct(rows.map(({ damage }) => damage));
  const strongest = strongestOf(power);
  const labels = [...damages, 'mean', 'gain over loss'];
  const cells = across.flatMap(({ score, meanAuc, overLoss }, x): MatrixCell[] => [
    ...damages.map((damage, y) => {
      const own = rows.filter((row) => row.damage === damage && row.score === score);
      const trend = trends.find((each) => each.damage === damage && each.score === score);
      return { x, y, ...cellOf(own, { trend, strongest: strongest.get(damage) }) };
    }),
    {
      x,
      y: damages.length,
      auc: meanAuc.value,
      text: plain(meanAuc.value),
      words: `${score}, mean over the damages: ${estimateText(meanAuc, { digits: 2, signs: false })}`,
      isTold: leavesOut(meanAuc, 0.5),
    },
    {
      x,
      y: damages.length + 1,
      auc: null,
      text: score === 'loss' ? '' : signed(overLoss.value),
      words: `${score}, gain over plain loss: ${estimateText(overLoss, { digits: 2 })}`,
      isTold: leavesOut(overLoss, 0),
    },
  ]);
  const title = `Which score hears which damage, ${maker}`;
  const n = Math.max(0, ...rows.map(({ auc }) => auc.n));
  return {
    name: slug('battery', maker),
    title,
    caption:
      `Mean AUC over the severities of each damage, ${counted(n, 'clip')}; blue hears the damage, orange takes it for an improvement, no colour is ` +
      'blind. Bold: at the strongest severity the 95% interval leaves out 0.5 (of a gain, 0). A cell under the mouse tells every severity with its interval, ' +
      'the share of clips that are above their own clean version, and how the score follows the severity; the tables below have the same numbers.',
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
          title: 'words',
        }),
        ...[true, false].map((isTold) =>
          plotting.text(
            cells.filter((cell) => cell.isTold === isTold),
            {
              x: 'x',
              y: 'y',
              text: 'text',
              fill: ({ auc }: MatrixCell) => inkOn(channelsOf(auc)),
              fontWeight: isTold ? 700 : 400,
              pointerEvents: 'none',
            },
          ),
        ),
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

/** One damage by one score: the mean over its severities, and each of them in words. */
function cellOf(
  rows: readonly BatteryRow[],
  { trend, strongest }: { readonly trend: BatteryTrend | undefined; readonly strongest: string | undefined },
): Pick<MatrixCell, 'auc' | 'text' | 'words' | 'isTold'> {
  const known = rows.flatMap(({ auc }) => (auc.value === null ? [] : [auc.value]));
  const auc = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  const lines = rows.map(
    ({ severity, auc: own, paired }) =>
      `${severity || 'the only severity'}: ${estimateText(own, { digits: 2, signs: false })}; above its own clean clip ${estimateText(paired, { digits: 2, signs: false })}`,
  );
  const follows =
    trend === undefined
      ? []
      : [`follows the severity (Spearman): ${estimateText(trend.correlation, { digits: 2 })}`];
  const [first] = rows;
  return {
    auc,
    text: plain(auc),
    words: first ? [`${first.damage}, ${first.score}`, ...lines, ...follows].join('\n') : '',
    isTold: rows.some(({ severity, auc: own }) => severity === strongest && leavesOut(own, 0.5)),
  };
}

/** The strongest severity of each damage. */
function strongestOf(power: readonly PowerRow[]): ReadonlyMap<string, string> {
  const rising = power.toSorted((a, b) => a.order - b.order);
  return new Map(rising.map(({ damage, severity }) => [damage, severity]));
}

function leavesOut({ low, high }: Estimate, value: number): boolean {
  return low !== null && high !== null && (low > value || high < value);
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
