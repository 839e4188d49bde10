// The loss of a clip's second half when the first half is another clip's: beside its usual loss it says how much the clip's own
// past helps the model.

import { type Codes, codesOf, rowsOf } from '../audio/codes.js';
import type { Model } from '../models/model.js';
import { type ScoreOptions, score } from './loss.js';

/** Frames after the joint that are left out: codes there know of the clip's own past through the codec. */
const JOINT = 5;

/**
 * [K, T] nats of the codes from frame floor(T / 2) + 5 on, scored after the first floor(T / 2) frames of `foreign`; NaN before.
 * Undefined where `foreign` is shorter than that.
 * @throws when either has codes that are none of this model.
 */
export async function lossAfterForeignPast(
  model: Model,
  codes: Codes,
  { foreign, ...options }: ScoreOptions & { readonly foreign: Codes },
): Promise<Float32Array | undefined> {
  const { frames } = codes;
  const half = Math.floor(frames / 2);
  if (foreign.frames < half) return undefined;
  const others = rowsOf(foreign);
  const joined = rowsOf(codes).map((row, k) =>
    Int32Array.of(...others[k].subarray(0, half), ...row.subarray(half)),
  );
  const { values } = await score(model, codesOf(joined), options);
  return values.map((value, i) => (i % frames < half + JOINT ? Number.NaN : value));
}
