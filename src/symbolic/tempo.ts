// Ticks <-> seconds: the only place that knows what a tempo is.

import { isMeta, type Message, type Score, TEMPO } from './score.js';

/** Where no tempo is given, a quarter note lasts so many microseconds (120 a minute). */
export const DEFAULT_TEMPO = 500_000;

/** Turns ticks into seconds and back. Real numbers both ways; a tick may lie between two. */
export interface TempoMap {
  secondsAt(tick: number): number;
  tickAt(seconds: number): number;
}

interface Stretch {
  readonly tick: number;
  readonly seconds: number;
  readonly secondsPerTick: number;
}

/** Microseconds of a quarter note that a tempo message sets. */
export function tempoOf({ bytes }: Message): number {
  return bytes[2] * 65536 + bytes[3] * 256 + bytes[4];
}

/** The tempo message of so many microseconds a quarter note, a whole number below 2^24. */
export function tempoMessage(tick: number, microseconds: number): Message {
  const [a, b, c] = [microseconds >> 16, (microseconds >> 8) & 255, microseconds & 255];
  return { tick, track: 0, bytes: Uint8Array.of(0xff, TEMPO, a, b, c) };
}

export function tempoMap({ messages, ticksPerQuarter }: Score): TempoMap {
  const secondsPerTick = (microseconds: number) => microseconds / 1e6 / ticksPerQuarter;
  const stretches: Stretch[] = [{ tick: 0, seconds: 0, secondsPerTick: secondsPerTick(DEFAULT_TEMPO) }];
  for (const message of messages) {
    if (!isMeta(message, TEMPO)) continue;
    const last = stretches[stretches.length - 1];
    const seconds = last.seconds + (message.tick - last.tick) * last.secondsPerTick;
    stretches.push({ tick: message.tick, seconds, secondsPerTick: secondsPerTick(tempoOf(message)) });
  }
  return {
    secondsAt(tick) {
      const at = stretches[lastAtMost(stretches, (stretch) => stretch.tick, tick)];
      return at.seconds + (tick - at.tick) * at.secondsPerTick;
    },
    tickAt(seconds) {
      const at = stretches[lastAtMost(stretches, (stretch) => stretch.seconds, seconds)];
      return at.tick + (seconds - at.seconds) / at.secondsPerTick;
    },
  };
}

/** Index of the last entry of a sorted list whose key is at most the value; the first if none is. */
function lastAtMost<T>(sorted: readonly T[], key: (entry: T) => number, value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (key(sorted[middle]) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
