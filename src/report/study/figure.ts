// What all figures of a study share: their width, how groups look, and panels side by side.

import type { Markish, PlotOptions } from '@observablehq/plot';
import { ALL_GROUPS } from '../../analysis/point.js';
import type { Drawing } from '../figures.js';
import { drawSvg, INK } from '../svg.js';

/** All figures are as wide. */
export const WIDTH = 960;

/** How the lines and dots of a group look. Shapes differ too, for print in grey and for colour-blind readers. */
export interface Look {
  readonly color: string;
  /** The same, dark enough to be read as text. */
  readonly ink: string;
  readonly symbol: 'circle' | 'square' | 'triangle' | 'diamond' | 'star' | 'cross' | 'wye';
}

// Okabe and Ito, ordered so that neighbours differ in lightness.
const LOOKS: readonly Look[] = [
  { color: '#0072b2', ink: '#00629a', symbol: 'circle' },
  { color: '#e69f00', ink: '#8f6200', symbol: 'square' },
  { color: '#1b1f24', ink: '#1b1f24', symbol: 'triangle' },
  { color: '#56b4e9', ink: '#1f78ab', symbol: 'star' },
  { color: '#009e73', ink: '#00775a', symbol: 'cross' },
  { color: '#d55e00', ink: '#a94a00', symbol: 'wye' },
];

const ALL_LOOK: Look = { color: '#8a929b', ink: '#5c6670', symbol: 'diamond' };

/** The look of each name, in their order; a seventh looks as the first again and is told by its label. */
export function looksOf(names: readonly string[]): (name: string) => Look {
  return (name) => (name === ALL_GROUPS ? ALL_LOOK : LOOKS[Math.max(0, names.indexOf(name)) % LOOKS.length]);
}

/** Where a panel stands: column and row. */
export interface PanelCell {
  readonly fx: number;
  readonly fy: number;
}

export interface Panels {
  readonly names: readonly string[];
  readonly columns: number;
  readonly rows: number;
  readonly cellOf: (name: string) => PanelCell;
}

/** Panels row by row, at most so many side by side. */
export function panelsOf(names: readonly string[], most: number): Panels {
  const columns = Math.max(1, Math.min(most, names.length));
  return {
    names,
    columns,
    rows: Math.ceil(names.length / columns),
    cellOf: (name) => {
      const i = names.indexOf(name);
      return { fx: i % columns, fy: Math.floor(i / columns) };
    },
  };
}

export type PanelOptions = Omit<PlotOptions, 'marks' | 'title' | 'height'> & {
  readonly title: string;
  readonly panels: Panels;
  /** Pixels of one panel, without the space between them. */
  readonly panelHeight: number;
  readonly marks: Markish[];
  /** What stands over the panels; default: their names. Empty: nothing. */
  readonly heading?: (name: string) => string;
  /** Share of a panel's width and height that lies between two of them. */
  readonly between?: { readonly x?: number; readonly y?: number };
};

/** Draws panels of equal scales; marks carry the channels fx and fy of their panel. */
export function drawPanels(drawing: Drawing, options: PanelOptions): string {
  const { panels, panelHeight, marks, heading = (name: string) => name, between = {}, ...rest } = options;
  const { plotting, document } = drawing;
  const { x = 0.08, y = 0.24 } = between;
  const margins = { marginTop: 52, marginBottom: 46, ...rest };
  const headings = panels.names.map((name) => ({ ...panels.cellOf(name), text: heading(name) }));
  const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  return drawSvg(plotting, document, {
    width: WIDTH,
    height:
      margins.marginTop +
      margins.marginBottom +
      Math.round((panelHeight * (panels.rows - (panels.rows > 1 ? y : 0))) / (panels.rows > 1 ? 1 - y : 1)),
    ...margins,
    fx: { domain: range(panels.columns), axis: null, padding: panels.columns > 1 ? x : 0 },
    fy: { domain: range(panels.rows), axis: null, padding: panels.rows > 1 ? y : 0, round: false },
    marks: [
      ...marks,
      plotting.text(headings, {
        fx: 'fx',
        fy: 'fy',
        text: 'text',
        frameAnchor: 'top-left',
        dy: -22,
        fontWeight: 600,
        fill: INK.text,
      }),
    ],
  });
}

/** The distinct values without those that stand too close before another to be written, on an axis of `pixels`. */
export function legibleTicks(values: readonly number[], pixels: number, log = false): number[] {
  const at = (value: number): number => (log ? Math.log(value) : value);
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  const span = at(sorted[sorted.length - 1]) - at(sorted[0]);
  const kept: number[] = [];
  for (const value of sorted.reverse()) {
    const next = kept.at(-1);
    const room = next === undefined ? Number.POSITIVE_INFINITY : ((at(next) - at(value)) / span) * pixels;
    if (room >= 10 + 7 * String(value).length) kept.push(value);
  }
  return kept.reverse();
}

/** Least and greatest of the defined values, widened to hold zero where asked, and by a twentieth on both sides. */
export function domainOf(values: readonly (number | null)[], { zero = false } = {}): [number, number] {
  const given = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (zero || given.length === 0) given.push(0);
  const [low, high] = given.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [given[0], given[0]]);
  const pad = high > low ? (high - low) / 20 : 0.5;
  return [low - pad, high + pad];
}
