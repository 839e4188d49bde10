// What several probes say together: region means over clips by length of the disturbance, as a sentence, a table
// and a figure. Averages use rule `fixed`, whose regions are chosen beforehand: a rule that looks for extremes
// would average to a Peak even where there is none.

import { termsOf } from '../audio/codes.js';
import { counted, verb } from '../counted.js';
import type { ProbeRecord } from '../probe/record.js';
import { REGION_NAMES, type RegionName } from '../regions/region.js';
import { findRegions } from '../regions/rules.js';
import { type Interval, meanInterval } from '../stats/bootstrap.js';
import type { FigureDrawing } from './drawing.js';
import { asDrawing, type Drawing, type LengthPoint, lengthFigure } from './figures.js';
import { escapeXml, INK, scrolled } from './svg.js';
import { capital, signed } from './words.js';

/** Mean over clips with a 95% interval clustered by clip; the interval is absent below three clips. */
export interface Averaged extends Partial<Interval> {
  readonly mean: number;
  /** Clips the quantity is defined for. */
  readonly clips: number;
}

/** All probes with a disturbance of one length. */
export interface LengthSummary {
  /** Frames of the window. */
  readonly length: number;
  /** Frames of sound, or notes: see termsOf. */
  readonly step: 'frame' | 'event';
  readonly clips: number;
  /** Clips whose mean loss fell. */
  readonly lowered: number;
  readonly lossDifference: Averaged;
  /** Mean delta in the regions of rule `fixed`; a region that no clip has room for is absent. */
  readonly regions: Partial<Record<RegionName, Averaged>>;
  /** The Peak by its three definitions, each with the clips in which it is more than other music of the clip gives. */
  readonly peak: Partial<Record<PeakDefinition, AveragedPeak>>;
}

/** [b - 1, b + 2) around the onset b; the paper's [b, b + 5); the segment that stands out most, 0 where none does. */
export const PEAK_DEFINITIONS = ['boundary', 'paper', 'searched'] as const;
export type PeakDefinition = (typeof PEAK_DEFINITIONS)[number];

export interface AveragedPeak extends Averaged {
  /** Clips with a chance of at most 0.05, and clips that have a chance. */
  readonly shown: number;
  readonly judged: number;
}

/** One summary per window length, in ascending order. */
export function summarise(records: readonly ProbeRecord[]): LengthSummary[] {
  const lengths = [...new Set(records.map(lengthOf))].sort((a, b) => a - b);
  return lengths.map((length) => {
    const own = records.filter((record) => lengthOf(record) === length);
    const regions: Partial<Record<RegionName, Averaged>> = {};
    for (const name of REGION_NAMES) {
      const means = own.flatMap((record) =>
        findRegions(record.delta.mean, record.window, { rule: 'fixed', ...record.reach })
          .regions.filter((region) => region.name === name)
          .map((region) => region.mean),
      );
      if (means.length > 0) regions[name] = average(means, `${name} ${length}`);
    }
    return {
      length,
      step: own[0].clock.times ? 'event' : 'frame',
      clips: own.length,
      lowered: own.filter((record) => record.lossDifference < 0).length,
      lossDifference: average(
        own.map((record) => record.lossDifference),
        `loss ${length}`,
      ),
      regions,
      peak: peakOf(own, length),
    };
  });
}

function peakOf(records: readonly ProbeRecord[], length: number): LengthSummary['peak'] {
  const peaks = records.flatMap(({ profile }) => profile.transients.filter(({ name }) => name === 'peak'));
  return Object.fromEntries(
    PEAK_DEFINITIONS.flatMap((definition) => {
      const places = peaks.map((each) => each[definition]);
      const means = places.map((place) => place?.mean ?? (definition === 'searched' ? 0 : Number.NaN));
      const found = means.filter((value) => !Number.isNaN(value));
      if (found.length === 0) return [];
      const chances = places.flatMap((place) => place?.chance ?? []);
      const shown = chances.filter((chance) => chance <= 0.05).length;
      return [
        [definition, { ...average(found, `peak ${definition} ${length}`), shown, judged: chances.length }],
      ];
    }),
  );
}

/** Frames the window of a record spans. */
export function lengthOf({ window }: ProbeRecord): number {
  return window.end - window.start;
}

/** The answers in plain words: a list, at the length nearest to 100 tokens. */
export function answers(records: readonly ProbeRecord[]): string {
  const summaries = summarise(records);
  const chosen = [...summaries].sort((a, b) => Math.abs(a.length - 100) - Math.abs(b.length - 100))[0];
  if (!chosen) return '';
  return `<ul class="answers">\n${sentences(chosen)
    .map((sentence) => `<li>${escapeXml(sentence)}</li>`)
    .join('\n')}\n</ul>`;
}

/** What one length shows, sentence by sentence; plain text. */
export function sentences(summary: LengthSummary): string[] {
  const { length, clips, lowered, lossDifference, regions, peak } = summary;
  const { position, nats } = termsOf(summary.step);
  const out = [
    clips === 1
      ? `${counted(length, position)} of disturbance ${verb(length, 'changes', 'change')} the mean loss of the clip by ${withInterval(lossDifference, 3)} ${nats}.`
      : `${counted(length, position)} of disturbance ${verb(length, 'lowers', 'lower')} the mean loss of ${lowered} of ${counted(clips, 'clip')}; on average ${verb(length, 'it changes', 'they change')} ` +
        `it by ${withInterval(lossDifference, 3)} ${nats}.`,
  ];
  const { assimilation, rebound } = regions;
  if (peak.boundary)
    out.push(
      `Where it starts (Peak, three ${position}s around the onset) the loss changes by ${verdict(peak.boundary)}.`,
    );
  if (peak.paper)
    out.push(
      `Over the five ${position}s from there on, which the paper calls the Peak, it changes by ${verdict(peak.paper)}.`,
    );
  if (peak.searched)
    out.push(
      `Searched, a Peak has ${withInterval(peak.searched)} nats, which says nothing by itself: a search finds one in any noise.`,
    );
  const judged = PEAK_DEFINITIONS.flatMap((definition) => peak[definition] ?? []).filter(
    (each) => each.judged > 0,
  );
  if (judged.length === PEAK_DEFINITIONS.length)
    out.push(
      `More than other music of the clip gives (chance of at most 0.05): in ${judged.map(({ shown, judged: of }) => `${shown} of ${of}`).join(', ')} clips, in this order.`,
    );
  if (assimilation) out.push(`Inside the window (Assimilation) it changes by ${verdict(assimilation)}.`);
  if (rebound)
    out.push(`Where it ends (Rebound, three ${position}s around the end) it changes by ${verdict(rebound)}.`);
  return out;
}

/** A change with its interval, and whether it can be told from none. */
function verdict(average: Averaged): string {
  const { low, high } = average;
  if (low === undefined || high === undefined) return `${withInterval(average)} nats`;
  const told = low > 0 ? ': a rise' : high < 0 ? ': a fall' : ', which cannot be told from none';
  return `${withInterval(average)} nats${told}`;
}

/** Table and figure over lengths; empty when there is only one length. */
export function lengthSection(given: FigureDrawing, records: readonly ProbeRecord[]): string {
  const drawing = asDrawing(given);
  const summaries = summarise(records);
  if (summaries.length < 2) return '';
  const { position, nats } = termsOf(summaries[0].step);
  const row = (s: LengthSummary): string =>
    `<tr><td>${s.length}</td><td>${s.clips}</td><td>${s.lowered}</td><td>${onTwoLines(s.lossDifference, 3)}</td>` +
    PEAK_DEFINITIONS.map((definition) => `<td>${peakCell(s.peak[definition])}</td>`).join('') +
    AFTER_PEAK.map((name) => `<td>${s.regions[name] ? onTwoLines(s.regions[name]) : 'no room'}</td>`).join(
      '',
    ) +
    '</tr>';
  return `<h2>What the length of the disturbance does</h2>
<figure>${scrolled('Figure: regions by length', regionFigure(drawing, summaries))}
<figcaption>Mean loss difference in each region, over ${counted(summaries[0].clips, 'clip')}, with 95% bootstrap intervals clustered by
clip.</figcaption></figure>
<figure>${scrolled('Figure: clips by length', clipFigure(drawing, records))}
<figcaption>Loss difference of the whole clip. It averages the event over the whole clip, so it grows with length by
arithmetic alone.</figcaption></figure>
<div class="scroll" tabindex="0" role="group" aria-label="Table"><table><thead><tr><th>${position}s</th><th>clips</th><th>loss fell</th><th>whole clip (nats)</th><th>Peak [b − 1, b + 2)</th><th>Peak [b, b + 5)</th><th>Peak, searched</th>
<th>Assimilation</th><th>Rebound</th><th>Recovery</th></tr></thead><tbody>
${summaries.map(row).join('\n')}</tbody></table></div>
<p class="quiet">${capital(nats)}, protocol <code>${records[0].provenance.protocol}</code>, mean [95% interval] over clips, regions of rule <code>fixed</code>: one frame before to two after
each boundary b, the window’s interior, and the rest. Nothing is chosen by looking, so these means are unbiased. The Peak stands there by three definitions;
the paper’s is [b, b + 5). The searched one is too high: a search finds something in any noise. “2/6” counts clips in which it is more than other music of the clip
gives (chance of at most 0.05).</p>`;
}

function regionFigure(drawing: Drawing, summaries: readonly LengthSummary[]): string {
  const points = summaries.flatMap(({ length, regions }) =>
    Object.entries(regions).map(
      ([series, { mean, low, high }]): LengthPoint => ({
        series,
        length,
        value: mean,
        ...(low === undefined || high === undefined ? {} : { low, high }),
      }),
    ),
  );
  return lengthFigure(drawing, points, {
    title: 'Mean loss difference by region and length of the disturbance',
    yLabel: '↑ disturbed − clean (nats)',
    colors: { peak: INK.peak, assimilation: INK.disturbed, rebound: INK.rebound, recovery: INK.recovery },
  });
}

function clipFigure(drawing: Drawing, records: readonly ProbeRecord[]): string {
  const points = records.map((record) => ({
    series: record.clip.title ?? record.clip.name,
    length: lengthOf(record),
    value: record.lossDifference,
  }));
  const colors = [INK.disturbed, INK.peak, INK.recovery, INK.rebound, INK.clean, INK.text];
  const series = [...new Set(points.map((point) => point.series))];
  return lengthFigure(drawing, points, {
    title: 'Loss difference of the whole clip by length of the disturbance',
    yLabel: '↑ loss difference of the clip (nats)',
    colors: Object.fromEntries(series.map((name, i) => [name, colors[i % colors.length]])),
  });
}

function average(values: readonly number[], name: string): Averaged {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, clips: values.length, ...(values.length < 3 ? {} : meanInterval(values, { name })) };
}

/** Regions after the Peak, which has columns of its own. */
export const AFTER_PEAK = REGION_NAMES.filter((name) => name !== 'peak');

function peakCell(peak: AveragedPeak | undefined): string {
  if (peak === undefined) return 'no room';
  return `${onTwoLines(peak)}${peak.judged === 0 ? '' : `<br><span class="quiet">${shownOf(peak)}</span>`}`;
}

/** "2/6". */
export function shownOf({ shown, judged }: AveragedPeak): string {
  return `${shown}/${judged}`;
}

/** The mean, and under it the interval: a table of many columns stays narrow. */
function onTwoLines(average: Averaged, digits = 2): string {
  return withInterval(average, digits).replace(' [', '<br><span class="quiet">[').replace(/\]$/, ']</span>');
}

/** "+0.12 [−0.03, +0.27]". */
export function withInterval({ mean, low, high }: Averaged, digits = 2): string {
  const interval =
    low === undefined || high === undefined ? '' : ` [${signed(low, digits)}, ${signed(high, digits)}]`;
  return signed(mean, digits) + interval;
}
