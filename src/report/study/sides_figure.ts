// Sound and notes side by side: the regions of disturbances of sound beside those of notes, at the same place of the same music.

import type { RegionSample } from '../../analysis/figure_findings.js';
import type { Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { looksOf } from './figure.js';
import { type IntervalMark, intervalSvg } from './intervals.js';
import { singlesOf } from './links.js';
import { distinct, makerOf } from './slices.js';
import { estimateText } from './tables.js';

/** What the question is about; a Rebound is the Peak of what comes back. */
const REGIONS: readonly RegionSample['region'][] = ['peak', 'assimilation', 'recovery'];

/** What they answer together. */
export const SIDES_TITLE = 'Is it the codec or the language model?';

/** What the two units forbid. */
export const UNITS =
  'Sound is in nats per code, notes in nats per token of a note: compare signs and shapes, not heights.';

/** Region means with their intervals, a panel a region, a row a place; nothing where a study has only sound, or only notes. */
export function sidesFigure(drawing: Drawing, regions: readonly RegionSample[]): Figure | undefined {
  const own = bothSides(regions);
  if (own.length === 0) return undefined;
  const marks = REGIONS.flatMap((region) =>
    own
      .filter((one) => one.region === region)
      .flatMap((one): IntervalMark[] => {
        const { value, low, high } = one.mean;
        if (value === null) return [];
        return [
          {
            panel: region,
            row: placeOf(one),
            series: seriesOf(one),
            value,
            low,
            high,
            singles: singlesOf(one),
          },
        ];
      }),
  );
  const series = distinct(marks.map((mark) => mark.series)).sort();
  return {
    name: 'sound-and-notes',
    title: 'Sound and notes, side by side',
    caption: `Mean of each region by clip at the places of rule fixed, with 95% intervals over clips; quiet: single clips. ${UNITS}`,
    svg: intervalSvg(drawing, marks, {
      title: 'Regions in sound and in notes',
      xLabel: 'disturbed − clean (nats)',
      lookOf: looksOf(series),
      series,
      columns: 1,
    }),
  };
}

/** Samples of the regions of a study that has sound and notes; none where it has one of them alone. */
function bothSides(regions: readonly RegionSample[]): RegionSample[] {
  const own = regions.filter(({ region }) => REGIONS.includes(region));
  return own.every(isOfNotes) || !own.some(isOfNotes) ? [] : own;
}

function isOfNotes({ domain }: RegionSample): boolean {
  return domain === 'notes';
}

function seriesOf(one: RegionSample): string {
  return `${isOfNotes(one) ? 'notes' : 'sound'}: ${one.disturbance}, ${makerOf(one)}`;
}

/** The same as cells of a table: its header and a row a region, place and series. Empty without both sides. */
export function sidesRows(regions: readonly RegionSample[]): string[][] {
  const rows = REGIONS.flatMap((region) =>
    bothSides(regions)
      .filter((one) => one.region === region)
      .map((one) => [region, placeOf(one), seriesOf(one), String(one.mean.n), estimateText(one.mean)]),
  );
  return rows.length === 0
    ? []
    : [['region', 'place', 'disturbance', 'n', 'disturbed − clean (nats)'], ...rows];
}

/** Where, and what else varies within the disturbance: "at 4 s". */
function placeOf({ grid }: RegionSample): string {
  const words = grid.map(({ name, value, unit }) =>
    [name, value, unit].filter((part) => part !== null).join(' '),
  );
  return words.length === 0 ? 'one place' : words.join(', ');
}
