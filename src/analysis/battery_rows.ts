// From the rows of a study to the battery: the scores of every clean and damaged version, in one pass over the store. Only
// numbers of whole clips are kept.

import { valueAt } from '../perturb/issues.js';
import type { Perturbation } from '../perturb/perturbation.js';
import { isHarmless, SEVERITY_AXES } from '../perturb/severity.js';
import type { CodeCounts } from '../scores/by_frame.js';
import type { ScoresMade } from '../scores/made.js';
import { scoresOf } from '../scores/panel.js';
import type { CellRow, GridValue } from '../study/row.js';
import { studySource } from '../study/source.js';
import type { Plan, Store } from '../study/store.js';
import { isCut } from '../study/until.js';
import { type Battery, batteryOf } from './battery.js';
import type { BatteryInput, BatteryVersion } from './battery_versions.js';
import { numbersOf } from './measure.js';
import { type CleanMaker, cleanMakers, countsWithout, heardOf, makerOf, valuesOf } from './scored_clips.js';

/** Whether a study was run for a battery. Cells of notes that are as loud as they are do not say it. */
export function hasBattery({ cells, yaml }: Plan): boolean {
  const isSaid = cells.some(
    ({ loudness, roundTripSeconds }) => loudness !== null || roundTripSeconds !== null,
  );
  if (isSaid || cells.every(({ source }) => source !== 'notes')) return isSaid;
  return valueAt(studySource(yaml, 'study').value, ['battery']) !== undefined;
}

/** The battery of a store, for each of its models, conditions and protocols. */
export async function measureBattery(
  store: Pick<Store, 'rows'>,
  { seed }: { readonly seed: number },
): Promise<Battery> {
  const each = (await batteryInputs(store)).map((input) => batteryOf(input, { seed }));
  return {
    rows: each.flatMap(({ rows }) => rows),
    scores: each.flatMap(({ scores }) => scores),
    trends: each.flatMap(({ trends }) => trends),
    power: each.flatMap(({ power }) => power),
    unseen: each.flatMap(({ unseen }) => unseen),
  };
}

/** The scores of every clean and disturbed version in a store, by its models, conditions and protocols. */
export async function batteryInputs(
  store: Pick<Store, 'rows'>,
): Promise<(BatteryInput & { readonly made: ScoresMade })[]> {
  const makers = await cleanMakers(store);
  const inputs = [...makers.values()].map((maker) => ({ maker, input: cleanInput(maker) }));
  for await (const row of store.rows({ roles: ['disturbed'] })) {
    // Scores are of whole clips.
    if (row.status !== 'ok' || isCut(row)) continue;
    const found = inputs.find(({ maker }) => maker.name === makerOf(row));
    found?.input.versions.push(versionOf(row, countsWithout(found.maker, row.clip)));
  }
  return inputs.map(({ input }) => input);
}

function cleanInput(maker: CleanMaker) {
  const { made, groups, heard } = maker;
  const notes = [...heard.values()].some(({ times }) => times !== undefined);
  const { model, protocol } = made;
  const versions: BatteryVersion[] = [];
  return { made, model, protocol, clean: valuesOf(maker), groups, notes, versions };
}

function versionOf(row: CellRow, counts: CodeCounts): BatteryVersion {
  const { clip, variant } = row;
  const damage = row.disturbance ?? variant ?? 'damage';
  return { clip, damage, ...severityIn(row), values: scoresOf(heardOf(row), { counts }) };
}

/** How strong a row's disturbance is, in words and in order, and whether it should do no harm. */
function severityIn(row: CellRow): Pick<BatteryVersion, 'severity' | 'order' | 'harmless'> {
  const { clock } = numbersOf(row);
  const spec: {
    readonly perturbations?: readonly Perturbation[];
    readonly edit?: { readonly edit: string };
  } = row.spec === null ? {} : JSON.parse(row.spec);
  const grid: readonly GridValue[] = row.grid === null ? [] : JSON.parse(row.grid);
  const severity = grid
    .map(({ name, value, unit }) => [name, value, unit].filter((word) => word !== null).join(' '))
    .join(', ');
  const { edit, perturbations = [] } = spec;
  const harmless =
    edit?.edit === 'none' ||
    (perturbations.length > 0 && perturbations.every((each) => isHarmless(each, clock)));
  if (row.severityName === null || row.severity === null) return { severity, order: 0, harmless };
  const { worse } = SEVERITY_AXES[row.severityName];
  return { severity, order: worse === 'higher' ? row.severity : -row.severity, harmless };
}
