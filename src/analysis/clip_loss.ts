// RQ1: does the loss of the whole clip see the disturbance?

import { standardDeviation } from '../stats/describe.js';
import { aucBetween, aucBetweenInterval } from '../stats/roc_between.js';
import { estimateOf, familiesOf, meanOf, numberOrNull, shareOf, signFlip } from './estimate.js';
import { differenceOf, nameOf, perTokenOf, type Sample } from './measured.js';
import type { ClipLoss } from './question_findings.js';

/** One row a point. The tests of all points are one family. */
export function clipLosses(samples: readonly Sample[], { seed }: { readonly seed: number }): ClipLoss[] {
  const tests = familiesOf(
    'RQ1, loss of the whole clip',
    samples.map(({ point, cells }) => ({
      group: point.group,
      ...signFlip(cells.map(differenceOf), { seed, name: `${nameOf(point)} clip loss` }),
    })),
  );
  return samples.map(({ point, planned, cells }, i) => {
    const quantity = (name: string) => ({ seed, name: `${nameOf(point)} ${name}`, planned });
    const differences = cells.map(differenceOf);
    const scores = cells.map(({ clean, disturbed }) => ({ positives: [disturbed], negatives: [clean] }));
    return {
      ...point,
      clean: meanOf(
        cells.map((cell) => cell.clean),
        quantity('clean'),
      ),
      disturbed: meanOf(
        cells.map((cell) => cell.disturbed),
        quantity('disturbed'),
      ),
      difference: meanOf(differences, quantity('difference')),
      sd: numberOrNull(standardDeviation(differences)),
      test: tests[i],
      auc: estimateOf(aucBetween(scores), quantity('AUC'), (options) => aucBetweenInterval(scores, options)),
      rises: shareOf(differences.map(risen), { planned }),
      perToken: meanOf(cells.map(perTokenOf), quantity('per token')),
    };
  });
}

/** 1 where the loss rises, 0 where it falls, one half where it stays. */
function risen(difference: number): number {
  return (Math.sign(difference) + 1) / 2;
}
