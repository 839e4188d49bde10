// The clean clips of a store with the scores of each, by who made them: model, protocol and condition. In one pass over the
// rows; only numbers of whole clips outlive it, but for what the unigram score needs.

import { frameRate } from '../audio/codes.js';
import type { CodeCounts } from '../scores/by_frame.js';
import type { Heard } from '../scores/heard.js';
import type { ScoresMade } from '../scores/made.js';
import { scoresOf } from '../scores/panel.js';
import type { ScoreValues } from '../scores/reference.js';
import { SCORES_VERSION } from '../scores/scores.js';
import { measurementOf } from '../study/key.js';
import type { CellFacts, CellRow } from '../study/row.js';
import type { Plan, Store } from '../study/store.js';
import { numbersOf } from './measure.js';

/** One clip with its scores. */
export interface ScoredClip {
  /** "Drawn/00012", or the name of a file. */
  readonly name: string;
  readonly group: string;
  readonly values: ScoreValues;
}

/** A clip that should have scores and has none. */
export interface UnscoredClip {
  readonly name: string;
  readonly group: string;
  readonly why: string;
}

/** The clips of one model, protocol and condition. */
export interface ScoredClips {
  readonly made: ScoresMade;
  readonly clips: readonly ScoredClip[];
  readonly missing: readonly UnscoredClip[];
}

/** Every maker of a store. A clip that was scored as sound and as codes counts once. @throws when the store has no plan. */
export async function scoredClips(store: Pick<Store, 'plan' | 'rows'>): Promise<ScoredClips[]> {
  const plan = await store.plan();
  if (plan === undefined) throw new Error('the store has no plan; run its study first');
  const makers = await cleanMakers(store);
  const why = await failures(store);
  return plannedMakers(plan).map(({ facts, clips: planned }) => {
    const maker = makers.get(makerOf(facts));
    const values = maker ? valuesOf(maker) : new Map<string, ScoreValues>();
    const missing = [...planned].filter(([name]) => !values.has(name));
    return {
      made: madeFrom(facts),
      clips: [...planned].flatMap(([name, { group }]) => {
        const own = values.get(name);
        return own ? [{ name, group, values: own }] : [];
      }),
      missing: missing.map(([name, { key, group }]) => ({
        ...{ name, group },
        why: why.get(key) ?? 'not scored yet; losscope run goes on where it ended',
      })),
    };
  });
}

/** What made the scores of a row. */
function madeFrom(facts: CellFacts): ScoresMade {
  const { model, fingerprint, protocol, condition, measurement } = facts;
  const { loudness, roundTripSeconds, lengthSeconds } = facts;
  return {
    ...{ model, fingerprint, protocol, condition, loudness },
    // Before this measurement clips were brought to one loudness, but not to one polarity.
    scores: loudness !== null && measurement < measurementOf(loudness) ? null : SCORES_VERSION,
    ...{ roundTrip: roundTripSeconds, seconds: lengthSeconds },
  };
}

/** Why clean cells failed, by key. */
async function failures(store: Pick<Store, 'rows'>): Promise<ReadonlyMap<string, string>> {
  const why = new Map<string, string>();
  for await (const { key, error } of store.rows({ roles: ['clean'], withoutArrays: true }))
    if (error !== null) why.set(key, error);
  return why;
}

function plannedMakers({
  cells,
}: Plan): { readonly facts: CellFacts; readonly clips: ReadonlyMap<string, CellFacts> }[] {
  const makers = new Map<string, { readonly facts: CellFacts; readonly clips: Map<string, CellFacts> }>();
  for (const facts of cells) {
    if (facts.role !== 'clean') continue;
    const maker = makers.get(makerOf(facts)) ?? { facts, clips: new Map<string, CellFacts>() };
    makers.set(makerOf(facts), maker);
    if (!maker.clips.has(facts.clip)) maker.clips.set(facts.clip, facts);
  }
  return [...makers.values()];
}

/** The clean clips of one model, condition and protocol. */
export interface CleanMaker {
  readonly name: string;
  readonly made: ScoresMade;
  readonly heard: Map<string, Heard>;
  readonly groups: Map<string, string>;
  /** [K][V] over all clean clips. */
  readonly counts: number[][];
}

/** What rows of one maker have in common. */
export function makerOf({
  model,
  protocol,
  condition,
}: Pick<CellFacts, 'model' | 'protocol' | 'condition'>): string {
  return JSON.stringify([model, protocol, condition]);
}

/** The makers of a store by name, with all of their clean clips. */
export async function cleanMakers(store: Pick<Store, 'rows'>): Promise<ReadonlyMap<string, CleanMaker>> {
  const makers = new Map<string, CleanMaker>();
  for await (const row of store.rows({ roles: ['clean'] })) if (row.status === 'ok') addClean(makers, row);
  for (const maker of makers.values()) addUnconditional(maker, [...makers.values()]);
  return makers;
}

function addClean(makers: Map<string, CleanMaker>, row: CellRow): void {
  const name = makerOf(row);
  const heard = heardOf(row);
  const known = makers.get(name);
  const counts = known?.counts ?? Array.from({ length: heard.codebooks }, () => []);
  const maker = known ?? {
    name,
    made: madeFrom(row),
    heard: new Map<string, Heard>(),
    groups: new Map<string, string>(),
    counts,
  };
  // A clip that is scored as sound and as codes stands here once.
  if (maker.heard.has(row.clip)) return;
  makers.set(name, maker);
  maker.heard.set(row.clip, heard);
  maker.groups.set(row.clip, row.group);
  count(counts, heard, 1);
}

/** The loss of the same codes without the condition, where the same checkpoint has scored them so. */
function addUnconditional({ made, heard }: CleanMaker, makers: readonly CleanMaker[]): void {
  if (made.condition === 'none') return;
  const without = makers.find(
    ({ made: other }) =>
      other.condition === 'none' &&
      other.fingerprint === made.fingerprint &&
      other.protocol === made.protocol,
  );
  for (const [clip, own] of heard) {
    const other = without?.heard.get(clip);
    const isSame =
      other?.codes.length === own.codes.length && other.codes.every((code, i) => code === own.codes[i]);
    if (other && isSame) heard.set(clip, { ...own, unconditional: other.loss });
  }
}

function count(counts: number[][], { codes, frames }: Heard, by: number): void {
  codes.forEach((code, i) => {
    const row = counts[Math.floor(i / frames)];
    for (let v = row.length; v <= code; v++) row.push(0);
    row[code] += by;
  });
}

/** How often each code occurs in the other clean clips. */
export function countsWithout({ counts, heard }: CleanMaker, clip: string): CodeCounts {
  const others = counts.map((row) => row.slice());
  const own = heard.get(clip);
  if (own) count(others, own, -1);
  return others;
}

/** The scores of each clean clip. */
export function valuesOf(maker: CleanMaker): Map<string, ScoreValues> {
  return new Map(
    [...maker.heard].map(([clip, each]) => [clip, scoresOf(each, { counts: countsWithout(maker, clip) })]),
  );
}

/** A row as scores take it. @throws when an `ok` row lacks its numbers. */
export function heardOf(row: CellRow): Heard {
  const { loss, codes, clock } = numbersOf(row);
  if (row.entropy === null) {
    throw new Error(`analysis: cell ${row.key} is ok but lacks its entropy; run \`losscope check\``);
  }
  const { codebooks, frames, values } = loss;
  return {
    ...{ codebooks, frames, codes, loss: values, entropy: row.entropy, frameRate: frameRate(clock) },
    ...(row.spread && { spread: row.spread }),
    ...(clock.times && { times: clock.times }),
    ...(row.roundTrip === null ? {} : { roundTrip: row.roundTrip }),
  };
}
