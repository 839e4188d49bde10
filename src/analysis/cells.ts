// From rows to samples, in one pass over the store: clean rows are kept until their versions have come by, of every other
// row a few numbers. What the plan has and the store lacks is counted.

import type { Loss } from '../loss/loss.js';
import type { CleanCurve } from '../regions/other_music.js';
import { mean } from '../stats/describe.js';
import type { CellFacts, CellRow, ContextName } from '../study/row.js';
import type { Plan, Store } from '../study/store.js';
import { isCut } from '../study/until.js';
import { addCurve, curveSums } from './curve_sums.js';
import { addLeak, leakSums } from './leak_sums.js';
import { type Clean, cleanOf, type MeasureOptions, measureRow, numbersOf } from './measure.js';
import {
  type DisturbedClip,
  HORIZONS,
  type Measured,
  makersOf,
  nameOf,
  pointOf,
  type Sample,
  type TailLoss,
  type TailSample,
} from './measured.js';
import { ALL_GROUPS, type Point } from './point.js';

/** A sample while its rows come by. */
type Open<T extends { readonly planned: number }> = Omit<T, 'planned' | 'groups' | 'cells' | 'tails'> & {
  readonly clips: Set<string>;
  /** Groups with a row here. */
  readonly measured: Set<string>;
};
type OpenSample = Open<Sample> & { readonly cells: Map<string, DisturbedClip> };
type OpenTails = Open<TailSample> & { readonly tails: Map<string, Partial<Record<ContextName, TailLoss>>> };

export interface MeasureStudyOptions extends MeasureOptions {
  /** Hears of every row. */
  readonly onProgress?: (done: number, planned: number) => void;
}

/** Reads all rows once. @throws when there is no plan, or a row does not fit its clean one. */
export async function measureStudy(
  store: Pick<Store, 'rows'>,
  plan: Plan,
  options: MeasureStudyOptions,
): Promise<Measured> {
  const { samples, tails } = openSamples(plan.cells);
  const tally = { done: 0, ok: 0, errors: new Map<string, number>() };
  const each = async (role: CellRow['role'], take: (row: CellRow) => void): Promise<void> => {
    for await (const row of store.rows({ roles: [role] })) {
      tally.done++;
      if (row.status === 'ok') {
        tally.ok++;
        take(row);
      } else {
        const error = row.error ?? 'no cause was kept';
        tally.errors.set(error, (tally.errors.get(error) ?? 0) + 1);
      }
      options.onProgress?.(tally.done, plan.cells.length);
    }
  };
  const clean = new Map<string, Clean>();
  await each('clean', (row) => clean.set(row.key, cleanOf(row)));
  await each('disturbed', (row) => addDisturbed(samples, row, clean, options));
  clean.clear();
  await each('context', (row) => addTail(tails, row));
  const failed = tally.done - tally.ok;
  return {
    counts: {
      planned: plan.cells.length,
      ok: tally.ok,
      failed,
      missing: plan.cells.length - tally.done,
      clips: clipsByGroup(plan.cells),
      failures: [...tally.errors].map(([error, cells]) => ({ error, cells })),
    },
    makers: makersOf(plan.cells),
    samples: [...samples.values()].map(closed),
    tails: [...tails.values()].map(closedTails),
  };
}

/** The points of the plan, each with its clips, empty. */
function openSamples(cells: readonly CellFacts[]) {
  const samples = new Map<string, OpenSample>();
  const tails = new Map<string, OpenTails>();
  const groups = new Set(cells.map(({ group }) => group)).size;
  const open = <T extends { readonly clips: Set<string> }>(
    all: Map<string, T>,
    facts: CellFacts,
    empty: (point: Point) => T,
  ): void => {
    for (const point of pointsOf(facts).slice(0, groups > 1 ? 2 : 1)) {
      const sample = all.get(nameOf(point)) ?? empty(point);
      all.set(nameOf(point), sample);
      sample.clips.add(facts.clip);
    }
  };
  for (const facts of cells) {
    if (facts.role === 'disturbed') {
      open(samples, facts, (point) => ({
        ...{ point, clips: new Set<string>(), measured: new Set<string>() },
        cells: new Map<string, DisturbedClip>(),
        ...{ curve: curveSums(), leak: leakSums() },
      }));
    }
    if (facts.role === 'context') {
      open(tails, facts, (point) => ({
        ...{ point, clips: new Set<string>(), measured: new Set<string>() },
        tails: new Map(),
      }));
    }
  }
  return { samples, tails };
}

/** Where a cell belongs: to its own group's point, and to that of all groups together. */
function pointsOf(facts: CellFacts): readonly [Point, Point] {
  const point = pointOf(facts);
  return [point, { ...point, group: ALL_GROUPS }];
}

/** The samples that a row belongs to. @throws when the plan has none for it. */
function samplesOf<T>(all: ReadonlyMap<string, T>, row: CellRow): T[] {
  const found = pointsOf(row).flatMap((point) => all.get(nameOf(point)) ?? []);
  if (found.length === 0) {
    throw new Error(`analysis: cell ${row.key} is not of this plan; run \`losscope check\``);
  }
  return found;
}

function addDisturbed(
  samples: ReadonlyMap<string, OpenSample>,
  row: CellRow,
  clean: ReadonlyMap<string, Clean>,
  options: MeasureOptions,
): void {
  const mine = samplesOf(samples, row);
  const reference = row.cleanKey === null ? undefined : clean.get(row.cleanKey);
  // Its clean clip failed or is not there yet: counted with the missing.
  if (reference === undefined) return;
  const others = othersOf(clean, reference);
  const { cell, counterpart } = measureRow(row, reference, { ...options, others });
  for (const sample of mine) {
    if (sample.cells.has(row.clip)) {
      throw new Error(
        `analysis: clip ${row.clip} is there twice in "${row.variant}"; give each a name of its own`,
      );
    }
    sample.cells.set(row.clip, cell);
    sample.measured.add(row.group);
    if (counterpart === undefined) continue;
    addCurve(sample.curve, counterpart);
    addLeak(sample.leak, counterpart.leak);
  }
}

/** Clips whose clean losses judge what one clip is too short for: enough for windows of seconds, whatever the study's size. */
const OTHERS = 24;

/** Clean losses of the first clips by key that the same maker scored, less the clip itself. */
function othersOf(clean: ReadonlyMap<string, Clean>, own: Clean): CleanCurve[] {
  return [...clean]
    .filter(([, other]) => other !== own && other.maker === own.maker)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, OTHERS)
    .map(([, { byFrame, times }]) => ({ losses: byFrame, ...(times ? { times } : {}) }));
}

function addTail(tails: ReadonlyMap<string, OpenTails>, row: CellRow): void {
  const { loss } = numbersOf(row);
  // Of a tail that is not scored to its end there is no mean over the whole.
  const byHorizon = HORIZONS.map((horizon) =>
    isCut(row) && !Number.isFinite(horizon) ? Number.NaN : headMean(loss, horizon),
  );
  for (const { tails: mine, measured } of samplesOf(tails, row)) {
    measured.add(row.group);
    const tail = { frames: loss.frames, byHorizon };
    mine.set(row.clip, { ...mine.get(row.clip), ...(row.context ? { [row.context]: tail } : {}) });
  }
}

/** Mean over the defined codes of the first frames; NaN where there are fewer frames than a finite horizon asks for. */
function headMean({ frames, values }: Loss, horizon: number): number {
  if (Number.isFinite(horizon) && horizon > frames) return Number.NaN;
  return mean(values.filter((value, i) => i % frames < horizon && !Number.isNaN(value)));
}

function closed({ point, clips, measured, cells, curve, leak }: OpenSample): Sample {
  return {
    point,
    planned: clips.size,
    groups: measured.size,
    cells: byName(cells).map(([, cell]) => cell),
    curve,
    leak,
  };
}

function closedTails({ point, clips, measured, tails }: OpenTails): TailSample {
  const whole = byName(tails).flatMap(([clip, { 'prefix+noise': both, prefix, noise }]) =>
    both && prefix && noise ? [{ clip, 'prefix+noise': both, prefix, noise }] : [],
  );
  return { point, planned: clips.size, groups: measured.size, tails: whole };
}

/** Entries in the order of their names, whatever the order of the rows: random streams draw by place. */
function byName<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function clipsByGroup(cells: readonly CellFacts[]): Record<string, number> {
  const clips = new Map<string, Set<string>>();
  for (const { group, clip } of cells) clips.set(group, (clips.get(group) ?? new Set()).add(clip));
  return Object.fromEntries([...clips].map(([group, names]) => [group, names.size]));
}
