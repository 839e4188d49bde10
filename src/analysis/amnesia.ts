// Amnesia index: how much of what came before the disturbance is lost to the model after it. For the tail y after the
// prefix p and the disturbance n, A = [l(y|p,n) - l(y|p)] / [l(y|n) - l(y|p)].

import { ratioOfMeans } from '../stats/cluster.js';
import { estimateOf, meanOf, type Quantity } from './estimate.js';
import type { Estimate } from './estimated.js';
import { HORIZONS, nameOf, type TailSample } from './measured.js';
import type { Amnesia } from './question_findings.js';

/** A clip's own index is shown where forgetting everything would cost at least so many nats per code. */
const POSSIBLE_AT_LEAST = 0.05;

/** A row a point and horizon; tails shorter than the horizon are missing. */
export function amnesia(samples: readonly TailSample[], { seed }: { readonly seed: number }): Amnesia[] {
  return samples.flatMap(({ point, planned, tails }) =>
    HORIZONS.map((horizon, h) => {
      const clips = tails
        .map((tail) => {
          const [both, prefix, noise] = [tail['prefix+noise'], tail.prefix, tail.noise].map(
            ({ byHorizon }) => byHorizon[h],
          );
          return { clip: tail.clip, lost: both - prefix, possible: noise - prefix };
        })
        .filter(({ lost, possible }) => Number.isFinite(lost) && Number.isFinite(possible));
      const longest = Math.max(0, ...tails.map(({ prefix }) => prefix.frames));
      const quantity = (name: string): Quantity => ({
        ...{ seed, planned },
        name: `${nameOf(point)} amnesia ${horizon} ${name}`,
      });
      const told = clips.filter((clip) => clip.possible >= POSSIBLE_AT_LEAST);
      const lost = clips.map((clip) => clip.lost);
      const possible = meanOf(
        clips.map((clip) => clip.possible),
        quantity('possible'),
      );
      return {
        ...point,
        tailTokens: Math.min(horizon, longest),
        index: indexOf(clips, possible, quantity('index')),
        lost: meanOf(lost, quantity('lost')),
        possible,
        values: told.map((clip) => clip.lost / clip.possible),
        clips: told.map(({ clip }) => clip),
        possibleAtLeast: POSSIBLE_AT_LEAST,
      };
    }),
  );
}

/** Ratio of means; without an interval where the denominator may well be 0, for then any index fits the data. */
function indexOf(
  clips: readonly { readonly lost: number; readonly possible: number }[],
  possible: Estimate,
  quantity: Quantity,
): Estimate {
  const ratio = ratioOfMeans(
    clips.map(({ lost }) => lost),
    clips.map((clip) => clip.possible),
  );
  const index = estimateOf(ratio, quantity);
  if (possible.value === null) return index;
  const why = 'what comes before helps to predict the tail too little to tell how much of it is lost';
  if (possible.value <= 0) return { ...index, value: null, low: null, high: null, why };
  if (possible.low !== null && possible.low <= 0) return { ...index, low: null, high: null, why };
  return index;
}
