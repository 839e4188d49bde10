// Where bars begin: the only place that knows what a time signature is.

import { isMeta, type Score, TIME_SIGNATURE } from './score.js';
import type { TickWindow } from './window.js';

/** More bars than this are a damaged time signature, not music. */
const MOST_BARS = 10_000;

/**
 * Ticks at which the bars of a score begin, and the one at which its last bar ends. A time signature begins a bar
 * where it stands; 4/4 where none is given.
 * @throws when there are more bars than music has.
 */
function barsOf(score: Score): number[] {
  const { name, messages, ticksPerQuarter, end } = score;
  const bars = [0];
  let length = 4 * ticksPerQuarter;
  let from = 0;
  let count = 0;
  const fill = (until: number) => {
    for (;;) {
      const next = from + Math.round((count + 1) * length);
      if (next >= until) return;
      count++;
      bars.push(next);
      if (bars.length > MOST_BARS) throw new Error(`${name}: more than ${MOST_BARS} bars; damaged?`);
    }
  };
  for (const message of messages) {
    if (!isMeta(message, TIME_SIGNATURE) || message.tick >= end) continue;
    fill(message.tick);
    if (message.tick > bars[bars.length - 1]) bars.push(message.tick);
    const [, , beats, power] = message.bytes;
    length = Math.max(1, (4 * ticksPerQuarter * beats) / 2 ** power);
    from = message.tick;
    count = 0;
  }
  fill(end);
  bars.push(from + Math.round((count + 1) * length));
  return bars;
}

/** Ticks at which the bars that lie in a window as a whole begin, and the one at which the last of them ends. */
export function barsWithin(score: Score, { start, end }: TickWindow): number[] {
  return barsOf(score).filter((tick) => tick >= start && tick <= end);
}
