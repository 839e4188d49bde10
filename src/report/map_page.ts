// The page of sensitivity maps: for each clip what was found in sentences, the figures on one time axis, the numbers of
// every position, and what made them.

import { termsOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import { type ClipMap, type MapPoint, meanReaction, type SensitivityMap } from '../probe/map_record.js';
import { REACTION_MEANS } from '../regions/reaction.js';
import type { FigureDrawing } from './drawing.js';
import { asDrawing } from './figures.js';
import { cleanFigure, deltaMapFigure, nameOf, reactionFigure, waveformFigure } from './map_figures.js';
import type { PageParts } from './page.js';
import { provenanceList } from './provenance.js';
import { escapeXml, scrolled } from './svg.js';
import { MAP_LEVEL, mapVerdictOf } from './view/map_verdict.js';
import { viewerPage } from './view/page.js';
import { type PageClip, packPage } from './view/page_data.js';
import { ABSENT, chance, percent, plain, signed } from './words.js';

/** A self-contained page of maps: the viewer with every clip, then each clip's answers and numbers. */
export function mapPage(
  drawing: FigureDrawing,
  maps: readonly SensitivityMap[],
  { bundle, compress, sounds }: PageParts,
): string {
  const title =
    maps.length === 1 ? `Where ${nameOf(maps[0])} matters` : `Where ${counted(maps.length, 'clip')} matter`;
  const clips = maps.map((map): PageClip => {
    const sound = sounds.get(map.clip.name);
    return {
      name: map.clip.name,
      title: nameOf(map),
      ...(map.clip.group ? { group: map.clip.group } : {}),
      probes: [],
      map,
      ...(sound ? { sounds: sound } : {}),
    };
  });
  const after = [
    ...maps.map(
      (map) => `<section class="clip">
<h2>${escapeXml(nameOf(map))}</h2>
<p class="quiet">${escapeXml(map.disturbance)} · ${counted(map.points.length, 'position')}</p>
${answersOf(map)}
${table(map)}
</section>`,
    ),
    '<h2>What made these numbers</h2>',
    provenanceList(maps),
    '<p class="quiet">All numbers are defined in docs/measure/regions.md of the losscope repository.</p>',
  ];
  return viewerPage({
    title,
    intro:
      `A short disturbance at one place after another, and how the music language model ${maps[0].provenance.model} reacts ` +
      'there: where the loss rises, the music before had made something else likely.',
    bundle,
    data: compress(packPage({ clips, first: 0 })),
    after: after.join('\n'),
    still: maps.map((map) => `${stillVerdict(map)}\n${figuresOf(drawing, map)}`).join('\n'),
  });
}

/** The first line for those who run no scripts. */
function stillVerdict(map: ClipMap): string {
  const { headline, sure, unit } = mapVerdictOf(map);
  return `<p class="headline">${escapeXml(headline)} <span class="sure">${escapeXml(sure)}</span></p><p class="quiet">${escapeXml(unit)}</p>`;
}

/** What a map shows, in sentences and figures. */
export function mapHtml(drawing: FigureDrawing, map: ClipMap): string {
  return `${answersOf(map)}\n${figuresOf(drawing, map)}`;
}

function answersOf(map: ClipMap): string {
  const items = mapSentences(map).map((sentence) => `<li>${escapeXml(sentence)}</li>`);
  return `<ul class="answers">${items.join('\n')}</ul>`;
}

function figuresOf(drawing: FigureDrawing, map: ClipMap): string {
  const own = asDrawing(drawing);
  const { position } = termsOf(map.clock);
  const figures = [waveformFigure, cleanFigure, reactionFigure, deltaMapFigure];
  return `<figure class="drawn">${scrolled(`Map of ${nameOf(map)}`, figures.map((figure) => figure(own, map)).join('\n'))}
<figcaption>From above: the sound; loss of the clean clip and entropy of what the model predicted; mean loss difference of the three
${position}s around the start (Peak) and the end (Rebound) of the disturbance, plotted where it starts, over the band in which 90% of
Peaks lie that other music of the clip gives; the difference ${position} by ${position} from ${counted(map.tail, position)} after the disturbance down to its start (red:
surprise rose, blue: fell; dashed: start and end).</figcaption></figure>`;
}

/** What a map shows, in sentences for a page or a terminal. */
export function mapSentences(map: ClipMap): string[] {
  const { points, silent, calibration, uncalibrated, clock } = map;
  const { position, nats } = termsOf(clock);
  const names = REACTION_MEANS.filter((name) => points.some((point) => point[name] !== undefined));
  const means = names.map((name) => {
    const { mean, interval } = meanReaction(map, name);
    return `${name} ${signed(mean)}${interval ? ` [${signed(interval.low)}, ${signed(interval.high)}]` : ''}`;
  });
  const beyond = points.filter((point) => (point.chance ?? 1) < MAP_LEVEL).length;
  const top = [...points].sort((a, b) => b.peak - a.peak).slice(0, 3);
  const times = points.flatMap(({ halfTime }) => halfTime ?? []).sort((a, b) => a - b);
  return [
    `Mean over ${counted(points.length, 'position')}, ${nats} [95% interval over blocks of 5]: ${means.join(', ')}.`,
    calibration
      ? `${counted(beyond, 'Peak')} (${percent(beyond / points.length)}) beyond what ${percent(MAP_LEVEL)} of Peaks reach that other music of the clip gives; ` +
        `by chance ${percent(MAP_LEVEL)} would be.`
      : `No chances: ${uncalibrated}.`,
    `Highest Peaks at ${top.map(({ seconds, peak }) => `${plain(seconds)} s (${signed(peak)})`).join(', ')}.`,
    times.length === 0
      ? `Nowhere did a reaction halve within the ${position}s scored.`
      : `Half of the reaction is over after ${counted(times[Math.floor(times.length / 2)], position)} (median over ${counted(times.length, 'position')} at which it halves within the ${position}s scored).`,
    ...(silent.length > 0
      ? [`${counted(silent.length, 'position')} left out: silent there, noise has no level to match.`]
      : []),
  ];
}

function table({ points, clock }: ClipMap): string {
  const { position, nats, number } = termsOf(clock);
  const row = (point: MapPoint): string => {
    const { start, seconds, peak, inside, rebound, highest, halfTime, changed } = point;
    const cells = [
      String(start),
      plain(seconds),
      signed(peak),
      chance(point.chance),
      signed(inside),
      signed(rebound),
      `${signed(highest.value)} at ${highest.at}`,
      halfTime === undefined ? ABSENT : String(halfTime),
      percent(changed),
    ];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  };
  const head = [
    position,
    'second',
    'Peak',
    'chance',
    'inside',
    'Rebound',
    'highest',
    `half-time (${position}s)`,
    `${number}s changed`,
  ];
  return `<details><summary class="quiet">the numbers (${nats})</summary><div class="scroll" tabindex="0" role="group" aria-label="Table of positions"><table><thead><tr>
${head.map((name) => `<th>${name}</th>`).join('')}</tr></thead><tbody>${points.map(row).join('\n')}</tbody></table></div></details>`;
}
