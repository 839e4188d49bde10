// One number a clip in two conditions: their difference, paired where the clips are the same, with its test and the
// evidence that it is less than a margin.

import { FEWEST_CLIPS } from '../stats/bootstrap.js';
import { differenceEquivalence, meanDifference } from '../stats/cochran_cox.js';
import { equivalenceTest } from '../stats/equivalence.js';
import { holm } from '../stats/multiple.js';
import { twoSampleTest } from '../stats/permute.js';
import {
  familyOf,
  meanOf,
  nothing,
  numberOrNull,
  type Quantity,
  type RawTest,
  signFlip,
} from './estimate.js';
import type { Estimate } from './estimated.js';
import type { Contrast } from './question_findings.js';

/** Largest difference of clip losses that counts as none, nats per code. */
export const DEFAULT_MARGIN = 0.05;

const ALPHA = 0.05;

/** By clip, and how many clips there should be. */
export interface ClipValues {
  readonly values: ReadonlyMap<string, number>;
  readonly planned: number;
}

export interface TwoSamples {
  /** a minus b. */
  readonly difference: Estimate;
  readonly paired: boolean;
  /** Whether both sides have a clip. */
  readonly measured: boolean;
  readonly raw: RawTest;
  /** Two one-sided tests at the margin; NaN below three clips. */
  readonly equivalenceP: number;
}

/** What a family of comparisons says together. */
export type TestVerdict = Pick<Contrast, 'test' | 'margin' | 'equivalenceP' | 'equivalenceHolm' | 'verdict'>;

/** The comparisons of one family: their tests are corrected together, and so are their equivalence tests. */
export function verdictsOf(
  family: string,
  comparisons: readonly TwoSamples[],
  { margin }: { readonly margin: number },
): TestVerdict[] {
  const tests = familyOf(
    family,
    comparisons.map(({ raw }) => raw),
  );
  const equivalence = holm(comparisons.map(({ equivalenceP }) => equivalenceP)).p;
  return comparisons.map(({ equivalenceP, measured }, i) => {
    const corrected = numberOrNull(equivalence[i]);
    return {
      test: tests[i],
      margin,
      equivalenceP: numberOrNull(equivalenceP),
      equivalenceHolm: corrected,
      verdict: measured ? verdictOf(tests[i].holm, corrected) : 'unmeasured',
    };
  });
}

function verdictOf(different: number | null, equivalent: number | null): Contrast['verdict'] {
  if (different !== null && different <= ALPHA) return 'different';
  return equivalent !== null && equivalent <= ALPHA ? 'equivalent' : 'undecided';
}

interface Options extends Pick<Quantity, 'seed' | 'name'> {
  readonly margin: number;
}

/** Paired as soon as a clip is in both: then only the clips in both count, and the others are missing. */
export function twoSamples(a: ClipValues, b: ClipValues, options: Options): TwoSamples {
  const measured = a.values.size > 0 && b.values.size > 0;
  const shared = [...a.values].flatMap(([clip, value]) => {
    const other = b.values.get(clip);
    return other === undefined ? [] : [value - other];
  });
  if (shared.length > 0) {
    const planned = Math.max(a.planned, b.planned);
    return { measured, ...paired(shared, { ...options, planned }) };
  }
  const planned = a.planned + b.planned;
  return {
    measured,
    ...unpaired([...a.values.values()], [...b.values.values()], { ...options, planned }),
  };
}

type Compared = Omit<TwoSamples, 'measured'>;

function paired(differences: readonly number[], { margin, ...quantity }: Options & Quantity): Compared {
  const enough = differences.length >= FEWEST_CLIPS;
  return {
    paired: true,
    difference: meanOf(differences, quantity),
    raw: signFlip(differences, quantity),
    equivalenceP: enough ? equivalenceTest(differences, margin).p : Number.NaN,
  };
}

function unpaired(
  a: readonly number[],
  b: readonly number[],
  { margin, ...quantity }: Options & Quantity,
): Compared {
  const name = 'two-sample permutation test by clip';
  const n = a.length + b.length;
  if (Math.min(a.length, b.length) < FEWEST_CLIPS) {
    const why = `${FEWEST_CLIPS} clips needed on each side`;
    const difference = { ...nothing(quantity.planned, why), n, missing: quantity.planned - n };
    return { paired: false, difference, raw: { name, p: Number.NaN }, equivalenceP: Number.NaN };
  }
  const { value, low, high } = meanDifference(a, b);
  return {
    paired: false,
    difference: { value, low, high, n, missing: quantity.planned - n },
    raw: { name, p: twoSampleTest(a, b, quantity).p },
    equivalenceP: differenceEquivalence(a, b, margin),
  };
}
