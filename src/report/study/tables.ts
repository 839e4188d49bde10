// The numbers behind the figures, as HTML tables: everything a figure shows, with n, missing and p-values.

import { measuredAxis, unitAfter } from '../../analysis/axis.js';
import type { ComparedPoint } from '../../analysis/comparison.js';
import type { Estimate, Test } from '../../analysis/estimated.js';
import { lossBeside } from '../../analysis/features.js';
import type { Published, RegionSample, TransientRow } from '../../analysis/figure_findings.js';
import type { Findings } from '../../analysis/findings.js';
import type { MapFindings, MappedClip, MapSeparation } from '../../analysis/map_findings.js';
import type { Point, Slice } from '../../analysis/point.js';
import type {
  Amnesia,
  ClipLoss,
  Contrast,
  FeatureAuc,
  LengthTrend,
  Psychometric,
} from '../../analysis/question_findings.js';
import { escapeXml } from '../svg.js';
import { ABSENT, chance, percent, plain, signed, withoutFolders } from '../words.js';
import { makerOf, slug } from './slices.js';

/** A column: its head, and the HTML of its cells. */
interface Column<T> {
  readonly head: string;
  readonly cell: (row: T) => string;
  /** Plain text that may wrap, on the left. */
  readonly isText?: boolean;
}

/** An HTML table; the caller folds it where it is long. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const head = columns.map(
    ({ head, isText }) => `<th${isText ? ' class="text"' : ''}>${escapeXml(head)}</th>`,
  );
  const body = rows.map((row) => {
    const cells = columns.map(({ cell, isText }) => `<td${isText ? ' class="text"' : ''}>${cell(row)}</td>`);
    return `<tr${groupOf(row)}>${cells.join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="group" aria-label="Table: ${escapeXml(columns.map(({ head }) => head).join(', '))}"><table><thead><tr>${head.join('')}</tr></thead>
<tbody>${body.join('\n')}</tbody></table></div>`;
}

/** The group of a row that has one, for the page's filter. */
function groupOf(row: unknown): string {
  const group = typeof row === 'object' && row !== null && 'group' in row ? row.group : undefined;
  return typeof group === 'string' ? ` data-group="${slug(group)}"` : '';
}

/** "−0.18 [−0.22, −0.14]"; where it is undefined a dash, with the reason on hovering. */
export function estimateText(
  { value, low, high }: Pick<Estimate, 'value' | 'low' | 'high'>,
  { digits = 3, signs = true }: { readonly digits?: number; readonly signs?: boolean } = {},
): string {
  const number = (x: number | null): string => (signs ? signed(x, digits) : plain(x, digits));
  if (value === null) return ABSENT;
  return low === null || high === null ? number(value) : `${number(value)} [${number(low)}, ${number(high)}]`;
}

function estimateCell(estimate: Estimate, format: Parameters<typeof estimateText>[1] = {}): string {
  const text = estimateText(estimate, format);
  return estimate.why === undefined ? text : `<span title="${escapeXml(estimate.why)}">${text}</span>`;
}

/** As HTML: "<0.001" holds a sign of markup. */
function pText(p: number | null): string {
  return escapeXml(chance(p));
}

/** p and the same after Holm, which is the one to go by. */
function testCell({ p, holm, name, family }: Test): string {
  return `<span title="${escapeXml(`${name}; family: ${family}`)}">${pText(p)} (${pText(holm)})</span>`;
}

function clipsOf({ n, missing }: Estimate): string {
  return missing === 0 ? String(n) : `${n} (${missing} missing)`;
}

const who: readonly Column<Slice>[] = [
  { head: 'model · protocol', isText: true, cell: (row) => escapeXml(makerOf(row)) },
  { head: 'group', isText: true, cell: ({ group }) => escapeXml(group) },
];

const what: readonly Column<Point>[] = [
  {
    head: 'disturbance',
    isText: true,
    cell: ({ variant, words }) => `<span title="${escapeXml(words)}">${escapeXml(variant)}</span>`,
  },
  ...who,
];

export function clipLossTable(rows: readonly ClipLoss[]): string {
  return table(rows, [
    ...what,
    { head: 'n', cell: ({ difference }) => clipsOf(difference) },
    { head: 'clean (nats)', cell: ({ clean }) => plain(clean.value, 3) },
    { head: 'difference (nats)', cell: ({ difference }) => estimateCell(difference) },
    { head: 's.d.', cell: ({ sd }) => plain(sd, 3) },
    { head: 'p (Holm)', cell: ({ test }) => testCell(test) },
    { head: 'AUC', cell: ({ auc }) => estimateCell(auc, { digits: 2, signs: false }) },
    { head: 'loss rises', cell: ({ rises }) => percent(rises.value ?? Number.NaN) },
    { head: 'per disturbed token (nats)', cell: ({ perToken }) => estimateCell(perToken, { digits: 2 }) },
  ]);
}

export function trendTable(rows: readonly LengthTrend[]): string {
  const quantity = { raw: 'whole clip', perToken: 'per disturbed token' };
  const r = { digits: 2 };
  return table(rows, [
    ...who,
    { head: 'at', isText: true, cell: ({ at }) => escapeXml(at) },
    { head: 'loss difference', isText: true, cell: (row) => quantity[row.quantity] },
    { head: 'lengths', cell: ({ lengths }) => lengths.join(', ') },
    { head: 'n', cell: ({ slope }) => clipsOf(slope) },
    { head: 'Pearson of means', cell: (row) => estimateCell(row.pearsonOfMeans, r) },
    { head: 'p', cell: (row) => pText(row.pearsonOfMeansP) },
    { head: 'Spearman of means', cell: (row) => estimateCell(row.spearmanOfMeans, r) },
    { head: 'p', cell: (row) => pText(row.spearmanOfMeansP) },
    { head: 'Pearson by clip', cell: ({ pearson }) => estimateCell(pearson, r) },
    { head: 'Spearman by clip', cell: ({ spearman }) => estimateCell(spearman, r) },
    {
      head: 'slope by clip (nats a 100 tokens)',
      cell: ({ slope }) => estimateCell(scaled(slope, 100), { digits: 3 }),
    },
    { head: 'p (Holm)', cell: ({ test }) => testCell(test) },
  ]);
}

function scaled(estimate: Estimate, factor: number): Estimate {
  const times = (x: number | null): number | null => (x === null ? null : x * factor);
  return {
    ...estimate,
    value: times(estimate.value),
    low: times(estimate.low),
    high: times(estimate.high),
  };
}

export function psychometricTable(rows: readonly Psychometric[]): string {
  return table(rows, [
    ...who,
    { head: 'at', isText: true, cell: ({ at }) => escapeXml(at) },
    { head: 'a hit', isText: true, cell: ({ detector }) => escapeXml(detector) },
    {
      head: 'hits of clips, at',
      isText: true,
      cell: ({ points }) =>
        escapeXml(
          points
            .map(
              ({ x, hits, n, unjudged }) =>
                `${hits}/${n} at ${x}${unjudged === undefined ? '' : ` (others not judged: ${unjudged})`}`,
            )
            .join(', '),
        ),
    },
    {
      head: 'threshold',
      cell: (row) => {
        const axis = measuredAxis(row);
        const signs = axis.unit === 'dBFS' || axis.unit === 'dB';
        return `${estimateCell(row.threshold, { digits: 1, signs })}${unitAfter(axis)}`;
      },
    },
    {
      head: 'slope',
      cell: (row) => {
        const { scale, worse, unit } = measuredAxis(row);
        const step =
          scale === 'linear' ? unit.replace('dBFS', 'dB') : worse === 'higher' ? 'doubling' : 'halving';
        return `${estimateCell(row.slope, { digits: 2 })} per ${step}`;
      },
    },
  ]);
}

export function featureTable(rows: readonly FeatureAuc[]): string {
  return table(rows, [
    { head: 'feature', isText: true, cell: ({ feature }) => escapeXml(feature) },
    {
      head: 'needs the clean clip',
      isText: true,
      cell: ({ needsClean, against }) =>
        `<span title="${escapeXml(`told from ${against}`)}">${needsClean ? 'yes' : 'no'}</span>`,
    },
    ...what,
    { head: 'n', cell: ({ auc }) => clipsOf(auc) },
    { head: 'AUC', cell: ({ auc }) => estimateCell(auc, { digits: 2, signs: false }) },
    {
      head: 'over the loss',
      cell: ({ overLoss, ...row }) =>
        `<span title="${lossBeside(row)}">${estimateCell(overLoss, { digits: 2 })}</span>`,
    },
  ]);
}

export function regionTable(rows: readonly RegionSample[]): string {
  return table(rows, [
    ...what,
    { head: 'region', isText: true, cell: ({ region }) => region },
    { head: 'n', cell: ({ mean }) => clipsOf(mean) },
    { head: 'mean (nats)', cell: ({ mean }) => estimateCell(mean, { digits: 2 }) },
    { head: 'p (Holm)', cell: ({ test }) => testCell(test) },
  ]);
}

const DEFINITIONS: Readonly<Record<TransientRow['definition'], string>> = {
  boundary: '[b − 1, b + 2)',
  paper: 'the paper’s [b, b + 5)',
  searched: 'searched (too high)',
};

/** Three definitions side by side, b being the boundary of the window, each beside what it gives on other music. */
export function transientTable(rows: readonly TransientRow[]): string {
  return table(rows, [
    ...what,
    { head: 'at', isText: true, cell: ({ region }) => region },
    { head: 'definition', isText: true, cell: ({ definition }) => DEFINITIONS[definition] },
    { head: 'n', cell: ({ mean }) => clipsOf(mean) },
    { head: 'mean (nats)', cell: ({ mean }) => estimateCell(mean, { digits: 2 }) },
    { head: 'on other music', cell: (row) => estimateCell(row.null, { digits: 2 }) },
    { head: 'more than that', cell: ({ overNull }) => estimateCell(overNull, { digits: 2 }) },
    { head: 'p (Holm)', cell: ({ test }) => testCell(test) },
  ]);
}

export function amnesiaTable(rows: readonly Amnesia[]): string {
  return table(rows, [
    ...what,
    { head: 'n', cell: ({ index }) => clipsOf(index) },
    { head: 'tail (tokens)', cell: ({ tailTokens }) => String(tailTokens) },
    { head: 'index', cell: ({ index }) => estimateCell(index, { digits: 2 }) },
    { head: 'lost (nats)', cell: ({ lost }) => estimateCell(lost) },
    { head: 'possible (nats)', cell: ({ possible }) => estimateCell(possible) },
  ]);
}

const VERDICTS: Readonly<Record<Contrast['verdict'], string>> = {
  different: '▲ different',
  equivalent: '■ equivalent',
  undecided: '○ undecided',
  unmeasured: 'not measured',
};

export function contrastTable(rows: readonly Contrast[]): string {
  return table(rows, [
    { head: 'factor', isText: true, cell: ({ factor }) => factor },
    { head: 'first − second', isText: true, cell: ({ a, b }) => escapeXml(`${a} − ${b}`) },
    { head: 'at', isText: true, cell: ({ at }) => escapeXml(at) },
    {
      head: 'n',
      cell: ({ difference, paired }) => `${clipsOf(difference)}${paired ? ' pairs' : ''}`,
    },
    { head: 'difference (nats)', cell: ({ difference }) => estimateCell(difference) },
    { head: 'p (Holm)', cell: ({ test }) => testCell(test) },
    {
      head: 'p of equivalence (Holm)',
      cell: ({ equivalenceP, equivalenceHolm, margin }) =>
        `<span title="within ${margin} nats">${pText(equivalenceP)} (${pText(equivalenceHolm)})</span>`,
    },
    { head: 'verdict', isText: true, cell: ({ verdict }) => VERDICTS[verdict] },
  ]);
}

export function comparedTable(rows: readonly ComparedPoint[]): string {
  return table(rows, [
    ...what,
    { head: 'n', cell: ({ change, paired }) => `${clipsOf(change)}${paired ? ' pairs' : ''}` },
    { head: 'first (nats)', cell: ({ a }) => estimateCell(a) },
    { head: 'second (nats)', cell: ({ b }) => estimateCell(b) },
    { head: 'second − first', cell: ({ change }) => estimateCell(change) },
    { head: 'p (Holm)', cell: ({ test }) => testCell(test) },
    { head: 'verdict', isText: true, cell: ({ verdict }) => VERDICTS[verdict] },
  ]);
}

export function publishedTable(rows: readonly Published[]): string {
  return table(rows, [
    { head: 'paper', isText: true, cell: ({ where }) => escapeXml(where) },
    { head: 'what', isText: true, cell: (row) => escapeXml(row.what) },
    { head: 'published', cell: ({ published }) => plain(published, 3) },
    { head: 's.d. (clips)', cell: ({ spread }) => (spread ? `${plain(spread.sd, 3)} (${spread.n})` : '–') },
    { head: 'ours', cell: ({ ours }) => plain(ours, 3) },
    { head: 'note', isText: true, cell: ({ note }) => escapeXml(note) },
  ]);
}

type Made = Pick<Slice, 'model' | 'protocol' | 'condition'>;

/** Who made a row, where there are several. */
function makersOf<T extends Made>(rows: readonly T[]): Column<T>[] {
  if (new Set(rows.map((row) => makerOf(row))).size < 2) return [];
  return [{ head: 'model · protocol', isText: true, cell: (row) => escapeXml(makerOf(row)) }];
}

/** Mapped clips in their order, with every feature. */
export function mappedClipTable({ clips, features }: MapFindings): string {
  const rest = features.filter(({ feature }) => feature !== 'sensitivity');
  return table<MappedClip>(clips, [
    {
      head: 'clip',
      isText: true,
      cell: ({ clip, title }) => `<span title="${escapeXml(title ?? '')}">${escapeXml(clip)}</span>`,
    },
    ...makersOf(clips),
    {
      head: 'positions',
      cell: ({ positions, silent }) => `${positions}${silent > 0 ? ` (${silent} silent)` : ''}`,
    },
    { head: 'mean Peak (nats)', cell: ({ peak }) => estimateText(peak) },
    { head: 'beyond null', cell: ({ beyond }) => percent(beyond ?? Number.NaN) },
    ...rest.map(({ feature }) => ({
      head: feature,
      cell: (row: MappedClip) => plain(row.features[feature], 3),
    })),
  ]);
}

export function separationTable(rows: readonly MapSeparation[]): string {
  return table(rows, [
    { head: 'larger in', isText: true, cell: ({ b }) => escapeXml(b) },
    { head: 'than in', isText: true, cell: ({ a }) => escapeXml(a) },
    ...makersOf(rows),
    { head: 'number', isText: true, cell: ({ feature }) => escapeXml(feature) },
    { head: 'n', cell: ({ auc, paired }) => `${clipsOf(auc)}${paired ? ', paired' : ''}` },
    { head: 'AUC', cell: ({ auc }) => estimateCell(auc, { digits: 2, signs: false }) },
  ]);
}

export function failureTable({ failures }: Findings['counts']): string {
  return table(failures, [
    { head: 'why', isText: true, cell: ({ error }) => escapeXml(withoutFolders(error)) },
    { head: 'cells', cell: ({ cells }) => String(cells) },
  ]);
}
