// The figures of a probe: the two loss curves, their difference with its regions, and what length does.
// Each is a composition of few Plot marks; the caller hands over Plot and a document (see svg.ts).

import type { Markish } from '@observablehq/plot';
import { type FrameClock, middleOfFrame, secondsOfFrame, termsOf } from '../audio/codes.js';
import type { FigureDrawing } from './drawing.js';
import { spreadLabels } from './labels.js';
import { drawSvg, type FigureDocument, INK, type Plotting } from './svg.js';

/** What `openDrawing` gives, with its types. */
export interface Drawing extends FigureDrawing {
  readonly plotting: Plotting;
  readonly document: FigureDocument;
}

/** Frames [start, end) with a name, drawn as a coloured band. */
export interface Band {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Shared by the curve figures so that they line up under each other, and so that a page can lay a playhead over. */
export const CURVE_LAYOUT = { width: 960, marginLeft: 52, marginRight: 76 } as const;

const SMOOTHING_FRAMES = 5;

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** Every drawing comes from `openDrawing`: this is what it holds. */
export function asDrawing(drawing: FigureDrawing): Drawing {
  return drawing as Drawing;
}

export interface LossCurves {
  readonly title: string;
  /** [T] mean over codebooks, nats; NaN where undefined. */
  readonly clean: ArrayLike<number>;
  readonly disturbed: ArrayLike<number>;
  readonly window: { readonly start: number; readonly end: number };
  readonly clock: FrameClock;
}

/** Clean and disturbed loss over time; the disturbed window is shaded. Thin: each frame; bold: mean of 5. */
export function lossFigure(drawing: Drawing, curves: LossCurves): string {
  const { plotting } = drawing;
  const { clock } = curves;
  // The clean curve lies on top: where only it is seen, the two are equal.
  const series = [
    { label: 'disturbed', color: INK.disturbed, points: toPoints(curves.disturbed, clock) },
    { label: 'clean', color: INK.clean, points: toPoints(curves.clean, clock) },
  ];
  const marks: Markish[] = [
    plotting.rectX([curves.window], {
      x1: (w: { start: number }) => secondsOfFrame(clock, w.start),
      x2: (w: { end: number }) => secondsOfFrame(clock, w.end),
      fill: INK.window,
      fillOpacity: 0.35,
    }),
  ];
  for (const { color, points } of series) {
    marks.push(
      plotting.lineY(points, { x: 'x', y: 'y', stroke: color, strokeWidth: 0.5, strokeOpacity: 0.45 }),
    );
  }
  for (const { color, points } of series) {
    marks.push(plotting.lineY(smooth(points), { x: 'x', y: 'y', stroke: color, strokeWidth: 1.8 }));
  }
  return drawSvg(plotting, drawing.document, {
    title: curves.title,
    ...CURVE_LAYOUT,
    height: 210,
    x: { label: null, domain: [0, secondsOfFrame(clock, curves.clean.length)] },
    y: { label: `↑ loss (${termsOf(clock).nats})`, grid: true, nice: true },
    marks: [...marks, ...endLabels(plotting, series)],
  });
}

export interface DeltaCurve {
  readonly title: string;
  /** [T] mean over codebooks, nats; NaN where undefined. */
  readonly delta: ArrayLike<number>;
  readonly bands: readonly Band[];
  readonly clock: FrameClock;
}

/** Disturbed minus clean over time, with the regions found as named bands. */
export function deltaFigure(drawing: Drawing, curve: DeltaCurve): string {
  const { plotting } = drawing;
  const { clock, bands } = curve;
  const points = toPoints(curve.delta, clock);
  const top = Math.max(0.5, ...points.map((point) => point.y));
  const bottom = Math.min(-0.5, ...points.map((point) => point.y));
  const marks: Markish[] = [
    plotting.rectX(bands, {
      x1: (band: Band) => secondsOfFrame(clock, band.start),
      x2: (band: Band) => secondsOfFrame(clock, band.end),
      fill: (band: Band) => bandColor(band.name),
      fillOpacity: (band: Band) => (band.name === 'recovery' ? 0.1 : 0.32),
    }),
    plotting.ruleY([0], { stroke: INK.quiet }),
    plotting.lineY(points, { x: 'x', y: 'y', stroke: INK.delta, strokeWidth: 0.5, strokeOpacity: 0.5 }),
    plotting.lineY(smooth(points), { x: 'x', y: 'y', stroke: INK.delta, strokeWidth: 1.6 }),
    ...bandLabels(plotting, curve),
  ];
  return drawSvg(plotting, drawing.document, {
    title: curve.title,
    ...CURVE_LAYOUT,
    height: 226,
    marginTop: 34,
    marginBottom: 40,
    color: { type: 'identity' },
    x: { label: 'time (s) →', labelAnchor: 'center', domain: [0, secondsOfFrame(clock, curve.delta.length)] },
    y: { label: '↑ disturbed − clean (nats)', grid: true, domain: [bottom * 1.05, top * 1.05] },
    marks,
  });
}

export interface LengthPoint {
  readonly series: string;
  /** Tokens. */
  readonly length: number;
  /** Nats. */
  readonly value: number;
  /** 95% interval, where there is one. */
  readonly low?: number;
  readonly high?: number;
}

/** A quantity against the length of the disturbance, one line a series, labelled at its end. */
export function lengthFigure(
  drawing: Drawing,
  points: readonly LengthPoint[],
  options: {
    readonly title: string;
    readonly yLabel: string;
    readonly colors: Readonly<Record<string, string>>;
  },
): string {
  const { plotting } = drawing;
  const color = (point: LengthPoint): string => options.colors[point.series] ?? INK.quiet;
  const series = [...new Set(points.map((point) => point.series))];
  const last = spreadLabels(
    series.flatMap((name) => {
      const end = points.filter((point) => point.series === name).at(-1);
      return end ? [{ label: name, color: color(end), x: end.length, y: end.value }] : [];
    }),
    { gap: spanOf(points.flatMap((p) => [p.value, p.low ?? p.value, p.high ?? p.value])) / 15 },
  );
  return drawSvg(plotting, drawing.document, {
    title: options.title,
    width: 640,
    height: 300,
    marginLeft: 52,
    marginRight: 190,
    marginBottom: 44,
    insetLeft: 8,
    color: { type: 'identity' },
    x: {
      label: 'length of the disturbance (tokens) →',
      ticks: legible(points.map((p) => p.length)),
      labelAnchor: 'center',
    },
    y: { label: options.yLabel, grid: true, nice: true },
    marks: [
      plotting.ruleY([0], { stroke: INK.quiet }),
      ...series.flatMap((name, i) => {
        // Beside each other by 3 pixels, so that the intervals do not hide one another.
        const at = { x: 'length', dx: 3 * (i - (series.length - 1) / 2) };
        const own = points.filter((point) => point.series === name);
        const banded = own.filter((point) => point.low !== undefined && point.high !== undefined);
        return [
          plotting.ruleX(banded, { ...at, y1: 'low', y2: 'high', stroke: color, strokeWidth: 1.2 }),
          plotting.lineY(own, { ...at, y: 'value', stroke: color, strokeWidth: 1.6 }),
          plotting.dot(own, { ...at, y: 'value', fill: color, r: 3 }),
        ];
      }),
      plotting.text(last, { x: 'x', y: 'y', text: 'label', fill: 'color', textAnchor: 'start', dx: 10 }),
    ],
  });
}

/** The distinct lengths, without those that stand too close before another to be written. */
function legible(lengths: readonly number[]): number[] {
  const sorted = [...new Set(lengths)].sort((a, b) => a - b);
  const least = (sorted[sorted.length - 1] - sorted[0]) / 30;
  return sorted.filter((length, i) => i === sorted.length - 1 || sorted[i + 1] - length > least);
}

/** The colour of a region by its name. */
export function bandColor(name: string): string {
  return name in INK ? INK[name as keyof typeof INK] : INK.quiet;
}

/** Names above the bands, in two rows in turn, since a Peak of two frames is narrower than its name. */
function bandLabels(plotting: Plotting, { bands, clock }: DeltaCurve): Markish[] {
  return bands.map((band, i) =>
    plotting.text([band], {
      x: (b: Band) => (secondsOfFrame(clock, b.start) + secondsOfFrame(clock, b.end)) / 2,
      text: (b: Band) => b.name,
      frameAnchor: 'top',
      dy: i % 2 === 0 ? -8 : -21,
      fill: INK.text,
      fontWeight: 600,
    }),
  );
}

export interface Labelled {
  readonly label: string;
  readonly color: string;
  readonly points: readonly CurvePoint[];
}

/** Each curve's name at its right end, moved apart where they would overlap; `lines` of text fit into the height. */
export function endLabels(plotting: Plotting, series: readonly Labelled[], lines = 15): Markish[] {
  const all = series.flatMap(({ points }) => points.map((point) => point.y));
  const ends = series.flatMap(({ label, color, points }) => {
    const end = smooth(points).at(-1);
    return end ? [{ label, color, x: end.x, y: end.y }] : [];
  });
  return spreadLabels(ends, { gap: spanOf(all) / lines }).map((end) =>
    plotting.text([end], { x: 'x', y: 'y', text: 'label', fill: end.color, textAnchor: 'start', dx: 6 }),
  );
}

function spanOf(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

/** Defined frames as points in seconds, at the middle of the frame. */
export function toPoints(values: ArrayLike<number>, clock: FrameClock): CurvePoint[] {
  return Array.from(values, (y, t) => ({ x: middleOfFrame(clock, t), y })).filter(
    ({ y }) => !Number.isNaN(y),
  );
}

/** Centred moving average of 5 frames, shorter at the ends. For the eye only: no number is computed from it. */
export function smooth(points: readonly CurvePoint[]): CurvePoint[] {
  const half = (SMOOTHING_FRAMES - 1) / 2;
  return points.map(({ x }, i) => {
    const near = points.slice(Math.max(0, i - half), i + half + 1);
    return { x, y: near.reduce((sum, point) => sum + point.y, 0) / near.length };
  });
}
