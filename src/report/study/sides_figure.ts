// Sound and notes side by side: the regions of disturbances of sound beside those of notes, at the same place of the same music.

import type { RegionSample } from '../../analysis/figure_findings.js';
import type { Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { looksOf } from './figure.js';
import { type IntervalMark, intervalSvg } from './intervals.js';
import { singlesOf } from './links.js';
import { distinct, makerOf } from './slices.js';

/** What the question is about; a Rebound is the Peak of what comes back. */
const REGIONS: readonly RegionSample['region'][] = ['peak', 'assimilation', 'recovery'];

/** Region means with their intervals, a panel a region, a row a place; nothing where a study has only sound, or only notes. */
export function sidesFigure(drawing: Drawing, regions: readonly RegionSample[]): Figure | undefined {
  const own = regions.filter(({ region }) => REGIONS.includes(region));
  const isOfNotes = ({ domain }: RegionSample): boolean => domain === 'notes';
  if (own.every(isOfNotes) || !own.some(isOfNotes)) return undefined;
  const marks = REGIONS.flatMap((region) =>
    own
      .filter((one) => one.region === region)
      .flatMap((one): IntervalMark[] => {
        const { value, low, high } = one.mean;
        if (value === null) return [];
        const { disturbance } = one;
        const series = `${isOfNotes(one) ? 'notes' : 'sound'}: ${disturbance}, ${makerOf(one)}`;
        return [{ panel: region, row: placeOf(one), series, value, low, high, singles: singlesOf(one) }];
      }),
  );
  const series = distinct(marks.map((mark) => mark.series)).sort();
  return {
    name: 'sound-and-notes',
    title: 'Sound and notes, side by side',
    caption:
      'Mean of each region by clip at the places of rule fixed, with 95% intervals over clips; quiet: single clips. Sound is in nats ' +
      'per code, notes in nats per token of a note: compare signs and shapes, not heights.',
    svg: intervalSvg(drawing, marks, {
      title: 'Regions in sound and in notes',
      xLabel: 'disturbed − clean (nats)',
      lookOf: looksOf(series),
      series,
      columns: 1,
    }),
  };
}

/** Where, and what else varies within the disturbance: "at 4 s". */
function placeOf({ grid }: RegionSample): string {
  const words = grid.map(({ name, value, unit }) =>
    [name, value, unit].filter((part) => part !== null).join(' '),
  );
  return words.length === 0 ? 'one place' : words.join(', ');
}
