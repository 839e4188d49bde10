// From the rows of a study to the battery: the scores of every clean and damaged version, in one pass over the store. Only
// numbers of whole clips are kept.

import { frameRate } from '../audio/codes.js';
import type { Perturbation } from '../perturb/perturbation.js';
import { isHarmless, SEVERITY_AXES, severityOf } from '../perturb/severity.js';
import type { Heard } from '../scores/heard.js';
import { scoresOf } from '../scores/panel.js';
import type { ScoreValues } from '../scores/reference.js';
import type { CodeCounts } from '../scores/scores.js';
import type { CellFacts, CellRow, GridValue } from '../study/row.js';
import type { Plan, Store } from '../study/store.js';
import { type Battery, type BatteryInput, type BatteryVersion, batteryOf } from './battery.js';
import { numbersOf } from './measure.js';

/** Whether a study was run for a battery. */
export function hasBattery(plan: Plan): boolean {
  return plan.cells.some(({ loudness, roundTripSeconds }) => loudness !== null || roundTripSeconds !== null);
}

/** The battery of a store, for each of its models, conditions and protocols. */
export async function measureBattery(
  store: Pick<Store, 'rows'>,
  { seed }: { readonly seed: number },
): Promise<Battery> {
  const makers = new Map<string, Maker>();
  for await (const row of store.rows({ roles: ['clean'] })) if (row.status === 'ok') addClean(makers, row);
  const inputs = [...makers.values()].map((maker) => ({ maker, input: cleanInput(maker) }));
  for await (const row of store.rows({ roles: ['disturbed'] })) {
    if (row.status !== 'ok') continue;
    const found = inputs.find(({ maker }) => maker.name === makerOf(row));
    found?.input.versions.push(versionOf(row, countsWithout(found.maker, row.clip)));
  }
  const each = inputs.map(({ input }) => batteryOf(input, { seed }));
  return {
    rows: each.flatMap(({ rows }) => rows),
    scores: each.flatMap(({ scores }) => scores),
    trends: each.flatMap(({ trends }) => trends),
    power: each.flatMap(({ power }) => power),
  };
}

/** The clean clips of one model, condition and protocol. */
interface Maker {
  readonly name: string;
  readonly model: string;
  readonly protocol: string;
  readonly heard: Map<string, Heard>;
  readonly groups: Map<string, string>;
  /** [K][V] over all clean clips. */
  readonly counts: number[][];
}

function makerOf({ model, protocol, condition }: CellFacts): string {
  return JSON.stringify([model, protocol, condition]);
}

function addClean(makers: Map<string, Maker>, row: CellRow): void {
  const name = makerOf(row);
  const { model, protocol } = row;
  const heard = heardOf(row);
  const known = makers.get(name);
  const counts = known?.counts ?? Array.from({ length: heard.codebooks }, () => []);
  const maker = known ?? {
    name,
    model,
    protocol,
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

function count(counts: number[][], { codes, frames }: Heard, by: number): void {
  codes.forEach((code, i) => {
    const row = counts[Math.floor(i / frames)];
    for (let v = row.length; v <= code; v++) row.push(0);
    row[code] += by;
  });
}

/** How often each code occurs in the other clean clips. */
function countsWithout({ counts, heard }: Maker, clip: string): CodeCounts {
  const others = counts.map((row) => row.slice());
  const own = heard.get(clip);
  if (own) count(others, own, -1);
  return others;
}

function cleanInput(maker: Maker): BatteryInput & { readonly versions: BatteryVersion[] } {
  const { model, protocol, heard, groups } = maker;
  const clean = new Map<string, ScoreValues>();
  for (const [clip, each] of heard) {
    clean.set(clip, scoresOf(each, { counts: countsWithout(maker, clip) }));
  }
  return { model, protocol, clean, groups, versions: [] };
}

function versionOf(row: CellRow, counts: CodeCounts): BatteryVersion {
  const { clip, variant } = row;
  const damage = row.disturbance ?? variant ?? 'damage';
  return { clip, damage, ...severityIn(row), values: scoresOf(heardOf(row), { counts }) };
}

/** @throws when an `ok` row lacks its numbers. */
function heardOf(row: CellRow): Heard {
  const { loss, codes, clock } = numbersOf(row);
  if (row.entropy === null) {
    throw new Error(`analysis: cell ${row.key} is ok but lacks its entropy; run \`losscope check\``);
  }
  const { codebooks, frames, values } = loss;
  return {
    ...{ codebooks, frames, codes, loss: values, entropy: row.entropy, frameRate: frameRate(clock) },
    ...(row.roundTrip === null ? {} : { roundTrip: row.roundTrip }),
  };
}

/** What a row's own spec says of its severity. */
function severityIn(row: CellRow): Pick<BatteryVersion, 'severity' | 'order' | 'harmless'> {
  const { clock } = numbersOf(row);
  const spec: {
    readonly perturbations?: readonly Perturbation[];
    readonly edit?: { readonly edit: string; readonly share: number };
  } = row.spec === null ? {} : JSON.parse(row.spec);
  const grid: readonly GridValue[] = row.grid === null ? [] : JSON.parse(row.grid);
  const severity = grid
    .map(({ name, value, unit }) => [name, value, unit].filter((word) => word !== null).join(' '))
    .join(', ');
  if (spec.edit) {
    return { severity, order: spec.edit.share, harmless: spec.edit.edit === 'none' };
  }
  const perturbations = spec.perturbations ?? [];
  const harmless = perturbations.length > 0 && perturbations.every((each) => isHarmless(each, clock));
  const own = perturbations.length === 1 ? severityOf(perturbations[0], clock) : undefined;
  if (own === undefined) return { severity, order: 0, harmless };
  const { worse } = SEVERITY_AXES[own.name];
  return { severity, order: worse === 'higher' ? own.value : -own.value, harmless };
}
