// The page of one or more probes: the viewer with every clip, then what the length of the disturbance does, how to read
// it, and what made the numbers. It reads records; it computes nothing but means over clips.

import type { ProbeRecord } from '../probe/record.js';
import { drawnRegions } from '../regions/profile.js';
import type { FigureDrawing } from './drawing.js';
import { asDrawing, deltaFigure, lossFigure } from './figures.js';
import { provenanceList } from './provenance.js';
import { answers, lengthOf, lengthSection } from './summary.js';
import { escapeXml, scrolled } from './svg.js';
import { type ViewerBundle, viewerPage } from './view/page.js';
import { type ClipSounds, type PageClip, packPage } from './view/page_data.js';
import { signed } from './words.js';

/** What a page of the viewer needs of its platform. */
export interface PageParts {
  readonly bundle: ViewerBundle;
  /** Deflates (raw) and writes as base64. */
  readonly compress: (bytes: Uint8Array) => string;
  /** By clip name; a clip without sound gets no player. */
  readonly sounds: ReadonlyMap<string, ClipSounds>;
}

export interface PageOptions extends PageParts {
  readonly title: string;
  /** What this page is, as one or two sentences of plain text. */
  readonly intro: string;
}

/** A self-contained HTML page of probes. Records of one clip stand together, in the order given. */
export function probePage(
  drawing: FigureDrawing,
  records: readonly ProbeRecord[],
  options: PageOptions,
): string {
  const { title, intro, bundle, compress, sounds } = options;
  const byClip = new Map<string, ProbeRecord[]>();
  for (const record of records) {
    byClip.set(record.clip.name, [...(byClip.get(record.clip.name) ?? []), record]);
  }
  const clips = [...byClip].map(([name, probes]): PageClip => {
    const { clip } = probes[0];
    const sound = sounds.get(name);
    return {
      name,
      title: clip.title ?? name,
      ...(clip.group ? { group: clip.group } : {}),
      probes,
      ...(sound ? { sounds: sound } : {}),
    };
  });
  const first = firstShown(clips[0]?.probes ?? []);
  const after = [
    byClip.size > 1 ? `<h2>All clips together</h2>\n${answers(records)}` : '',
    lengthSection(drawing, records),
    howToRead(),
    '<h2>What made these numbers</h2>',
    provenanceList(records),
  ];
  return viewerPage({
    title,
    intro,
    bundle,
    data: compress(packPage({ clips, first })),
    after: after.join('\n'),
    still: clips
      .map(({ probes }) => stillFigures(drawing, probes[Math.min(first, probes.length - 1)]))
      .join('\n'),
  });
}

/** The first length at which all regions have room, if there is one: what a newcomer should see first. */
function firstShown(probes: readonly ProbeRecord[]): number {
  return Math.max(
    0,
    probes.findIndex((record) => lengthOf(record) >= 100),
  );
}

/** The curves of a probe as figures, for those who run no scripts. */
function stillFigures(given: FigureDrawing, record: ProbeRecord): string {
  const drawing = asDrawing(given);
  const { clock, window, profile, clip, disturbance } = record;
  const what = `${clip.title ?? clip.name}, ${disturbance}`;
  const loss = lossFigure(drawing, {
    title: `Loss of ${what}`,
    clean: record.clean.byFrame,
    disturbed: record.disturbed.byFrame,
    window,
    clock,
  });
  const delta = deltaFigure(drawing, {
    title: `Loss difference of ${what}`,
    delta: record.delta.mean,
    bands: drawnRegions(profile),
    clock,
  });
  return `<figure class="drawn">${scrolled(`Curves of ${what}`, `${loss}\n${delta}`)}
<figcaption>${escapeXml(what)}, protocol <code>${record.provenance.protocol}</code>. Above: loss of the clean and the disturbed
clip (thin: every token, bold: mean of 5). Below: their difference, with the regions that rule <code>${profile.rule}</code> found.
Whole clip: ${signed(record.lossDifference, 3)} nats.</figcaption></figure>`;
}

function howToRead(): string {
  return `<h2>How to read this</h2>
<p>A music language model reads sound as <em>tokens</em>, a few numbers every fiftieth of a second, and predicts each from those before
it. Its <em>loss</em>, the negative log-likelihood in <em>nats</em>, says how little it expected what came: 0 is “I knew it”, one nat more
means 2.7 times less likely. It is often taken for the quality of the music. It is not: a disturbance can leave it unchanged, or
lower it. What tells how the model follows the music is the <em>shape</em> of the loss around the disturbance: a spike where it starts
(Peak), a new level inside (Assimilation), a second spike where the music comes back (Rebound), and a wavering that dies away
(Recovery).</p>
<p>A rule that looks for a spike finds one in pure noise too. So Peak and Rebound are judged at fixed places, what is searched is only
drawn, and each region carries a chance: how often other music of this clip, put into the window, would give as much. A chance of 0.05 or
more is no evidence. All numbers are defined in docs/measure of the losscope repository.</p>`;
}
