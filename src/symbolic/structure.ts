// Bars in another order. Every bar is kept once and keeps its length; a note belongs to the bar it begins in and keeps
// its length too. A bar takes its pedal, other controllers, pitch bend, pressure, tempo and time signature along: at
// every joint what held where the bar stood is set again. Programs, banks, parameters (RPN) and texts stay in their place.

import { counted, verb } from '../counted.js';
import { movedOrder } from '../perturb/order.js';
import { barsWithin } from './bars.js';
import { endedInTime } from './notes.js';
import { isMeta, META, type Message, type Score, TEMPO, TIME_SIGNATURE } from './score.js';
import { DEFAULT_TEMPO, tempoMessage } from './tempo.js';
import type { Edited, Work } from './window.js';

/** Controllers that choose (bank, data entry, parameters) or command (channel modes) rather than play. */
const STAYING = new Set([0, 6, 32, 38, ...range(96, 101), ...range(120, 127)]);
/** What controllers are at the start: volume, balance, pan, expression, reverb; all others 0. */
const INITIAL: Readonly<Record<number, number>> = { 7: 100, 8: 64, 10: 64, 11: 127, 91: 40 };

/** The message in force for each thing that a score sets anywhere. */
type State = ReadonlyMap<string, Message>;

/** @throws when fewer than two whole bars lie in the window. */
export function reorderBars(score: Score, { share, window, names }: Work): Edited {
  const bars = barsWithin(score, window);
  const count = bars.length - 1;
  if (count < 2) {
    throw new Error(
      `${score.name}: structure: ${counted(Math.max(0, count), 'whole bar')} ${verb(count, 'lies', 'lie')} in the window, their order needs at least 2; make it longer`,
    );
  }
  const order = movedOrder(count, { share, names });
  const starts = startsIn(order, bars);
  const moved = <T>(thing: T, tick: number, shift: (by: number) => T): T => {
    const bar = barAt(bars, tick);
    return bar === undefined ? thing : shift(starts[bar] - bars[bar]);
  };
  const notes = score.notes.map((note) =>
    moved(note, note.start, (by) =>
      by === 0 ? note : { ...note, start: note.start + by, end: note.end + by },
    ),
  );
  const messages = score.messages.map((message) =>
    keyOf(message) === undefined
      ? message
      : moved(message, message.tick, (by) => ({ ...message, tick: message.tick + by })),
  );
  const unmoved = new Set(score.notes);
  return {
    score: {
      ...score,
      notes: endedInTime(
        notes.sort((a, b) => a.start - b.start),
        unmoved,
      ),
      // What is set at a joint comes before what the bar itself sets there.
      messages: [...joints(score, { order, bars, starts }), ...messages].sort((a, b) => a.tick - b.tick),
      end: notes.reduce((last, note) => Math.max(last, note.end), score.end),
    },
    changed: `${order.filter((from, to) => from !== to).length} of ${counted(count, 'bar')}`,
  };
}

/** Where each bar begins in the new order. */
function startsIn(order: readonly number[], bars: readonly number[]): number[] {
  const starts: number[] = [];
  let at = bars[0];
  for (const bar of order) {
    starts[bar] = at;
    at += bars[bar + 1] - bars[bar];
  }
  return starts;
}

/** The bar that holds a tick, if one of these does. */
function barAt(bars: readonly number[], tick: number): number | undefined {
  if (tick < bars[0] || tick >= bars[bars.length - 1]) return undefined;
  return bars.findLastIndex((start) => start <= tick);
}

/** Where bars meet that did not before: what must be set so that each continues as in its old place. */
function joints(
  score: Score,
  { order, bars, starts }: { order: readonly number[]; bars: readonly number[]; starts: readonly number[] },
): Message[] {
  const states = statesAt(score, bars);
  const set: Message[] = [];
  // What follows the last bar goes on as after the last bar of the old order.
  for (let i = 0; i <= order.length; i++) {
    const before = i === 0 ? 0 : order[i - 1] + 1;
    const bar = i === order.length ? order.length : order[i];
    const tick = i === order.length ? bars[bars.length - 1] : starts[bar];
    if (before !== bar) set.push(...changes(states[before], states[bar], tick));
  }
  return set;
}

/** The messages that lead from one state to another. */
function changes(from: State, to: State, tick: number): Message[] {
  return [...to].flatMap(([key, { track, bytes }]) => {
    const old = from.get(key)?.bytes;
    return old?.every((byte, i) => byte === bytes[i]) ? [] : [{ tick, track, bytes }];
  });
}

/** What is in force just before each of these ticks. */
function statesAt({ messages }: Score, ticks: readonly number[]): State[] {
  const state = new Map<string, Message>();
  const setting = messages.flatMap((message) => {
    const key = keyOf(message);
    if (key === undefined) return [];
    if (!state.has(key)) state.set(key, { ...message, bytes: initial(message.bytes) });
    return [{ key, message }];
  });
  let next = 0;
  return ticks.map((tick) => {
    for (; next < setting.length && setting[next].message.tick < tick; next++) {
      state.set(setting[next].key, setting[next].message);
    }
    return new Map(state);
  });
}

/** What a message sets, where that goes with its bar. */
function keyOf(message: Message): string | undefined {
  const [status, data] = message.bytes;
  if (isMeta(message, TEMPO)) return 'tempo';
  if (isMeta(message, TIME_SIGNATURE)) return 'time signature';
  const kind = status >> 4;
  if (kind === 10) return `pressure ${status & 15} ${data}`;
  if (kind === 11) return STAYING.has(data) ? undefined : `controller ${status & 15} ${data}`;
  if (kind === 13) return `pressure ${status & 15}`;
  return kind === 14 ? `bend ${status & 15}` : undefined;
}

/** What holds before the first message of a kind. */
function initial(bytes: Uint8Array): Uint8Array {
  const [status, data] = bytes;
  if (status === META) {
    return data === TEMPO ? tempoMessage(0, DEFAULT_TEMPO).bytes : Uint8Array.of(META, data, 4, 2, 24, 8);
  }
  const kind = status >> 4;
  if (kind === 11) return Uint8Array.of(status, data, INITIAL[data] ?? 0);
  if (kind === 10) return Uint8Array.of(status, data, 0);
  return kind === 14 ? Uint8Array.of(status, 0, 64) : Uint8Array.of(status, 0);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
