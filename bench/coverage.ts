// Are chances under the null `self` chances? Another stretch of the same clean clip stands in the window, cut out of what the
// null knows: how often has it a chance of at most 0.05, on either side? Of sound and of notes. No part of `npm run bench`.
//   npx losscope score SONGS... --json > scores.jsonl
//   npx tsx bench/coverage.ts scores.jsonl [stretches] [lengths]

import { readFileSync } from 'node:fs';
import { UNRELATED } from '../src/regions/fit.js';
import { type CleanCurve, type MusicMaterial, otherMusic } from '../src/regions/other_music.js';
import { ENCODEC_REACH } from '../src/regions/region.js';
import { type Surroundings, seenAt, seenAtBoundary } from '../src/regions/seen.js';
import { canJudge, type JudgedFrames, type NullCurves, widened } from '../src/regions/stretches.js';
import { defined } from '../src/stats/defined.js';
import { mean, standardDeviation } from '../src/stats/describe.js';
import { generator, type Random, seedOf } from '../src/stats/random.js';

/** As many as a study takes. */
const OTHERS = 24;
const DRAWS = 99;
/** Frames or notes that the null leaves out at a clip's start, and fewest that it takes. */
const [WARM_UP, FEWEST] = [50, 100];
/** Of sound, frames. */
const LENGTHS = [5, 10, 50, 100, 150, 200];
const START = 250;
/** Of notes, seconds. */
const SECONDS = [0.5, 1, 2, 4];
const NO_REACH = { reach: 0, lag: 0 };

type Span = readonly [number, number];
/** Frames [from, to) that are judged in a window [start, end) of a clip that ends with frame T - 1. */
const PLACES: Readonly<Record<string, (start: number, end: number, last: number) => Span>> = {
  'Peak [S-1, S+2)': (start) => [start - 1, start + 2],
  'Peak [S, S+5)': (start) => [start, start + 5],
  'Rebound [E-1, E+2)': (_, end) => [end - 1, end + 2],
  'Rebound [E, E+5)': (_, end) => [end, end + 5],
  Assimilation: (start, end) => [start + 3, end - 4],
  window: (start, end) => [start, end],
  Recovery: (_, end, last) => [end + 3, last],
};
/** In notes there is no codec: the note before the window is untouched, and the last one of it is its own. */
const NOTE_PLACES: typeof PLACES = {
  ...PLACES,
  'Peak [S-1, S+2)': (start) => [start, start + 2],
  Assimilation: (start, end) => [start + 3, end],
};

interface Clip extends CleanCurve {
  readonly name: string;
}

/** Clean losses by frame, or by note, of a file of `losscope score --json`. */
function readScores(file: string): Clip[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const {
      file: name,
      loss,
      seconds,
    } = JSON.parse(line) as {
      readonly file: string;
      readonly loss: readonly (readonly (number | null)[])[];
      readonly seconds?: readonly number[];
    };
    const of = (t: number): number[] => loss.map((row) => row[t] ?? Number.NaN);
    // A drum has no duration; of sound, a frame is defined where all of its codes are.
    const losses = Float64Array.from(loss[0], (_, t) => mean(seconds ? defined(of(t)).values : of(t)));
    return { name, losses, ...(seconds ? { times: Float64Array.from(seconds) } : {}) };
  });
}

/** Shares of one clip. */
interface Tally {
  readonly lower: number[];
  readonly higher: number[];
  readonly alone: number[];
  /** Mean of the null: what is found where nothing is done is as far above it as this is below 0. */
  readonly centre: number[];
}

interface Asked {
  readonly random: Random;
  readonly others: readonly CleanCurve[];
  readonly place: string;
  readonly length: number;
}

/** Whether a value lies beyond the null on either side, by the chance that is printed. */
function judge(
  value: number,
  kind: NullCurves,
  {
    judged,
    at: [from, to],
    random,
  }: { readonly judged: JudgedFrames; readonly at: Span; readonly random: Random },
): Record<keyof Tally, number> {
  const raw = Array.from({ length: DRAWS }, () => mean(kind.draw(random, judged).subarray(from, to)));
  const values = widened(raw, kind, judged);
  const chance = (isAsMuch: (other: number) => boolean): number =>
    (1 + values.filter(isAsMuch).length) / (1 + DRAWS);
  return {
    lower: Number(chance((other) => other <= value) <= 0.05),
    higher: Number(chance((other) => other >= value) <= 0.05),
    alone: kind.ofOthers ? 0 : 1,
    centre: mean(raw),
  };
}

/** As the product judges a number at this place. */
function judgedAt(place: string, [start, end]: Span, around: Surroundings): JudgedFrames {
  const [name] = place.toLowerCase().split(' ');
  const frames = end - start;
  if (name === 'peak' || name === 'rebound') return seenAtBoundary(name, frames, around);
  return seenAt(name === 'recovery' ? name : 'assimilation', { start, end, frames }, around);
}

function judgedBy(material: MusicMaterial, judged: JudgedFrames): NullCurves | undefined {
  const kinds = otherMusic(material, UNRELATED);
  return 'why' in kinds ? undefined : kinds.find((kind) => canJudge(kind, judged));
}

/** Sound: a window at one frame; a stretch from any frame on. */
function ofSound({ losses }: Clip, { random, others, place, length }: Asked) {
  const all = losses.filter((loss) => !Number.isNaN(loss)).subarray(WARM_UP);
  const [from, to] = PLACES[place](START, START + length, losses.length - 3);
  const frames = to - from;
  if (frames < 3 || frames > all.length) return undefined;
  const at = random.integer(all.length - frames + 1);
  const value = mean(all.subarray(at, at + frames));
  const rest = Float64Array.from([...all.subarray(0, at), ...all.subarray(at + frames)]);
  for (const known of [rest, all]) {
    // The first second is left out by the null itself: it is put back in front.
    const clean = Float64Array.from([...known.subarray(0, WARM_UP), ...known]);
    const start = Math.min(START, Math.max(WARM_UP, clean.length - (to - START)));
    const window = { start, end: start + length };
    const span: Span = [from - START + start, to - START + start];
    if (span[1] > clean.length || known.length <= 4 * WARM_UP) continue;
    const curve = new Float64Array(clean.length);
    const around = { window, reach: ENCODEC_REACH, end: clean.length, areNotes: false };
    const judged = judgedAt(place, span, around);
    const kind = judgedBy({ curve, clean, window, reach: ENCODEC_REACH, others }, judged);
    // By itself, the clip knows what is left of it; by other clips, its own mean is over all of it, as it is in use.
    if (kind === undefined || (kind.ofOthers === undefined) !== (known === rest)) continue;
    return judge(value - mean(clean.subarray(...span)), kind, { judged, at: span, random });
  }
  return undefined;
}

/** First note from a time on. */
function firstFrom(times: Float64Array, seconds: number): number {
  const found = times.findIndex((time) => time >= seconds - 1e-9);
  return found < 0 ? times.length : found;
}

/** Notes: a window of so many seconds from any time on, and a stretch from any other. */
function ofNotes({ losses, times = new Float64Array() }: Clip, { random, others, place, length }: Asked) {
  const n = losses.length;
  const latest = times[n - 1] - length;
  const earliest = n > 4 * WARM_UP ? times[WARM_UP] : 0;
  if (n < FEWEST || !(latest > earliest)) return undefined;
  const placeAt = (axis: Float64Array, first: number): { start: number; end: number } => {
    const from = first + random.uniform() * (axis[axis.length - 1] - length - first);
    return { start: firstFrom(axis, from), end: firstFrom(axis, from + length) };
  };
  const other = placeAt(times, earliest);
  const window = placeAt(times, Math.max(2, earliest));
  const inWindow = NOTE_PLACES[place](window.start, window.end, n);
  const [x, end] = NOTE_PLACES[place](other.start, other.end, n);
  // As long as in the window, where it lasts to the clip's end.
  const y = place === 'Recovery' ? x + inWindow[1] - inWindow[0] : end;
  if (y > n || y - x < 2 || inWindow[1] - inWindow[0] < 2) return undefined;
  const value = mean(losses.subarray(x, y));
  const gone = y < n ? times[y] - times[x] : 0;
  const rest = {
    losses: Float64Array.from([...losses.subarray(0, x), ...losses.subarray(y)]),
    times: Float64Array.from([...times.subarray(0, x), ...times.subarray(y).map((time) => time - gone)]),
  };
  for (const known of [rest, { losses, times }]) {
    const isRest = known === rest;
    const here = isRest ? placeAt(known.times, Math.max(2, earliest)) : window;
    const span = NOTE_PLACES[place](here.start, here.end, known.losses.length);
    const frames = span[1] - span[0];
    if (here.end <= here.start || frames < 2 || span[1] > known.losses.length) continue;
    const curve = new Float64Array(known.losses.length);
    const events = { times: known.times, startInTime: true, endInTime: true };
    const material = { curve, clean: known.losses, events, window: here, reach: NO_REACH, others };
    const around = { window: here, reach: NO_REACH, end: known.losses.length, areNotes: true };
    const judged = judgedAt(place, span, around);
    const kind = judgedBy(material, judged);
    if (kind === undefined || (kind.ofOthers === undefined) !== isRest) continue;
    return judge(value - mean(known.losses.subarray(...span)), kind, { judged, at: span, random });
  }
  return undefined;
}

/** Mean over clips and its standard error: stretches of one clip are not independent. */
function share(byClip: readonly number[]): string {
  const error = standardDeviation(byClip) / Math.sqrt(byClip.length);
  return `${mean(byClip).toFixed(3)} (${error.toFixed(3)})`;
}

function coverage(clips: readonly Clip[], stretches: number, only: readonly number[]): void {
  console.log(
    'length  place               lower          higher         mean of null    clips  stretches  by the clip alone',
  );
  const isNotes = clips[0]?.times !== undefined;
  const lengths = only.length > 0 ? only : isNotes ? SECONDS : LENGTHS;
  for (const length of lengths) {
    for (const place of Object.keys(PLACES)) {
      const tallies = clips.flatMap((clip, c) => {
        const others = Array.from(
          { length: Math.min(OTHERS, clips.length - 1) },
          (_, i) => clips[(c + 1 + i) % clips.length],
        );
        const found = Array.from({ length: stretches }, (_, i) => {
          const random = generator(seedOf('coverage', length, place, c, i));
          return (isNotes ? ofNotes : ofSound)(clip, { random, others, place, length });
        }).filter((one) => one !== undefined);
        return found.length > 0 ? [found] : [];
      });
      if (tallies.length < 2) continue;
      const by = (key: keyof Tally): number[] => tallies.map((found) => mean(found.map((one) => one[key])));
      const judged = tallies.reduce((sum, found) => sum + found.length, 0);
      console.log(
        `${String(length).padStart(6)}  ${place.padEnd(18)}  ${share(by('lower'))}  ${share(by('higher'))}  ${share(by('centre')).padStart(14)}` +
          `  ${String(tallies.length).padStart(5)}  ${String(judged).padStart(9)}  ${mean(by('alone')).toFixed(2)}`,
      );
    }
  }
}

const [file, stretches = '60', ...lengths] = process.argv.slice(2);
if (file) coverage(readScores(file), Number(stretches), lengths.map(Number));
else console.log('give SCORES.jsonl [stretches] [lengths: frames, of notes seconds]');
