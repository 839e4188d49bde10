// What scores are made of, by frame: [T] curves over all frames of a clip, NaN where a codebook is undefined. Those that a mean
// is taken of are cut to the frames that scores are computed over.

import { counted } from '../counted.js';
import { mean } from '../stats/describe.js';
import { type Heard, heardFrames, overCodebooks } from './heard.js';

/** How often each entry of each codebook occurs in other clips: [K][V] counts. */
export type CodeCounts = readonly (readonly number[])[];

export function lossByFrame(heard: Heard): Float64Array {
  return overCodebooks(heard, (i) => heard.loss[i]);
}

export function entropyByFrame(heard: Heard): Float64Array {
  return overCodebooks(heard, (i) => heard.entropy[i]);
}

/** Loss minus entropy. */
export function excessByFrame(heard: Heard): Float64Array {
  return overCodebooks(heard, (i) => heard.loss[i] - heard.entropy[i]);
}

/**
 * Nats: a prediction that is surer than that counts as if -log p had this spread. Otherwise a single unlikely code after a nearly
 * certain prediction (the likeliest code above 99.8%, of 512) outweighs all others.
 */
const LEAST_SPREAD = 0.5;

/** Loss minus entropy in standard deviations of -log p. */
export function excessInSpreads(heard: Heard): Float64Array {
  const { loss, entropy, spread } = heard;
  if (!spread) return new Float64Array(heard.frames).fill(Number.NaN);
  return overCodebooks(heard, (i) => (loss[i] - entropy[i]) / Math.max(spread[i], LEAST_SPREAD));
}

/** Loss minus entropy of one codebook; the last one where there are fewer. */
export function excessOfCodebook(heard: Heard, codebook: number): Float64Array {
  const k = Math.min(codebook, heard.codebooks - 1);
  const at = k * heard.frames;
  return Float64Array.from({ length: heard.frames }, (_, t) => heard.loss[at + t] - heard.entropy[at + t]);
}

/** -log of each code's frequency in other clips; half a count is added to every entry. */
export function unigramByFrame(heard: Heard, counts: CodeCounts): Float64Array {
  if (counts.length !== heard.codebooks) {
    throw new Error(
      `unigram: code counts of ${counted(counts.length, 'codebook')} for a clip of ${heard.codebooks}; count with one model`,
    );
  }
  const totals = counts.map((row) => Math.log(row.reduce((sum, count) => sum + count + 0.5, 0)));
  return overCodebooks(heard, (i) => {
    const k = Math.floor(i / heard.frames);
    return totals[k] - Math.log((counts[k][heard.codes[i]] ?? 0) + 0.5);
  });
}

/** Loss minus another loss of the same codes; NaN where either is undefined. */
export function lossAgainst(heard: Heard, other: Float32Array | undefined): Float64Array {
  return overCodebooks(heard, (i) => heard.loss[i] - (other?.[i] ?? Number.NaN));
}

/** The values of a curve that scores are computed over. */
export function heardOf(heard: Heard, curve: Float64Array): Float64Array {
  const { first, end } = heardFrames(heard);
  return curve.subarray(first, end);
}

/**
 * Plug-in entropy of the codes of a clip, mean over codebooks, in nats, with Miller and Madow's correction
 * (entries in use - 1) / 2T (Miller 1955).
 */
export function ownCodeEntropy(heard: Heard): number {
  let sum = 0;
  for (let k = 0; k < heard.codebooks; k++) sum += ownCodeEntropyOf(heard, k);
  return sum / heard.codebooks;
}

/** The same of one codebook. */
export function ownCodeEntropyOf({ frames, codes }: Heard, codebook: number): number {
  const counts = countsOf(codes.subarray(codebook * frames, (codebook + 1) * frames));
  let sum = 0;
  for (const count of counts.values()) sum -= (count / frames) * Math.log(count / frames);
  return sum + (counts.size - 1) / (2 * frames);
}

/**
 * That entropy by frame: -log of each code's frequency in the clip, with one constant for all frames, so that the mean over the
 * frames of scores is the entropy. The constant holds the correction, and what the frames that scores leave out differ by.
 */
export function ownCodesByFrame(heard: Heard): Float64Array {
  const { codebooks, frames, codes } = heard;
  const counts = Array.from({ length: codebooks }, (_, k) =>
    countsOf(codes.subarray(k * frames, (k + 1) * frames)),
  );
  const plain = overCodebooks(heard, (i) => {
    return -Math.log((counts[Math.floor(i / frames)].get(codes[i]) ?? 0) / frames);
  });
  return withMean(heard, plain, ownCodeEntropy(heard));
}

/** The same of the first codebook. */
export function firstCodesByFrame(heard: Heard): Float64Array {
  const row = heard.codes.subarray(0, heard.frames);
  const counts = countsOf(row);
  const plain = Float64Array.from(row, (code) => -Math.log((counts.get(code) ?? 0) / heard.frames));
  return withMean(heard, plain, ownCodeEntropyOf(heard, 0));
}

/** A curve moved so that its mean over the frames of scores is `centre`. */
function withMean(heard: Heard, curve: Float64Array, centre: number): Float64Array {
  const missing = centre - mean(heardOf(heard, curve));
  return curve.map((value) => value + missing);
}

function countsOf(codes: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}
