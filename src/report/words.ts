// Numbers as people read them: signs, units, and what is not there as a dash.

import type { Terms } from '../audio/codes.js';
import { counted } from '../counted.js';
import type { Region, RegionFindings, RegionPlace, Transient, Unjudged } from '../regions/region.js';
import { tooShortWords } from '../regions/stretches.js';

const MINUS = '−';
export const ABSENT = '–';

/** +1.23 or −1.23; a dash where there is no number. */
export function signed(value: number | null | undefined, digits = 2): string {
  if (value === undefined || value === null || Number.isNaN(value)) return ABSENT;
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return (value < 0 ? MINUS : '+') + text;
}

/** 1.23 or −1.23; a dash where there is no number. */
export function plain(value: number | null | undefined, digits = 2): string {
  if (value === undefined || value === null || Number.isNaN(value)) return ABSENT;
  return value.toFixed(digits).replace('-', MINUS);
}

/** A number of an axis as short as it is, with a true minus: "−50", "0.25". */
export function tick(value: number): string {
  return String(Math.round(value * 1e6) / 1e6).replace('-', MINUS);
}

/** Seconds as a sentence has them: "0.1", "14". */
export function tenths(seconds: number): string {
  return tick(Math.round(seconds * 10) / 10);
}

/** With a capital letter in front. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** A chance as people write it: never 0, never more digits than it has. */
export function chance(value: number | null | undefined): string {
  if (value === undefined || value === null || Number.isNaN(value)) return ABSENT;
  return value < 0.001 ? '<0.001' : value.toFixed(3);
}

/** 12.3%; a dash where there is nothing to take a share of. */
export function percent(share: number): string {
  if (Number.isNaN(share)) return ABSENT;
  return `${(100 * share).toFixed(1)}%`;
}

/** File names in place of absolute paths: a page is shown to others. */
export function withoutFolders(text: string): string {
  return text.replace(/(?<![\w:/.~-])(?:\/[^\s/:]+)+\/([^\s/:]+)/g, '$1');
}

/** What a region has beyond its mean, in words. */
export function details(region: Region, position: Terms['position'] = 'token'): string {
  const parts = [
    region.drawn === undefined ? '' : `stands out in ${region.drawn.start}–${region.drawn.end - 1}`,
    region.settled === undefined ? '' : `settled at ${signed(region.settled)} nats`,
    region.halfTime === undefined ? '' : `half-way after ${counted(region.halfTime, position)}`,
    region.spread === undefined ? '' : `mean |difference| ${plain(region.spread)} nats`,
    region.halfLife === undefined ? '' : `half-life ${counted(Math.round(region.halfLife), position)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? ABSENT : parts.join('; ');
}

/** A Peak or Rebound by its three definitions: "+0.83 in 249–251 (chance 0.020); ...". */
export function definitions(
  { boundary, paper, searched }: Transient,
  position: Terms['position'] = 'token',
): string {
  const place = (title: string, found: RegionPlace | undefined): string =>
    found === undefined
      ? `${title} ${ABSENT}`
      : `${title} ${signed(found.mean)} in ${found.start}–${found.end - 1} (chance ${chance(found.chance)})`;
  return [
    place('at the boundary', boundary),
    place(`the paper's five ${position}s`, paper),
    `${place('searched', searched)}${searched ? ', too high by the search' : ''}`,
  ].join('; ');
}

/**
 * Why a region and a definition with the same mean have two chances, in a sentence; none where no region is judged by a
 * template.
 */
export function templateSentences(
  { regions }: Pick<RegionFindings, 'regions'>,
  position: Terms['position'] = 'token',
): string[] {
  const names = regions.filter(({ statistic }) => statistic.name === 'template').map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    `chances of ${names.join(' and ')} as regions: of how far the loss rises above what lies on either side, over three or five ${position}s; of a definition: of its mean alone`,
  ];
}

/** Why regions have no chance, a sentence for each. */
export function unjudgedSentences(
  { regions }: Pick<RegionFindings, 'regions'>,
  position: Terms['position'] = 'token',
): string[] {
  return regions.flatMap(({ name, unjudged }) =>
    unjudged ? [`${name}: no chance, ${unjudgedWords(unjudged, position)}`] : [],
  );
}

/** Why a number has no chance. */
function unjudgedWords(unjudged: Unjudged, position: Terms['position']): string {
  if (unjudged.reason === 'source') return `the null "${unjudged.source}" cannot judge it`;
  return tooShortWords(unjudged, position);
}
