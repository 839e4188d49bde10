// Dots with intervals in rows: the one form of all figures that compare named things along a value.

import type { Markish } from '@observablehq/plot';
import type { Drawing } from '../figures.js';
import { shortened, widthOf } from '../labels.js';
import { INK } from '../svg.js';
import { tick } from '../words.js';
import { domainOf, drawPanels, type Look, type PanelCell, type Panels, panelsOf, WIDTH } from './figure.js';
import { LINKED, type Single } from './links.js';
import { distinct } from './slices.js';

/** One value of one row; several of a row stand under each other, one a series. */
export interface IntervalMark {
  readonly panel: string;
  readonly row: string;
  readonly series: string;
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  /** Drawn hollow. */
  readonly hollow?: boolean;
  /** Single clips behind the mean, drawn quietly. */
  readonly singles?: readonly Single[];
  /** Address of the cells behind it, and what it is called if not by its row and series. */
  readonly link?: string;
  readonly linkName?: string;
  /** Written at the right of the row, where rows have one value each. */
  readonly note?: string;
}

/** A value that means something, named over the first row of panels. */
export interface Guide {
  readonly at: number;
  readonly name: string;
}

export interface IntervalFigureOptions {
  readonly title: string;
  /** With its unit. */
  readonly xLabel: string;
  readonly lookOf: (series: string) => Look;
  readonly guides?: readonly Guide[];
  /** Default: what the marks need, zero included. */
  readonly domain?: readonly [number, number];
  /** At most so many panels side by side. Default 3. */
  readonly columns?: number;
  /** A shaded range of x, as a margin of equivalence. */
  readonly margin?: number;
  readonly ticks?: readonly number[];
  /** Order of the series; default: as they come. */
  readonly series?: readonly string[];
  /** All series on the middle line of their row, unnamed: for rows of one value. Default false. */
  readonly oneLine?: boolean;
}

const SERIES_PIXELS = 13;
const LABEL_LETTERS = 56;

/** The SVG of rows with dots and intervals. */
export function intervalSvg(
  drawing: Drawing,
  marks: readonly IntervalMark[],
  options: IntervalFigureOptions,
): string {
  const { plotting } = drawing;
  const { guides = [], lookOf, margin, oneLine = false } = options;
  const rows = distinct(marks.map(({ row }) => row));
  const present = distinct(marks.map((mark) => mark.series));
  const series = options.series?.filter((name) => present.includes(name)) ?? present;
  const panels = panelsOf(distinct(marks.map(({ panel }) => panel)), options.columns ?? 3);
  const lines = oneLine ? 1 : series.length;
  const rowPixels = 12 + SERIES_PIXELS * lines;
  const labels = rows.map((row) => shortened(row, LABEL_LETTERS));
  const named = lines > 1;
  const beside = 16 + Math.max(0, ...(named ? series : marks.map(({ note = '' }) => note)).map(widthOf));
  const marginLeft = Math.min(400, 16 + Math.max(...labels.map(widthOf)));
  const panelWidth = (WIDTH - marginLeft - beside) / panels.columns;
  const place = { fx: 'fx', fy: 'fy' };
  const lineOf = (name: string): number =>
    oneLine ? 0 : ((series.indexOf(name) - (series.length - 1) / 2) * SERIES_PIXELS) / rowPixels;
  const cells = panels.names.map(panels.cellOf);
  const domain = options.domain ?? [
    ...domainOf(
      [...marks.flatMap(({ value, low, high }) => [value, low, high]), margin ?? 0, -(margin ?? 0)],
      { zero: true },
    ),
  ];
  return drawPanels(drawing, {
    title: options.title,
    panels,
    panelHeight: rowPixels * rows.length,
    marginLeft,
    marginRight: beside,
    between: { x: 0.06, y: Math.min(0.5, 44 / (rowPixels * rows.length + 44)) },
    x: {
      tickFormat: tick,
      label: `${options.xLabel} →`,
      labelAnchor: 'center',
      grid: true,
      domain,
      ticks: options.ticks ?? Math.max(2, Math.min(9, Math.floor(panelWidth / 65))),
    },
    y: {
      label: null,
      domain: [rows.length - 0.5, -0.5],
      ticks: rows.map((_, i) => i),
      tickFormat: (i: number) => labels[i],
      tickSize: 0,
    },
    color: { type: 'identity' },
    marks: [
      ...(margin === undefined
        ? []
        : [
            plotting.rectX(
              cells.map((cell) => ({ ...cell, x1: -margin, x2: margin })),
              { ...place, x1: 'x1', x2: 'x2', fill: INK.assimilation, fillOpacity: 0.2 },
            ),
          ]),
      ...rowLines(drawing, rows.length, cells),
      ...guideMarks(drawing, guides, cells),
      ...series.flatMap((name): Markish[] => {
        const { color, symbol } = lookOf(name);
        const own = marks
          .filter((mark) => mark.series === name)
          .map((mark) => ({
            ...mark,
            ...panels.cellOf(mark.panel),
            y: rows.indexOf(mark.row) + lineOf(name),
            linkName: mark.linkName ?? `${mark.row}, ${mark.series}`,
          }));
        const clips = own.flatMap(({ fx, fy, y, singles = [] }) =>
          singles
            .filter(({ value }) => value >= domain[0] && value <= domain[1])
            .map((single) => ({ fx, fy, y, ...single })),
        );
        return [
          plotting.dot(clips, {
            ...{ ...place, ...LINKED, x: 'value', y: 'y', r: 1.6 },
            ...{ fill: color, fillOpacity: 0.35 },
          }),
          plotting.ruleY(
            own.filter(({ low, high }) => low !== null && high !== null),
            { ...place, y: 'y', x1: 'low', x2: 'high', stroke: color, strokeWidth: 1.5 },
          ),
          plotting.dot(own, {
            ...{ ...place, ...LINKED, x: 'value', y: 'y' },
            symbol,
            r: 3.8,
            fill: ({ hollow }: IntervalMark) => (hollow ? '#fff' : color),
            stroke: ({ hollow }: IntervalMark) => (hollow ? color : '#fff'),
            strokeWidth: ({ hollow }: IntervalMark) => (hollow ? 1.5 : 0.8),
          }),
        ];
      }),
      ...(named ? seriesNames(drawing, series, { lookOf, cell: lastOfFirstRow(panels), lineOf }) : []),
      plotting.text(
        marks
          .filter(({ note }) => note !== undefined)
          .map((mark) => ({ ...mark, ...panels.cellOf(mark.panel), y: rows.indexOf(mark.row) })),
        {
          ...place,
          y: 'y',
          text: 'note',
          frameAnchor: 'right',
          textAnchor: 'start',
          dx: 8,
          fill: (mark: IntervalMark) => lookOf(mark.series).ink,
        },
      ),
    ],
  });
}

/** The names of the series beside the lines of the first row. */
function seriesNames(
  { plotting }: Drawing,
  series: readonly string[],
  {
    cell,
    lookOf,
    lineOf,
  }: { cell: PanelCell; lookOf: IntervalFigureOptions['lookOf']; lineOf: (name: string) => number },
): Markish[] {
  return series.map((name) =>
    plotting.text([{ ...cell, y: lineOf(name), name }], {
      fx: 'fx',
      fy: 'fy',
      y: 'y',
      text: 'name',
      frameAnchor: 'right',
      textAnchor: 'start',
      dx: 8,
      fill: lookOf(name).ink,
    }),
  );
}

function lastOfFirstRow({ columns }: Panels): PanelCell {
  return { fx: columns - 1, fy: 0 };
}

/** A hair line between rows, so that the eye stays in its row. */
function rowLines({ plotting }: Drawing, rows: number, cells: readonly PanelCell[]): Markish[] {
  const between = Array.from({ length: Math.max(0, rows - 1) }, (_, i) => i + 0.5);
  return [
    plotting.ruleY(
      cells.flatMap((cell) => between.map((y) => ({ ...cell, y }))),
      { fx: 'fx', fy: 'fy', y: 'y', stroke: '#eceff2' },
    ),
  ];
}

function guideMarks({ plotting }: Drawing, guides: readonly Guide[], cells: readonly PanelCell[]): Markish[] {
  const all = cells.flatMap((cell) => guides.map((guide) => ({ ...cell, ...guide })));
  const top = all.filter(({ fx, fy }) => fx === 0 && fy === 0);
  const place = { fx: 'fx', fy: 'fy', x: 'at' };
  return [
    plotting.ruleX(all, { ...place, stroke: INK.quiet, strokeWidth: 1.2 }),
    plotting.text(top, {
      ...place,
      text: 'name',
      frameAnchor: 'top',
      dy: -9,
      fill: INK.clean,
      fontSize: 11,
    }),
  ];
}
