// What a condition does to the loss: the same codes scored with it and without.

import type { Codes } from '../audio/codes.js';
import type { Condition } from '../models/condition.js';
import type { Model } from '../models/model.js';
import { type Delta, difference } from './delta.js';
import { type Loss, type ScoreOptions, score } from './loss.js';

export interface ConditionContrast {
  readonly conditional: Loss;
  readonly unconditional: Loss;
  /** conditional - unconditional, nats: negative where the condition helps to predict the code. */
  readonly delta: Delta;
}

/**
 * Scores codes under a condition and under the model's null condition, by one graph: the weights are loaded once,
 * and the unconditional loss has the bits of `score` without a condition.
 */
export async function contrast(
  model: Model,
  codes: Codes,
  condition: Condition,
  options: Omit<ScoreOptions, 'condition'> = {},
): Promise<ConditionContrast> {
  const conditional = await score(model, codes, { ...options, condition });
  const unconditional = await score(model, codes, { ...options, condition: { missing: 'null' } });
  return { conditional, unconditional, delta: difference(unconditional, conditional) };
}
