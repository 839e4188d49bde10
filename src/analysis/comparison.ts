// Two studies side by side: the loss difference of the whole clip at every point that both have, paired where the clips
// are the same by content, and what only one of them has.

import type { CellFacts } from '../study/row.js';
import type { Plan, Store } from '../study/store.js';
import { meanOf } from './estimate.js';
import type { Estimate } from './estimated.js';
import type { Maker } from './findings.js';
import { makersOf, nameOf, pointOf } from './measured.js';
import type { Point } from './point.js';
import { DEFAULT_MARGIN, type TestVerdict, twoSamples, verdictsOf } from './two_samples.js';

/** One study of the two. */
export interface ComparedStudy {
  readonly study: string;
  readonly planHash: string;
  readonly makers: readonly Maker[];
  /** Points that the other one lacks. */
  readonly only: readonly Point[];
}

/** A point that both have; `group`, `model` and the like as in a. */
export interface ComparedPoint extends Point, TestVerdict {
  /** Name of the model in b. */
  readonly modelB: string;
  /** Loss difference of the whole clip in each, nats per code: mean over its clips. */
  readonly a: Estimate;
  readonly b: Estimate;
  /** b minus a. */
  readonly change: Estimate;
  /** By clips of the same content and excerpt. */
  readonly paired: boolean;
}

export interface Comparison {
  readonly a: ComparedStudy;
  readonly b: ComparedStudy;
  readonly points: readonly ComparedPoint[];
}

type Readable = Pick<Store, 'plan' | 'rows'>;

/**
 * Matches points by model, protocol, condition, group and variant. Where each study has one model, its name does not
 * matter: two runs of one study with different models are compared so.
 * @throws when a store has no plan.
 */
export async function compareStudies(
  a: Readable,
  b: Readable,
  { seed = 1, margin = DEFAULT_MARGIN }: { readonly seed?: number; readonly margin?: number } = {},
): Promise<Comparison> {
  const [first, second] = [await readStudy(a, 'the first'), await readStudy(b, 'the second')];
  const named = [first, second].some(({ models }) => models > 1);
  const keyOf = (point: Point): string => nameOf(named ? point : { ...point, model: '', condition: '' });
  const theirs = new Map(second.points.map((entry) => [keyOf(entry.point), entry]));
  const ours = new Set(first.points.map(({ point }) => keyOf(point)));
  const both = first.points.flatMap((entry) => {
    const other = theirs.get(keyOf(entry.point));
    return other ? [compared(entry, other, { seed, margin })] : [];
  });
  const verdicts = verdictsOf(
    'compare, loss of the whole clip',
    both.map(({ found }) => found),
    { margin },
  );
  return {
    a: sideOf(first, ({ point }) => !theirs.has(keyOf(point))),
    b: sideOf(second, ({ point }) => !ours.has(keyOf(point))),
    points: both.map(({ found: { difference, paired }, ...row }, i) => ({
      ...row,
      change: difference,
      paired,
      ...verdicts[i],
    })),
  };
}

/** A point with its loss differences by the clips' content. */
interface Entry {
  readonly point: Point;
  readonly planned: Set<string>;
  readonly values: Map<string, number>;
}

interface ReadStudy {
  readonly plan: Plan;
  readonly models: number;
  readonly points: readonly Entry[];
}

async function readStudy(store: Readable, which: string): Promise<ReadStudy> {
  const plan = await store.plan();
  if (plan === undefined) throw new Error(`compare: ${which} store has no plan; run its study first`);
  const points = new Map<string, Entry>();
  for (const facts of plan.cells) {
    if (facts.role !== 'disturbed') continue;
    const point = pointOf(facts);
    const entry: Entry = points.get(nameOf(point)) ?? { point, planned: new Set(), values: new Map() };
    points.set(nameOf(point), entry);
    entry.planned.add(contentOf(facts));
  }
  const clean = new Map<string, number>();
  for await (const { key, meanLoss } of store.rows({ roles: ['clean'], withoutArrays: true })) {
    if (meanLoss !== null) clean.set(key, meanLoss);
  }
  for await (const row of store.rows({ roles: ['disturbed'], withoutArrays: true })) {
    const reference = clean.get(row.cleanKey ?? '');
    if (row.meanLoss === null || reference === undefined) continue;
    points.get(nameOf(pointOf(row)))?.values.set(contentOf(row), row.meanLoss - reference);
  }
  const models = new Set(plan.cells.map(({ model }) => model)).size;
  return { plan, models, points: [...points.values()] };
}

/** What makes two clips the same music: content and excerpt. */
function contentOf({ content, source, offsetSeconds, lengthSeconds }: CellFacts): string {
  return JSON.stringify([content, source, offsetSeconds, lengthSeconds]);
}

function compared(a: Entry, b: Entry, { seed, margin }: { readonly seed: number; readonly margin: number }) {
  const name = nameOf(a.point);
  const mean = ({ values, planned }: Entry): Estimate =>
    meanOf([...sorted(values).values()], { seed, name, planned: planned.size });
  const side = ({ values, planned }: Entry) => ({ values: sorted(values), planned: planned.size });
  return {
    ...a.point,
    modelB: b.point.model,
    a: mean(a),
    b: mean(b),
    found: twoSamples(side(b), side(a), { seed, name: `${name} compare`, margin }),
  };
}

/** In the order of contents, whatever the order of the rows. */
function sorted(values: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map([...values].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sideOf({ plan, points }: ReadStudy, isAlone: (entry: Entry) => boolean): ComparedStudy {
  return {
    study: plan.study,
    planHash: plan.hash,
    makers: makersOf(plan.cells),
    only: points.filter(isAlone).map(({ point }) => point),
  };
}
