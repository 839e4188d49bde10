// The named rules behind one door, and the rule without a search.

import { counted } from '../counted.js';
import { meanRegion, paperRule, releasedRule, sorted } from './crossing.js';
import { baselineOf, less, onsetRule } from './onset.js';
import {
  type Absence,
  ENCODEC_REACH,
  frontier,
  type Reach,
  type Region,
  type RegionFindings,
  type RuleName,
} from './region.js';
import { type Transients, transientsIn, transientsOf } from './transient.js';
import type { Window } from './window.js';

/** Fewest frames of an Assimilation and a Recovery. */
const FEWEST = 5;
/** Frames after a boundary that belong to neither side. */
const MIXED = 3;

export interface RuleOptions extends Partial<Reach> {
  /** Default `onset`. */
  readonly rule?: RuleName;
}

/**
 * Regions of a delta curve around a window.
 * @param curve [T] delta averaged over codebooks, nats; NaN where undefined.
 * @param window frames [start, end) that were disturbed.
 * Throws when the window is empty or does not lie on the curve.
 */
export function findRegions(curve: Float64Array, window: Window, options: RuleOptions = {}): RegionFindings {
  if (!(window.start >= 0 && window.start < window.end && window.end <= curve.length)) {
    throw new Error(
      `regions: window [${window.start}, ${window.end}) does not lie on a curve of ${counted(curve.length, 'frame')}; ` +
        'give its start and length in frames of this clip',
    );
  }
  const { rule = 'onset', reach = ENCODEC_REACH.reach, lag = ENCODEC_REACH.lag } = options;
  return APPLY[rule](curve, window, { reach, lag });
}

const APPLY: Readonly<
  Record<RuleName, (curve: Float64Array, window: Window, reach: Reach) => RegionFindings>
> = {
  onset: onsetRule,
  fixed: fixedRule,
  paper: paperRule,
  released: releasedRule,
};

/**
 * Regions at places fixed beforehand: three frames around each boundary (where the published curves have their Peak, and
 * where the codec mixes both sides), the window's interior, and the rest. Nothing is chosen by looking, so means over clips
 * are unbiased: this is the rule for averages, `onset` the one for a single curve.
 */
function fixedRule(curve: Float64Array, window: Window, reach: Reach): RegionFindings {
  const baseline = baselineOf(curve, frontier(window, reach));
  const { level, spread } = baseline;
  const { peak, rebound } = transientsOf(less(curve, level), window, { reach: reach.reach, spread });
  const atItsPlace = (found: Transients['peak']): Region | Absence => {
    if ('why' in found) return found;
    const { drawn: _, ...region } = found.region;
    return region;
  };
  const interior = { start: window.start + MIXED, end: window.end - reach.reach };
  const rest = { start: window.end + MIXED, end: curve.length };
  const found = [
    atItsPlace(peak),
    meanRegion('assimilation', curve, interior, { level, minimum: FEWEST }),
    atItsPlace(rebound),
    meanRegion('recovery', curve, rest, { level, minimum: FEWEST }),
  ];
  return {
    rule: 'fixed',
    window,
    baseline,
    ...sorted(found),
    transients: transientsIn(peak, rebound),
  };
}
