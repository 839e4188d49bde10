// The null `self`: other music of the clip. From the first frame that the disturbance can touch, the disturbed loss is
// replaced by another stretch of clean loss (stretches.ts), or, where a clip is too short for what is judged, by stretches of
// other clips. Stretches of notes begin and end as windows of notes do: event_places.ts.

import { counted } from '../counted.js';
import { mean } from '../stats/describe.js';
import type { Random } from '../stats/random.js';
import {
  type BoundaryRange,
  boundariesOf,
  type EventPlacing,
  firstFrom,
  positionsIn,
} from './event_places.js';
import { type Fit, fitOf } from './fit.js';
import { definedIn, frontier, type Reach } from './region.js';
import { type NullCurves, type StretchSpan, stretchPair, stretchStart, valueAt } from './stretches.js';
import type { Window } from './window.js';

/** Frames at a clip's start where the model has little context; left out where there is enough else. */
const WARM_UP = 50;
/** Fewest frames of clean loss that stretches are taken from. */
const FEWEST = 100;
/** Fewest other clips. */
const FEWEST_CLIPS = 3;

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
  const expectedIn = (found: typeof here, t: number): number => {
    if (t < middle) return found.start.expected(t - window.start);
    return found.end.expected(endInTime ? t - window.end : Number.POSITIVE_INFINITY);
  };
  // An end that was counted in notes is told from the beginning.
  const boundaryOf = (stretch: StretchSpan): StretchSpan['boundary'] =>
    endInTime ? stretch.boundary : 'start';
  // Where both boundaries are those of another window.
  const isWhole = (boundary: StretchSpan['boundary']): boolean => endInTime && boundary === 'start';
  return clips.flatMap((clip) => {
    const found = clip === own ? here : boundaries(clip);
    const { losses, times: onsets = new Float64Array() } = clip;
    if (found === undefined) return [];
    const except = (at: number) => (clip === own ? { except: at - clip.first } : {});
    const rangeOf = ({ span }: StretchSpan, boundary: StretchSpan['boundary']): BoundaryRange => {
      const at = window[boundary];
      const after = losses.length - Math.max(0, span.end - window.end);
      const from = Math.max(0, at - span.start);
      if (boundary === 'end') return { from, to: Math.min(losses.length - 1, after), ...except(at) };
      // What follows the window begins with the first note after as many seconds.
      if (!endInTime) return { from, to: after - length, ...except(at) };
      const latest =
        after > 0 ? (onsets[after] ?? Number.POSITIVE_INFINITY) - wanted.seconds : Number.NEGATIVE_INFINITY;
      return { from, to: Math.min(losses.length, firstFrom(onsets, latest)) - 1, ...except(at) };
    };
    return [
      {
        length: losses.length,
        hasPlace: (stretch: StretchSpan): boolean => {
          const boundary = boundaryOf(stretch);
          return found[boundary].has(rangeOf(stretch, boundary));
        },
        draw(random: Random, stretch: StretchSpan): Float64Array {
          const boundary = boundaryOf(stretch);
          const { event, before } = found[boundary].draw(random, rangeOf(stretch, boundary));
          const position = positionOf(event, boundary, onsets[event] - before);
          return curve.map((delta, t) => {
            if (t < start || Number.isNaN(delta)) return delta;
            const expected = isWhole(boundary)
              ? expectedIn(found, t)
              : found[boundary].expected(t - window[boundary]);
            const other = valueAt(losses, position(t)) - expected;
            return wider * other - gone * (clean[t] - expectedIn(here, t));
          });
        },
      },
    ];

    /** Which note of the clip stands at t, from where another window begins or ends. */
    function positionOf(
      event: number,
      boundary: StretchSpan['boundary'],
      time: number,
    ): (t: number) => number {
      if (!isWhole(boundary)) return (t) => event + t - window[boundary];
      const place = { start: event, end: firstFrom(onsets, time + wanted.seconds) };
      const inside = positionsIn(place, length);
      return (t) => {
        if (t < window.start) return place.start + t - window.start;
        return t < window.end ? inside[t - window.start] : place.end + t - window.end;
      };
    }
  });
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
