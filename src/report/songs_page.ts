// The page of a ranking: every song with what speaks against it and where, its excess with an interval, and its plain loss
// beside it, all on the same axes.

import { termsOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import type { JudgedSong, Song } from '../probe/songs.js';
import { madeWords, type ScoresMade } from '../scores/made.js';
import { type Finding, PANEL, type PanelMember } from '../scores/panel.js';
import { spearman } from '../stats/correlate.js';
import { pageShell } from './page_shell.js';
import {
  LANE_STYLE,
  type LaneAxes,
  laneAxes,
  lanesHtml,
  type MemberCurves,
  memberCurves,
} from './song_curves.js';
import { escapeXml } from './svg.js';
import { chance, plain, signed, tick } from './words.js';

export interface SongsPageOptions {
  readonly made: ScoresMade;
  /** Scores that judged the songs. */
  readonly members: readonly PanelMember[];
  /** "beside 32 bundled clips ..." */
  readonly beside: string;
  /** Seconds of each song, and where in the song they begin. */
  readonly seconds: number;
  readonly offset: number;
}

/** A self-contained page. `songs` are the same as heard, in any order. */
export function songsPage(
  judged: readonly JudgedSong[],
  songs: readonly Song[],
  options: SongsPageOptions,
): string {
  const heard = new Map(songs.map((song) => [song.name, song]));
  const { nats } = termsOf(songs[0]?.heard ?? {});
  const curves = judged.map(({ name }): MemberCurves => {
    const own = heard.get(name);
    return own ? memberCurves(own, options) : new Map();
  });
  const axes = { ...axesOf(judged, nats), lanes: laneAxes(curves, options.seconds) };
  const title = `${counted(judged.length, 'song')}, by what speaks against them`;
  const { made, members, beside, offset } = options;
  const body = `<h1>${title}</h1>
<p class="quiet">${escapeXml(madeWords(made).replace('m', 'M'))}${offset > 0 ? ` from ${tick(offset)} s on` : ''}; ${escapeXml(beside)}.</p>
<ul class="answers">${sentences(judged, offset)
    .map((sentence) => `<li>${escapeXml(sentence)}</li>`)
    .join('\n')}</ul>
<ol class="songs">
${judged.map((song, i) => songHtml(song, curves[i], { axes, place: i + 1, options })).join('\n')}
</ol>
<h2>How to read this</h2>
<p>${counted(members.length, 'score')} are judged together beside clean clips, at 5% false alarms: ${escapeXml(
    members.map((member) => `${member} (${PANEL[member]})`).join('; '),
  )}. <em>Panel</em> is the smallest of their chances, written as standard deviations of a
normal (1.64 is 5%, before their number is allowed for).</p>
<p>Each of them stands as a curve over seconds, by quarters of a second, with the number of the whole clip under its name; shaded is where it found most. The excess, in
${nats}, and how far each frame is from its mean (unevenness), the rarity of the codes of the first codebook within the clip (variety) and round-trip (a share of codes,
of the middle seconds only) are means over each step; poorest is the best fit around each place. Of notes, typical (the excess in standard deviations of what the model expects) is such a mean, and maximum the highest mean of 25 notes. Below stand the excess of the whole clip with its 95% interval over seconds, and the plain loss, which noise can lower: it is there to compare, and orders
nothing. All songs share their axes. A clip that is unlike the clean ones need not be bad: it may be other music.</p>
<p class="quiet">All scores are defined in docs/measure/scores.md of the losscope repository.</p>`;
  return pageShell(title, body, { style: STYLE + LANE_STYLE });
}

function sentences(judged: readonly JudgedSong[], offset: number): string[] {
  const alarms = judged.filter(({ alarm }) => alarm);
  const placed = judged.filter(({ strength, values }) => Number.isFinite(strength + values.loss));
  const { r } = spearman(
    placed.map(({ strength }) => strength),
    placed.map(({ values }) => values.loss),
  );
  const [first] = alarms;
  return [
    alarms.length === 0
      ? 'No song raises an alarm.'
      : `${alarms.length} of ${counted(judged.length, 'song')} ${alarms.length === 1 ? 'raises' : 'raise'} an alarm; of clean songs about 5% would, if clean clips are about normal; up to 20% with long tails.`,
    ...(first ? [`First: ${nameOf(first.name)}, ${first.findings.map(placeWords(offset)).join(', ')}.`] : []),
    ...(Number.isNaN(r) || placed.length < 3
      ? []
      : [`Rank correlation of this order with that by plain loss: ${signed(r)}.`]),
  ];
}

interface Axis {
  readonly low: number;
  readonly high: number;
}

interface Axes {
  readonly excess: Axis;
  readonly loss: Axis;
  /** Unit of excess and loss. */
  readonly nats: string;
}

function axesOf(judged: readonly JudgedSong[], nats: string): Axes {
  return {
    nats,
    excess: axisOf(judged.flatMap(({ excess: { mean, low, high } }) => [mean, low, high])),
    loss: axisOf(judged.map(({ values }) => values.loss)),
  };
}

function axisOf(values: readonly number[]): Axis {
  const defined = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...defined), Math.max(...defined)];
  if (defined.length === 0) return { low: 0, high: 1 };
  return low === high ? { low: low - 0.5, high: high + 0.5 } : { low, high };
}

interface Placed {
  readonly axes: Axes & { readonly lanes: LaneAxes };
  readonly place: number;
  readonly options: SongsPageOptions;
}

function songHtml(song: JudgedSong, curves: MemberCurves, { axes, place, options }: Placed): string {
  const { name, strength, alarm, findings } = song;
  const { offset, members } = options;
  const badge = alarm ? ' <span class="badge">alarm</span>' : '';
  const against =
    findings.length === 0
      ? '<p class="quiet">Nothing speaks against it.</p>'
      : `<ul>${findings
          .map(
            (finding) =>
              `<li><b>${escapeXml(placeWords(offset)(finding))}</b> (chance ${chance(finding.chance)}): ${escapeXml(PANEL[finding.member])}</li>`,
          )
          .join('\n')}</ul>`;
  return `<li class="song"><div class="who"><h2>${place}. ${escapeXml(nameOf(name))}${badge}</h2>
<p class="quiet">panel ${plain(strength)} s.d., chance ${chance(song.chance)}</p>${against}</div>
<div class="seen">${lanesHtml(song, curves, { members, axes: axes.lanes, offset, nats: axes.nats })}${numbersSvg(song, axes)}</div></li>`;
}

/** "contour at 4.0–6.0 s", in seconds of the song. */
function placeWords(offset: number): (finding: Finding) => string {
  return ({ member, where }) =>
    where ? `${member} at ${plain(where.start + offset, 1)}–${plain(where.end + offset, 1)} s` : member;
}

function nameOf(name: string): string {
  return name.split(/[/\\]/).at(-1) ?? name;
}

const ROW = 22;
const NUMBERS = { width: 560, left: 64, right: 470 };

/** Excess with its interval, and the plain loss, a row each. */
function numbersSvg({ name, excess, values }: JudgedSong, axes: Axes): string {
  const { nats } = axes;
  const { width, left, right } = NUMBERS;
  const x = (value: number, axis: Axis): number => left + share(value, axis) * (right - left);
  const row = (
    title: string,
    value: number,
    { axis, low = Number.NaN, high = Number.NaN, i }: { axis: Axis; low?: number; high?: number; i: number },
  ): string => {
    const y = ROW * (i + 0.5);
    const bar = Number.isNaN(low)
      ? ''
      : `<line class="interval" x1="${at(x(low, axis))}" x2="${at(x(high, axis))}" y1="${y}" y2="${y}"/>`;
    const dot = Number.isNaN(value)
      ? ''
      : `<circle class="${i === 0 ? 'dot' : 'beside'}" cx="${at(x(value, axis))}" cy="${y}" r="4"/>`;
    return `<text x="0" y="${y + 4}">${title}</text><line class="axis" x1="${left}" x2="${right}" y1="${y}" y2="${y}"/>${bar}${dot}
<text x="${width}" y="${y + 4}" text-anchor="end">${plain(value)}</text>`;
  };
  const label = `${nameOf(name)}: excess ${plain(excess.mean)} from ${plain(excess.low)} to ${plain(excess.high)}, loss ${plain(values.loss)} ${nats}`;
  return `<svg class="numbers" role="img" viewBox="0 0 ${width} ${2 * ROW}" aria-label="${escapeXml(label)}">
${row('excess', excess.mean, { axis: axes.excess, low: excess.low, high: excess.high, i: 0 })}
${row('loss', values.loss, { axis: axes.loss, i: 1 })}</svg>`;
}

function share(value: number, { low, high }: Axis): number {
  return (value - low) / (high - low);
}

function at(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}

const STYLE = `
.songs { list-style: none; padding: 0; margin: 18px 0; }
.song { display: grid; grid-template-columns: minmax(260px, 5fr) minmax(320px, 7fr); gap: 4px 28px; padding: 14px 0;
  border-top: 1px solid var(--line); }
.song h2 { border: 0; margin: 0; padding: 0; font-size: 17px; overflow-wrap: anywhere; }
.song p { margin: 2px 0; } .song ul { margin: 6px 0 0; padding-left: 18px; font-size: 14px; }
.badge { background: var(--warn); color: var(--paper); border-radius: 4px; font-size: 12px; font-weight: 600; padding: 1px 7px; vertical-align: 2px; }
.song .numbers { width: 100%; font-size: 12px; } .song text { fill: var(--ink); }
.song .axis { stroke: var(--line); }
.song .interval { stroke: var(--accent); stroke-width: 3; opacity: .55; }
.song .dot { fill: var(--accent); } .song .beside { fill: none; stroke: var(--quiet); stroke-width: 2; }
@media (max-width: 760px) { .song { grid-template-columns: 1fr; } .song .numbers { font-size: 18px; } }
`;
