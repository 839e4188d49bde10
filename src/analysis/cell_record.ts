// One cell of a study beside its clean one as a probe's record: what the viewer shows of a study is what it shows of a
// probe.

import { meanByFrame, meanLoss } from '../loss/means.js';
import { movesTime } from '../perturb/alignment.js';
import type { Event } from '../perturb/perturbation.js';
import { compare } from '../probe/compare.js';
import type { ProbeRecord, Scored } from '../probe/record.js';
import { placingOf } from '../regions/event_places.js';
import { profileOf } from '../regions/profile.js';
import type { CellRow } from '../study/row.js';
import { isCut } from '../study/until.js';
import { clockOf } from '../symbolic/passage.js';
import { before, numbersOf } from './measure.js';

/**
 * The record of a disturbed row. The null of its regions is drawn with the row's own seed.
 * @throws one line when its frames stand for no frames of the clean clip, or numbers are missing.
 */
export function recordOfRow(row: CellRow, cleanRow: CellRow): ProbeRecord {
  const disturbed = scoredOf(row);
  const { clock } = numbersOf(row);
  const events: readonly Event[] = row.events === null ? [] : JSON.parse(row.events);
  const [event] = events;
  const { windowStart: start, windowEnd: end } = row;
  if (!event || start === null || end === null || start >= end) {
    throw new Error(
      `${row.clip}, ${row.variant}: an edited score has no frames of its own to compare; see the report`,
    );
  }
  // Of a row whose scoring ended early both versions end there.
  const whole = scoredOf(cleanRow);
  const clean = isCut(row) && !events.some(movesTime) ? headOf(whole, disturbed.codes.frames) : whole;
  const window = { start, end: Math.min(end, disturbed.codes.frames) };
  const compared = compare({ clean, disturbed, events, window, clock });
  const { reference, delta, changed } = compared;
  const byFrame = meanByFrame(reference.loss);
  const cleanMean = isCut(row) ? meanLoss(reference.loss) : clean.mean;
  const reach = { reach: row.reach ?? 0, lag: row.lag };
  const times = clock.times && clockOf(reference.codes).times;
  const profile = profileOf(delta.mean, window, {
    clean: byFrame,
    ...(times ? { events: placingOf(event, times) } : {}),
    seed: row.seed ?? 0,
    name: row.clip,
    ...reach,
  });
  return {
    provenance: {
      losscope: row.losscope,
      model: row.model,
      fingerprint: row.fingerprint,
      protocol: row.protocol,
      condition: row.condition,
      runtime: row.runtime,
      device: row.device,
      instructions: row.scoredWith ?? row.instructions,
      precision: row.precision as ProbeRecord['provenance']['precision'],
      resampler: row.resampler,
    },
    clip: {
      name: row.clip,
      title: row.title ?? row.clip,
      group: row.group,
      sampleRate: clock.sampleRate,
      samples: disturbed.codes.frames * clock.hop,
    },
    clock,
    event,
    disturbance: row.words ?? row.variant ?? '',
    window,
    reach,
    clean: { ...reference, mean: cleanMean, byFrame },
    disturbed,
    delta,
    lossDifference: disturbed.mean - cleanMean,
    changed,
    profile,
  };
}

/** Its mean is over the frames that are there: of a row whose scoring ended early, not of the whole version. */
function scoredOf(row: CellRow): Scored {
  const { loss, codes, mean } = numbersOf(row);
  const { codebooks, frames } = loss;
  const own = isCut(row) ? meanLoss(loss) : mean;
  return { codes: { codebooks, frames, data: codes }, loss, mean: own, byFrame: meanByFrame(loss) };
}

function headOf(scored: Scored, end: number): Scored {
  const { codes, loss } = before(scored, end);
  return { codes, loss, mean: meanLoss(loss), byFrame: meanByFrame(loss) };
}
