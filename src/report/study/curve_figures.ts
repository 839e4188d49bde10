// Figures along time: mean loss-difference curves with their interval and regions (the paper's Fig. 3), and the same
// by codebook as a heat map.

import type { Markish, ScaleOptions } from '@observablehq/plot';
import type { Curve } from '../../analysis/figure_findings.js';
import { counted } from '../../counted.js';
import type { Figure } from '../drawing.js';
import { type Band, bandColor, type Drawing } from '../figures.js';
import { INK, type Plotting } from '../svg.js';
import { signed } from '../words.js';
import { domainOf, drawPanels, type PanelCell, type Panels, panelsOf, WIDTH } from './figure.js';
import { slug } from './slices.js';

const CURVE_HEIGHT = 130;
const MARGIN_LEFT = 60;
const MARGIN_RIGHT = 16;

/** Curves of one maker and one variant, a row a group, in their order. */
export interface CurveSet {
  readonly maker: string;
  readonly variant: string;
  readonly curves: readonly Curve[];
}

/** Mean over clips, its pointwise 95% interval, and the mean regions as bands; a row a group. */
export function curveFigure(drawing: Drawing, { maker, variant, curves }: CurveSet): Figure {
  const { plotting } = drawing;
  const panels = panelsOf(
    curves.map(({ group }) => group),
    1,
  );
  const frames = curves.flatMap((curve) => {
    const cell = panels.cellOf(curve.group);
    return curve.mean.map((mean, i) => ({
      ...cell,
      x: secondsAt(curve, i + 0.5),
      mean,
      low: curve.low[i] ?? null,
      high: curve.high[i] ?? null,
    }));
  });
  const bands = curves.flatMap((curve) =>
    curve.bands.map((band) => ({
      ...panels.cellOf(curve.group),
      name: band.name,
      x1: band.start / curve.frameRate,
      x2: band.end / curve.frameRate,
    })),
  );
  const place = { fx: 'fx', fy: 'fy' };
  return {
    name: slug(variant, 'curve', maker),
    title: `Loss difference along the clip, ${variant}, ${maker}`,
    caption:
      'Disturbed minus clean, mean over codebooks and clips; grey: pointwise 95% interval over clips. Bands: the ' +
      'regions of rule fixed.',
    svg: drawPanels(drawing, {
      title: `Loss difference along the clip, ${variant}, ${maker}`,
      panels,
      panelHeight: CURVE_HEIGHT,
      marginTop: 84,
      marginLeft: MARGIN_LEFT,
      marginRight: MARGIN_RIGHT,
      heading: (group) => countedClips(curves, group),
      between: { y: 0.22 },
      color: { type: 'identity' },
      x: timeAxis(curves),
      y: {
        label: '↑ disturbed − clean (nats)',
        grid: true,
        ticks: 5,
        domain: domainOf(
          frames.flatMap(({ mean, low, high }) => [mean, low, high]),
          { zero: true },
        ),
      },
      marks: [
        plotting.rectX(bands, {
          ...place,
          x1: 'x1',
          x2: 'x2',
          fill: (band: Band) => bandColor(band.name),
          fillOpacity: (band: Band) => (band.name === 'recovery' ? 0.1 : 0.34),
        }),
        zeroLine(plotting, panels),
        plotting.areaY(frames, {
          ...place,
          x: 'x',
          y1: 'low',
          y2: 'high',
          fill: INK.clean,
          fillOpacity: 0.34,
        }),
        plotting.lineY(frames, { ...place, x: 'x', y: 'mean', stroke: INK.delta, strokeWidth: 1.3 }),
        ...bandNames(plotting, bands),
      ],
    }),
  };
}

/** Names above the first row's bands, in two rows in turn: a Peak of two frames is narrower than its name. */
function bandNames(
  plotting: Plotting,
  bands: readonly (PanelCell & { readonly name: string; readonly x1: number; readonly x2: number })[],
): Markish[] {
  return bands
    .filter(({ fy }) => fy === 0)
    .map((band, i) =>
      plotting.text([band], {
        fx: 'fx',
        fy: 'fy',
        x: ({ x1, x2 }: { x1: number; x2: number }) => (x1 + x2) / 2,
        text: 'name',
        frameAnchor: 'top',
        dy: i % 2 === 0 ? -38 : -52,
        fontWeight: 600,
        fill: INK.text,
      }),
    );
}

const ROW_HEIGHT = 20;
const STEPS = 6;
// From nearly white to dark, equally dark on both sides.
const ABOVE = ['#fbe3d3', '#f7c39d', '#ee9a62', '#d96f2c', '#a94c10', '#6b2d04'];
const BELOW = ['#dfebf5', '#b5d3ea', '#7eb3da', '#4088bf', '#1c619c', '#083b6f'];

/**
 * Mean loss difference by codebook and frame. Colour is the size in six steps; the sign is told by the place as well, so
 * that grey is enough: a rise fills the upper half of its row, a fall the lower half.
 */
export function heatFigure(drawing: Drawing, { maker, variant, curves }: CurveSet): Figure {
  const { plotting } = drawing;
  const books = Math.max(...curves.map(({ byCodebook }) => byCodebook.length));
  const panels = panelsOf(
    curves.map(({ group }) => group),
    1,
  );
  const most = scaleOf(curves);
  const runs = curves.flatMap((curve) => runsOf(curve, most, panels.cellOf(curve.group)));
  return {
    name: slug(variant, 'codebooks', maker),
    title: `Loss difference by codebook, ${variant}, ${maker}`,
    caption:
      'Mean over clips. In each row a rise fills the upper half, a fall the lower half; the darker, the larger. White: ' +
      `no change or undefined. The darkest step is beyond ${signed(((STEPS - 1) / STEPS) * most).slice(1)} nats.`,
    svg: drawPanels(drawing, {
      title: `Loss difference by codebook, ${variant}, ${maker}`,
      panels,
      panelHeight: ROW_HEIGHT * books,
      marginTop: 56,
      marginLeft: MARGIN_LEFT,
      marginRight: MARGIN_RIGHT,
      heading: (group) => countedClips(curves, group),
      between: { y: 0.26 },
      x: timeAxis(curves),
      y: {
        label: 'codebook',
        labelAnchor: 'top',
        labelArrow: 'none',
        domain: [books, 0],
        ticks: Array.from({ length: books }, (_, k) => k + 0.5),
        tickFormat: (k: number) => String(k - 0.5),
        tickSize: 0,
      },
      marks: [
        plotting.lineX(runs, {
          fx: 'fx',
          fy: 'fy',
          x: 'x',
          y: 'y',
          z: 'color',
          stroke: 'color',
          strokeWidth: ROW_HEIGHT / 2 - 1,
          strokeLinecap: 'butt',
          shapeRendering: 'crispEdges',
        }),
        plotting.ruleY(
          panels.names.flatMap((name) =>
            Array.from({ length: books }, (_, k) => ({ ...panels.cellOf(name), y: k + 0.5 })),
          ),
          { fx: 'fx', fy: 'fy', y: 'y', stroke: INK.quiet, strokeWidth: 0.5 },
        ),
        ...scaleMarks(plotting, most),
      ],
      color: { type: 'identity' },
    }),
  };
}

/** The size at which the scale ends: 99% of the defined values are within it. */
function scaleOf(curves: readonly Curve[]): number {
  const sizes = curves
    .flatMap(({ byCodebook }) => byCodebook.flat())
    .filter((value) => value !== null)
    .map(Math.abs)
    .sort((a, b) => a - b);
  return sizes[Math.floor(0.99 * (sizes.length - 1))] || 1;
}

interface RunEnd extends PanelCell {
  readonly x: number;
  /** NaN between two runs: a gap of the line. */
  readonly y: number;
  readonly color: string;
}

/** Frames of equal colour that follow each other as one stroke each: start, end, gap. */
function runsOf(curve: Curve, most: number, cell: PanelCell): RunEnd[] {
  return curve.byCodebook.flatMap((row, k) => {
    const steps = row.map((value) => stepOf(value, most));
    return steps.flatMap((step, i) => {
      if (step === 0 || step === steps[i - 1]) return [];
      const next = steps.findIndex((other, j) => j > i && other !== step);
      const color = step > 0 ? ABOVE[step - 1] : BELOW[-step - 1];
      const y = k + (step > 0 ? 0.25 : 0.75);
      const end = secondsAt(curve, next === -1 ? steps.length : next);
      return [
        { ...cell, x: secondsAt(curve, i), y, color },
        { ...cell, x: end, y, color },
        { ...cell, x: end, y: Number.NaN, color },
      ];
    });
  });
}

/** -6 ... 6; 0 for what is undefined or within half a step of no change. */
function stepOf(value: number | null, most: number): number {
  if (value === null || Math.abs(value) < most / STEPS / 2) return 0;
  return Math.sign(value) * Math.min(STEPS, 1 + Math.floor((STEPS * Math.abs(value)) / most));
}

/** The scale itself, at the top right: the steps of both signs with what they stand for. */
function scaleMarks(plotting: Plotting, most: number): Markish[] {
  const side = 14;
  const right = WIDTH - MARGIN_LEFT - MARGIN_RIGHT - 70;
  const squares = [...BELOW].reverse().concat(ABOVE);
  const place = { facet: 'super', frameAnchor: 'top-left', dy: -36 } as const;
  const text = { ...place, fill: INK.text };
  return [
    ...squares.map((fill, i) =>
      plotting.dot([0], {
        ...place,
        dx: right - side * (squares.length - i),
        fill,
        stroke: 'none',
        symbol: 'square',
        r: side / Math.sqrt(Math.PI),
      }),
    ),
    plotting.text([signed(-most)], {
      ...text,
      text: (d: string) => d,
      dx: right - side * (squares.length + 0.5) - 6,
      textAnchor: 'end',
    }),
    plotting.text([`${signed(most)} nats`], {
      ...text,
      text: (d: string) => d,
      dx: right - 2,
      textAnchor: 'start',
    }),
  ];
}

function zeroLine(plotting: Plotting, panels: Panels): Markish {
  return plotting.ruleY(
    panels.names.map((name) => ({ ...panels.cellOf(name), y: 0 })),
    { fx: 'fx', fy: 'fy', y: 'y', stroke: INK.quiet },
  );
}

function countedClips(curves: readonly Curve[], group: string): string {
  return `${group} (${counted(curves.find((curve) => curve.group === group)?.n ?? 0, 'clip')})`;
}

/** Seconds from the start of the clip to a frame of the curve. */
function secondsAt({ from, frameRate }: Curve, frame: number): number {
  return (from + frame) / frameRate;
}

/** Seconds of the clip, or after the onset where that is not at the same place in every clip. */
function timeAxis(curves: readonly Curve[]): ScaleOptions {
  const label = curves.every(({ window }) => window.start === 0) ? 'time after the onset (s)' : 'time (s)';
  return {
    label: `${label} →`,
    labelAnchor: 'center',
    domain: [
      Math.min(...curves.map((curve) => secondsAt(curve, 0))),
      Math.max(...curves.map((curve) => secondsAt(curve, curve.mean.length))),
    ],
  };
}
