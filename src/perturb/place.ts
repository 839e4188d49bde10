// Where a disturbance falls: spans in tokens or seconds -> samples [start, end) of one clip.

import { type Clip, sampleCount } from '../audio/clip.js';
import { type FrameClock, sampleOfFrame, sampleOfSeconds } from '../audio/codes.js';
import type { Span } from './perturbation.js';

/** Samples [start, end). */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/**
 * The samples of a window. Tokens are frames of the clock, so the clip must be at its sample rate.
 * @throws when the rates differ, a span is no proper number, or the window is empty or leaves the clip.
 */
export function placeOf(clip: Clip, { at, length }: { at: Span; length: Span }, clock: FrameClock): Place {
  if (clip.sampleRate !== clock.sampleRate) {
    throw new Error(
      `${clip.name}: the clip is at ${clip.sampleRate} Hz, the codec at ${clock.sampleRate} Hz; resample it first`,
    );
  }
  const start = samplesOf(at, clock, 'start');
  const count = samplesOf(length, clock, 'length');
  const samples = sampleCount(clip);
  if (count === 0)
    throw new Error(`${clip.name}: the window is empty; its length must be at least one sample`);
  if (start + count > samples) {
    throw new Error(
      `${clip.name}: the window [${start}, ${start + count}) leaves the clip of ${samples} samples ` +
        `(${(samples / clock.sampleRate).toFixed(2)} s); start earlier, or make it shorter`,
    );
  }
  return { start, end: start + count };
}

function samplesOf(span: Span, clock: FrameClock, what: string): number {
  const value = 'tokens' in span ? span.tokens : span.seconds;
  const proper = 'tokens' in span ? Number.isInteger(value) : Number.isFinite(value);
  if (!proper || value < 0) {
    const unit = 'tokens' in span ? 'a whole number of tokens' : 'a number of seconds';
    throw new Error(`perturbation: its ${what} is ${value}, expected ${unit}, 0 or more`);
  }
  return 'tokens' in span ? sampleOfFrame(clock, value) : sampleOfSeconds(clock, value);
}
