// AUC over pairs of different clips. Where the same clips stand on both sides, a clip beside itself is no fair pair: a
// shift too small to be seen among clips wins all n of these, and lifts the AUC over all n^2 pairs to 1/2 + 1/(2n). The
// bootstrap makes it worse, since a clip drawn twice meets itself four times.

import type { IntervalOptions } from './bootstrap.js';
import { type ClusterEstimate, type ClusterStatistic, countDraws, estimate } from './cluster.js';
import { areaOf, auc, aucInterval, type ClipScores } from './roc.js';

/**
 * P(positive > negative) + P(equal) / 2 over pairs of a positive and a negative of different clips; NaN without such a
 * pair. Values 2, 4, 6 disturbed and 1, 3, 5 clean: 3 of 6, where `aucOf` has 6 of 9. Throws as `aucOf`.
 */
export function aucBetween(clips: readonly ClipScores[]): ClusterStatistic {
  const area = areaOf(clips);
  const positives = Float64Array.from(clips, (clip) => clip.positives.length);
  const negatives = Float64Array.from(clips, (clip) => clip.negatives.length);
  const wonAlone = Float64Array.from(clips, (clip, i) => {
    const pairs = positives[i] * negatives[i];
    return pairs === 0 ? 0 : auc(clip.positives, clip.negatives) * pairs;
  });
  const times = new Int32Array(clips.length);
  return {
    clusters: clips.length,
    of: (drawn) => {
      countDraws(drawn, times);
      let allPositives = 0;
      let allNegatives = 0;
      let pairsAlone = 0;
      let won = 0;
      for (let clip = 0; clip < times.length; clip++) {
        const n = times[clip];
        allPositives += n * positives[clip];
        allNegatives += n * negatives[clip];
        pairsAlone += n * n * positives[clip] * negatives[clip];
        won += n * n * wonAlone[clip];
      }
      const pairs = allPositives * allNegatives;
      return pairs === pairsAlone ? Number.NaN : (area(times) * pairs - won) / (pairs - pairsAlone);
    },
  };
}

/** The same with its bootstrap interval over clips; at 0 and 1 the open bound of `aucInterval`. */
export function aucBetweenInterval(
  clips: readonly ClipScores[],
  options: IntervalOptions = {},
): ClusterEstimate {
  const found = estimate(aucBetween(clips), options);
  if (found.value !== 0 && found.value !== 1) return found;
  const { low, high } = aucInterval(clips, options);
  return found.value === 1 ? { ...found, low, high: 1 } : { ...found, low: 0, high };
}
