// A cell scored: its row.

import { codesOf, rowsOf } from '../audio/codes.js';
import type { LossAndEntropy } from '../loss/loss.js';
import { meanLoss } from '../loss/means.js';
import { codecOf, type Model } from '../models/model.js';
import { inContext, tailOf } from './counterfactual.js';
import type { Cell } from './plan.js';
import type { CellRow } from './row.js';
import type { EncodedVersion, Subject } from './subject.js';

/** What scoring a cell gives. */
interface Numbers extends Partial<Pick<EncodedVersion, 'events' | 'window' | 'roundTrip'>> {
  readonly codes: EncodedVersion['codes'];
  readonly loss: LossAndEntropy;
}

/** Scores the clean clip, or a version of it. */
export async function scoredRow(
  model: Model,
  cell: Cell,
  subject: Subject,
  version?: EncodedVersion,
): Promise<CellRow> {
  try {
    const { codes, loss, events, window, roundTrip } = await numbersOf(subject, cell, version);
    const { clock } = codecOf(model);
    return {
      ...cell.facts,
      status: 'ok',
      error: null,
      scoredWith: model.instructions,
      sampleRate: clock.sampleRate,
      hop: clock.hop,
      codebooks: codes.codebooks,
      frames: codes.frames,
      events: events ? JSON.stringify(events) : null,
      windowStart: window?.start ?? null,
      windowEnd: window?.end ?? null,
      meanLoss: meanLoss(loss),
      roundTrip: roundTrip ?? null,
      loss: loss.values,
      entropy: loss.entropy,
      codes: codes.data,
    };
  } catch (error) {
    return failedRow(cell, error);
  }
}

async function numbersOf(
  subject: Subject,
  { protocol, context }: Cell,
  version: EncodedVersion | undefined,
): Promise<Numbers> {
  const scoring = await subject.scoring(protocol);
  if (!version) {
    const roundTrip = await subject.roundTrip();
    return { codes: subject.codes, loss: scoring.loss, ...(roundTrip === undefined ? {} : { roundTrip }) };
  }
  if (!context) return { ...version, loss: await scoring.score(version.codes) };
  const { window, events } = version;
  const { codes, tail } = inContext(context, { clean: subject.codes, disturbed: version.codes, window });
  const loss = tailOf(await scoring.score(codes), tail);
  return { events, window, loss, codes: codesOf(rowsOf(codes).map((row) => row.subarray(tail))) };
}

/** A row for what could not be scored. Only expected failures, which are plain Errors, are results; others end the run. */
export function failedRow({ facts }: Cell, error: unknown): CellRow {
  if (!(error instanceof Error) || error.constructor !== Error) throw error;
  return {
    ...facts,
    status: 'failed',
    error: error.message,
    scoredWith: null,
    sampleRate: null,
    hop: null,
    codebooks: null,
    frames: null,
    events: null,
    windowStart: null,
    windowEnd: null,
    meanLoss: null,
    roundTrip: null,
    loss: null,
    entropy: null,
    codes: null,
  };
}
