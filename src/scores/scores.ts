// Scores of a clip: what a model's losses say of it without any reference. Each is named, with its formula and the way that
// damage is expected to move it, fixed before anything was looked at. Which score hears which damage is for the battery
// to show.

import { changePoint, localMaximum } from '../stats/change.js';
import { mean, standardDeviation } from '../stats/describe.js';
import { burstIn } from './burst.js';
import {
  type CodeCounts,
  entropyByFrame,
  excessByFrame,
  excessInSpreads,
  excessOfCodebook,
  heardOf,
  lossAgainst,
  lossByFrame,
  ownCodeEntropy,
  ownCodeEntropyOf,
  unigramByFrame,
} from './by_frame.js';
import type { Heard } from './heard.js';
import { poorestIn } from './poorest.js';

/**
 * Version of the formulas below, recorded with every score: raised when a formula or a constant changes, so that numbers of
 * two versions are never compared. 4: clips at one loudness have one polarity, too, and notes one mean velocity.
 */
export const SCORES_VERSION = 4;

export const SCORE_NAMES = [
  'loss',
  'excess',
  'excess-2',
  'surprise',
  'own-codes',
  'unigram',
  'entropy',
  'notch',
  'contour',
  'autocorrelation',
  'maximum',
  'change',
  'unevenness',
  'variety',
  'poorest',
  'round-trip',
  'typical',
  'conditional',
  'own-past',
] as const;
/** Those that cost further passes of the model: measured only when asked for. */
export const FURTHER_SCORES = ['conditional', 'own-past'] as const satisfies readonly ScoreName[];
/** Those that are made for the codebooks of a codec, or for what it hears: of notes they are not defined. */
export const SOUND_SCORES: readonly ScoreName[] = [
  'excess-2',
  'surprise',
  'own-codes',
  'unigram',
  'variety',
  'poorest',
  'round-trip',
  'own-past',
];
export type FurtherScore = (typeof FURTHER_SCORES)[number];
export type ScoreName = (typeof SCORE_NAMES)[number];

export interface ScoreContext {
  /** Of clips that are not the one scored. */
  readonly counts?: CodeCounts;
}

export interface ClipScore {
  readonly name: ScoreName;
  /** One sentence for people. */
  readonly words: string;
  readonly unit: 'nats' | 'share' | 'none';
  /** Which way damage moves it: up, or away from what clean clips have in either direction. */
  readonly direction: 'up' | 'both';
  /** NaN where it is not defined for this clip (too short, nothing to compare with). */
  readonly of: (heard: Heard, context: ScoreContext) => number;
}

/** How much of the variety of a clip's codes counts in `surprise`: fixed on pieces that no result is computed on. */
export const VARIETY = 0.3;

/** Frames of a local maximum: half a second at 50 frames a second. */
export const LOCAL = 25;

export const SCORES: Readonly<Record<ScoreName, ClipScore>> = {
  loss: {
    name: 'loss',
    words: 'mean loss: how badly the model predicts the clip',
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, lossByFrame(heard))),
  },
  excess: {
    name: 'excess',
    words: 'mean loss minus mean entropy: how much worse the model predicts than it expects to',
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, excessByFrame(heard))),
  },
  'excess-2': {
    name: 'excess-2',
    words: 'the same of the second codebook, which codes what the first one leaves',
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, excessOfCodebook(heard, 1))),
  },
  surprise: {
    name: 'surprise',
    words:
      "excess-2 minus 0.3 of the entropy of the clip's own codes: surprising for a clip of so few different sounds",
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, excessOfCodebook(heard, 1))) - VARIETY * ownCodeEntropy(heard),
  },
  'own-codes': {
    name: 'own-codes',
    words:
      "mean loss minus the entropy of the clip's own codes: how badly, for a clip of so many different sounds",
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, lossByFrame(heard))) - ownCodeEntropy(heard),
  },
  unigram: {
    name: 'unigram',
    words: 'mean loss minus what the frequency of its codes in other clips alone would give',
    unit: 'nats',
    direction: 'up',
    of: (heard, { counts }) =>
      counts === undefined
        ? Number.NaN
        : mean(heardOf(heard, lossByFrame(heard))) - mean(heardOf(heard, unigramByFrame(heard, counts))),
  },
  entropy: {
    name: 'entropy',
    words:
      'mean entropy of what the model predicts: low where the sound has become poor, high where it has become random',
    unit: 'nats',
    direction: 'both',
    of: (heard) => mean(heardOf(heard, entropyByFrame(heard))),
  },
  notch: {
    name: 'notch',
    words: 'the deepest stretch of low loss between higher surroundings: noise is easy to predict',
    unit: 'none',
    direction: 'up',
    of: (heard) => burstIn(heardOf(heard, lossByFrame(heard))).value,
  },
  contour: {
    name: 'contour',
    words: "a notch with raised edges: the paper's Peak, Assimilation and Rebound, at any place and length",
    unit: 'none',
    direction: 'up',
    of: (heard) => burstIn(heardOf(heard, lossByFrame(heard)), { edges: true }).value,
  },
  autocorrelation: {
    name: 'autocorrelation',
    words: 'correlation of the loss with that of the next frame: high where the loss changes level',
    unit: 'none',
    direction: 'up',
    of: (heard) => lagOne(heardOf(heard, lossByFrame(heard))),
  },
  maximum: {
    name: 'maximum',
    words: 'the largest excess of half a second',
    unit: 'nats',
    direction: 'up',
    of: (heard) => localMaximum(heardOf(heard, excessByFrame(heard)), LOCAL).value,
  },
  change: {
    name: 'change',
    words: 'CUSUM statistic of the loss: how surely its level shifts somewhere',
    unit: 'none',
    direction: 'up',
    of: (heard) => changePoint(heardOf(heard, lossByFrame(heard))).statistic,
  },
  unevenness: {
    name: 'unevenness',
    words:
      'standard deviation over frames of the excess: high where a clip is expected in places and not in others',
    unit: 'nats',
    direction: 'up',
    of: (heard) => standardDeviation(heardOf(heard, excessByFrame(heard))),
  },
  variety: {
    name: 'variety',
    words:
      "entropy of the clip's own codes of the first codebook: low for noise and other poor sound, high for random codes",
    unit: 'nats',
    direction: 'both',
    of: (heard) => ownCodeEntropyOf(heard, 0),
  },
  poorest: {
    name: 'poorest',
    words: 'the stretch of the fewest different codes beside the rest of the clip: a burst of noise is one',
    unit: 'none',
    direction: 'up',
    of: (heard) => poorestIn(heard).value,
  },
  'round-trip': {
    name: 'round-trip',
    words:
      'share of codes that decoding and encoding again changes: low for sound that has been through a codec, high for hiss',
    unit: 'share',
    direction: 'both',
    of: ({ roundTrip = Number.NaN }) => roundTrip,
  },
  typical: {
    name: 'typical',
    words:
      'mean of loss minus entropy in standard deviations of -log p: how far from what the model would draw itself',
    unit: 'none',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, excessInSpreads(heard))),
  },
  conditional: {
    name: 'conditional',
    words:
      'mean loss under the condition minus mean loss without it: how little the prompt explains the clip',
    unit: 'nats',
    direction: 'up',
    of: (heard) => gainOf(heard, heard.unconditional),
  },
  'own-past': {
    name: 'own-past',
    words:
      "mean loss of the second half minus the same after another clip's first half: how little the clip's own past helps",
    unit: 'nats',
    direction: 'up',
    of: (heard) => gainOf(heard, heard.foreignPast),
  },
};

/** Mean of loss minus another loss, over the frames where it is defined; NaN where it nowhere is. */
function gainOf(heard: Heard, other: Float32Array | undefined): number {
  return mean(heardOf(heard, lossAgainst(heard, other)).filter((value) => !Number.isNaN(value)));
}

/** Correlation of neighbours; NaN below three values or where they do not vary. */
function lagOne(values: Float64Array): number {
  const centre = mean(values);
  let square = 0;
  let product = 0;
  for (let i = 0; i < values.length; i++) {
    square += (values[i] - centre) ** 2;
    if (i > 0) product += (values[i] - centre) * (values[i - 1] - centre);
  }
  return values.length < 3 || square === 0 ? Number.NaN : product / square;
}
