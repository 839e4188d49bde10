// Peak and Rebound by their three definitions side by side: two at fixed places and one that is looked for, each beside what the same
// definition gives on null curves. The search finds something in any noise, so only what it finds above its null says anything.

import { defined } from '../stats/defined.js';
import { mean } from '../stats/describe.js';
import type { DeltaFeature } from './curve_features.js';
import { familiesOf, meanOf, nothing, signFlip } from './estimate.js';
import type { Estimate } from './estimated.js';
import type { TransientRow } from './figure_findings.js';
import { nameOf, type Sample } from './measured.js';
import { unjudgedBy } from './null_features.js';

const FEATURES: readonly (Pick<TransientRow, 'region' | 'definition'> & {
  readonly feature: DeltaFeature;
})[] = [
  { region: 'peak', definition: 'boundary', feature: 'Peak mean' },
  { region: 'peak', definition: 'paper', feature: 'Peak mean of five' },
  { region: 'peak', definition: 'searched', feature: 'Peak searched' },
  { region: 'rebound', definition: 'boundary', feature: 'Rebound mean' },
  { region: 'rebound', definition: 'paper', feature: 'Rebound mean of five' },
  { region: 'rebound', definition: 'searched', feature: 'Rebound searched' },
];

/** Up to six rows a point where the place of the disturbance is one window; a definition that no clip has room for is left out. */
export function transientRows(
  samples: readonly Sample[],
  { seed }: { readonly seed: number },
): TransientRow[] {
  const found = samples.flatMap((sample) =>
    FEATURES.flatMap(({ feature, ...what }) => {
      const values = sample.cells.map(({ placed }) => placed?.features[feature] ?? Number.NaN);
      if (values.every(Number.isNaN)) return [];
      const nulls = sample.cells.map(({ placed }) =>
        mean(defined((placed?.nulls ?? []).map((draw) => draw[feature])).values),
      );
      const over = values.map((value, i) => value - nulls[i]);
      const [why] = sample.cells.flatMap(({ placed }) => unjudgedBy(placed, feature) ?? []);
      return [
        { sample, what, values, nulls, over, why, name: `${nameOf(sample.point)} ${feature} by definition` },
      ];
    }),
  );
  const tests = familiesOf(
    'RQ3, Peak and Rebound by definition',
    found.map(({ sample, over, name }) => ({ group: sample.point.group, ...signFlip(over, { seed, name }) })),
  );
  return found.map(({ sample: { point, planned }, what, values, nulls, over, why, name }, i) => {
    const ofNulls = (numbers: readonly number[], title: string): Estimate =>
      numbers.every(Number.isNaN) && why !== undefined
        ? nothing(planned, why)
        : meanOf(numbers, { seed, name: title, planned });
    return {
      ...point,
      ...what,
      mean: meanOf(values, { seed, name, planned }),
      null: ofNulls(nulls, `${name}, null`),
      overNull: ofNulls(over, `${name}, over null`),
      test: tests[i],
    };
  });
}
