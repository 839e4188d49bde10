// The frames a disturbance touches, and the named regions of a delta curve around it.

import { type FrameClock, frameOfSample, framesOf } from '../audio/codes.js';
import type { Event } from '../perturb/perturbation.js';

/** Frames [start, end) whose samples were disturbed. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** The frames that hold at least one disturbed sample. */
export function windowOf(event: Event, clock: FrameClock): Window {
  return { start: frameOfSample(clock, event.start), end: framesOf(clock, event.end) };
}
