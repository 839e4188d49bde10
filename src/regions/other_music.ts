// The null `self`: other music of the clip. From the first frame that the disturbance can touch, the disturbed loss is
// replaced by another stretch of clean loss, whole, so that it drifts as real loss curves do; blocks of a second cannot carry
// that drift. A clip holds few stretches as long as a long window: what is too long for the clip is compared with stretches
// of other clips, and what is too long for these has no chance at all. How wide this null is was measured on real loss
// curves: docs/decisions/0010-chances.md. Stretches of notes begin and end as windows of notes do: event_places.ts.

import { counted } from '../counted.js';
import { mean } from '../stats/describe.js';
import { normalQuantile } from '../stats/normal.js';
import type { Random } from '../stats/random.js';
import { studentQuantile } from '../stats/student.js';
import { type EventPlacing, eventPlaces } from './event_places.js';
import { definedIn, frontier, type Reach } from './region.js';
import type { Window } from './window.js';

/** Frames at a clip's start where the model has little context; left out where there is enough else. */
const WARM_UP = 50;
/** Fewest frames of clean loss that stretches are taken from. */
const FEWEST = 100;
/** Fewest other clips. */
const FEWEST_CLIPS = 3;
/** What is judged is at most this share of what there is to draw from. */
const LONGEST_SHARE = 1 / 7;
/** Frames of a window's interior from which it is estimated how much of the clean loss is left in the disturbed one. */
const INTERIOR = { from: 3, fewest: 30 };
/** Frames after the window in which the scatter is taken. */
const AFTER = 50;

/**
 * Makes one null curve [T] from a stream of random numbers. Music is taken in a circle; what is judged over the frames `whole` is one
 * stretch as it was played, without the joint of a clip's end and beginning, where the music comes from other clips.
 */
export type MusicDraw = (random: Random, whole?: Window) => Float64Array;

/** Null curves of one kind, and how long a region they can judge. */
export interface NullCurves {
  readonly draw: MusicDraw;
  /** Frames that they are drawn from. */
  readonly available: number;
  /** Whether they are whole stretches of clean loss. */
  readonly stretches: boolean;
  /** How many other clips they are drawn from; absent: from the clip itself. */
  readonly otherClips?: number;
  /** Frames of the longest region that they judge. */
  readonly longest: number;
}

export interface MusicMaterial {
  /** [T] the delta curve, nats: what lies before the frontier stays, and so does what is undefined. */
  readonly curve: Float64Array;
  readonly window: Window;
  readonly reach: Reach;
  /** [T] loss of the clean clip averaged over codebooks, nats. */
  readonly clean: Float64Array;
  /** Of notes: when those of `clean` begin, and how the window was placed; absent: of frames, or not known. */
  readonly events?: EventPlacing;
  /** Other clean clips, scored the same way. */
  readonly others?: readonly CleanCurve[];
}

/** Clean loss of a clip. */
export interface CleanCurve {
  /** [T] averaged over codebooks, nats. */
  readonly losses: Float64Array;
  /** [T] of notes: when they begin, seconds. */
  readonly times?: Float64Array;
}

/** How the disturbed loss hangs together with the clean one. */
interface Fit {
  /** Share of the clean loss's variation that is lost in the disturbed one: 1 where the two have nothing in common. */
  readonly gone: number;
  /** The disturbed loss scatters by so much more from frame to frame than the clean one; at least 1. */
  readonly wider: number;
}

/** Of a curve that is not known: the hypothesis as it is said. */
export const UNRELATED: Fit = { gone: 1, wider: 1 };

/** Of the clip itself, then of the other clips where there are three; or why there are none. */
export function otherMusic(
  material: MusicMaterial,
  known?: Fit,
): readonly NullCurves[] | { readonly why: string } {
  const own = musicOf({
    losses: material.clean,
    ...(material.events ? { times: material.events.times } : {}),
  });
  const others = (material.others ?? []).map(musicOf).filter(({ losses }) => losses.length >= FEWEST);
  const fit = known ?? fitOf(material, own.losses);
  if (fit === undefined) return { why: 'self: the loss of the clean clip does not vary' };
  const found: NullCurves[] = [];
  if (own.losses.length >= FEWEST) found.push(curvesOf([own], material, { ...fit, own }));
  if (others.length >= FEWEST_CLIPS) found.push(curvesOf(others, material, { ...fit, own }));
  if (found.length > 0) return found;
  return { why: `self: ${counted(own.losses.length, 'frame')} of clean loss, ${FEWEST} needed` };
}

/** Defined losses of a clip, and the frame that they begin at. */
interface Music {
  readonly losses: Float64Array;
  readonly first: number;
  /** Of notes: when they begin. */
  readonly times?: Float64Array;
}

/** Without the first second where there is enough else. */
function musicOf({ losses: clean, times }: CleanCurve): Music {
  const all = definedIn(clean, 0, clean.length);
  const cut = all.length > 4 * WARM_UP ? WARM_UP : 0;
  const losses = all.subarray(cut);
  const defined = times?.filter((_, t) => !Number.isNaN(clean[t])).subarray(cut);
  return {
    losses,
    first: cut + clean.findIndex((loss) => !Number.isNaN(loss)),
    ...(defined ? { times: defined } : {}),
  };
}

function curvesOf(
  rings: readonly Music[],
  material: MusicMaterial,
  fit: Fit & { readonly own: Music },
): NullCurves {
  const lengths = rings.map(({ losses }) => losses.length);
  const available = lengths.reduce((sum, n) => sum + n, 0);
  return {
    available,
    stretches: true,
    ...(rings[0] === fit.own ? {} : { otherClips: rings.length }),
    longest: Math.min(Math.floor(available * LONGEST_SHARE), ...lengths),
    draw: eventDraw(rings, material, fit) ?? frameDraw(rings, material, fit),
  };
}

/** A stretch from any frame on. */
function frameDraw(
  rings: readonly Music[],
  { curve, window, reach, clean }: MusicMaterial,
  { gone, wider, own }: Fit & { readonly own: Music },
): MusicDraw {
  const start = frontier(window, reach);
  const level = mean(own.losses);
  const levels = rings.map(({ losses }) => mean(losses));
  return (random, whole) => {
    const which = rings.length === 1 ? 0 : random.integer(rings.length);
    const { losses: ring, first } = rings[which];
    // Any stretch of the clip but the window itself; of another clip, any.
    const by =
      rings[which] === own ? 1 + random.integer(ring.length - 1) : shiftOf(random, rings[which], whole);
    return curve.map((delta, t) => {
      if (t < start || Number.isNaN(delta)) return delta;
      const other = ring[(t - first + by + ring.length) % ring.length] - levels[which];
      return wider * other - gone * (clean[t] - level);
    });
  };
}

/** Frames by which another clip is moved: any number, or one that leaves these frames without a joint. */
function shiftOf(random: Random, { losses: { length }, first }: Music, whole?: Window): number {
  if (whole === undefined) return random.integer(length);
  const frames = Math.min(whole.end - whole.start, length);
  const by = random.integer(length - frames + 1) - (whole.start - first);
  return ((by % length) + length) % length;
}

/**
 * Notes around a place where another window as long would begin and end: up to the window's middle they follow its beginning, from
 * there on they lead to its end, so that both boundaries are such as windows have. Undefined where times are not known.
 */
function eventDraw(
  rings: readonly Music[],
  { curve, window, reach, clean, events }: MusicMaterial,
  { gone, wider, own }: Fit & { readonly own: Music },
): MusicDraw | undefined {
  if (events === undefined) return undefined;
  const { times, startInTime, endInTime } = events;
  const last = times.length - 1;
  const end = window.end <= last ? times[window.end] : times[last] + (times[last] - times[0]) / last;
  const length = window.end - window.start;
  const wanted = { startInTime, endInTime, events: length, seconds: end - times[window.start] };
  const placesOf = (music: Music) => music.times && eventPlaces(music.losses, music.times, wanted);
  const here = placesOf(own);
  const placed = rings.flatMap((music) => {
    const places = music === own ? here : placesOf(music);
    return places ? [{ ...music, places }] : [];
  });
  if (here === undefined || placed.length < rings.length) return undefined;
  const middle = window.start + Math.ceil(length / 2);
  const start = frontier(window, reach);
  return (random) => {
    const { losses, places, first } = placed[placed.length === 1 ? 0 : random.integer(placed.length)];
    const place = places.place(random, places === here ? window.start - first : undefined);
    return curve.map((delta, t) => {
      if (t < start || Number.isNaN(delta)) return delta;
      const isHead = t < middle;
      const offset = t - (isHead ? window.start : window.end);
      const at = (isHead ? place.start : place.end) + offset;
      const inTime = isHead ? startInTime : endInTime;
      const n = losses.length;
      const other = losses[((at % n) + n) % n] - places.expected(offset, inTime);
      return wider * other - gone * (clean[t] - here.expected(offset, inTime));
    });
  };
}

/**
 * Least squares of delta on the clean loss inside the window, and the ratio of the scatters. Real windows of noise give a
 * slope of -1: the two losses have nothing in common. It is estimated because small disturbances leave most of the loss as
 * it was. Undefined where the clean loss does not vary.
 */
function fitOf({ curve, clean, window, reach }: MusicMaterial, own: Float64Array): Fit | undefined {
  const scatter = scatterOf(own);
  if (!(scatter > 0)) return undefined;
  const gone = goneOf(curve, clean, { start: window.start + INTERIOR.from, end: window.end - reach.reach });
  const left = curve
    .slice(window.start, window.end + AFTER)
    .map((delta, i) => delta + gone * clean[window.start + i]);
  const ratio = scatterOf(left) / scatter;
  return { gone, wider: ratio > 1 ? ratio : 1 };
}

function goneOf(curve: Float64Array, clean: Float64Array, { start, end }: Window): number {
  const x: number[] = [];
  const y: number[] = [];
  for (let t = start; t < end; t++) {
    if (Number.isNaN(curve[t]) || Number.isNaN(clean[t])) continue;
    x.push(clean[t]);
    y.push(curve[t]);
  }
  if (x.length < INTERIOR.fewest) return 1;
  const [centreX, centreY] = [mean(x), mean(y)];
  let [square, product] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    square += (x[i] - centreX) ** 2;
    product += (x[i] - centreX) * (y[i] - centreY);
  }
  return square > 0 ? Math.min(1, Math.max(0, -product / square)) : 1;
}

/** S.d. from the differences of neighbours (von Neumann 1941), which no drift and few steps change; undefined pairs left out. */
function scatterOf(values: Float64Array): number {
  let [sum, pairs] = [0, 0];
  for (let t = 1; t < values.length; t++) {
    const square = (values[t] - values[t - 1]) ** 2;
    if (Number.isNaN(square)) continue;
    sum += square;
    pairs++;
  }
  return Math.sqrt(sum / (2 * pairs));
}

/**
 * Differences of two unrelated stretches of a clip, so many frames long, at any two places of it: for what is judged at many
 * places.
 */
export function unrelated(
  clean: Float64Array,
  { frames, apart }: { readonly frames: number; readonly apart: number },
): MusicDraw | { readonly why: string } {
  const { losses: ring } = musicOf({ losses: clean });
  const n = ring.length;
  if (n < FEWEST) return { why: `self: ${counted(n, 'frame')} of clean loss, ${FEWEST} needed` };
  const keep = Math.min(apart, Math.floor(n / 3));
  return (random) => {
    const here = random.integer(n);
    const there = here + keep + random.integer(n - 2 * keep);
    return Float64Array.from({ length: frames }, (_, t) => ring[(there + t) % n] - ring[(here + t) % n]);
  };
}

/**
 * How much wider null values over `frames` frames are taken for having been seen on so few stretches: t(m - 1) / z x
 * sqrt(1 + 1/m) at 95%, m stretches of that length in what there is. What one more stretch gives lies beyond the 95% point of
 * m others more often than 5%.
 */
export function wideningOf(
  frames: number,
  { available, stretches }: Pick<NullCurves, 'available' | 'stretches'>,
): number {
  if (!stretches) return 1;
  const m = available / frames;
  return (studentQuantile(0.95, m - 1) / normalQuantile(0.95)) * Math.sqrt(1 + 1 / m);
}

/** Null values over `frames` frames, stretched about their mean by that. */
export function widened(
  values: readonly number[],
  frames: number,
  from: Pick<NullCurves, 'available' | 'stretches'>,
): number[] {
  if (!from.stretches) return [...values];
  return widenedBy(values, wideningOf(frames, from));
}

/** Values stretched about their mean. */
export function widenedBy(values: readonly number[], by: number): number[] {
  const centre = mean(values);
  return values.map((value) => centre + (value - centre) * by);
}
