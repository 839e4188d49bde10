// The tempo of a part of a score changed; what follows moves, and is otherwise as it was.

import { counted } from '../counted.js';
import { permuted } from '../perturb/order.js';
import { generator, seedOf } from '../stats/random.js';
import { barsWithin } from './bars.js';
import { isMeta, type Message, type Score, TEMPO } from './score.js';
import { DEFAULT_TEMPO, tempoMessage, tempoOf } from './tempo.js';
import type { Edited, TickWindow, Work } from './window.js';

/** Beyond it notes run into one, or nothing happens in a clip any more. */
const FACTORS = { least: 0.1, most: 10 };
/** Microseconds of a quarter note that a file can say. */
const LONGEST_QUARTER = 2 ** 24 - 1;

export interface TempoChange extends Work {
  /** 2: twice as fast. */
  readonly factor: number;
}

/**
 * With share 1 the whole window; with less, that share of its whole bars.
 * @throws when the factor is not in 0.1..10, or there is no whole bar to draw.
 */
export function changeTempo(score: Score, { share, window, names, factor }: TempoChange): Edited {
  if (!(factor >= FACTORS.least && factor <= FACTORS.most)) {
    throw new Error(`tempo: amount ${factor}, expected a factor from ${FACTORS.least} to ${FACTORS.most}`);
  }
  const { parts, changed } = share === 1 ? inWhole(window) : inBars(score, { share, window, names });
  const others = score.messages.filter((message) => !isMeta(message, TEMPO));
  const messages = [...others, ...changedTempi(score, parts, factor)].sort((a, b) => a.tick - b.tick);
  return { score: { ...score, messages }, changed };
}

interface Parts {
  readonly parts: readonly TickWindow[];
  readonly changed: string;
}

function inWhole({ start, end }: TickWindow): Parts {
  return { parts: [{ start: Math.round(start), end: Math.round(end) }], changed: 'the whole window' };
}

function inBars(score: Score, { share, window, names }: Work): Parts {
  const bars = barsWithin(score, window);
  const count = bars.length - 1;
  if (count < 1) {
    throw new Error(
      `${score.name}: tempo: no whole bar lies in the window to take ${share} of; share 1 takes all of it`,
    );
  }
  const chosen = permuted(count, generator(seedOf(...names))).slice(
    0,
    Math.max(1, Math.round(share * count)),
  );
  const parts = chosen.map((bar) => ({ start: bars[bar], end: bars[bar + 1] }));
  return { parts, changed: `${chosen.length} of ${counted(count, 'bar')}` };
}

/** The tempo of the whole score, said anew wherever it was said, and wherever a part begins or ends. */
function changedTempi(score: Score, parts: readonly TickWindow[], factor: number): Message[] {
  const old = score.messages.filter((message) => isMeta(message, TEMPO));
  const edges = parts.flatMap(({ start, end }) => [start, end]);
  const ticks = [...new Set([...old.map(({ tick }) => tick), ...edges])].sort((a, b) => a - b);
  let next = 0;
  let tempo = DEFAULT_TEMPO;
  return ticks.map((tick) => {
    for (; next < old.length && old[next].tick <= tick; next++) tempo = tempoOf(old[next]);
    const faster = parts.some(({ start, end }) => tick >= start && tick < end);
    const quarter = Math.round(faster ? tempo / factor : tempo);
    return tempoMessage(tick, Math.min(LONGEST_QUARTER, Math.max(1, quarter)));
  });
}
