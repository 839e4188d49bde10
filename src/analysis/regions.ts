// Fig. 4: region means by clip, at the places of rule `fixed`, where nothing is chosen by looking.

import type { RegionName } from '../regions/region.js';
import { defined } from '../stats/defined.js';
import { familiesOf, meanOf, signFlip } from './estimate.js';
import type { RegionSample } from './figure_findings.js';
import { nameOf, type Sample } from './measured.js';

const REGIONS: readonly RegionName[] = ['peak', 'assimilation', 'rebound', 'recovery'];

/** Four rows a point where the place of the disturbance is one window; regions that no clip has are left out. */
export function regionSamples(
  samples: readonly Sample[],
  { seed }: { readonly seed: number },
): RegionSample[] {
  const found = samples.flatMap((sample) =>
    REGIONS.flatMap((region) => {
      const all = sample.cells.map(({ placed }) => placed?.regions[region] ?? Number.NaN);
      const { values } = defined(all);
      const clips = sample.cells.flatMap(({ clip }, i) => (Number.isNaN(all[i]) ? [] : [clip]));
      return values.length === 0
        ? []
        : [{ sample, region, values, clips, name: `${nameOf(sample.point)} ${region}` }];
    }),
  );
  const tests = familiesOf(
    'RQ3, region means',
    found.map(({ sample, values, name }) => ({
      group: sample.point.group,
      ...signFlip(values, { seed, name }),
    })),
  );
  return found.map(({ sample: { point, planned }, region, values, clips, name }, i) => ({
    ...point,
    region,
    values,
    clips,
    mean: meanOf(values, { seed, name, planned }),
    test: tests[i],
  }));
}
