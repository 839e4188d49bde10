// The part of a study's report on its sensitivity maps: clips in the order of how strongly the model reacts, what tells
// groups apart, and the maps themselves, one at a time.

import type { Findings } from '../../analysis/findings.js';
import type { MapFindings, MappedClip, MapSeparation } from '../../analysis/map_findings.js';
import { counted, verb } from '../../counted.js';
import type { DrawnMaps, Figure } from '../drawing.js';
import type { Drawing } from '../figures.js';
import { mapHtml } from '../map_page.js';
import { escapeXml } from '../svg.js';
import { signed } from '../words.js';
import { looksOf } from './figure.js';
import { type IntervalMark, intervalSvg } from './intervals.js';
import { linkOf } from './links.js';
import { asPiece, type Option, type Piece, type Section } from './piece.js';
import { distinct, makerOf, slug } from './slices.js';
import { estimateText, mappedClipTable, separationTable } from './tables.js';

/** More rows than this are a table, not a picture. */
const MOST_ROWS = 40;

export function mapSection(drawing: Drawing, { maps, counts }: Findings, drawn: DrawnMaps): Section {
  const id = 'maps';
  const title = 'Where the model follows the music';
  if (!maps || maps.clips.length === 0) return { id, title, intro: '', pieces: [] };
  const groups = Object.keys(counts.clips);
  return {
    id,
    title,
    intro:
      `A short disturbance at one place of a clip after another: ${maps.disturbance}. Where the loss rises (Peak: mean over the three ` +
      'tokens around its start), the music before had made something else likely. Whether that says more of a clip than its plain ' +
      'loss is an experiment: the numbers stand side by side.',
    pieces: [
      ...notes(maps),
      ...orderFigures(drawing, maps, groups).map(asPiece),
      folded(`table: mapped clips (${counted(maps.clips.length, 'row')})`, mappedClipTable(maps)),
      ...separationPieces(drawing, maps),
      ...mapPieces(drawing, maps, drawn),
    ],
  };
}

/** What could not be mapped, and why. */
function notes({ planned, missing, failures, clips }: MapFindings): Piece[] {
  const lines = [
    ...(missing > 0 ? [`${missing} of ${counted(planned, 'map')} not made yet.`] : []),
    ...failures.map(({ error, maps }) => `${counted(maps, 'clip')} not mapped: ${error}`),
  ];
  if (lines.length === 0) return [];
  const text = `${clips.length} of ${counted(planned, 'map')} are there. ${lines.join(' ')}`;
  return [html(`<p class="quiet">${escapeXml(text)}</p>`)];
}

/** Clips by mean Peak, a figure a model; the first of them where there are many. */
function orderFigures(drawing: Drawing, { clips }: MapFindings, groups: readonly string[]): Figure[] {
  return distinct(clips.map((clip) => makerOf(clip))).flatMap((maker) => {
    const own = clips.filter((clip) => makerOf(clip) === maker);
    const marks = own.slice(0, MOST_ROWS).flatMap((one): IntervalMark[] => {
      const { clip, group } = one;
      const { value, low, high } = one.peak;
      const link = { link: linkOf(one, clip), linkName: clip };
      return value === null
        ? []
        : [{ panel: '', row: clip, series: group, value, low, high, note: group, ...link }];
    });
    if (marks.length === 0) return [];
    const left = own.length - marks.length;
    return [
      {
        name: slug('maps', maker),
        title: `Clips by mean Peak, ${maker}`,
        caption:
          'Mean over the positions of each clip, the most sensitive first, with its 95% interval over blocks of five positions: how ' +
          `well the clip is known, nothing of other clips.${left > 0 ? ` ${counted(left, 'further clip')} ${verb(left, 'stands', 'stand')} in the table.` : ''}`,
        svg: intervalSvg(drawing, marks, {
          title: `Clips by mean Peak, ${maker}`,
          xLabel: `mean Peak (${distinct(own.map(({ nats }) => nats)).join('; ')})`,
          lookOf: looksOf(groups),
          series: groups,
          guides: [{ at: 0, name: 'no reaction' }],
          oneLine: true,
        }),
      },
    ];
  });
}

/** What tells groups apart; and which groups are too small to say. */
function separationPieces(drawing: Drawing, { separations, features }: MapFindings): Piece[] {
  const told = separations.filter(({ auc }) => auc.value !== null);
  const small = distinct(separations.flatMap(({ auc }) => auc.why ?? []));
  const notCompared = small.map((why) => html(`<p class="quiet">${escapeXml(`Not compared: ${why}.`)}</p>`));
  if (told.length === 0) return notCompared;
  return [
    ...verdicts(told).map((sentence) => html(`<p>${escapeXml(sentence)}</p>`)),
    asPiece(separationFigure(drawing, told, features)),
    ...notCompared,
    folded(`table: what tells groups apart (${counted(told.length, 'row')})`, separationTable(told)),
  ];
}

/** AUCs: a panel a pair of groups, a series a model. */
function separationFigure(
  drawing: Drawing,
  told: readonly MapSeparation[],
  features: MapFindings['features'],
): Figure {
  const marks = told.flatMap(({ a, b, feature, auc: { value, low, high }, ...one }): IntervalMark[] =>
    value === null ? [] : [{ panel: `${b} over ${a}`, row: feature, series: makerOf(one), value, low, high }],
  );
  const words = features.map(({ feature, words }) => `${feature}: ${words}`);
  return {
    name: 'maps-auc',
    title: 'What tells the groups apart',
    caption:
      'How often the number is larger in a clip of the first-named group (area under the ROC curve, 95% interval over clips): 0.5 is ' +
      `guessing; 0 and 1 tell every clip. ${words.join('; ')}.`,
    svg: intervalSvg(drawing, marks, {
      title: 'What tells the groups apart',
      xLabel: 'AUC',
      lookOf: looksOf(distinct(marks.map(({ series }) => series))),
      domain: [-0.04, 1.04],
      ticks: [0, 0.25, 0.5, 0.75, 1],
      guides: [{ at: 0.5, name: 'guessing' }],
    }),
  };
}

/** Which numbers tell two groups apart by their intervals, a sentence a pair and model. */
function verdicts(told: readonly MapSeparation[]): string[] {
  const pairOf = (one: MapSeparation): string => `${one.b} from ${one.a} (${makerOf(one)})`;
  return distinct(told.map(pairOf)).map((pair) => {
    const own = told.filter((one) => pairOf(one) === pair);
    const apart = own.filter(({ auc: { low, high } }) => (low ?? 0) > 0.5 || (high ?? 1) < 0.5);
    const named = apart.map(
      ({ feature, auc }) => `${feature} (${estimateText(auc, { digits: 2, signs: false })})`,
    );
    return (
      `${pair}: of the AUCs of ${counted(own.length, 'number')}, ${named.length === 0 ? 'none has' : `${named.join(', ')} ${named.length === 1 ? 'has' : 'have'}`} ` +
      'a 95% interval without 0.5; intervals are not corrected for their number.'
    );
  });
}

/** The maps themselves, in order; those that are not drawn are counted. */
function mapPieces(drawing: Drawing, { clips }: MapFindings, drawn: DrawnMaps): Piece[] {
  const options = clips.flatMap((clip): Option[] => {
    const map = drawn.get(clip.key);
    return map ? [{ name: summaryOf(clip), pieces: [html(mapHtml(drawing, map))] }] : [];
  });
  const left = clips.length - options.length;
  return [
    ...(options.length === 0 ? [] : [{ kind: 'choice', label: 'Map of', options } as const]),
    ...(left > 0
      ? [
          html(
            `<p class="quiet">Maps of ${counted(left, 'further clip')} are not drawn; see the table for their numbers.</p>`,
          ),
        ]
      : []),
  ];
}

function summaryOf({ clip, title, peak, ...one }: MappedClip): string {
  const name = title === null ? clip : `${clip} (${title})`;
  return `${name} · ${makerOf(one)} · mean Peak ${signed(peak.value)} nats`;
}

function html(text: string): Piece {
  return { kind: 'html', html: text };
}

function folded(summary: string, text: string): Piece {
  return { kind: 'folded', summary, pieces: [html(text)] };
}
