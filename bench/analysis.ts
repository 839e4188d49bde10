// What does the analysis of a whole battery cost? Made-up rows of 27 clips of 10 s in 75 versions (2,025 rows, no reading of
// files), the tables of the report and those of the battery, in CPU seconds. The digest of all findings tells whether a change
// for speed has changed a number.
//   npx tsx bench/analysis.ts [--clips 27] [--json findings.json]

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { analyse } from '../src/analysis/analyse.js';
import { measureBattery } from '../src/analysis/battery_rows.js';
import { generator, seedOf } from '../src/stats/random.js';
import type { CellRow } from '../src/study/row.js';
import { type MadeStudy, type MadeVariant, madeStudy, storeOf } from '../test/analysis/rows.js';
import { timed } from './measure.js';

const FRAMES = 500;
/** As in studies/battery.yaml: 24 damages of three severities, with one window each, and two harmless edits. */
const DAMAGES = 24;
const SEVERITIES = [5, 15, 30];

const { values } = parseArgs({
  options: { clips: { type: 'string', default: '27' }, json: { type: 'string' } },
});

const study = batteryOf(Number(values.clips));
const store = storeOf(study);
const [battery] = await timed(() => measureBattery(store, { seed: 1 }));
const [whole, findings] = await timed(() => analyse(store, { seed: 1 }));
const text = JSON.stringify(findings);
if (values.json) writeFileSync(values.json, text);
console.log(
  `${study.rows.length} rows of ${FRAMES} frames: whole analysis ${whole.cpu.toFixed(1)} CPU s, ` +
    `of these the battery ${battery.cpu.toFixed(1)}; findings ${createHash('sha256').update(text).digest('hex').slice(0, 16)}`,
);

function batteryOf(clips: number): MadeStudy {
  const variants = Array.from({ length: DAMAGES }, (_, i): MadeVariant[] =>
    SEVERITIES.map((share) => ({
      disturbance: `damage-${i}`,
      variant: `damage-${i} share=${share}`,
      kind: 'noise',
      length: 3 * share,
      severity: { name: 'share', value: share },
    })),
  ).flat();
  const groups = { A: Math.ceil(clips / 3), B: Math.ceil((clips - 1) / 3), C: Math.floor(clips / 3) };
  const study = madeStudy({ groups, variants: [...variants, ...harmless()], frames: FRAMES });
  const rows = study.rows.map(asInBattery);
  return { plan: { ...study.plan, cells: rows }, rows };
}

function harmless(): MadeVariant[] {
  return [1, 2].map((i) => ({ disturbance: `edit-${i}`, variant: `edit-${i}`, length: 1 }));
}

/** With a round trip, and codes that differ. */
function asInBattery(row: CellRow): CellRow {
  const random = generator(seedOf('battery', row.key));
  const isHarmless = row.disturbance?.startsWith('edit') ?? false;
  return {
    ...row,
    ...{ loudness: -23, roundTripSeconds: 3, roundTrip: random.uniform() },
    entropy: (row.loss ?? new Float32Array()).map((value) => value * 0.9),
    codes: Int32Array.from(row.codes ?? [], () => random.integer(256)),
    spec:
      row.spec === null ? null : JSON.stringify(isHarmless ? { perturbations: [{ kind: 'polarity' }] } : {}),
  };
}
