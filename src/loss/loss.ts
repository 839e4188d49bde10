// Loss: the negative log-likelihood of every code, per codebook, on the frame axis.

import type { Codes } from '../audio/codes.js';
import type { Condition } from '../models/condition.js';
import type { LossAndEntropy, ScoreForm } from '../models/language.js';
import { languageOf, type Model } from '../models/model.js';

export type { Loss, LossAndEntropy } from '../models/language.js';

export interface ScoreOptions extends ScoreForm {
  /** Condition. Default: none. */
  readonly condition?: Condition;
}

/**
 * Scores codes [K, T] under a protocol of the model. One position costs as much as any other, so T is limited by memory
 * only: positions beyond the training length are computed as the original code computes them.
 */
export async function score(
  model: Model,
  codes: Codes,
  { condition, ...form }: ScoreOptions = {},
): Promise<LossAndEntropy> {
  return (await languageOf(model, condition)).score(codes, form);
}
