// What is computed once for a clip and used again for its versions: the codes of the sound that a disturbance cannot
// reach, and the keys and values of the columns before the first code that differs.

import { type Clip, sampleCount } from '../audio/clip.js';
import type { Codes } from '../audio/codes.js';
import type { Model } from '../models/model.js';
import { encode, requireEncodable } from './encode.js';
import { type LossAndEntropy, type ScoreOptions, score, scoreAndKeep } from './loss.js';

/**
 * A clip encoded once; versions of it are encoded where they differ from it, which is found by comparing samples.
 * Nothing to release: it lies on the heap.
 */
export interface KeptEncoding {
  readonly codes: Codes;
  /** To the bit what `encode` gives, for any sound; cheaper the more of the clip stands in it at its own place. */
  encode(version: Clip): Promise<Codes>;
  /**
   * The same of several versions, cheaper than one by one. With `ends`, a frame for each: from there on a version is not
   * looked at and gets the clip's own codes.
   */
  encodeAll(versions: readonly Clip[], ends?: readonly number[]): Promise<Codes[]>;
}

/** Codes scored once; versions of them are scored from where they differ. Release it when done. */
export interface KeptScoring {
  readonly codes: Codes;
  readonly loss: LossAndEntropy;
  /**
   * To the bit what `score` gives under the same options; with `end`, of the frames before it, NaN from there on.
   * Codes of another length take a full pass.
   */
  score(codes: Codes, options?: { readonly end?: number }): Promise<LossAndEntropy>;
  release(): Promise<void>;
}

/** Encodes a clip, which must be as the codec takes it (see `conform`), for versions of it. */
export async function keepEncoding(model: Model, clip: Clip): Promise<KeptEncoding> {
  requireEncodable(model, clip);
  const kept = await model.keepSound(clip.channels);
  const fits = (version: Clip): boolean =>
    model.resumes &&
    version.channels.length === clip.channels.length &&
    sampleCount(version) === sampleCount(clip);
  const encodeAll = async (versions: readonly Clip[], ends?: readonly number[]): Promise<Codes[]> => {
    for (const version of versions) requireEncodable(model, version);
    const fitting = versions.flatMap((version, i) => (fits(version) ? [{ ...version, i }] : []));
    const local = await kept.encode(
      fitting.map(({ channels, i }) => ({ channels, ...(ends && { end: ends[i] }) })),
    );
    const known = new Map(fitting.map(({ i }, at) => [i, local[at]]));
    const codes: Codes[] = [];
    for (const [i, version] of versions.entries()) {
      codes.push(known.get(i) ?? (await encode(model, version)));
    }
    return codes;
  };
  return {
    codes: kept.codes,
    encode: async (version) => (await encodeAll([version]))[0],
    encodeAll,
  };
}

/** Scores codes for versions of them. */
export async function keepScoring(
  model: Model,
  codes: Codes,
  options: Pick<ScoreOptions, 'protocol' | 'condition'> = {},
): Promise<KeptScoring> {
  const { loss, prefix } = await scoreAndKeep(model, codes, options);
  return {
    codes,
    loss,
    score: (version, { end = version.frames } = {}) =>
      score(
        model,
        version,
        model.resumes && version.frames === codes.frames ? { ...options, prefix, end } : { ...options, end },
      ),
    release: () => prefix.release(),
  };
}
