// Which frames of a null curve must be one stretch, for a number to be judged by it: those that it is a number of, and those that its
// rule searches for them. What else the rule asks (the levels on both sides of a boundary) it asks of the same stretch, as far as the clip goes.

import type { Reach, RegionName } from './region.js';
import type { JudgedFrames } from './stretches.js';
import { PLACES } from './transient.js';
import type { Window } from './window.js';

/** A curve [.., end) around a window. */
export interface Surroundings {
  readonly window: Window;
  readonly reach: Pick<Reach, 'reach'>;
  /** One past the last defined frame. */
  readonly end: number;
  /** Positions are notes: a stretch keeps its distance from a boundary of the window, which it begins or ends at. */
  readonly areNotes: boolean;
}

type Place = Window & { readonly frames: number };

/** Of a number at fixed frames. */
export function seenAt(
  name: RegionName,
  { start, end, frames }: Place,
  { window, areNotes }: Pick<Surroundings, 'window' | 'areNotes'>,
): JudgedFrames {
  // A frame of sound is as good as any.
  if (!areNotes) return { frames, span: { start, end }, boundary: 'start' };
  const boundary = name === 'rebound' || name === 'recovery' ? 'end' : 'start';
  const at = window[boundary];
  return { frames, span: { start: Math.min(start, at), end: Math.max(end, at) }, boundary };
}

/** Of a Peak or Rebound, by any definition: so that all definitions are compared with the same null curves. */
export function seenAtBoundary(name: 'peak' | 'rebound', frames: number, around: Surroundings): JudgedFrames {
  const at = around.window[name === 'peak' ? 'start' : 'end'];
  const start = Math.max(0, Math.min(at - around.reach.reach, at + PLACES.boundary[0]));
  return seenAt(name, { start, end: Math.min(around.end, at + PLACES.paper[1]), frames }, around);
}

/** Of a region that begins where a search for a Peak or Rebound ends. */
export function seenFromBoundary(name: RegionName, place: Place, around: Surroundings): JudgedFrames {
  const at = around.window[name === 'recovery' ? 'end' : 'start'];
  const start = Math.max(0, Math.min(place.start, at - around.reach.reach));
  return seenAt(name, { ...place, start }, around);
}
