// From the rows of a study to findings: one pass over the rows, then one table a question. The clip is the unit
// throughout; see docs/measure/studies.md for every number.

import type { Parity } from '../probe/parity.js';
import type { RuleName } from '../regions/region.js';
import type { Plan, Store } from '../study/store.js';
import { untilOf } from '../study/until.js';
import { amnesia } from './amnesia.js';
import { answersOf } from './answers.js';
import { batteryAnswers } from './battery_answer.js';
import { hasBattery, measureBattery } from './battery_rows.js';
import { lossBoxes } from './boxes.js';
import { measureStudy } from './cells.js';
import { clipLosses } from './clip_loss.js';
import { contrasts } from './contrasts.js';
import { leaks, meanCurves } from './curves.js';
import { featureAucs } from './features.js';
import type { Findings } from './findings.js';
import { lengthTrends } from './length.js';
import { mapFindings } from './maps.js';
import { isOwn, wholeClips } from './measured.js';
import { mixedSets } from './mix.js';
import { psychometrics } from './psychometric.js';
import { besidePublished } from './published.js';
import { regionSamples } from './regions.js';
import { transientRows } from './transients.js';
import { DEFAULT_MARGIN } from './two_samples.js';

export interface AnalyseOptions {
  /** Root of every random stream: bootstrap, permutations, null curves. Default 1. */
  readonly seed?: number;
  /** Region rule of per-clip features. Means over clips always take `fixed`. Default `onset`. */
  readonly rule?: RuleName;
  /** Largest difference of clip losses that counts as none, nats per code. Default 0.05. */
  readonly margin?: number;
  /** Hears of every row that was read. */
  readonly onProgress?: (done: number, planned: number) => void;
}

/**
 * The findings of a store, finished or not: what is missing is counted. The same rows and options give the same findings.
 * @throws when the store has no plan, or a row does not belong to it.
 */
export async function analyse(
  store: Pick<Store, 'plan' | 'rows' | 'get' | 'twice'>,
  options: AnalyseOptions = {},
): Promise<Findings> {
  const { seed = 1, rule = 'onset', margin = DEFAULT_MARGIN, onProgress } = options;
  const plan = await store.plan();
  if (plan === undefined) throw new Error('analysis: the store has no plan; run the study first');
  const maps = await mapFindings(plan, store);
  const measured = await measureStudy(store, plan, { seed, rule, ...(onProgress ? { onProgress } : {}) });
  const battery = hasBattery(plan) ? await measureBattery(store, { seed }) : undefined;
  const { counts, makers } = measured;
  const samples = measured.samples.filter(isOwn);
  const whole = samples.map(wholeClips);
  const until = untilIn(plan);
  const tables = {
    clipLoss: clipLosses(whole, { seed }),
    trends: lengthTrends(whole, { seed }),
    psychometric: psychometrics(samples, { seed }),
    features: featureAucs(samples, { seed }),
    regions: regionSamples(samples, { seed }),
    transients: transientRows(samples, { seed }),
    curves: meanCurves(samples),
    boxes: lossBoxes(whole),
    leaks: leaks(samples),
    contrasts: contrasts(measured.samples.map(wholeClips), { seed, margin }),
    amnesia: amnesia(measured.tails.filter(isOwn), { seed }),
  };
  return {
    study: plan.study,
    planHash: plan.hash,
    seed,
    rule,
    counts,
    ...(until === undefined ? {} : { until }),
    makers,
    parity: await parityOf(plan, store),
    mixed: await mixedSets(store),
    answers: [
      ...(battery ? batteryAnswers(battery) : []),
      ...answersOf(tables, until === undefined ? {} : { until }),
    ],
    ...tables,
    published: besidePublished(tables),
    ...(maps ? { maps } : {}),
    ...(battery
      ? {
          battery: battery.rows,
          scores: battery.scores,
          severity: battery.trends,
          power: battery.power,
          unseen: battery.unseen,
        }
      : {}),
  };
}

/** Seconds after the window up to which the versions of a study were scored; undefined: to their end. */
function untilIn({ cells }: Plan): number | undefined {
  const disturbed = cells.find(({ role }) => role === 'disturbed');
  return disturbed && untilOf(disturbed);
}

/** What was measured of models that are not fp32 on the CPU; of one that failed or is missing, nothing. */
async function parityOf({ parity = [] }: Plan, store: Pick<Store, 'get'>): Promise<Parity[]> {
  const found: Parity[] = [];
  for (const { key } of parity) {
    const result = await store.get('parity', key);
    if (result?.status === 'ok') found.push(result.value);
  }
  return found;
}
