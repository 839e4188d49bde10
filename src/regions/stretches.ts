// Stretches: music as it was played, in one piece. Every null curve here is made of one (of two where a difference is made), so
// that it drifts as real loss curves do; blocks of a second cannot carry that drift. Nothing is taken in a circle: all frames that a judged number depends on come from one
// stretch, and where a clip ends the curve is undefined. A clip holds few stretches as long as a long window; what is too long
// for it has no chance. How wide such nulls are was measured on real loss curves: docs/decisions/0010-chances.md.

import { counted } from '../counted.js';
import { mean } from '../stats/describe.js';
import { normalQuantile } from '../stats/normal.js';
import type { Random } from '../stats/random.js';
import { studentQuantile } from '../stats/student.js';
import type { Unjudged } from './region.js';
import type { Window } from './window.js';

/** What is judged is at most this share of what it can be drawn from. */
const LONGEST_SHARE = 1 / 7;
/** Where it is one of all places of a curve: longer stretches share most frames with each other, and one at an end is too often beyond all. */
const LONGEST_AMONG = 1 / 4;
/** Fewest other places of a curve: beyond all of 19 is 1 in 20. */
const FEWEST_PLACES = 19;

type TooShort = Exclude<Unjudged, { readonly reason: 'source' }>;

/** What lies in one stretch. */
export interface StretchSpan {
  /** Frames of the curve. */
  readonly span: Window;
  /** Of notes: the boundary of the window that the stretch lies at as it does in the curve. */
  readonly boundary: 'start' | 'end';
}

/** A number that is compared with null curves. */
export interface JudgedFrames extends StretchSpan {
  /** Frames that it is a number of. The rule may look at more of them: `span`. */
  readonly frames: number;
}

/** Null curves of one kind. */
export interface NullCurves {
  /** One null curve [T]. Frames of the span are one stretch of a clip; around it the music goes on as far as the clip does. */
  readonly draw: (random: Random, stretch: StretchSpan) => Float64Array;
  /** [clips] Frames of each clip that they are drawn from. */
  readonly lengths: readonly number[];
  /** Frames of those clips that have a place for such a stretch. */
  readonly withPlace: (stretch: StretchSpan) => readonly number[];
  /** Fewest such clips: of other clips all, for those with room for long stretches are of one kind. */
  readonly fewest: number;
  /** They are of other clips than the one that is judged. */
  readonly ofOthers?: true;
  /** They are differences as the judged one is, so that a chance goes by size. Absent: either side counts by itself. */
  readonly bySize?: true;
  /** They are all places of the judged curve, its own one left out: so many. Of this population it is one itself. */
  readonly among?: (stretch: StretchSpan) => number;
}

/** First frame of a stretch of so many frames among n, at any place but the given one. */
export function stretchStart(
  random: Random,
  n: number,
  { frames, except = -1 }: { readonly frames: number; readonly except?: number },
): number {
  const places = n - frames + 1;
  if (except < 0 || except >= places) return random.integer(places);
  return (except + 1 + random.integer(places - 1)) % places;
}

/** First frames of two stretches of so many frames among n that begin so far apart: any pair; undefined where there is none. */
export function stretchPair(
  n: number,
  { frames, apart }: { readonly frames: number; readonly apart: number },
): ((random: Random) => readonly [number, number]) | undefined {
  const steps = n - frames - apart + 1;
  if (steps < 1) return undefined;
  return (random) => {
    const one = random.integer(steps + 1);
    const other = (one + 1 + random.integer(steps)) % (steps + 1);
    const [first, second] = [Math.min(one, other), Math.max(one, other) - 1 + apart];
    return one < other ? [first, second] : [second, first];
  };
}

/** Value at a place of a clip; NaN before its beginning and after its end. */
export function valueAt(values: Float64Array, at: number): number {
  return at >= 0 && at < values.length ? values[at] : Number.NaN;
}

/** The clip's values moved so that frame `at` of it stands at the span's start; what lies before `from` stays, and so does what is undefined. */
export function movedTo(
  curve: Float64Array,
  values: Float64Array,
  { from, by }: { readonly from: number; readonly by: number },
): Float64Array {
  return curve.map((delta, t) => (t < from || Number.isNaN(delta) ? delta : valueAt(values, t + by)));
}

/** Frames that a number can be drawn from: near a clip's ends there is no place for all that it depends on. */
export function roomFor(kind: NullCurves, judged: JudgedFrames): number {
  const beside = Math.max(0, judged.span.end - judged.span.start - judged.frames);
  return kind.withPlace(judged).reduce((sum, n) => sum + n - beside, 0);
}

/** Whether null curves of this kind can judge it. */
export function canJudge(kind: NullCurves, judged: JudgedFrames): boolean {
  const share = kind.among ? LONGEST_AMONG : LONGEST_SHARE;
  return (
    kind.withPlace(judged).length >= kind.fewest &&
    judged.frames <= roomFor(kind, judged) * share &&
    (kind.among?.(judged) ?? FEWEST_PLACES) >= FEWEST_PLACES
  );
}

/** Why none of these kinds can judge it. */
export function tooShort(kinds: readonly NullCurves[], { frames, span }: JudgedFrames): TooShort {
  const whole = span.end - span.start;
  const reasons = kinds.map(({ lengths, fewest, among }) => {
    const available = lengths.reduce((sum, n) => sum + n, 0);
    // So many clips are at least as long.
    const stretch = [...lengths].sort((a, b) => b - a)[fewest - 1] - (among ? FEWEST_PLACES : 0);
    const share = among ? LONGEST_AMONG : LONGEST_SHARE;
    const longest = Math.min(stretch, Math.floor((available - (whole - frames)) * share));
    return frames > longest && whole <= stretch
      ? ({ reason: 'too short', frames, available, longest } as const)
      : ({ reason: 'no stretch', frames: whole, longest: Math.min(stretch, whole - 1) } as const);
  });
  return reasons.reduce((a, b) => (b.longest > a.longest ? b : a));
}

/** The same in words. */
export function tooShortWords(unjudged: TooShort, position = 'frame'): string {
  const { frames, longest } = unjudged;
  return unjudged.reason === 'too short'
    ? `it lasts ${counted(frames, position)}, and ${counted(unjudged.available, position)} of clean loss can judge at most ${longest}`
    : `it depends on ${counted(frames, position)} in a row, and stretches of clean loss have at most ${longest}`;
}

/**
 * How much wider null values over so many frames are taken for having been seen on so few stretches: t(m - 1) / z x
 * sqrt(1 + 1/m) at 95%, m stretches of that length in what they can be drawn from. What one more stretch gives lies beyond the
 * 95% point of m others more often than 5%.
 */
export function wideningOf(frames: number, room: number): number {
  const m = room / frames;
  return (studentQuantile(0.95, m - 1) / normalQuantile(0.95)) * Math.sqrt(1 + 1 / m);
}

/** Null values of a number, stretched about their mean by that where the judged one is another stretch than those they come from. */
export function widened(values: readonly number[], kind: NullCurves, judged: JudgedFrames): number[] {
  if (kind.among) return [...values];
  return widenedBy(values, wideningOf(judged.frames, roomFor(kind, judged)));
}

/** Values stretched about their mean. */
export function widenedBy(values: readonly number[], by: number): number[] {
  const centre = mean(values);
  return values.map((value) => centre + (value - centre) * by);
}
