// A cell scored: its row.

import { codesOf, rowsOf } from '../audio/codes.js';
import type { LossAndEntropy } from '../loss/loss.js';
import { meanLoss } from '../loss/means.js';
import type { Model } from '../models/model.js';
import { inContext, tailOf } from './counterfactual.js';
import type { Cell } from './plan.js';
import type { CellRow } from './row.js';
import type { EncodedVersion, Subject } from './subject.js';
import { codesBefore, lossBefore } from './until.js';

/** What scoring a cell gives. */
interface Numbers extends Partial<Pick<EncodedVersion, 'events' | 'window' | 'roundTrip'>> {
  readonly codes: EncodedVersion['codes'];
  readonly loss: LossAndEntropy;
  /** Whether scoring ended before the version did. */
  readonly cut?: boolean;
}

/** Scores the clean clip, or a version of it. */
export async function scoredRow(
  model: Model,
  cell: Cell,
  subject: Subject,
  version?: EncodedVersion,
): Promise<CellRow> {
  try {
    const { codes, loss, cut = false, events, window, roundTrip } = await numbersOf(subject, cell, version);
    const clock = subject.clock(codes);
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
      meanLoss: cut ? null : meanLoss(loss),
      roundTrip: roundTrip ?? null,
      loss: loss.values,
      entropy: loss.entropy,
      spread: (subject.keepsSpread ? loss.spread : undefined) ?? null,
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
  const { window, events, end } = version;
  if (!context) {
    const loss = await scoring.score(version.codes, endingAt(end));
    return cutAt(end, { ...version, loss });
  }
  const { codes, tail } = inContext(context, { clean: subject.codes, disturbed: version.codes, window });
  // As much of the tail as is scored of the version itself.
  const length = end === undefined ? undefined : end - window.end;
  const scored = await scoring.score(codes, endingAt(length === undefined ? undefined : tail + length));
  const own = { loss: tailOf(scored, tail), codes: codesOf(rowsOf(codes).map((row) => row.subarray(tail))) };
  return cutAt(length, { events, window, ...own });
}

function endingAt(end: number | undefined): { readonly end?: number } {
  return end === undefined ? {} : { end };
}

function cutAt(end: number | undefined, numbers: Numbers): Numbers {
  if (end === undefined) return numbers;
  const { codes, loss } = numbers;
  return { ...numbers, codes: codesBefore(codes, end), loss: lossBefore(loss, end), cut: true };
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
    spread: null,
    codes: null,
  };
}
