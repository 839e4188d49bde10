// Figures of lines against what varies in a disturbance: loss difference (the paper's Fig. 2) and psychometric
// curves. One panel a maker, one line a group.

import type { Markish } from '@observablehq/plot';
import { termsOfRows } from '../../analysis/answer_words.js';
import { digitsOf, measuredAxis, unitAfter } from '../../analysis/axis.js';
import type { Estimate } from '../../analysis/estimated.js';
import type { Published } from '../../analysis/figure_findings.js';
import type { ClipLoss, Psychometric } from '../../analysis/question_findings.js';
import type { Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { spreadLabels, widthOf } from '../labels.js';
import { INK } from '../svg.js';
import { plain, tick } from '../words.js';
import { domainOf, drawPanels, legibleTicks, looksOf, panelsOf, WIDTH } from './figure.js';
import { LINKED, linkOf } from './links.js';
import { publishedBeside, publishedMarks } from './published_marks.js';
import { axisOf, distinct, lineName, panelOf, slug } from './slices.js';

const PANEL_HEIGHT = 210;

interface FigureOptions {
  readonly disturbance: string;
  /** All groups of the study, so that a group looks the same everywhere. */
  readonly groups: readonly string[];
}

interface LineOptions extends FigureOptions {
  readonly quantity: 'difference' | 'perToken';
  /** The paper's values, to be marked beside the differences that they belong to. */
  readonly published: readonly Published[];
}

/** Loss difference against length, block, level or severity, with 95% intervals over clips; absent where nothing varies. */
export function lossLines(
  drawing: Drawing,
  points: readonly ClipLoss[],
  { disturbance, groups, quantity, published }: LineOptions,
): Figure | undefined {
  const axis = axisOf(points);
  // Where all disturbances are as long, the loss per disturbed token is the same picture again.
  if (!axis || (quantity === 'perToken' && axis.name !== 'length')) return undefined;
  const { plotting } = drawing;
  const lookOf = looksOf(groups);
  const panels = panelsOf(distinct(points.map((point) => panelOf(point, axis, points))), 3);
  const drawn = points.flatMap((point) => {
    const x = axis.read(point);
    const { value, low, high }: Estimate = point[quantity];
    if (x === null || value === null) return [];
    const beside = 4 * (groups.indexOf(point.group) - (groups.length - 1) / 2);
    const theirs = quantity === 'difference' ? publishedBeside(published, point) : null;
    const cell = panels.cellOf(panelOf(point, axis, points));
    const link = { link: linkOf(point), linkName: `${point.variant}, ${point.group}` };
    return [{ ...cell, ...link, group: point.group, x, value, low, high, beside, theirs }];
  });
  if (drawn.length === 0) return undefined;
  const domain = domainOf(
    drawn.flatMap(({ value, low, high, theirs }) => [value, low, high, theirs]),
    { zero: true },
  );
  const ends = panels.names.flatMap((name) => {
    const { fx, fy } = panels.cellOf(name);
    const own = drawn.filter((point) => point.fx === fx && point.fy === fy);
    const last = distinct(own.map(({ group }) => group)).map((group) =>
      own.filter((point) => point.group === group).reduce((a, b) => (b.x > a.x ? b : a)),
    );
    return spreadLabels(
      last.map((point) => ({ ...point, y: point.value })),
      { gap: (14 / PANEL_HEIGHT) * (domain[1] - domain[0]), top: domain[1] },
    );
  });
  const labelWidth = 22 + Math.max(...groups.map(widthOf));
  const panelWidth = (WIDTH - 70) / panels.columns - labelWidth;
  const lineMarks = groups.flatMap((group): Markish[] => {
    const own = drawn.filter((point) => point.group === group);
    const { color, symbol } = lookOf(group);
    const at = { fx: 'fx', fy: 'fy', x: 'x', dx: own[0]?.beside ?? 0 };
    const banded = own.filter(({ low, high }) => low !== null && high !== null);
    return [
      plotting.ruleX(banded, { ...at, y1: 'low', y2: 'high', stroke: color, strokeWidth: 1.4 }),
      plotting.lineY(own, { ...at, y: 'value', stroke: color, strokeWidth: 1.6 }),
      plotting.dot(own, {
        ...at,
        ...LINKED,
        y: 'value',
        fill: color,
        stroke: '#fff',
        strokeWidth: 0.8,
        symbol,
        r: 4,
      }),
    ];
  });
  const perToken = quantity === 'perToken';
  const position = termsOfRows(points).positions.replace(/s$/, '');
  const reference = publishedMarks(plotting, drawn, lookOf);
  // Nothing at all has no place on a log axis.
  const isLog = axis.scale === 'log' && drawn.every(({ x }) => x > 0);
  const what = perToken ? `Loss difference per disturbed ${position}` : 'Loss difference of the whole clip';
  return {
    name: slug(disturbance, perToken ? 'loss-per-token' : 'loss'),
    title: `${what} by ${axis.label.replace(/ \(.*/, '')}`,
    caption: perToken
      ? `The same, per disturbed ${position}: the difference times the ${position}s of the clip over the disturbed ${position}s. A mean over ` +
        'the whole clip grows with the length of the disturbance by arithmetic alone; this does not.'
      : 'Disturbed minus clean, mean over the whole clip, then over clips; bars are 95% intervals over clips. Below ' +
        `zero the loss prefers the disturbed clip.${reference.caption}`,
    svg: drawPanels(drawing, {
      title: `${what}, ${disturbance}`,
      panels,
      panelHeight: PANEL_HEIGHT,
      marginLeft: 60,
      marginRight: 10,
      x: {
        label: `${axis.label} →`,
        labelAnchor: 'center',
        // In base 2 a log axis writes every tick it is given; in base 10 it leaves some unlabelled.
        ...(isLog ? { type: 'log', base: 2 } : {}),
        ticks: legibleTicks(
          drawn.map(({ x }) => x),
          panelWidth,
          isLog,
        ),
        tickFormat: tick,
        insetLeft: 12,
        insetRight: labelWidth,
      },
      y: {
        label: `↑ ${perToken ? `nats per disturbed ${position}` : 'loss difference (nats)'}`,
        grid: true,
        domain,
      },
      marks: [
        plotting.ruleY(
          panels.names.map((name) => ({ ...panels.cellOf(name), y: 0 })),
          { fx: 'fx', fy: 'fy', y: 'y', stroke: INK.quiet },
        ),
        ...reference.marks,
        ...lineMarks,
        plotting.text(ends, {
          fx: 'fx',
          fy: 'fy',
          x: 'x',
          y: 'y',
          text: 'group',
          fill: ({ group }: { group: string }) => lookOf(group).ink,
          stroke: '#fff',
          strokeWidth: 4,
          textAnchor: 'start',
          dx: 18,
        }),
      ],
      color: { type: 'identity' },
    }),
  };
}

const THRESHOLD_ROW = 0.085;

/** Share of clips detected against length or level, the fitted curve and its threshold; a figure a maker. */
export function psychometricFigures(
  drawing: Drawing,
  all: readonly Psychometric[],
  options: FigureOptions,
): Figure[] {
  return distinct(all.map((one) => lineName(one, all))).flatMap((maker) =>
    distinct(all.map(axisName)).flatMap((axis) => {
      const own = all.filter(
        (one) => lineName(one, all) === maker && axisName(one) === axis && one.points.length > 0,
      );
      return own.length === 0 ? [] : [psychometricFigure(drawing, own, { ...options, maker, axis })];
    }),
  );
}

/** What a function runs along, as one name. */
function axisName({ axis, severityName }: Psychometric): string {
  return severityName ?? axis;
}

function psychometricFigure(
  drawing: Drawing,
  own: readonly Psychometric[],
  { disturbance, groups, maker, axis: name }: FigureOptions & { maker: string; axis: string },
): Figure {
  const { plotting } = drawing;
  const lookOf = looksOf(groups);
  const panels = panelsOf(distinct(own.map(({ detector }) => detector)), 2);
  const present = groups.filter((group) =>
    own.some((one) => one.group === group && one.points.some(({ n }) => n > 0)),
  );
  const xs = own.flatMap(({ points }) => points.map(({ x }) => x));
  const [least, most] = [Math.min(...xs), Math.max(...xs)];
  const within = (x: number | null): number | null =>
    x === null ? null : Math.max(least, Math.min(most, x));
  const marks = own
    .filter(({ group }) => present.includes(group))
    .flatMap((one): Markish[] => {
      const { color, symbol } = lookOf(one.group);
      const at = { ...panels.cellOf(one.detector) };
      const row = -THRESHOLD_ROW * (1.4 + present.indexOf(one.group));
      const { value, low, high } = one.threshold;
      const shown = value !== null && value >= least && value <= most;
      const threshold = { ...at, x: value, y: row, low: within(low), high: within(high) };
      const place = { fx: 'fx', fy: 'fy' };
      return [
        plotting.lineY(
          one.curve.map(({ x, p }) => ({ ...at, x, p })),
          { ...place, x: 'x', y: 'p', stroke: color, strokeWidth: 1.8 },
        ),
        plotting.dot(
          one.points.filter(({ n }) => n > 0).map(({ x, hits, n }) => ({ ...at, x, share: hits / n })),
          {
            ...place,
            x: 'x',
            y: 'share',
            dx: 5 * (present.indexOf(one.group) - (present.length - 1) / 2),
            fill: color,
            stroke: '#fff',
            strokeWidth: 0.8,
            symbol,
            r: 4,
          },
        ),
        ...(shown
          ? [
              plotting.ruleY(
                [threshold].filter((t) => t.low !== null && t.high !== null),
                {
                  ...place,
                  y: 'y',
                  x1: 'low',
                  x2: 'high',
                  stroke: color,
                  strokeWidth: 1.4,
                },
              ),
              plotting.dot([threshold], { ...place, x: 'x', y: 'y', fill: color, symbol, r: 4 }),
            ]
          : []),
        plotting.text([{ ...at, text: thresholdWords(one), y: row }], {
          ...place,
          y: 'y',
          text: 'text',
          frameAnchor: 'right',
          textAnchor: 'start',
          dx: 8,
          fill: lookOf(one.group).ink,
        }),
      ];
    });
  const axis = measuredAxis(own[0]);
  const isLog = axis.scale === 'log';
  return {
    name: slug(disturbance, 'psychometric', name, maker),
    title: `Share of clips in which the disturbance is detected, ${maker}`,
    caption:
      `Dots: share of clips with a hit (${distinct(own.map(({ detector }) => detector)).join('; ')}). Lines: fitted logistic. ` +
      'Under the axis: the threshold, at which half the clips are detected, with its 95% interval (cut at the range measured).',
    svg: drawPanels(drawing, {
      title: `Psychometric curves, ${disturbance}, ${maker}`,
      panels,
      heading: hitOf,
      panelHeight: 230 + 20 * present.length,
      marginLeft: 60,
      marginRight: 180,
      between: { x: 0.38 },
      x: {
        ...(isLog ? { type: 'log', base: 2 } : {}),
        label: `${axis.words} (${axis.unit}) →`,
        labelAnchor: 'center',
        ticks: legibleTicks(xs, 280, isLog),
        tickFormat: tick,
        insetLeft: 8,
        insetRight: 8,
      },
      y: {
        label: '↑ clips detected (%)',
        grid: true,
        percent: true,
        ticks: [0, 25, 50, 75, 100],
        domain: [-100 * THRESHOLD_ROW * (1 + present.length), 102],
      },
      marks: [
        plotting.ruleY(
          panels.names.map((name) => ({ ...panels.cellOf(name), y: 0.5 })),
          { fx: 'fx', fy: 'fy', y: 'y', stroke: INK.quiet, strokeDasharray: '2,3' },
        ),
        ...marks,
      ],
    }),
  };
}

/** "highest frame at the onset" of "highest frame at the onset, beyond all 19 null curves of its clip". */
function hitOf(detector: string): string {
  return detector.split(',')[0];
}

/** "OOD: 29 tokens", or why there is none. */
function thresholdWords(one: Psychometric): string {
  const { group, threshold } = one;
  const axis = measuredAxis(one);
  if (threshold.value === null) return `${group}: none`;
  return `${group}: ${plain(threshold.value, digitsOf(axis))}${unitAfter(axis)}`;
}
