// The page of one or more probes: the answers first, the curves with their regions, the sound, the numbers, and
// what made them. It reads records; it computes nothing but means over clips.

import type { ProbeRecord } from '../probe/record.js';
import { drawnRegions } from '../regions/profile.js';
import type { Distribution } from '../stats/describe.js';
import { CURVE_LAYOUT, type Drawing, deltaFigure, lossFigure } from './figures.js';
import { pageShell } from './page_shell.js';
import { PROBE_SCRIPT } from './probe_script.js';
import { provenanceList } from './provenance.js';
import { answers, lengthOf, lengthSection } from './summary.js';
import { escapeXml } from './svg.js';
import { ABSENT, chance, definitions, details, percent, plain, signed, unjudgedSentences } from './words.js';

/** A clip as sound to listen to: 16-bit PCM in base64, mono. */
export interface ClipSound {
  readonly sampleRate: number;
  readonly clean: string;
  /** One per record of the clip, in their order: what stands from sample `start` on, and the length of the whole. */
  readonly inserts: readonly { readonly start: number; readonly pcm: string; readonly samples: number }[];
}

export interface PageOptions {
  readonly title: string;
  /** What this page is, as one or two sentences of plain text. */
  readonly intro: string;
  /** By clip name; a clip without sound gets no player. */
  readonly sounds: ReadonlyMap<string, ClipSound>;
}

/** A self-contained HTML page of probes. Records of one clip stand together, in the order given. */
export function probePage(drawing: Drawing, records: readonly ProbeRecord[], options: PageOptions): string {
  const clips = new Map<string, ProbeRecord[]>();
  for (const record of records) {
    clips.set(record.clip.name, [...(clips.get(record.clip.name) ?? []), record]);
  }
  const body = [
    `<p class="quiet">losscope ${escapeXml(records[0]?.provenance.losscope ?? '')}</p>`,
    `<h1>${escapeXml(options.title)}</h1>`,
    `<p>${escapeXml(options.intro)}</p>`,
    answers(records),
    lengthSection(drawing, records),
    ...[...clips].map(([name, own]) => clipSection(drawing, own, options.sounds.get(name))),
    howToRead(),
    '<h2>What made these numbers</h2>',
    provenanceList(records),
  ];
  return pageShell(options.title, body.join('\n'), { script: PROBE_SCRIPT });
}

function clipSection(
  drawing: Drawing,
  records: readonly ProbeRecord[],
  sound: ClipSound | undefined,
): string {
  const { clip } = records[0];
  // The first length at which all regions have room, if there is one: what a newcomer should see first.
  const shown = Math.max(
    0,
    records.findIndex((record) => record.window.end - record.window.start >= 100),
  );
  const tabs = records.map(
    (record, i) => `<button type="button" aria-pressed="${i === shown}">${lengthOf(record)} tokens</button>`,
  );
  return `<section class="clip">
<h2>${escapeXml(clip.title ?? clip.name)}</h2>
<p class="quiet">${escapeXml(clip.name)}${clip.group ? ` · ${escapeXml(clip.group)}` : ''} · mean loss of the clean clip
${plain(records[0].clean.mean)} nats per code</p>
${sound ? soundBlock(sound) : ''}
${records.length > 1 ? `<div class="tabs"><span class="quiet">length of the disturbance:</span>${tabs.join('')}</div>` : ''}
${records.map((record, i) => probeBlock(drawing, record, i !== shown)).join('\n')}
</section>`;
}

function soundBlock(sound: ClipSound): string {
  return `<div class="listen">
<label>clean<audio class="clean" controls preload="none"></audio></label>
<label>disturbed<audio class="disturbed" controls preload="none"></audio></label>
</div>
<script type="application/json" class="sound">${JSON.stringify(sound)}</script>`;
}

function probeBlock(drawing: Drawing, record: ProbeRecord, hidden: boolean): string {
  const { clock, window, profile } = record;
  const frameRate = clock.sampleRate / clock.hop;
  const what = `${record.clip.title ?? record.clip.name}, ${record.disturbance}`;
  const { width, marginLeft, marginRight } = CURVE_LAYOUT;
  const loss = lossFigure(drawing, {
    title: `Loss of ${what}`,
    clean: record.clean.byFrame,
    disturbed: record.disturbed.byFrame,
    window,
    frameRate,
  });
  const delta = deltaFigure(drawing, {
    title: `Loss difference of ${what}`,
    delta: record.delta.mean,
    bands: drawnRegions(profile),
    frameRate,
  });
  return `<div class="probe"${hidden ? ' hidden' : ''}>
<figure><div class="curves" data-left="${marginLeft}" data-right="${marginRight}" data-width="${width}" \
data-seconds="${record.delta.frames / frameRate}">
${loss}
${delta}
<div class="playhead"></div></div>
<figcaption>${escapeXml(record.disturbance)}, protocol <code>${record.provenance.protocol}</code>. Above: loss of the clean and
the disturbed clip (thin: every frame, bold: mean of 5 frames). Below: their difference, with the regions rule
<code>${profile.rule}</code> found. Whole clip: ${signed(record.lossDifference, 3)} nats.</figcaption></figure>
${regionTable(record)}
${nullSection(record)}
</div>`;
}

/** What the same rule reports under the null: a region is evidence only beyond this. */
function nullSection({ profile }: ProbeRecord): string {
  const { calibration, uncalibrated } = profile;
  if (!calibration)
    return `<p class="quiet">No chances: ${escapeXml(uncalibrated ?? 'no null was made')}.</p>`;
  const rows = calibration.table.map(
    ({ name, found, mean, statistic }) =>
      `<tr><td>${name}</td><td>${percent(found)}</td><td>${spreadOf(mean)}</td>` +
      `<td>${statistic ? `${statistic.name} ${spreadOf(statistic)}` : ABSENT}</td></tr>`,
  );
  return `<details><summary class="quiet">what rule ${profile.rule} reports under the null (${calibration.draws} draws)</summary>
<p class="quiet">Null “${calibration.source}”: ${escapeXml(calibration.hypothesis)}.</p>
<table><thead><tr><th>region</th><th>found</th><th>mean (nats): mean [5%, 95%]</th><th>what the chance compares</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table></details>`;
}

function spreadOf(distribution: Distribution | undefined): string {
  if (!distribution) return ABSENT;
  const { mean, q05, q95 } = distribution;
  return `${signed(mean)} [${signed(q05)}, ${signed(q95)}]`;
}

function regionTable({ profile, clock }: ProbeRecord): string {
  const seconds = (frames: number): string => plain((frames * clock.hop) / clock.sampleRate);
  const rows = profile.regions.map(
    (region) =>
      `<tr><td>${region.name}</td><td>${region.start}–${region.end - 1}</td><td>${seconds(region.start)}–${seconds(region.end)}</td>` +
      `<td>${signed(region.mean)}</td><td>${signed(region.extreme.value)} at ${region.extreme.at}</td>` +
      `<td class="long">${details(region)}</td><td>${chance(region.chance)}</td></tr>`,
  );
  const missing = profile.absent.map(
    ({ name, why }) =>
      `<tr><td>${name}</td><td colspan="6" class="long" style="text-align:left">absent: ${escapeXml(why)}</td></tr>`,
  );
  const several = profile.transients.map(
    (transient) => `<li>${transient.name}: ${escapeXml(definitions(transient))}</li>`,
  );
  const unjudged = unjudgedSentences(profile).map((sentence) => `<li>${escapeXml(sentence)}</li>`);
  return `<div class="scroll"><table><thead><tr><th>region</th><th>tokens</th><th>seconds</th><th>mean (nats)</th><th>extreme (nats)</th>
<th>details</th><th>chance under the null</th></tr></thead><tbody>${[...rows, ...missing].join('\n')}</tbody></table></div>
<ul class="quiet">${[...several, ...unjudged].join('\n')}</ul>`;
}

function howToRead(): string {
  return `<h2>How to read this</h2>
<p>A music language model predicts each code of a clip from those before it. Its loss, the negative log-likelihood, is often taken for the
quality of the music. It is not: a disturbance can leave it unchanged, or lower it. What tells how the model follows the music is the
<em>shape</em> of the loss around the disturbance: a spike where it starts (Peak), a new level inside (Assimilation), a second spike where
the music comes back (Rebound), and a wavering that dies away (Recovery).</p>
<p>A rule that looks for a spike finds one in pure noise too. So Peak and Rebound are judged at fixed places, what is searched is only
drawn, and each region carries a chance: how often other music of this clip, put into the window, would give as much. A chance of 0.05 or
more is no evidence. All numbers are defined in docs/measure.md of the losscope repository.</p>`;
}
