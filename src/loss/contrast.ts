// What a condition does to the loss: the same codes scored with it and without.

import type { Codes } from '../audio/codes.js';
import type { Condition } from '../models/condition.js';
import type { Model } from '../models/model.js';
import { type Delta, difference } from './delta.js';
import { type Loss, type ScoreOptions, score } from './loss.js';
import { scoreInWindows, type WindowedOptions } from './windows.js';

export interface ConditionContrast {
  readonly conditional: Loss;
  readonly unconditional: Loss;
  /** conditional - unconditional, nats: negative where the condition helps to predict the code. */
  readonly delta: Delta;
}

/** How both are scored; with `windows`, window by window. */
export type ConditionContrastOptions = Omit<ScoreOptions, 'condition'> &
  Partial<Omit<WindowedOptions, 'condition'>>;

/**
 * Scores codes under a condition and under the model's null condition, by one graph: the weights are loaded once,
 * and the unconditional loss has the bits of `score` without a condition.
 */
export async function contrast(
  model: Model,
  codes: Codes,
  condition: Condition,
  { windows, onWindow, ...options }: ConditionContrastOptions = {},
): Promise<ConditionContrast> {
  const under = (told: Condition): Promise<Loss> =>
    windows
      ? scoreInWindows(model, codes, { ...options, windows, onWindow, condition: told })
      : score(model, codes, { ...options, condition: told });
  const conditional = await under(condition);
  const unconditional = await under({ missing: 'null' });
  return { conditional, unconditional, delta: difference(unconditional, conditional) };
}
