// The frames a disturbance touches, and the named regions of a delta curve around it.

import { type FrameClock, frameOfSample, framesOf } from '../audio/codes.js';
import type { Event } from '../perturb/perturbation.js';

/** Frames [start, end) whose samples were disturbed. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** The frames that hold at least one disturbed sample; for a deletion, the frame at the joint. */
export function windowOf(event: Pick<Event, 'start' | 'end'>, clock: FrameClock): Window {
  const start = frameOfSample(clock, event.start);
  return { start, end: Math.max(start + 1, framesOf(clock, event.end)) };
}
