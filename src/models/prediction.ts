// What a decoder's graph tells of its predictions, from the logarithms of their probabilities.

import type { Graph } from '../onnx/graph.js';
import type { Value } from '../onnx/value.js';

/** Each [S, 1], nats. */
export interface Prediction {
  /** -log p of the target. */
  readonly nll: Value;
  /** Mean of -log p of a code that is drawn from the prediction. */
  readonly entropy: Value;
  /** Its standard deviation: the square root of the varentropy. */
  readonly spread: Value;
}

/**
 * `logs` [S, V] are logarithms of probabilities, `target` [S, 1] indices into them; `sum` gives the sums [S, 1] of rows. The variance
 * is taken about the mean: the difference of two sums loses its digits where the prediction is nearly even.
 */
export function predictionOf(
  g: Graph,
  logs: Value,
  { target, sum }: { readonly target: Value; readonly sum: (rows: Value) => Value },
): Prediction {
  const chances = g.Exp(logs);
  const mean = sum(g.Mul(chances, logs));
  const away = g.Sub(logs, mean);
  return {
    nll: g.Neg(g.GatherElements(logs, target, { axis: 1 })),
    entropy: g.Neg(mean),
    spread: g.Sqrt(sum(g.Mul(g.Mul(chances, away), away))),
  };
}
