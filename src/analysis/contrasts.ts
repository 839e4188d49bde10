// RQ4: do the findings hold over models, groups, kinds, protocols and domains? Two samples that differ in one of these and
// are alike in the rest, on the loss difference of the whole clip. "No difference" is only said with a margin.

import { termsOfRows } from './answer_words.js';
import { differenceOf, type Sample } from './measured.js';
import { ALL_GROUPS, type Point } from './point.js';
import type { Contrast } from './question_findings.js';
import { type ClipValues, type TwoSamples, twoSamples, verdictsOf } from './two_samples.js';

type Factor = Contrast['factor'];

export interface ContrastOptions {
  readonly seed: number;
  /** Largest difference that still counts as none, nats per code of the whole clip. */
  readonly margin: number;
}

interface FactorRule {
  readonly factor: Factor;
  /** Points with equal keys are compared. */
  readonly alike: (point: Point) => readonly (string | null)[];
  readonly label: (point: Point) => string;
  /** `first`: all with the first of the plan, where every pair would be too many. Default: every pair. */
  readonly with?: 'first';
}

const FACTORS: readonly FactorRule[] = [
  {
    factor: 'model',
    alike: ({ group, protocol, variant }) => [variant, group, protocol],
    label: ({ model }) => model,
  },
  {
    factor: 'group',
    alike: ({ model, condition, protocol, variant }) => [variant, model, protocol, condition],
    label: ({ group }) => group,
  },
  {
    factor: 'protocol',
    alike: ({ model, condition, group, variant }) => [variant, model, group, condition],
    label: ({ protocol }) => protocol,
  },
  {
    factor: 'domain',
    alike: (point) => [
      ...[sortOf(point), sizeOf(point), levelOf(point)],
      ...[point.model, point.group, point.protocol, point.condition],
    ],
    label: ({ domain }) => domain,
  },
  {
    factor: 'kind',
    alike: ({ model, condition, group, protocol, domain, lengthTokens }) => [
      ...[sizeOf({ lengthTokens, blockTokens: null }), model, group, protocol, domain, condition],
    ],
    label: (point) =>
      point.blockTokens === null ? sortOf(point) : `${sortOf(point)} block ${point.blockTokens}`,
    with: 'first',
  },
];

/**
 * Every pair that differs in one factor alone: groups with each other, everything else over all groups together. The tests of a factor are one family, and so are its
 * equivalence tests.
 */
export function contrasts(samples: readonly Sample[], options: ContrastOptions): Contrast[] {
  const byGroup = samples.filter(({ point }) => point.group !== ALL_GROUPS);
  const pooled = samples.filter(({ point }) => point.group === ALL_GROUPS);
  const whole = pooled.length > 0 ? pooled : byGroup;
  return FACTORS.flatMap((rule) => {
    const drafts = pairsOf(rule.factor === 'group' ? byGroup : whole, rule).map(({ a, b, at }) =>
      draftOf(a, b, { rule, at, ...options }),
    );
    const verdicts = verdictsOf(
      `RQ4, ${rule.factor}`,
      drafts.map(({ found }) => found),
      options,
    );
    return drafts.map(({ found: { difference, paired }, ...draft }, i) => ({
      ...draft,
      difference,
      paired,
      ...verdicts[i],
    }));
  });
}

/** Pairs of samples, with what is alike in words. */
function pairsOf(samples: readonly Sample[], { alike, label, with: reference }: FactorRule) {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const at = alike(sample.point)
      .filter((part) => part !== null && part !== 'none')
      .join(', ');
    groups.set(at, [...(groups.get(at) ?? []), sample]);
  }
  return [...groups].flatMap(([at, members]) => {
    const references = reference === 'first' ? members.slice(0, 1) : members;
    return references.flatMap((b, i) =>
      members
        .slice(i + 1)
        .filter((a) => label(a.point) !== label(b.point))
        .map((a) => ({ a, b, at })),
    );
  });
}

interface Draft extends Pick<Contrast, 'factor' | 'a' | 'b' | 'at' | 'quantity'> {
  readonly found: TwoSamples;
}

function draftOf(
  a: Sample,
  b: Sample,
  { rule, at, seed, margin }: ContrastOptions & { readonly rule: FactorRule; readonly at: string },
): Draft {
  const names = { a: rule.label(a.point), b: rule.label(b.point) };
  const values = ({ cells, planned }: Sample): ClipValues => ({
    planned,
    values: new Map(cells.map((cell) => [cell.clip, differenceOf(cell)])),
  });
  return {
    factor: rule.factor,
    ...names,
    at,
    quantity: `loss difference of the whole clip, ${termsOfRows([a.point, b.point]).nats}`,
    found: twoSamples(values(a), values(b), { name: JSON.stringify([rule.factor, names, at]), seed, margin }),
  };
}

function sortOf({ kind, color, edit }: Pick<Point, 'kind' | 'color' | 'edit'>): string {
  const sort = color ?? edit;
  return sort === null ? kind : `${sort} ${kind}`;
}

function levelOf({ level, levelDbfs }: Pick<Point, 'level' | 'levelDbfs'>): string | null {
  return levelDbfs === null ? level : String(levelDbfs);
}

function sizeOf({ lengthTokens, blockTokens }: Pick<Point, 'lengthTokens' | 'blockTokens'>): string {
  const length = lengthTokens === null ? 'any length' : `length ${lengthTokens}`;
  return blockTokens === null ? length : `${length}, block ${blockTokens}`;
}
