// Reaction: what one short disturbance does to the loss, as numbers at places fixed beforehand, so that many of them
// can be compared and averaged; and the same numbers under a null. For long windows and named
// stretches there are the rules (rules.ts).

import { type Distribution, describe, mean } from '../stats/describe.js';
import { generator, seedOf } from '../stats/random.js';
import { unrelated } from './other_music.js';
import { definedEnd, definedIn, extremeIn, frontier, type Reach } from './region.js';
import { canJudge, type JudgedFrames, tooShort, tooShortWords, widened } from './stretches.js';
import type { Window } from './window.js';

/** Frames around a boundary, as rule `fixed` has them: one before it, two from it on. */
const BOUNDARY = { before: 1, after: 2 };
/** Shortest window whose two boundaries share no frame. */
const APART = 5;
/** Frames of the moving mean that times are read from. */
const SMOOTH = 5;

/** Losses are nats per code, delta as it is: before the disturbance it is 0. */
export interface Reaction {
  /** Mean of delta over [start - 1, start + 2). */
  readonly peak: number;
  /** Mean of delta over the window. */
  readonly inside: number;
  /** Mean of delta over [end - 1, end + 2). Absent for windows below 5 frames: it would share frames with the peak. */
  readonly rebound?: number;
  /** Where delta is largest, from the first frame that the disturbance can touch to the last, and how large. */
  readonly highest: { readonly value: number; readonly at: number };
  /**
   * Frames from the largest 5-frame mean of delta until that mean is half as large: the time to assimilate. Absent where
   * it is not positive, or not half as large before the curve ends.
   */
  readonly halfTime?: number;
}

const HYPOTHESIS = 'the two losses are those of unrelated stretches of the clean clip';

/** Numbers of a reaction that have a null. */
export const REACTION_MEANS = ['peak', 'inside', 'rebound'] as const;
export type ReactionMean = (typeof REACTION_MEANS)[number];

/**
 * The reaction in a delta curve [T]; NaN where undefined, as after the last frame scored.
 * Throws when nothing is defined at the window's start: there is nothing to read.
 */
export function reactionOf(delta: Float64Array, window: Window, reach: Reach): Reaction {
  const around = (boundary: number): number =>
    mean(definedIn(delta, boundary - BOUNDARY.before, boundary + BOUNDARY.after));
  const last = definedEnd(delta);
  if (window.start >= last) {
    throw new Error(
      `reaction: delta is undefined from frame ${last} on, the window starts at ${window.start}`,
    );
  }
  const halfTime = halfTimeOf(delta, frontier(window, reach), last);
  const apart = window.end - window.start >= APART;
  return {
    peak: around(window.start),
    inside: mean(definedIn(delta, window.start, window.end)),
    ...(apart ? { rebound: around(window.end) } : {}),
    highest: extremeIn(delta, frontier(window, reach), Math.min(last, window.end + reach.reach), 'upper'),
    ...(halfTime === undefined ? {} : { halfTime }),
  };
}

function halfTimeOf(delta: Float64Array, from: number, to: number): number | undefined {
  const half = (SMOOTH - 1) / 2;
  const smooth = Float64Array.from({ length: Math.max(0, to - half - from) }, (_, i) =>
    mean(definedIn(delta, from + i - half, from + i + half + 1)),
  );
  const top = smooth.reduce((best, value, i) => (value > smooth[best] ? i : best), 0);
  if (!(smooth[top] > 0)) return undefined;
  const down = smooth.findIndex((value, i) => i > top && value <= smooth[top] / 2);
  return down < 0 ? undefined : down - top;
}

/** What reactions are where other music of the clip stands in the window. */
export interface ReactionNull {
  readonly source: 'self';
  readonly hypothesis: string;
  readonly draws: number;
  /** Each number under the null, nats. Absent: `rebound` of windows below 5 frames, and `inside` of those that the clip is too short for. */
  readonly bands: Readonly<Partial<Record<ReactionMean, Distribution>>>;
}

export interface CalibratedReaction {
  readonly calibration: ReactionNull;
  /** Chance that the null gives at least as large a peak: (1 + count) / (1 + draws), as for regions. */
  chanceOf(peak: number): number;
}

export interface ReactionNullOptions {
  /** Frames of the disturbance. */
  readonly length: number;
  readonly reach: Reach;
  /** Default 999. */
  readonly draws?: number;
  /** The stream is derived from these. */
  readonly seed: readonly (string | number)[];
}

/**
 * The null of reactions to windows of one length, from the clean loss [T] by frame: differences of two unrelated stretches of
 * it, one for all positions, wherever the window lies. Or why there is none.
 */
export function reactionNull(
  clean: Float64Array,
  { length, reach, draws = 999, seed }: ReactionNullOptions,
): CalibratedReaction | { readonly why: string } {
  const start = reach.reach + reach.lag;
  const window = { start, end: start + length };
  const span = window.end + reach.reach;
  const whole = { span: { start: 0, end: span + SMOOTH }, boundary: 'start' } as const;
  const kind = unrelated(clean, { frames: whole.span.end, apart: span });
  if ('why' in kind) return kind;
  const random = generator(seedOf(...seed, 'reaction', length));
  const reactions = Array.from({ length: draws }, () => reactionOf(kind.draw(random, whole), window, reach));
  const around = BOUNDARY.before + BOUNDARY.after;
  const judged = (name: ReactionMean): JudgedFrames => ({
    ...whole,
    frames: name === 'inside' ? length : around,
  });
  if (!canJudge(kind, judged('peak'))) return { why: tooShortWords(tooShort([kind], judged('peak'))) };
  const valuesOf = (name: ReactionMean): number[] =>
    widened(
      reactions.flatMap((reaction) => reaction[name] ?? []),
      kind,
      judged(name),
    );
  const peaks = valuesOf('peak');
  const bands = Object.fromEntries(
    REACTION_MEANS.filter((name) => canJudge(kind, judged(name))).flatMap((name) => {
      const values = valuesOf(name);
      return values.length === 0 ? [] : [[name, describe(values)]];
    }),
  );
  return {
    calibration: { source: 'self', hypothesis: HYPOTHESIS, draws, bands },
    chanceOf: (peak) => (1 + peaks.filter((other) => other >= peak).length) / (1 + draws),
  };
}
