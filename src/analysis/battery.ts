// The battery: which score hears which damage. Every damaged version of a clip is compared with the clean versions of other
// clips, since what differs between clips is the music.

import {
  type BatteryRow,
  type BatteryTrend,
  judgedOf,
  type PowerRow,
  type ScoreRow,
  type UnseenRow,
} from './battery_findings.js';
import { powerOf } from './battery_power.js';
import { bestSingle, scoreRow, scoreTables } from './battery_scores.js';
import { unseenRows } from './battery_unseen.js';
import { type BatteryInput, FEWEST, orientedBy, pointsOf } from './battery_versions.js';

export interface Battery {
  readonly rows: readonly BatteryRow[];
  readonly scores: readonly ScoreRow[];
  readonly trends: readonly BatteryTrend[];
  readonly power: readonly PowerRow[];
  readonly unseen: readonly UnseenRow[];
}

/** Everything of one model and protocol. Empty below 6 clean clips. */
export function batteryOf(input: BatteryInput, { seed }: { readonly seed: number }): Battery {
  const clips = [...input.clean.keys()].sort();
  if (clips.length < FEWEST || input.versions.length === 0)
    return { rows: [], scores: [], trends: [], power: [], unseen: [] };
  const oriented = orientedBy(input, clips);
  const damages = pointsOf(input.versions.filter(({ harmless }) => !harmless));
  const edits = pointsOf(input.versions.filter(({ harmless }) => harmless));
  const field = { input, clips, oriented, damages, edits, seed };
  const judged = judgedOf([...input.clean.values()], { notes: input.notes ?? false });
  const tables = judged.map((score) => scoreTables(score, field));
  const beside = { loss: tables[judged.indexOf('loss')], best: bestSingle(tables) };
  return {
    rows: tables.flatMap(({ rows }) => rows),
    trends: tables.flatMap(({ trends }) => trends),
    scores: tables.map((table) => scoreRow(table, beside, { input, seed })),
    power: powerOf(input, clips, [...damages, ...edits]),
    unseen: unseenRows(tables, field),
  };
}
