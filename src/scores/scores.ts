// Scores of a clip: what a model's losses say of it without any reference. Each is named, with its formula and the way that
// damage is expected to move it, fixed before anything was looked at. Which score hears which damage is for the battery
// to show.

import { changePoint, localMaximum } from '../stats/change.js';
import { mean } from '../stats/describe.js';
import { burstIn } from './burst.js';
import { type Heard, heardFrames, overCodebooks } from './heard.js';

/**
 * Version of the formulas below, recorded with every score: raised when a formula or a constant changes, so that numbers of
 * two versions are never compared.
 */
export const SCORES_VERSION = 2;

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
  'round-trip',
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
  'round-trip',
  'own-past',
];
export type FurtherScore = (typeof FURTHER_SCORES)[number];
export type ScoreName = (typeof SCORE_NAMES)[number];

/** How often each entry of each codebook occurs in other clips: [K][V] counts. */
export type CodeCounts = readonly (readonly number[])[];

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
  /** The same by frame, [T], where it has a place: what a page draws over seconds. NaN where undefined. */
  readonly curve?: (heard: Heard) => Float64Array;
}

/** How much of the variety of a clip's codes counts in `surprise`: fixed on pieces that no result is computed on. */
const VARIETY = 0.3;

/** Frames of a local maximum: half a second at 50 frames a second. */
const LOCAL = 25;

const lossCurve = (heard: Heard): Float64Array => overCodebooks(heard, (i) => heard.loss[i]);
const excessCurve = (heard: Heard): Float64Array =>
  overCodebooks(heard, (i) => heard.loss[i] - heard.entropy[i]);
const entropyCurve = (heard: Heard): Float64Array => overCodebooks(heard, (i) => heard.entropy[i]);

/** Loss minus entropy of one codebook by frame; the last one where there are fewer. */
function excessOf(heard: Heard, codebook: number): Float64Array {
  const k = Math.min(codebook, heard.codebooks - 1);
  const at = k * heard.frames;
  return Float64Array.from({ length: heard.frames }, (_, t) => heard.loss[at + t] - heard.entropy[at + t]);
}

/** The values of a curve that scores are computed over. */
function heardOf(heard: Heard, curve: Float64Array): Float64Array {
  const { first, end } = heardFrames(heard);
  return curve.subarray(first, end);
}

export const SCORES: Readonly<Record<ScoreName, ClipScore>> = {
  loss: {
    name: 'loss',
    words: 'mean loss: how badly the model predicts the clip',
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, lossCurve(heard))),
    curve: lossCurve,
  },
  excess: {
    name: 'excess',
    words: 'mean loss minus mean entropy: how much worse the model predicts than it expects to',
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, excessCurve(heard))),
    curve: excessCurve,
  },
  'excess-2': {
    name: 'excess-2',
    words: 'the same of the second codebook, which codes what the first one leaves',
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, excessOf(heard, 1))),
    curve: (heard) => excessOf(heard, 1),
  },
  surprise: {
    name: 'surprise',
    words:
      "excess-2 minus 0.3 of the entropy of the clip's own codes: surprising for a clip of so few different sounds",
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, excessOf(heard, 1))) - VARIETY * ownCodeEntropy(heard),
    curve: (heard) => excessOf(heard, 1),
  },
  'own-codes': {
    name: 'own-codes',
    words:
      "mean loss minus the entropy of the clip's own codes: how badly, for a clip of so many different sounds",
    unit: 'nats',
    direction: 'up',
    of: (heard) => mean(heardOf(heard, lossCurve(heard))) - ownCodeEntropy(heard),
  },
  unigram: {
    name: 'unigram',
    words: 'mean loss minus what the frequency of its codes in other clips alone would give',
    unit: 'nats',
    direction: 'up',
    of: (heard, { counts }) =>
      counts === undefined
        ? Number.NaN
        : mean(heardOf(heard, lossCurve(heard))) - mean(heardOf(heard, unigramCurve(heard, counts))),
  },
  entropy: {
    name: 'entropy',
    words:
      'mean entropy of what the model predicts: low where the sound has become poor, high where it has become random',
    unit: 'nats',
    direction: 'both',
    of: (heard) => mean(heardOf(heard, entropyCurve(heard))),
    curve: entropyCurve,
  },
  notch: {
    name: 'notch',
    words: 'the deepest stretch of low loss between higher surroundings: noise is easy to predict',
    unit: 'none',
    direction: 'up',
    of: (heard) => burstIn(heardOf(heard, lossCurve(heard))).value,
  },
  contour: {
    name: 'contour',
    words: "a notch with raised edges: the paper's Peak, Assimilation and Rebound, at any place and length",
    unit: 'none',
    direction: 'up',
    of: (heard) => burstIn(heardOf(heard, lossCurve(heard)), { edges: true }).value,
  },
  autocorrelation: {
    name: 'autocorrelation',
    words: 'correlation of the loss with that of the next frame: high where the loss changes level',
    unit: 'none',
    direction: 'up',
    of: (heard) => lagOne(heardOf(heard, lossCurve(heard))),
  },
  maximum: {
    name: 'maximum',
    words: 'the largest excess of half a second',
    unit: 'nats',
    direction: 'up',
    of: (heard) => localMaximum(heardOf(heard, excessCurve(heard)), LOCAL).value,
  },
  change: {
    name: 'change',
    words: 'CUSUM statistic of the loss: how surely its level shifts somewhere',
    unit: 'none',
    direction: 'up',
    of: (heard) => changePoint(heardOf(heard, lossCurve(heard))).statistic,
  },
  'round-trip': {
    name: 'round-trip',
    words:
      'share of codes that decoding and encoding again changes: low for sound that has been through a codec, high for hiss',
    unit: 'share',
    direction: 'both',
    of: ({ roundTrip = Number.NaN }) => roundTrip,
  },
  conditional: {
    name: 'conditional',
    words:
      'mean loss under the condition minus mean loss without it: how little the prompt explains the clip',
    unit: 'nats',
    direction: 'up',
    of: (heard) => gainOf(heard, heard.unconditional),
    curve: (heard) => againstCurve(heard, heard.unconditional),
  },
  'own-past': {
    name: 'own-past',
    words:
      "mean loss of the second half minus the same after another clip's first half: how little the clip's own past helps",
    unit: 'nats',
    direction: 'up',
    of: (heard) => gainOf(heard, heard.foreignPast),
    curve: (heard) => againstCurve(heard, heard.foreignPast),
  },
};

/** [T] loss minus another loss of the same codes; NaN where either is undefined. */
function againstCurve(heard: Heard, other: Float32Array | undefined): Float64Array {
  return overCodebooks(heard, (i) => heard.loss[i] - (other?.[i] ?? Number.NaN));
}

/** Its mean over the frames where it is defined; NaN where it nowhere is. */
function gainOf(heard: Heard, other: Float32Array | undefined): number {
  return mean(heardOf(heard, againstCurve(heard, other)).filter((value) => !Number.isNaN(value)));
}

/**
 * Plug-in entropy of the codes of a clip, mean over codebooks, in nats, with Miller and Madow's correction
 * (entries in use - 1) / 2T (Miller 1955).
 */
export function ownCodeEntropy({ codebooks, frames, codes }: Heard): number {
  let sum = 0;
  for (let k = 0; k < codebooks; k++) {
    const counts = new Map<number, number>();
    for (const code of codes.subarray(k * frames, (k + 1) * frames))
      counts.set(code, (counts.get(code) ?? 0) + 1);
    for (const count of counts.values()) sum -= (count / frames) * Math.log(count / frames);
    sum += (counts.size - 1) / (2 * frames);
  }
  return sum / codebooks;
}

/** [T] -log of each code's frequency in other clips, mean over codebooks; half a count is added to every entry. */
function unigramCurve(heard: Heard, counts: CodeCounts): Float64Array {
  if (counts.length !== heard.codebooks) {
    throw new Error(
      `unigram: code counts of ${counts.length} codebooks for a clip of ${heard.codebooks}; count with one model`,
    );
  }
  const totals = counts.map((row) => Math.log(row.reduce((sum, count) => sum + count + 0.5, 0)));
  return overCodebooks(heard, (i) => {
    const k = Math.floor(i / heard.frames);
    return totals[k] - Math.log((counts[k][heard.codes[i]] ?? 0) + 0.5);
  });
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
