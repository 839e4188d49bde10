// How far a score agrees with listeners, as statistics of the clips that are kept: over clips, over systems, within systems, and by
// pairs of clips of one prompt. Every score is turned first so that more is better.

import { judge } from '../scores/panel.js';
import { referenceOf, referenceWithout, type ScoreValues } from '../scores/reference.js';
import { SCORES } from '../scores/scores.js';
import { spearman } from '../stats/correlate.js';
import type { KeptStatistic } from '../stats/crossed.js';
import { mean, median } from '../stats/describe.js';
import { kendallTauB } from '../stats/kendall.js';
import type { JudgedScore } from './battery_findings.js';

/** Clips that a panel needs to judge one more. */
const FEWEST_BESIDE = 6;
/** Clips of a system below which nothing is correlated within it. */
const FEWEST_WITHIN = 3;

export type Correlate = (x: readonly number[], y: readonly number[]) => number;
export const CORRELATIONS = {
  spearman: (x, y) => spearman(x, y).r,
  kendall: kendallTauB,
} as const satisfies Record<string, Correlate>;

/**
 * A score of every clip, turned so that more should be better: minus the score where damage raises it, minus the distance from the
 * median clip where damage moves it either way. The panel judges each clip beside all others.
 */
export function qualities(score: JudgedScore, clips: readonly ScoreValues[]): number[] {
  if (score === 'panel') return panelQualities(clips);
  const values = clips.map((clip) => clip[score]);
  switch (SCORES[score].direction) {
    case 'up':
      return values.map((value) => -value);
    case 'both': {
      const centre = median(values.filter(Number.isFinite));
      return values.map((value) => -Math.abs(value - centre));
    }
  }
}

function panelQualities(clips: readonly ScoreValues[]): number[] {
  if (clips.length < FEWEST_BESIDE) return clips.map(() => Number.NaN);
  const all = referenceOf(clips);
  return clips.map((clip) => -judge(clip, referenceWithout(all, clip)).strength);
}

/** What one score says of clips, and what listeners say. */
export interface Beside {
  readonly quality: readonly number[];
  readonly rating: readonly number[];
  readonly system: readonly string[];
  readonly prompt: readonly string[];
}

/** Over clips, whatever made them. */
export function overClips({ quality, rating }: Beside, correlate: Correlate): KeptStatistic {
  return (kept) =>
    correlate(
      kept.map((i) => quality[i]),
      kept.map((i) => rating[i]),
    );
}

/** The means of each system's clips. */
export function systemMeans({ quality, rating, system }: Beside): Pick<Beside, 'quality' | 'rating'> {
  const groups = [
    ...byName(
      rating.map((_, i) => i),
      system,
    ).values(),
  ];
  const means = (values: readonly number[]): number[] => groups.map((own) => mean(own.map((i) => values[i])));
  return { quality: means(quality), rating: means(rating) };
}

/** Over systems, by the means of their clips: does the score order systems as listeners do? */
export function overSystems({ quality, rating, system }: Beside, correlate: Correlate): KeptStatistic {
  return (kept) => {
    const groups = [...byName(kept, system).values()];
    return correlate(
      groups.map((own) => mean(own.map((i) => quality[i]))),
      groups.map((own) => mean(own.map((i) => rating[i]))),
    );
  };
}

/** Mean over systems of the correlation between clips of one system, each by its clips less one. */
export function withinSystems({ quality, rating, system }: Beside, correlate: Correlate): KeptStatistic {
  return (kept) => {
    let [sum, weights] = [0, 0];
    for (const own of byName(kept, system).values()) {
      if (own.length < FEWEST_WITHIN) continue;
      const r = correlate(
        own.map((i) => quality[i]),
        own.map((i) => rating[i]),
      );
      if (Number.isNaN(r)) continue;
      sum += (own.length - 1) * r;
      weights += own.length - 1;
    }
    return sum / weights;
  };
}

/** Pairs of clips of one prompt by different systems that listeners rate differently. */
export function ratedPairs({ rating, system, prompt }: Beside): (readonly [number, number])[] {
  const groups = byName(
    rating.map((_, i) => i),
    prompt,
  );
  return [...groups.values()].flatMap((own) =>
    own.flatMap((i, at) =>
      own
        .slice(at + 1)
        .filter((j) => system[i] !== system[j] && rating[i] !== rating[j])
        .map((j): readonly [number, number] => (rating[i] > rating[j] ? [i, j] : [j, i])),
    ),
  );
}

/**
 * 2 accuracy - 1 over pairs [better, worse] of which both are kept: the share that the score puts in the same order, ties half. NaN
 * without pairs. Minus 1 to 1, as a correlation is.
 */
export function pairOrder(
  quality: readonly number[],
  pairs: readonly (readonly [number, number])[],
): KeptStatistic {
  return (kept) => {
    const isKept = new Uint8Array(quality.length);
    for (const i of kept) isKept[i] = 1;
    let [sum, n] = [0, 0];
    for (const [better, worse] of pairs) {
      if (!isKept[better] || !isKept[worse]) continue;
      sum += Math.sign(quality[better] - quality[worse]);
      n++;
    }
    return sum / n;
  };
}

function byName(kept: readonly number[], names: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const i of kept) {
    const own = groups.get(names[i]);
    if (own) own.push(i);
    else groups.set(names[i], [i]);
  }
  return groups;
}
