// The paper's values as marks in a figure of ours: hollow, on dotted lines, named as the paper's in every panel that has
// some. They are drawn where the study has the same model, group and protocol, and enter no number of ours.

import type { Markish } from '@observablehq/plot';
import type { Published } from '../../analysis/figure_findings.js';
import type { Point } from '../../analysis/point.js';
import type { Drawing } from '../figures.js';
import { INK } from '../svg.js';
import type { Look, PanelCell } from './figure.js';
import { distinct } from './slices.js';

/** The published value that belongs to a point of ours. */
export function publishedBeside(published: readonly Published[], point: Point): number | null {
  const found = published.find(
    ({ beside }) =>
      beside?.model === point.model &&
      beside.protocol === point.protocol &&
      beside.condition === point.condition &&
      beside.group === point.group &&
      beside.variant === point.variant,
  );
  return found?.published ?? null;
}

/** A point of ours as it is drawn, with the paper's value for it. */
interface Drawn extends PanelCell {
  readonly group: string;
  readonly x: number;
  /** Pixels to the side, by group. */
  readonly beside: number;
  readonly theirs: number | null;
}

interface Reference {
  readonly marks: readonly Markish[];
  /** What to say of them; empty where there are none. */
  readonly caption: string;
}

export function publishedMarks(
  plotting: Drawing['plotting'],
  drawn: readonly Drawn[],
  lookOf: (group: string) => Look,
): Reference {
  const theirs = drawn.filter((point) => point.theirs !== null);
  if (theirs.length === 0) return { marks: [], caption: '' };
  const lines = distinct(theirs.map(({ group }) => group)).flatMap((group): Markish[] => {
    const own = theirs.filter((point) => point.group === group);
    const at = { fx: 'fx', fy: 'fy', x: 'x', y: 'theirs', dx: own[0].beside };
    const { color } = lookOf(group);
    return [
      plotting.lineY(own, { ...at, stroke: color, strokeWidth: 1, strokeDasharray: '1,3' }),
      plotting.dot(own, { ...at, fill: '#fff', stroke: color, strokeWidth: 1.2, symbol: 'diamond', r: 3.5 }),
    ];
  });
  const panels = theirs.filter(({ fx, fy }, i) => i === theirs.findIndex((p) => p.fx === fx && p.fy === fy));
  return {
    marks: [
      ...lines,
      plotting.text(panels, {
        fx: 'fx',
        fy: 'fy',
        text: () => '◇ the paper’s Fig. 2',
        frameAnchor: 'top-right',
        dy: -8,
        fill: INK.text,
      }),
    ],
    caption:
      ' Hollow diamonds on dotted lines: values of the paper (Li, Liu and Wang, ICASSP 2026, Fig. 2) for the same model, group ' +
      'and protocol, from its own clips. They enter no number of ours; their standard deviations stand in the table of published values.',
  };
}
