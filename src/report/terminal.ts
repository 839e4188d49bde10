// A delta curve as a few lines of text: columns of block characters above and below zero, the window underneath.

import {
  type FrameClock,
  frameOfSample,
  sampleOfSeconds,
  secondsOfFrame,
  type Terms,
  termsOf,
} from '../audio/codes.js';
import { counted } from '../counted.js';
import type { ProbeRecord } from '../probe/record.js';
import type { Profile } from '../regions/profile.js';
import type { Window } from '../regions/window.js';
import { AFTER_PEAK, type LengthSummary, PEAK_DEFINITIONS, shownOf, withInterval } from './summary.js';
import {
  chance,
  definitions,
  details,
  percent,
  plain,
  signed,
  templateSentences,
  unjudgedSentences,
} from './words.js';

const UPPER = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ROWS = 3;

interface TerminalCurve {
  /** [T], nats; NaN where undefined. */
  readonly delta: ArrayLike<number>;
  readonly window: Window;
  readonly clock: FrameClock;
  /** Characters across. */
  readonly columns?: number;
}

/** Lines of text: above zero, below zero, the window, the seconds. Each column is the mean of its frames. */
function terminalCurve(curve: TerminalCurve): string[] {
  const frames = curve.delta.length;
  const columns = Math.min(curve.columns ?? 75, frames);
  const edge = (column: number): number => Math.round((column * frames) / columns);
  const means = Array.from({ length: columns }, (_, c) => meanOf(curve.delta, edge(c), edge(c + 1)));
  const largest = Math.max(1e-9, ...means.map((mean) => (Number.isNaN(mean) ? 0 : Math.abs(mean))));
  const eighths = means.map((mean) => (Number.isNaN(mean) ? 0 : Math.round((mean / largest) * ROWS * 8)));
  const label = (value: number): string => `${signed(value).padStart(7)} `;
  const lines: string[] = [];
  for (let row = ROWS - 1; row >= 0; row--) {
    const cells = eighths.map((e) => UPPER[Math.max(0, Math.min(8, e - row * 8))]);
    lines.push((row === ROWS - 1 ? label(largest) : ' '.repeat(8)) + cells.join(''));
  }
  for (let row = 0; row < ROWS; row++) {
    // There are no blocks that hang from the top: half a cell is the finest step below zero.
    const cells = eighths.map((e) => [' ', '▀', '█'][Math.max(0, Math.min(2, Math.round(-e / 4) - row * 2))]);
    lines.push((row === ROWS - 1 ? label(-largest) : ' '.repeat(8)) + cells.join(''));
  }
  const inside = (c: number): boolean => edge(c + 1) > curve.window.start && edge(c) < curve.window.end;
  const bar = means.map((mean, c) => (inside(c) ? '▔' : Number.isNaN(mean) ? '?' : '·')).join('');
  lines.push(' '.repeat(8) + bar);
  lines.push(' '.repeat(8) + secondsAxis(curve, columns));
  return lines.map((line) => line.trimEnd());
}

/** Seconds under the curve, a label about every tenth column. */
function secondsAxis({ delta: { length: frames }, clock }: TerminalCurve, columns: number): string {
  const seconds = secondsOfFrame(clock, frames);
  const columnOf = (second: number): number => {
    if (!clock.times) return Math.round((second / seconds) * columns);
    return Math.round((frameOfSample(clock, sampleOfSeconds(clock, second)) / frames) * columns);
  };
  const step = Math.max(1, Math.ceil(seconds / (columns / 10)));
  const cells = new Array<string>(columns).fill(' ');
  for (let s = 0; s < seconds; s += step) {
    const at = columnOf(s);
    [...`${s}s`].forEach((letter, i) => {
      if (at + i < columns) cells[at + i] = letter;
    });
  }
  return cells.join('');
}

function meanOf(values: ArrayLike<number>, start: number, end: number): number {
  let sum = 0;
  let n = 0;
  for (let t = start; t < end; t++) {
    if (Number.isNaN(values[t])) continue;
    sum += values[t];
    n++;
  }
  return n === 0 ? Number.NaN : sum / n;
}

/** A probe in a terminal: what was done, the curve, the regions. */
export function probeLines(record: ProbeRecord): string[] {
  const { clip, clean, disturbed, delta, window, clock, provenance, changed } = record;
  const level = record.event.levelDbfs;
  const terms = termsOf(clock);
  return [
    `${clip.name}: ${record.disturbance}${level === undefined ? '' : ` (${level.toFixed(1)} dBFS)`}`,
    `mean loss ${plain(clean.mean, 4)} clean, ${plain(disturbed.mean, 4)} disturbed, ` +
      `difference ${signed(record.lossDifference, 4)} ${terms.nats} (model ${provenance.model}, protocol ${provenance.protocol})`,
    `${terms.number}s changed: ${percent(changed.before)} before the window, ${percent(changed.inside)} inside, ` +
      `${percent(changed.after)} after`,
    `disturbed − clean by ${clock.times ? terms.position : 'frame'}, nats:`,
    ...terminalCurve({ delta: delta.mean, window, clock }),
    ...regionLines(record.profile, terms.position),
    '',
  ];
}

/** Header and rows of the table by length, as cells. */
export function lengthRows(summaries: readonly LengthSummary[]): string[][] {
  const peaks = ['Peak [b-1, b+2)', 'Peak [b, b+5)', 'Peak, searched'];
  const after = ['Assimilation', 'Rebound', 'Recovery'];
  const head = ['tokens', 'clips', 'loss fell', 'whole clip', ...peaks, ...after];
  const rows = summaries.map(({ length, clips, lowered, lossDifference, regions, peak }) => [
    String(length),
    String(clips),
    String(lowered),
    withInterval(lossDifference, 3),
    ...PEAK_DEFINITIONS.map((definition) => {
      const found = peak[definition];
      return found ? `${withInterval(found)} ${shownOf(found)}` : 'no room';
    }),
    ...AFTER_PEAK.map((name) => {
      const region = regions[name];
      return region ? withInterval(region) : 'no room';
    }),
  ]);
  return [head, ...rows];
}

/** The regions of a profile as aligned lines. */
export function regionLines(profile: Profile, position: Terms['position'] = 'token'): string[] {
  const rows = profile.regions.map((region) => [
    region.name,
    `${region.start}-${region.end - 1}`,
    signed(region.mean),
    `${signed(region.extreme.value)} at ${region.extreme.at}`,
    chance(region.chance),
    details(region, position),
  ]);
  const head = ['region', `${position}s`, 'mean', 'extreme', 'chance', ''];
  const lines = table([head, ...rows], { left: [0, 5] });
  for (const { name, why } of profile.absent) lines.push(`${name}: absent, ${why}`);
  for (const transient of profile.transients)
    lines.push(`${transient.name}: ${definitions(transient, position)}`);
  lines.push(...templateSentences(profile, position), ...unjudgedSentences(profile, position));
  const { baseline, calibration, uncalibrated } = profile;
  lines.push(
    `rule ${profile.rule}; baseline ${signed(baseline.level)} nats over ${counted(baseline.frames, position)} before the onset`,
    calibration
      ? `chance: that the null "${calibration.source}" gives as much (${counted(calibration.draws, 'draw')}): ${calibration.hypothesis}`
      : `no chances: ${uncalibrated ?? 'no null was made'}`,
  );
  const underNull = (calibration?.table ?? []).map(
    ({ name, found, mean }) =>
      `${name} in ${percent(found)}` +
      (mean ? `, mean ${signed(mean.mean)} [5% ${signed(mean.q05)}, 95% ${signed(mean.q95)}]` : ''),
  );
  if (underNull.length > 0) lines.push(`under the null: ${underNull.join('; ')}`);
  return lines;
}

/** Columns of text, padded to line up: those named `left` to the left, the others, numbers, to the right. */
export function table(
  rows: readonly (readonly string[])[],
  { left = [0] }: { readonly left?: readonly number[] } = {},
): string[] {
  const widths = rows[0].map((_, c) => Math.max(...rows.map((row) => row[c].length)));
  return rows.map((row) =>
    row
      .map((cell, c) => (left.includes(c) ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd(),
  );
}
