// Scores over seconds: of each score a curve from which its number follows, as the mean, the root mean square or the maximum of its values.

import { cusumPath } from '../stats/change.js';
import { mean, standardDeviation } from '../stats/describe.js';
import { burstByMiddle } from './burst.js';
import {
  entropyByFrame,
  excessByFrame,
  excessInSpreads,
  excessOfCodebook,
  firstCodesByFrame,
  heardOf,
  lossAgainst,
  lossByFrame,
  ownCodesByFrame,
  unigramByFrame,
} from './by_frame.js';
import { type Heard, heardFrames, secondsAt } from './heard.js';
import { poorestByMiddle } from './poorest.js';
import { LOCAL, SCORE_NAMES, type ScoreContext, type ScoreName, SOUND_SCORES, VARIETY } from './scores.js';

export interface SecondsCurve {
  /** How the clip's number follows from the values that are defined. */
  readonly from: 'mean' | 'root mean square' | 'maximum';
  /** [n] seconds at which each frame (or note) begins. */
  readonly seconds: Float64Array;
  /** [n] in the unit of the score; NaN where undefined. */
  readonly values: Float64Array;
}

export interface ScoreCurve extends SecondsCurve {
  readonly score: ScoreName;
  /** The frame (or note) of the first value; the others follow it. */
  readonly first: number;
}

/** Values from frame `first` on. */
type Placed = Pick<ScoreCurve, 'first' | 'values'>;

interface CurveForm {
  readonly from: SecondsCurve['from'];
  /** Undefined where the clip lacks what it needs. */
  readonly of: (heard: Heard, context: ScoreContext) => Placed | undefined;
}

/** Over the frames of scores. */
function overHeard(
  from: SecondsCurve['from'],
  of: (heard: Heard, context: ScoreContext) => Float64Array | undefined,
): CurveForm {
  return {
    from,
    of(heard, context) {
      const values = of(heard, context);
      return values && { first: heardFrames(heard).first, values: heardOf(heard, values) };
    },
  };
}

/** Of a curve of the frames of scores, another one of them. */
function madeOf(
  from: SecondsCurve['from'],
  curve: (heard: Heard) => Float64Array,
  of: (values: Float64Array) => Float64Array,
): CurveForm {
  return {
    from,
    of: (heard) => ({ first: heardFrames(heard).first, values: of(heardOf(heard, curve(heard))) }),
  };
}

const less = (a: Float64Array, b: Float64Array, factor = 1): Float64Array =>
  a.map((value, t) => value - factor * b[t]);

const FORMS: Readonly<Record<ScoreName, CurveForm>> = {
  loss: overHeard('mean', lossByFrame),
  excess: overHeard('mean', excessByFrame),
  'excess-2': overHeard('mean', (heard) => excessOfCodebook(heard, 1)),
  surprise: overHeard('mean', (heard) => less(excessOfCodebook(heard, 1), ownCodesByFrame(heard), VARIETY)),
  'own-codes': overHeard('mean', (heard) => less(lossByFrame(heard), ownCodesByFrame(heard))),
  unigram: overHeard(
    'mean',
    (heard, { counts }) => counts && less(lossByFrame(heard), unigramByFrame(heard, counts)),
  ),
  entropy: overHeard('mean', entropyByFrame),
  notch: madeOf('maximum', lossByFrame, burstByMiddle),
  contour: madeOf('maximum', lossByFrame, (loss) => burstByMiddle(loss, { edges: true })),
  autocorrelation: madeOf('mean', lossByFrame, neighbourProducts),
  maximum: madeOf('maximum', excessByFrame, (excess) => runningMean(excess, LOCAL)),
  change: madeOf('maximum', lossByFrame, cusumPath),
  unevenness: madeOf('root mean square', excessByFrame, distances),
  variety: overHeard('mean', firstCodesByFrame),
  poorest: {
    from: 'maximum',
    of: (heard) => ({ first: heardFrames(heard).first, values: poorestByMiddle(heard) }),
  },
  'round-trip': {
    from: 'mean',
    of: ({ roundTripByFrame: trip }) => trip && { first: trip.start, values: trip.values },
  },
  typical: overHeard('mean', excessInSpreads),
  conditional: overHeard('mean', (heard) => lossAgainst(heard, heard.unconditional)),
  'own-past': overHeard('mean', (heard) => lossAgainst(heard, heard.foreignPast)),
};

/**
 * The curve over seconds of a score; `curveValue` of it is the score, to rounding. A score that looks at several frames at once
 * (notch, contour, maximum, poorest) has its value at their middle. Undefined where the score is not defined for the clip.
 */
export function scoreCurve(
  heard: Heard,
  score: ScoreName,
  context: ScoreContext = {},
): ScoreCurve | undefined {
  if (heard.times && SOUND_SCORES.includes(score)) return undefined;
  const { from, of } = FORMS[score];
  const placed = of(heard, context);
  if (!placed?.values.some((value) => !Number.isNaN(value))) return undefined;
  const seconds = placed.values.map((_, i) => secondsAt(heard, placed.first + i));
  return { score, from, ...placed, seconds };
}

/** Those of all scores that are defined for the clip, in the order of SCORE_NAMES. */
export function scoreCurves(heard: Heard, context: ScoreContext = {}): ScoreCurve[] {
  return SCORE_NAMES.flatMap((score) => scoreCurve(heard, score, context) ?? []);
}

/** The number of the clip: mean, root mean square or maximum of the defined values; NaN without any. */
export function curveValue({ from, values }: Pick<SecondsCurve, 'from' | 'values'>): number {
  const defined = values.filter((value) => !Number.isNaN(value));
  if (defined.length === 0) return Number.NaN;
  switch (from) {
    case 'mean':
      return mean(defined);
    case 'root mean square':
      return Math.sqrt(mean(defined.map((value) => value ** 2)));
    case 'maximum':
      return defined.reduce((most, value) => Math.max(most, value));
  }
}

/** [n] of each value its distance from their mean, so that the root mean square is the standard deviation (n - 1). */
function distances(values: Float64Array): Float64Array {
  const centre = mean(values);
  const whole = Math.sqrt(values.length / (values.length - 1));
  return values.map((value) => Math.abs(value - centre) * whole);
}

/** [n] of each value and the one before it, the product of what they differ from the mean by, in variances; the first has none. */
function neighbourProducts(values: Float64Array): Float64Array {
  const centre = mean(values);
  const variance = standardDeviation(values) ** 2;
  return values.map((value, i) =>
    i > 0 && values.length > 2 ? ((value - centre) * (values[i - 1] - centre)) / variance : Number.NaN,
  );
}

/** [n] mean of the `width` values around each, `width` odd; NaN where they are not all there. */
function runningMean(values: Float64Array, width: number): Float64Array {
  const half = (width - 1) / 2;
  return values.map((_, i) =>
    i < half || i + half >= values.length ? Number.NaN : mean(values.subarray(i - half, i + half + 1)),
  );
}
