// The paper's protocol for one clip: it clean, with noise of four colours and six lengths at 5 s, and with its blocks
// shuffled in ten sizes (studies/paper.yaml). 35 versions, clean first.

import type { Clip } from '../src/audio/clip.js';
import type { FrameClock } from '../src/audio/codes.js';
import { perturb } from '../src/perturb/apply.js';
import { describe } from '../src/perturb/parse.js';
import type { Perturbation } from '../src/perturb/perturbation.js';
import { PAPER_LENGTHS } from '../src/study/demo.js';

const COLORS = ['white', 'pink', 'brown', 'blue'] as const;
const BLOCKS = [1, 2, 5, 10, 35, 50, 70, 100, 150, 200];

export interface Version {
  readonly kind: 'clean' | 'noise' | 'shuffle';
  readonly words: string;
  readonly clip: Clip;
}

/** `count` of the 35, spread evenly over them. Default: all. */
export function versionsOf(clip: Clip, clock: FrameClock, count = Number.POSITIVE_INFINITY): Version[] {
  const noises = COLORS.flatMap((color) =>
    PAPER_LENGTHS.map(
      (tokens): Perturbation => ({
        kind: 'noise',
        color,
        at: { seconds: 5 },
        length: { tokens },
        level: 'match',
        seed: 1,
      }),
    ),
  );
  const shuffles = BLOCKS.map(
    (tokens): Perturbation => ({
      kind: 'shuffle',
      at: { seconds: 0 },
      length: { seconds: 14 },
      block: { tokens },
      seed: 1,
    }),
  );
  const disturbed = [...noises, ...shuffles].map((perturbation) => ({
    kind: perturbation.kind === 'noise' ? ('noise' as const) : ('shuffle' as const),
    words: describe(perturbation),
    clip: perturb(clip, perturbation, clock).clip,
  }));
  const all: Version[] = [{ kind: 'clean', words: 'clean', clip }, ...disturbed];
  if (count >= all.length) return all;
  return Array.from(
    { length: count },
    (_, i) => all[Math.round((i * (all.length - 1)) / Math.max(1, count - 1))],
  );
}
