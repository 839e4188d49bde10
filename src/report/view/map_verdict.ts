// What a sensitivity map shows for a first reader: what was done and where the model reacts, how sure that is, and what its
// unit means.

import { secondsOfFrame } from '../../audio/codes.js';
import { counted } from '../../counted.js';
import type { ClipMap } from '../../probe/map_record.js';
import { capital, signed, tenths } from '../words.js';

/** Chance below which a place counts as reacting. */
export const MAP_LEVEL = 0.05;

export interface MapVerdict {
  /** One sentence in everyday words: what was done, and where the loss rises most and least. */
  readonly headline: string;
  /** How sure that is, in everyday words. */
  readonly sure: string;
  /** What a nat is, and what a blind guess costs. */
  readonly unit: string;
}

export function mapVerdictOf(map: ClipMap): MapVerdict {
  const { points, clock, length, disturbance } = map;
  const what = capital(disturbance.split(', ')[0]);
  const long = clock.times ? counted(length, 'note') : `${tenths(secondsOfFrame(clock, length))} s`;
  const [first, ...rest] = points;
  const most = rest.reduce((best, point) => (point.peak > best.peak ? point : best), first);
  const least = rest.reduce((best, point) => (point.peak < best.peak ? point : best), first);
  const reacts = `at ${tenths(most.seconds)} s (${signed(most.peak)} nats)`;
  return {
    headline:
      rest.length === 0
        ? `${what}, ${long} long, at one place: the model reacts ${reacts}.`
        : `${what}, ${long} long, at ${counted(points.length, 'place')} in turn: the model is startled most ${reacts} and least at ` +
          `${tenths(least.seconds)} s (${signed(least.peak)}).`,
    sure: sureOf(map),
    unit: `A nat is the unit of surprise (loss): one nat more, and the model held what came for 2.7 times less likely. ${guessOf(map)}.`,
  };
}

function sureOf({ points, calibration, uncalibrated }: ClipMap): string {
  if (!calibration) return `How sure this is cannot be said: ${uncalibrated ?? 'nothing could be judged'}.`;
  const beyond = points.filter(({ chance = 1 }) => chance < MAP_LEVEL).length;
  const expected = Math.round(MAP_LEVEL * points.length);
  const told =
    `${beyond} of ${counted(points.length, 'place')} ${beyond === 1 ? 'stands' : 'stand'} out beyond 95 of 100 cases of other music of the clip; ` +
    `by chance alone ${expected === 0 ? 'hardly one' : `about ${expected}`} would.`;
  return beyond <= MAP_LEVEL * points.length ? `Not sure at all: ${told}` : `How sure: ${told}`;
}

function guessOf({ clock, choices }: ClipMap): string {
  if (clock.times) return 'A blind guess among all of Aria’s 17,727 tokens costs 9.8 nats';
  return choices === undefined
    ? 'A blind guess among N codes costs ln N nats'
    : `A blind guess among this model’s ${choices.toLocaleString('en')} codes costs ln ${choices.toLocaleString('en')} = ${Math.log(choices).toFixed(1)} nats`;
}
