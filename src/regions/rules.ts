// The named rules behind one door, and the rule without a search.

import { meanRegion, paperRule, releasedRule, sorted } from './crossing.js';
import { baselineOf, onsetRule } from './onset.js';
import { ENCODEC_REACH, type Findings, frontier, type Reach, type RuleName } from './region.js';
import type { Window } from './window.js';

/** Fewest frames of a transient and of a level. */
const FEWEST = { transient: 3, level: 5 };

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
export function findRegions(curve: Float64Array, window: Window, options: RuleOptions = {}): Findings {
  if (!(window.start >= 0 && window.start < window.end && window.end <= curve.length)) {
    throw new Error(
      `regions: window [${window.start}, ${window.end}) does not lie on a curve of ${curve.length} frames; ` +
        'give its start and length in frames of this clip',
    );
  }
  const { rule = 'onset', reach = ENCODEC_REACH.reach, lead = ENCODEC_REACH.lead } = options;
  return APPLY[rule](curve, window, { reach, lead });
}

const APPLY: Readonly<Record<RuleName, (curve: Float64Array, window: Window, reach: Reach) => Findings>> = {
  onset: onsetRule,
  fixed: fixedRule,
  paper: paperRule,
  released: releasedRule,
};

/**
 * Regions at places fixed beforehand: five frames around each boundary (the paper's "first ~5 tokens", moved to
 * where the codec mixes both sides), the window's interior, and the rest. Nothing is chosen by looking, so means
 * over clips are unbiased: this is the rule for averages, `onset` the one for a single curve.
 */
function fixedRule(curve: Float64Array, window: Window, reach: Reach): Findings {
  const baseline = baselineOf(curve, frontier(window, reach));
  const { level } = baseline;
  const start = { start: window.start - 2, end: window.start + 3 };
  const end = { start: window.end - 2, end: window.end + 3 };
  const apart = start.end <= end.start;
  const transient = (name: 'peak' | 'rebound', span: Window) =>
    apart
      ? meanRegion(name, curve, span, { level, minimum: FEWEST.transient })
      : { name, why: 'the window is shorter than 5 frames: its two boundaries share frames' };
  const interior = { start: start.end, end: window.end - reach.reach };
  const found = [
    transient('peak', start),
    meanRegion('assimilation', curve, interior, { level, minimum: FEWEST.level }),
    transient('rebound', end),
    meanRegion('recovery', curve, { start: end.end, end: curve.length }, { level, minimum: FEWEST.level }),
  ];
  return { rule: 'fixed', window, baseline, ...sorted(found) };
}
