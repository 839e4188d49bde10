// How findings are cut for drawing: which maker, disturbance and group a point belongs to, what varies within a
// disturbance, and which of its members is shown first.

import { termsOfRows } from '../../analysis/answer_words.js';
import { severityAxis } from '../../analysis/axis.js';
import type { Findings } from '../../analysis/findings.js';
import { ALL_GROUPS, type Point, type Slice } from '../../analysis/point.js';

/** The length shown where one must be chosen: the paper's figures are at 100 tokens. */
const SHOWN_TOKENS = 100;

/** "tiny · delayed", with the condition where there is one: what a panel stands for. */
export function makerOf({
  model,
  protocol,
  condition,
}: Pick<Slice, 'model' | 'protocol' | 'condition'>): string {
  return [model, protocol, ...(condition === 'none' ? [] : [condition])].join(' · ');
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** The groups of a study in its order, and after them all of them together where the findings have that. */
export function groupsOf(findings: Findings): string[] {
  const named = Object.keys(findings.counts.clips);
  return slicesOf(findings).some(({ group }) => group === ALL_GROUPS) ? [...named, ALL_GROUPS] : named;
}

/** Names of the disturbances in the order in which the findings have them. */
export function disturbancesOf(findings: Findings): string[] {
  return distinct(slicesOf(findings).map(({ disturbance }) => disturbance));
}

function slicesOf(findings: Findings): readonly Slice[] {
  const { clipLoss, curves, regions, boxes, features, psychometric, leaks, amnesia } = findings;
  return [clipLoss, curves, regions, boxes, features, psychometric, leaks, amnesia].flat();
}

/** The findings of one disturbance; what belongs to no single one is empty. */
export function only(findings: Findings, disturbance: string): Findings {
  const own = <T extends Slice>(rows: readonly T[]): T[] =>
    rows.filter((row) => row.disturbance === disturbance);
  return {
    ...findings,
    clipLoss: own(findings.clipLoss),
    trends: own(findings.trends),
    psychometric: own(findings.psychometric),
    features: own(findings.features),
    regions: own(findings.regions),
    transients: own(findings.transients),
    curves: own(findings.curves),
    boxes: own(findings.boxes),
    leaks: own(findings.leaks),
    amnesia: own(findings.amnesia),
    contrasts: [],
    published: findings.published.filter(({ beside }) => beside?.disturbance === disturbance),
  };
}

/** What varies within a disturbance. */
export interface GridAxis {
  /** `length`, `block`, `level`, or what else says how strong a disturbance is. */
  readonly name: string;
  readonly scale: 'log' | 'linear';
  /** Axis label with its unit. */
  readonly label: string;
  readonly read: (point: Point) => number | null;
}

const AXES: readonly GridAxis[] = [
  {
    name: 'length',
    label: 'length of the disturbance (tokens)',
    scale: 'linear',
    read: (point) => point.lengthTokens,
  },
  { name: 'block', label: 'length of a block (tokens)', scale: 'log', read: (point) => point.blockTokens },
  { name: 'level', label: 'level (dBFS)', scale: 'linear', read: (point) => point.levelDbfs },
];

/** Lengths, blocks and levels, and what else says how strong the points are. */
function axesOf(points: readonly Point[]): readonly GridAxis[] {
  const names = distinct(points.flatMap(({ severity }) => (severity ? [severity.name] : [])));
  const severities = names
    .filter((name) => !AXES.some((axis) => axis.name === name))
    .map((name): GridAxis => {
      const { words, unit, scale } = severityAxis(name);
      const read = ({ severity }: Point) => (severity?.name === name ? severity.value : null);
      return { name, label: `${words} (${unit})`, scale, read };
    });
  return [...AXES, ...severities];
}

/** The axis with the most values, if one has two; a grid of two axes is drawn along the longer. */
export function axisOf(points: readonly Point[]): GridAxis | undefined {
  const sizes = axesOf(points).map((axis) => ({ axis, size: valuesAlong(axis, points).length }));
  const largest = sizes.reduce((best, one) => (one.size > best.size ? one : best));
  if (largest.size < 2) return undefined;
  const { axis } = largest;
  return { ...axis, label: axis.label.replace('(tokens)', `(${termsOfRows(points).positions})`) };
}

/** Ascending distinct values of an axis. */
function valuesAlong(axis: GridAxis, points: readonly Point[]): number[] {
  const values = points.map(axis.read).filter((value) => value !== null);
  return distinct(values).sort((a, b) => a - b);
}

/** What a panel of lines stands for: the maker, and the other varying things of the grid. */
export function panelOf(point: Point, axis: GridAxis, points: readonly Point[]): string {
  const others = axesOf(points).filter(
    (other) => other.name !== axis.name && valuesAlong(other, points).length > 1,
  );
  const named = others.map(({ name, read }) => {
    const value = read(point);
    return value === null ? `${name} ${point.level}` : `${name} ${value}${name === 'level' ? ' dBFS' : ''}`;
  });
  return [makerOf(point), ...coloured(point, points), ...named].join(' · ');
}

/** A slice with what else its points share: "level match". */
type SharedSlice = Slice & { readonly at: string };

/** The maker, and what else tells apart the lines of a disturbance: its colour, and what their points share. */
export function lineName(slice: SharedSlice, among: readonly SharedSlice[]): string {
  const apart = slice.at !== '' && among.some(({ at }) => at !== slice.at);
  return [makerOf(slice), ...coloured(slice, among), ...(apart ? [slice.at] : [])].join(' · ');
}

function coloured({ color, edit }: Slice, among: readonly Slice[]): string[] {
  const sort = color ?? edit;
  return sort !== null && among.some((other) => (other.color ?? other.edit) !== sort) ? [sort] : [];
}

/** Variants of one disturbance, the one to show first in front: nearest to 100 tokens. */
export function variantsOf(points: readonly Point[]): string[] {
  const distance = ({ lengthTokens, blockTokens }: Point): number =>
    Math.abs((lengthTokens ?? SHOWN_TOKENS) - SHOWN_TOKENS) + Math.abs((blockTokens ?? 1) - 1);
  const first = points.reduce<Point | undefined>(
    (best, point) => (best && distance(best) <= distance(point) ? best : point),
    undefined,
  );
  const names = distinct(points.map(({ variant }) => variant));
  return first ? [first.variant, ...names.filter((name) => name !== first.variant)] : [];
}

/** A name for a file: lower case, dashes for what a file name should not hold. */
export function slug(...parts: readonly string[]): string {
  return parts
    .map((part) =>
      part
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, ''),
    )
    .filter((part) => part !== '')
    .join('-');
}
