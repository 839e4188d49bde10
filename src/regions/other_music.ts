// The null `self`: other music of the clip. From the first frame that the disturbance can touch, the disturbed loss is
// replaced by another stretch of clean loss (stretches.ts), or, where a clip is too short for what is judged, by stretches of
// other clips. Stretches of notes begin and end as windows of notes do: event_places.ts.

import { counted } from '../counted.js';
import { mean } from '../stats/describe.js';
import type { Random } from '../stats/random.js';
import { type BoundaryRange, boundariesOf, type EventPlacing } from './event_places.js';
import { definedIn, frontier, type Reach } from './region.js';
import { type NullCurves, type StretchSpan, stretchPair, stretchStart, valueAt } from './stretches.js';
import type { Window } from './window.js';

/** Frames at a clip's start where the model has little context; left out where there is enough else. */
const WARM_UP = 50;
/** Fewest frames of clean loss that stretches are taken from. */
const FEWEST = 100;
/** Fewest other clips. */
const FEWEST_CLIPS = 3;
/** Frames of a window's interior from which it is estimated how much of the clean loss is left in the disturbed one. */
const INTERIOR = { from: 3, fewest: 30 };
/** Frames after the window in which the scatter is taken. */
const AFTER = 50;

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

function curvesOf(clips: readonly Music[], material: MusicMaterial, fit: Fitted): NullCurves {
  const isOwn = clips[0] === fit.own;
  const placed = ofEvents(clips, material, fit) ?? ofFrames(clips, material, fit);
  return {
    lengths: clips.map(({ losses }) => losses.length),
    fewest: clips.length,
    ...(isOwn ? {} : { ofOthers: true }),
    withPlace: (stretch) => placed.filter(({ hasPlace }) => hasPlace(stretch)).map(({ length }) => length),
    draw(random, stretch) {
      return placed[placed.length === 1 ? 0 : random.integer(placed.length)].draw(random, stretch);
    },
  };
}

/** Null curves from one clip. */
interface Placed {
  readonly length: number;
  hasPlace(stretch: StretchSpan): boolean;
  draw(random: Random, stretch: StretchSpan): Float64Array;
}

type Fitted = Fit & { readonly own: Music };

/** A stretch from any frame on. */
function ofFrames(
  clips: readonly Music[],
  { curve, window, reach, clean }: MusicMaterial,
  { gone, wider, own }: Fitted,
): Placed[] {
  const start = frontier(window, reach);
  const level = mean(own.losses);
  return clips.map((clip) => {
    const { losses, first } = clip;
    const ownLevel = mean(losses);
    return {
      length: losses.length,
      // Of the clip itself one place more: what stands there is no other music.
      hasPlace: ({ span }) => span.end - span.start + (clip === own ? 1 : 0) <= losses.length,
      draw(random, { span }) {
        const at = stretchStart(random, losses.length, {
          frames: span.end - span.start,
          ...(clip === own ? { except: span.start - first } : {}),
        });
        return curve.map((delta, t) => {
          if (t < start || Number.isNaN(delta)) return delta;
          const other = valueAt(losses, at + t - span.start) - ownLevel;
          return wider * other - gone * (clean[t] - level);
        });
      },
    };
  });
}

/**
 * Notes around a place where another window as long would begin, or end, so that the boundary that is judged is such as windows have.
 * Undefined where times are not known.
 */
function ofEvents(
  clips: readonly Music[],
  { curve, window, reach, clean, events }: MusicMaterial,
  { gone, wider, own }: Fitted,
): Placed[] | undefined {
  if (events === undefined) return undefined;
  const { times, startInTime, endInTime } = events;
  const last = times.length - 1;
  const end = window.end <= last ? times[window.end] : times[last] + (times[last] - times[0]) / last;
  const length = window.end - window.start;
  const wanted = { startInTime, endInTime, events: length, seconds: end - times[window.start] };
  const boundaries = (music: Music) => music.times && boundariesOf(music.losses, music.times, wanted);
  const here = boundaries(own);
  if (here === undefined) return undefined;
  const middle = window.start + Math.ceil(length / 2);
  const start = frontier(window, reach);
  const level = (t: number): number => {
    const boundary = t < middle ? 'start' : 'end';
    return here[boundary].expected(t - window[boundary]);
  };
  // An end that was counted in notes is told from the beginning.
  const boundaryOf = (stretch: StretchSpan): StretchSpan['boundary'] =>
    endInTime ? stretch.boundary : 'start';
  return clips.flatMap((clip) => {
    const found = clip === own ? here : boundaries(clip);
    if (found === undefined) return [];
    const except = clip === own ? { own: clip.first } : {};
    const rangeOf = ({ span }: StretchSpan, at: number): BoundaryRange =>
      placesOf(clip.losses.length, { span, at, ...except });
    return [
      {
        length: clip.losses.length,
        hasPlace: (stretch: StretchSpan): boolean => {
          const boundary = boundaryOf(stretch);
          return found[boundary].has(rangeOf(stretch, window[boundary]));
        },
        draw(random: Random, stretch: StretchSpan): Float64Array {
          const boundary = boundaryOf(stretch);
          const at = window[boundary];
          const place = found[boundary].draw(random, rangeOf(stretch, at));
          return curve.map((delta, t) => {
            if (t < start || Number.isNaN(delta)) return delta;
            const other = valueAt(clip.losses, place + t - at) - found[boundary].expected(t - at);
            return wider * other - gone * (clean[t] - level(t));
          });
        },
      },
    ];
  });
}

/** Events of a clip of n at which a boundary can lie so that the whole span is in the clip; `own`: the position of the clip's first one. */
function placesOf(
  n: number,
  { span, at, own }: Pick<StretchSpan, 'span'> & { readonly at: number; readonly own?: number },
): BoundaryRange {
  return {
    from: Math.max(0, at - span.start),
    to: Math.min(n - 1, n - (span.end - at)),
    ...(own === undefined ? {} : { except: at - own }),
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

/** Differences of two stretches of a clip, so many frames long: for what is judged at many places. */
export function unrelated(
  clean: Float64Array,
  { frames, apart }: { readonly frames: number; readonly apart: number },
): NullCurves | { readonly why: string } {
  const { losses } = musicOf({ losses: clean });
  const n = losses.length;
  if (n < FEWEST) return { why: `self: ${counted(n, 'frame')} of clean loss, ${FEWEST} needed` };
  const places = stretchPair(n, { frames, apart });
  if (places === undefined) {
    return {
      why: `self: ${counted(n, 'frame')} of clean loss, two stretches of ${counted(frames, 'frame')} needed`,
    };
  }
  return {
    lengths: [n],
    fewest: 1,
    withPlace: ({ span }) => (span.end - span.start <= frames ? [n] : []),
    draw(random) {
      const [here, there] = places(random);
      return Float64Array.from({ length: frames }, (_, t) => losses[there + t] - losses[here + t]);
    },
  };
}
