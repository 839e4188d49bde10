// The clip's own music in another order: shuffled, repeated, reversed, or cut out.

import type { Clip } from '../audio/clip.js';
import type { FrameClock } from '../audio/codes.js';
import { counted } from '../counted.js';
import type { Content } from './content.js';
import { faded, laid } from './join.js';
import { shuffledOrder } from './order.js';
import type {
  Place,
  RepeatPerturbation,
  ReversePerturbation,
  ShufflePerturbation,
  Span,
} from './perturbation.js';
import { samplesOf } from './place.js';

/** Whole blocks of the window in another order. @throws see shuffledOrder and fadeOf. */
export function shuffled(
  clip: Clip,
  perturbation: ShufflePerturbation,
  place: Place,
  clock: FrameClock,
): Content {
  const block = samplesOf(perturbation.block, clock, 'block');
  const permutation = shuffledOrder(clip.name, perturbation, place, block);
  const fade = fadeOf(clip.name, perturbation.fade, block, clock);
  const sources = permutation.map((from) => place.start + from * block);
  const channels = clip.channels.map((clean) => laid(clean, place, { block, sources, fade }));
  return { channels, permutation, block };
}

/** The block before the window again and again. @throws when there is no such block. */
export function repeated(
  clip: Clip,
  perturbation: RepeatPerturbation,
  place: Place,
  clock: FrameClock,
): Content {
  const block = blockToRepeat(clip.name, perturbation, place, clock);
  const fade = fadeOf(clip.name, perturbation.fade, block, clock);
  const sources = Array.from(
    { length: Math.ceil((place.end - place.start) / block) },
    () => place.start - block,
  );
  return { channels: clip.channels.map((clean) => laid(clean, place, { block, sources, fade })) };
}

/** Samples of the block before the window. */
export function blockToRepeat(
  name: string,
  perturbation: RepeatPerturbation,
  { start }: Place,
  clock: FrameClock,
): number {
  const block = samplesOf(perturbation.block, clock, 'block');
  if (block > 0 && block <= start) return block;
  throw new Error(
    `${name}: the block to repeat is ${counted(block, 'sample')}, expected at least 1 and at most the ${start} before the window`,
  );
}

/** The window backwards, or every grain of it; a fade stands at the edges of the window or of the grains. */
export function reversed(
  clip: Clip,
  perturbation: ReversePerturbation,
  place: Place,
  clock: FrameClock,
): Content {
  const grain = grainOf(clip.name, perturbation, place, clock);
  const length = fadeOf(clip.name, perturbation.fade, grain, clock);
  const channels = clip.channels.map((clean) => {
    const out = clean.slice(place.start, place.end);
    for (let at = place.start; at + grain <= place.end; at += grain) {
      const piece = { start: at, end: at + grain };
      const backwards = clean.slice(piece.start, piece.end).reverse();
      out.set(faded(backwards, clean, piece, length), at - place.start);
    }
    return out;
  });
  return { channels };
}

/** Samples of a grain. @throws when the window does not hold one. */
export function grainOf(
  name: string,
  { grain }: ReversePerturbation,
  { start, end }: Place,
  clock: FrameClock,
): number {
  const window = end - start;
  const samples = grain ? samplesOf(grain, clock, 'grain') : window;
  if (samples > 0 && samples <= window) return samples;
  throw new Error(
    `${name}: a grain of ${counted(samples, 'sample')}, expected at least 1 and at most the ${window} of the window`,
  );
}

/** The window is deleted. */
export function deleted(clip: Clip): Content {
  return { channels: clip.channels.map(() => new Float32Array(0)) };
}

/** Samples of a fade. @throws when two of them do not fit into a piece of so many samples. */
export function fadeOf(name: string, fade: Span | undefined, piece: number, clock: FrameClock): number {
  const length = fade ? samplesOf(fade, clock, 'fade') : 0;
  if (length > piece / 2) {
    throw new Error(
      `${name}: a fade of ${counted(length, 'sample')} is longer than half of the piece of ${counted(piece, 'sample')}`,
    );
  }
  return length;
}
