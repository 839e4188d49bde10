// Which frame of the clean clip a frame of the disturbed clip is compared with. Only deletions and stretches move frames;
// after any other event (also a shuffle) a frame is compared with the clean one at the same time, as in the paper.

import { type FrameClock, frameOfSample, sampleOfFrame } from '../audio/codes.js';
import type { Event } from './perturbation.js';

/**
 * [T'] clean frame of each frame of the disturbed clip. Exact for deletions of whole frames; otherwise (and where time is
 * stretched) the frame whose start is nearest to where the disturbed frame's start comes from (the codec then frames the music
 * differently, and codes and losses differ for that reason alone).
 */
export function alignment(
  events: readonly Event[],
  { frames, cleanFrames }: { readonly frames: number; readonly cleanFrames: number },
  clock: FrameClock,
): Int32Array {
  return Int32Array.from({ length: frames }, (_, frame) => {
    const sample = sampleOfFrame(clock, frame);
    const nearest = frameOfSample(clock, Math.round(cleanSample(events, sample)) + Math.floor(clock.hop / 2));
    return Math.min(nearest, cleanFrames - 1);
  });
}

/** Whether frames after an event stand for later or earlier ones of the clean clip. */
export function movesTime({ removed, stretched }: Event): boolean {
  return removed !== undefined || stretched !== undefined;
}

/** Where a sample of the disturbed clip comes from. */
function cleanSample(events: readonly Event[], sample: number): number {
  let moved = 0;
  for (const { start, end, removed, stretched } of events) {
    const source = removed ?? stretched;
    if (source === undefined || start > sample) continue;
    const long = source.end - source.start;
    if (sample < end) return source.start + ((sample - start) * long) / (end - start);
    moved += long - (end - start);
  }
  return sample + moved;
}

/** Values [K, T] of the clean clip on the disturbed clip's frames [K, T'], for instance its loss before a difference. */
export function realigned(
  values: Float32Array,
  codebooks: number,
  { frames, cleanFrames }: { readonly frames: Int32Array; readonly cleanFrames: number },
): Float32Array {
  const out = new Float32Array(codebooks * frames.length);
  for (let k = 0; k < codebooks; k++) {
    frames.forEach((frame, t) => {
      out[k * frames.length + t] = values[k * cleanFrames + frame];
    });
  }
  return out;
}
