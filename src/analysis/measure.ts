// One disturbed row beside its clean one: everything that is kept of the pair.

import { type FrameClock, frameRate } from '../audio/codes.js';
import type { Delta } from '../loss/delta.js';
import type { Loss } from '../loss/loss.js';
import { meanByFrame } from '../loss/means.js';
import { movesTime } from '../perturb/alignment.js';
import type { LeakMap } from '../perturb/leak.js';
import type { Event } from '../perturb/perturbation.js';
import { compare, type ScoredVersion } from '../probe/compare.js';
import { placingOf } from '../regions/event_places.js';
import type { CleanCurve } from '../regions/other_music.js';
import type { Reach, RuleName } from '../regions/region.js';
import { type Window, windowOf } from '../regions/window.js';
import type { CellRow } from '../study/row.js';
import { codesBefore, isCut, lossBefore, untilOf } from '../study/until.js';
import { clockOf } from '../symbolic/passage.js';
import { type CurveFeatures, curveFeatures, deltaFeatures, regionMeans } from './curve_features.js';
import type { DisturbedClip, Placed } from './measured.js';
import { type NullFeatures, nullFeatures } from './null_features.js';

/** A clean row as it is kept until its versions have come by. */
export interface Clean {
  readonly mean: number;
  readonly loss: Loss;
  readonly codes: Int32Array;
  readonly curve: CurveFeatures;
  /** [T] loss averaged over codebooks. */
  readonly byFrame: Float64Array;
  /** [T] of notes: when they begin, seconds. */
  readonly times?: Float64Array;
  /** Model, protocol and condition that scored it: losses of other makers are no other music. */
  readonly maker: string;
  /** Null features by window: the same for all disturbances of one place. */
  readonly nulls: Map<string, NullFeatures>;
}

/** Frame by frame beside the clean clip. */
export interface Counterpart {
  readonly delta: Delta;
  /** The clean clip on the frames of delta where time moved; else absent. */
  readonly moved?: CleanCurve;
  /** Frames from the first event to the last one. */
  readonly window: Window;
  readonly frameRate: number;
  readonly leak: LeakMap;
  readonly reach: Reach;
}

/** What a disturbed row gives; no counterpart where its frames stand for no frames of the clean clip (an edited score). */
export interface MeasuredRow {
  readonly cell: DisturbedClip;
  readonly counterpart?: Counterpart;
}

export interface MeasureOptions {
  readonly seed: number;
  readonly rule: RuleName;
}

/** @throws when an `ok` row lacks its numbers. */
export function cleanOf(row: CellRow): Clean {
  const { loss, codes, mean, clock } = numbersOf(row);
  const { model, protocol, condition } = row;
  const byFrame = meanByFrame(loss);
  const maker = JSON.stringify([model, protocol, condition]);
  return {
    ...{ mean, loss, codes, byFrame, maker, curve: curveFeatures(byFrame), nulls: new Map() },
    ...(clock.times ? { times: clock.times } : {}),
  };
}

/** @throws when an `ok` row lacks its numbers, or two versions cannot be compared. */
export function measureRow(
  row: CellRow,
  clean: Clean,
  options: MeasureOptions & {
    /** Other clips by the same maker, for what the clip itself is too short for. */
    readonly others: readonly CleanCurve[];
  },
): MeasuredRow {
  const { loss, mean, clock } = numbersOf(row);
  const events = eventsOf(row);
  const cut = isCut(row);
  const cell: DisturbedClip = {
    clip: row.clip,
    clean: clean.mean,
    disturbed: mean,
    frames: loss.frames,
    disturbedFrames: disturbedFrames(events, clock),
    curve: { clean: clean.curve, disturbed: cut ? UNMEASURED_CURVE : curveFeatures(meanByFrame(loss)) },
  };
  const window = spanOf(row, loss.frames);
  const moves = cut || events.some(movesTime);
  if (window === undefined || (loss.frames !== clean.loss.frames && !moves)) return { cell };
  const counterpart = counterpartOf(row, clean, { events, window });
  // Of what lasts to where the loss is undefined, as all that covers a whole clip, no region can be told from another.
  if (events.length !== 1 || window.end > loss.frames - row.lag) return { cell, counterpart };
  const placed = placedOf(row.clip, counterpart, { clean, event: events[0], ...options });
  return { cell: { ...cell, placed: cut ? withoutRest(placed) : placed }, counterpart };
}

function counterpartOf(
  row: CellRow,
  clean: Clean,
  { events, window }: { readonly events: readonly Event[]; readonly window: Window },
): Counterpart {
  const { loss, codes, clock } = numbersOf(row);
  const { codebooks, frames } = loss;
  const cleanCodes = { codebooks, frames: clean.loss.frames, data: clean.codes };
  const whole = { codes: cleanCodes, loss: clean.loss };
  const cut = isCut(row);
  const { delta, changed, reference } = compare({
    clean: cut && !events.some(movesTime) ? before(whole, frames) : whole,
    disturbed: { codes: { codebooks, frames, data: codes }, loss },
    ...{ events, window, clock },
  });
  const reach: Reach = { reach: row.reach ?? 0, lag: row.lag };
  const leak = cut ? withoutAfter(changed) : changed;
  const times = clock.times && clockOf(reference.codes).times;
  const moved = { losses: meanByFrame(reference.loss), ...(times ? { times } : {}) };
  return {
    ...{ delta, window, leak, reach, frameRate: frameRate(clock) },
    ...(events.some(movesTime) ? { moved } : {}),
  };
}

/** The clean version up to where the disturbed one was scored. */
export function before({ codes, loss }: ScoredVersion, end: number): ScoredVersion {
  return { codes: codesBefore(codes, end), loss: lossBefore(loss, end) };
}

/** Blind features are of whole clips. */
const UNMEASURED_CURVE: CurveFeatures = {
  'Local maximum': Number.NaN,
  'Local variance': Number.NaN,
  'Change point': Number.NaN,
};

/** Without what is taken over all frames to the clip's end. */
function withoutRest(placed: Placed): Placed {
  const features = {
    ...placed.features,
    'Recovery mean': Number.NaN,
    'Recovery spread': Number.NaN,
    'Loss with reference': Number.NaN,
  };
  return { ...placed, features, regions: { ...placed.regions, recovery: Number.NaN } };
}

function withoutAfter(leak: LeakMap): LeakMap {
  const none = { changed: 0, of: 0 };
  return {
    ...leak,
    after: Number.NaN,
    byCodebook: leak.byCodebook.map((book) => ({ ...book, after: none })),
  };
}

function placedOf(
  clip: string,
  { delta, moved, window, reach }: Counterpart,
  {
    clean,
    event,
    rule,
    seed,
    others,
  }: MeasureOptions & {
    readonly clean: Clean;
    readonly event: Event;
    readonly others: readonly CleanCurve[];
  },
): Placed {
  const { losses, times } = moved ?? {
    losses: clean.byFrame,
    ...(clean.times ? { times: clean.times } : {}),
  };
  const events = times && placingOf(event, times);
  const placing = events ? `${events.startInTime} ${events.endInTime}` : '';
  const place = `${window.start} ${window.end} ${delta.frames} ${reach.reach} ${moved !== undefined} ${placing}`;
  const known = clean.nulls.get(place);
  const material = { clean: losses, delta: delta.mean, window, others, ...(events ? { events } : {}) };
  const nulls = known ?? nullFeatures(material, { rule, reach, seed, clip });
  clean.nulls.set(place, nulls);
  return {
    features: deltaFeatures(delta.mean, window, { rule, reach }),
    regions: regionMeans(delta.mean, window, reach),
    nulls: nulls.draws,
    windowWidening: nulls.windowWidening,
    compared: nulls.compared,
    ...(nulls.why === undefined ? {} : { unjudged: nulls.why }),
  };
}

/** The row's window where it lies on the curve: not, say, the joint of a deletion at the clip's very end. */
function spanOf({ windowStart: start, windowEnd: end }: CellRow, frames: number): Window | undefined {
  if (start === null || end === null || start >= end || end > frames) return undefined;
  return { start, end };
}

/** Frames that hold disturbed samples; NaN where time closed up over them, or where there was no event on a time axis. */
function disturbedFrames(events: readonly Event[], clock: FrameClock): number {
  if (events.length === 0 || events.some(({ removed }) => removed)) return Number.NaN;
  return events.reduce((sum, event) => {
    const { start, end } = windowOf(event, clock);
    return sum + end - start;
  }, 0);
}

function eventsOf(row: CellRow): readonly Event[] {
  // A row's own text: what `perturb` returned, written with JSON.stringify.
  return row.events === null ? [] : JSON.parse(row.events);
}

/** The numbers that an `ok` row has; the mean is NaN where scoring ended early. */
export function numbersOf(row: CellRow) {
  const { loss: values, codes, codebooks, frames, meanLoss, sampleRate, hop, protocol } = row;
  if (
    values === null ||
    codes === null ||
    codebooks === null ||
    frames === null ||
    (meanLoss === null && untilOf(row) === undefined) ||
    sampleRate === null ||
    hop === null
  ) {
    throw new Error(`analysis: cell ${row.key} is ok but lacks its numbers; run \`losscope check\``);
  }
  // Of notes, which have a time of their own, and not all of them a duration.
  const isNotes = row.source === 'notes';
  const loss: Loss = { protocol, codebooks, frames, values, ...(isNotes && { ragged: true }) };
  const clock = isNotes ? clockOf({ codebooks, frames, data: codes }) : { sampleRate, hop };
  return { loss, codes, mean: meanLoss ?? Number.NaN, clock };
}
