// The curves of a song on the page of a ranking: a lane for each score that judges, over the same seconds, with the place that
// was found shaded. Words stand beside the drawings, as large on a phone as elsewhere.

import { inSteps, type JudgedSong, type Song, type SteppedCurve } from '../probe/songs.js';
import { scoreCurve } from '../scores/curves.js';
import type { PanelMember } from '../scores/panel.js';
import { SCORES } from '../scores/scores.js';
import { escapeXml } from './svg.js';
import { plain, tick } from './words.js';

/** Seconds of one step of a curve, and how many steps a curve has at most. */
const STEP = 0.25;
const MOST_STEPS = 300;

/** The curves of one song by steps; a score that the clip does not have is absent. */
export type MemberCurves = ReadonlyMap<PanelMember, SteppedCurve>;

/** `seconds`: of each song. */
export function memberCurves(
  { heard }: Song,
  { members, seconds }: { readonly members: readonly PanelMember[]; readonly seconds: number },
): MemberCurves {
  const step = Math.max(STEP, seconds / MOST_STEPS);
  return new Map(
    members.flatMap((member) => {
      const curve = scoreCurve(heard, member);
      return curve ? [[member, inSteps(heard, curve, step)] as const] : [];
    }),
  );
}

export interface LaneAxes {
  /** Lowest and highest value of each score over all songs. */
  readonly values: ReadonlyMap<PanelMember, { readonly low: number; readonly high: number }>;
  /** Seconds of the longest song. */
  readonly seconds: number;
}

export function laneAxes(songs: readonly MemberCurves[], seconds: number): LaneAxes {
  const curves = songs.flatMap((curves) => [...curves]);
  const rangeOf = (member: PanelMember) => {
    const values = curves.flatMap(([name, curve]) => (name === member ? curve.values : []));
    const defined = values.filter(Number.isFinite);
    const [low, high] = [Math.min(...defined), Math.max(...defined)];
    return low === high ? { low: low - 0.5, high: high + 0.5 } : { low, high };
  };
  return {
    values: new Map(curves.map(([member]) => [member, rangeOf(member)])),
    seconds: Math.max(seconds, ...curves.map(([, { start, step, values }]) => start + step * values.length)),
  };
}

interface LaneOptions {
  readonly members: readonly PanelMember[];
  readonly axes: LaneAxes;
  /** Seconds of the song at which its curves begin. */
  readonly offset: number;
  /** Unit of a loss: see termsOf. */
  readonly nats: string;
}

/** The lanes of a song, one under the other, and the seconds below. */
export function lanesHtml(
  song: JudgedSong,
  curves: MemberCurves,
  { members, axes, offset, nats }: LaneOptions,
): string {
  const lanes = members.map((member) => {
    const curve = curves.get(member);
    const range = axes.values.get(member);
    const name = `<span class="name">${member}<br><b>${plain(song.values[member])}</b></span>`;
    if (!curve || !range)
      return `<div class="lane">${name}<span class="quiet">not defined for this clip</span></div>`;
    const { low, high } = range;
    return `<div class="lane">${name}${laneSvg(song, member, { curve, range, axes, offset, nats })}<span class="ends"><i>${plain(high)}</i><i>${plain(low)}</i></span></div>`;
  });
  const ends = [0, axes.seconds / 2, axes.seconds].map(
    (seconds) => `<i>${tick(Math.round(10 * (seconds + offset)) / 10)} s</i>`,
  );
  return `<div class="lanes">${lanes.join('\n')}
<div class="lane ticks"><span></span><span class="seconds">${ends.join('')}</span></div></div>`;
}

/** In units of its own, stretched to the width that there is. */
const LANE = { width: 600, height: 40 };

interface Lane extends Pick<LaneOptions, 'axes' | 'offset' | 'nats'> {
  readonly curve: SteppedCurve;
  readonly range: { readonly low: number; readonly high: number };
}

function laneSvg(
  { name, findings }: JudgedSong,
  member: PanelMember,
  { curve: { start, step, values }, range: { low, high }, axes, offset, nats }: Lane,
): string {
  const { width, height } = LANE;
  const x = (seconds: number): string => at((seconds / axes.seconds) * width);
  const y = (value: number): string => at(height - 2 - ((value - low) / (high - low)) * (height - 4));
  const places = findings.flatMap((found) => (found.member === member && found.where ? [found.where] : []));
  const bands = places.map(
    (where) =>
      `<rect class="found" x="${x(where.start)}" width="${at(((where.end - where.start) / axes.seconds) * width)}" y="0" height="${height}"/>`,
  );
  // A step without a value breaks the line.
  const line = values.map((value, i) => {
    if (Number.isNaN(value)) return '';
    return `${Number.isNaN(values[i - 1] ?? Number.NaN) ? 'M' : 'L'}${x(start + (i + 0.5) * step)} ${y(value)}`;
  });
  const defined = values.filter((value) => !Number.isNaN(value));
  const unit = SCORES[member].unit === 'nats' ? ` ${nats}` : '';
  const range =
    defined.length === 0
      ? 'no value'
      : `${plain(Math.min(...defined))} to ${plain(Math.max(...defined))}${unit}`;
  const found = places.map(
    (where) => `; found from ${plain(where.start + offset, 1)} to ${plain(where.end + offset, 1)} s`,
  );
  const label = `${member} of ${name.split(/[/\\]/).at(-1)} over ${tick(Math.round(axes.seconds))} seconds: ${range}${found.join('')}`;
  return `<svg role="img" viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" aria-label="${escapeXml(label)}">${bands.join('')}
<path class="curve" d="${line.join('')}"/></svg>`;
}

function at(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}

export const LANE_STYLE = `
.lane { display: grid; grid-template-columns: 92px minmax(0, 1fr) 44px; gap: 0 8px; align-items: center; margin: 3px 0; font-size: 13px; line-height: 1.25; }
.lane .name { color: var(--quiet); } .lane b { color: var(--ink); font-weight: 600; font-variant-numeric: tabular-nums; }
.lane svg { width: 100%; height: 46px; border-bottom: 1px solid var(--line); }
.lane .curve { fill: none; stroke: var(--ink); stroke-width: 1.4; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.lane .found { fill: var(--warn); opacity: .3; }
.lane i { font-style: normal; color: var(--quiet); font-size: 12px; font-variant-numeric: tabular-nums; }
.lane .ends { display: flex; flex-direction: column; justify-content: space-between; height: 46px; }
.lane .seconds { display: grid; grid-template-columns: 1fr 1fr 1fr; }
.lane .seconds i:nth-child(2) { text-align: center; } .lane .seconds i:nth-child(3) { text-align: right; }
`;
