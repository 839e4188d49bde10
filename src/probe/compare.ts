// A disturbed version beside its clean one, frame by frame: the one place where two versions of a clip are compared.
// Probes, maps and the analysis of rows all come here.

import type { Codes, FrameClock } from '../audio/codes.js';
import { counted } from '../counted.js';
import { type Delta, difference } from '../loss/delta.js';
import type { Loss } from '../loss/loss.js';
import { alignment, movesTime, realigned } from '../perturb/alignment.js';
import { type LeakMap, leakMap } from '../perturb/leak.js';
import type { Event } from '../perturb/perturbation.js';
import type { Window } from '../regions/window.js';

/** One version of a clip as the model scored it. */
export interface ScoredVersion {
  /** [K, T]. */
  readonly codes: Codes;
  /** [K, T] nats. */
  readonly loss: Loss;
}

export interface Versions {
  readonly clean: ScoredVersion;
  readonly disturbed: ScoredVersion;
  /** What was done to the sound. Only deletions and stretches move frames. */
  readonly events: readonly Event[];
  /** Frames [start, end) of the disturbed version that the events touch. */
  readonly window: Window;
  readonly clock: FrameClock;
}

export interface Compared {
  /** The clean version on the disturbed one's frames: the clean version itself, unless time moved. */
  readonly reference: ScoredVersion;
  /** disturbed - clean, nats. */
  readonly delta: Delta;
  /** Which codes changed before, inside and after the window. */
  readonly changed: LeakMap;
}

/**
 * Compares two versions of one clip.
 * @throws when they have other codebooks or protocols, or other frames without a deletion or a stretch that explains it.
 */
export function compare({ clean, disturbed, events, window, clock }: Versions): Compared {
  if (clean.codes.frames !== disturbed.codes.frames && !events.some(movesTime)) {
    throw new Error(
      `compare: versions of ${clean.codes.frames} and ${counted(disturbed.codes.frames, 'frame')}; only a deletion or a stretch may change their number`,
    );
  }
  const frames = alignment(
    events,
    { frames: disturbed.codes.frames, cleanFrames: clean.codes.frames },
    clock,
  );
  const reference = onFrames(clean, frames);
  return {
    reference,
    delta: difference(reference.loss, disturbed.loss),
    changed: leakMap(reference.codes, disturbed.codes, window),
  };
}

/** A version with frame t taken from frame `at[t]`; itself when nothing moves. */
function onFrames(version: ScoredVersion, at: Int32Array): ScoredVersion {
  const { codes, loss } = version;
  if (at.length === codes.frames && at.every((frame, t) => frame === t)) return version;
  const { codebooks, frames: cleanFrames } = codes;
  const moved = (values: Float32Array) => realigned(values, codebooks, { frames: at, cleanFrames });
  const data = Int32Array.from({ length: codebooks * at.length }, (_, i) => {
    return codes.data[Math.floor(i / at.length) * cleanFrames + at[i % at.length]];
  });
  return {
    codes: { codebooks, frames: at.length, data },
    loss: {
      ...{ ...loss, frames: at.length, values: moved(loss.values) },
      ...(loss.ranks ? { ranks: { ...loss.ranks, values: moved(loss.ranks.values) } } : {}),
    },
  };
}
