// Figures of spread over clips: violins by region (the paper's Fig. 4) and notched boxes by block (its Fig. 5). Plot
// has no mark for either: they are drawn as areas and outlines.

import type { Markish } from '@observablehq/plot';
import { termsOfRows } from '../../analysis/answer_words.js';
import type { LossBox, RegionSample } from '../../analysis/figure_findings.js';
import { ALL_GROUPS } from '../../analysis/point.js';
import { type Density, densityOf } from '../../stats/kde.js';
import type { Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { INK } from '../svg.js';
import { domainOf, drawPanels, looksOf, type PanelCell, panelsOf } from './figure.js';
import { LINKED, linkOf, singlesOf } from './links.js';
import { distinct, lineName, makerOf, slug } from './slices.js';

const PANEL_HEIGHT = 210;
const REGIONS = ['peak', 'assimilation', 'rebound', 'recovery'] as const;
/** A density of fewer values shows its kernel, not the clips. */
const LEAST_FOR_DENSITY = 5;
const HALF_WIDTH = 0.4;

/** One number a clip by region and group: outline of the density, each clip, mean with interval. A figure a maker. */
export function violinFigures(
  drawing: Drawing,
  samples: readonly RegionSample[],
  { variant, groups }: { readonly variant: string; readonly groups: readonly string[] },
): Figure[] {
  return distinct(samples.map((sample) => makerOf(sample))).map((maker) => {
    const own = samples.filter((sample) => makerOf(sample) === maker && sample.values.length > 0);
    const regions = REGIONS.filter((region) => own.some((sample) => sample.region === region));
    const panels = panelsOf(regions, REGIONS.length);
    const present = groups.filter((group) => own.some((sample) => sample.group === group));
    return {
      name: slug(variant, 'regions', maker),
      title: `Loss difference in the regions, ${variant}, ${maker}`,
      caption:
        'A dot is the mean of one clip over the region. White dot and line: mean over clips with its 95% interval. Outline: ' +
        `density over clips (Gaussian kernel), from ${LEAST_FOR_DENSITY} clips on.`,
      svg: drawPanels(drawing, {
        title: `Loss difference in the regions, ${variant}, ${maker}`,
        panels,
        panelHeight: PANEL_HEIGHT,
        marginLeft: 60,
        marginRight: 10,
        x: {
          label: null,
          domain: [-0.6, present.length - 0.4],
          ticks: present.map((_, i) => i),
          // Neighbours on two lines, so that long names do not run into each other.
          tickFormat: (i: number) => (i % 2 === 0 ? present[i] : `\n${present[i]}`),
          tickSize: 0,
        },
        y: {
          label: '↑ mean of a region (nats)',
          grid: true,
          domain: domainOf(
            own.flatMap(({ values, mean }) => [
              ...values,
              ...(outlineOf(values)?.x ?? []),
              mean.low,
              mean.high,
            ]),
            { zero: true },
          ),
        },
        marks: [
          plotZero(drawing, panels.names.map(panels.cellOf)),
          ...own.flatMap((sample) =>
            violin(drawing, sample, {
              cell: panels.cellOf(sample.region),
              at: present.indexOf(sample.group),
              color: looksOf(groups)(sample.group).color,
            }),
          ),
        ],
      }),
    };
  });
}

function outlineOf(values: readonly number[]): Density | undefined {
  return values.length < LEAST_FOR_DENSITY ? undefined : densityOf(values, { points: 64 });
}

interface Place {
  readonly cell: PanelCell;
  /** Middle along x. */
  readonly at: number;
  readonly color: string;
}

function violin(drawing: Drawing, sample: RegionSample, { cell, at, color }: Place): Markish[] {
  const { values, mean } = sample;
  const { plotting } = drawing;
  const place = { fx: 'fx', fy: 'fy' };
  const density = outlineOf(values);
  const widest = density ? Math.max(...density.y) : 1;
  const outline = (density?.x ?? []).map((y, i) => {
    const half = (HALF_WIDTH * (density?.y[i] ?? 0)) / widest;
    return { ...cell, y, left: at - half, right: at + half };
  });
  const centre = [{ ...cell, at, ...mean, link: linkOf(sample) }].filter(({ value }) => value !== null);
  return [
    plotting.areaX(outline, {
      ...place,
      y: 'y',
      x1: 'left',
      x2: 'right',
      fill: color,
      fillOpacity: 0.28,
      stroke: color,
      strokeWidth: 1,
    }),
    plotting.dot(
      singlesOf(sample).map((single) => ({ ...cell, ...single, at })),
      // Beside the interval where there is no outline to stand in.
      { ...place, ...LINKED, x: 'at', y: 'value', r: 2, dx: density ? 0 : 8, fill: color, fillOpacity: 0.7 },
    ),
    plotting.ruleX(
      centre.filter(({ low, high }) => low !== null && high !== null),
      { ...place, x: 'at', y1: 'low', y2: 'high', stroke: INK.text, strokeWidth: 2 },
    ),
    plotting.dot(centre, {
      ...{ ...place, ...LINKED },
      x: 'at',
      y: 'value',
      r: 3.6,
      fill: '#fff',
      stroke: INK.text,
      strokeWidth: 1.4,
    }),
  ];
}

/** Loss of the clips by length of the shuffled blocks, beside the clean clips; a figure a maker, a panel a group. */
export function boxFigures(
  drawing: Drawing,
  boxes: readonly LossBox[],
  { disturbance, groups }: { readonly disturbance: string; readonly groups: readonly string[] },
): Figure[] {
  const named = boxes.filter(({ group }) => group !== ALL_GROUPS);
  return distinct(named.map((box) => lineName(box, named))).map((maker) => {
    const own = named.filter((box) => lineName(box, named) === maker);
    const terms = termsOfRows(own);
    const blocks = distinct(own.map(({ blockTokens }) => blockTokens)).sort((a, b) => (a ?? 0) - (b ?? 0));
    const panels = panelsOf(
      groups.filter((group) => own.some((box) => box.group === group)),
      blocks.length > 6 ? 2 : 3,
    );
    return {
      name: slug(disturbance, 'boxes', maker),
      title: `Loss of the clips by length of a block, ${maker}`,
      caption:
        'Box: quartiles over clips; line: median, triangle: mean; notch: where two do not overlap, medians differ at about ' +
        'the 5% level; whiskers: within 1.5 interquartile ranges. Dashed: median of the clean clips.',
      svg: drawPanels(drawing, {
        title: `Loss of the clips by length of a block, ${disturbance}, ${maker}`,
        panels,
        panelHeight: 250,
        marginLeft: 60,
        marginRight: 10,
        x: {
          label: `length of a block (${terms.positions}) →`,
          labelAnchor: 'center',
          domain: [-0.6, blocks.length - 0.4],
          ticks: blocks.map((_, i) => i),
          tickFormat: (i: number) => (blocks[i] === null ? 'clean' : String(blocks[i])),
          tickSize: 0,
        },
        y: {
          label: `↑ loss (${terms.nats})`,
          grid: true,
          domain: domainOf(
            own.flatMap((box) => [
              box.low,
              box.high,
              box.median - box.notch,
              box.median + box.notch,
              ...box.outliers,
            ]),
          ),
        },
        marks: [
          drawing.plotting.ruleY(
            own
              .filter((box) => box.blockTokens === null)
              .map((box) => ({ ...panels.cellOf(box.group), y: box.median })),
            { fx: 'fx', fy: 'fy', y: 'y', stroke: INK.quiet, strokeDasharray: '4,3' },
          ),
          ...own.flatMap((box) =>
            notchedBox(drawing, box, {
              cell: panels.cellOf(box.group),
              at: blocks.indexOf(box.blockTokens),
              color: box.blockTokens === null ? INK.quiet : looksOf(groups)(box.group).color,
            }),
          ),
        ],
      }),
    };
  });
}

const BOX_HALF = 0.34;
const WAIST = 0.17;

function notchedBox({ plotting }: Drawing, box: LossBox, { cell, at, color }: Place): Markish[] {
  const place = { fx: 'fx', fy: 'fy' };
  const { q1, q3, median, notch, low, high } = box;
  // The corners of the right side from below; where the notch is wider than the box, the box folds back, as it should.
  const side: readonly (readonly [number, number])[] = [
    [BOX_HALF, q1],
    [BOX_HALF, median - notch],
    [WAIST, median],
    [BOX_HALF, median + notch],
    [BOX_HALF, q3],
  ];
  const left = [...side].reverse().map(([x, y]) => [-x, y] as const);
  const outline = [...side, ...left, side[0]].map(([x, y]) => ({ ...cell, x: at + x, y }));
  const at1 = (y1: number, y2: number) => ({ ...cell, x: at, y1, y2 });
  return [
    plotting.ruleX([at1(low, q1), at1(q3, high)], { ...place, x: 'x', y1: 'y1', y2: 'y2', stroke: INK.text }),
    plotting.line(outline, {
      ...place,
      x: 'x',
      y: 'y',
      fill: color,
      fillOpacity: 0.35,
      stroke: INK.text,
      strokeWidth: 1,
    }),
    plotting.ruleY([{ ...cell, x1: at - WAIST, x2: at + WAIST, y: median }], {
      ...place,
      x1: 'x1',
      x2: 'x2',
      y: 'y',
      stroke: INK.text,
      strokeWidth: 2,
    }),
    plotting.dot([{ ...cell, x: at, y: box.mean }], {
      ...place,
      x: 'x',
      y: 'y',
      symbol: 'triangle',
      r: 3.2,
      fill: '#fff',
      stroke: INK.text,
    }),
    plotting.dot(
      box.outliers.map((y, i) => {
        const { clip, variant = null } = box.outlierCells[i] ?? {};
        return { ...cell, x: at, y, link: linkOf({ ...box, variant }, clip), linkName: clip };
      }),
      { ...place, ...LINKED, x: 'x', y: 'y', r: 2.2, fill: '#fff', stroke: INK.text },
    ),
  ];
}

function plotZero({ plotting }: Drawing, cells: readonly PanelCell[]): Markish {
  return plotting.ruleY(
    cells.map((cell) => ({ ...cell, y: 0 })),
    { fx: 'fx', fy: 'fy', y: 'y', stroke: INK.quiet },
  );
}
