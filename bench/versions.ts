// The paper's protocol for one clip, 35 versions: it clean, with noise of four colours and six lengths at 5 s, and with its
// blocks shuffled in ten sizes. Where the shuffles stand decides what can be used again, so there are two forms.

import type { Clip } from '../src/audio/clip.js';
import type { FrameClock } from '../src/audio/codes.js';
import { perturb } from '../src/perturb/apply.js';
import { describe } from '../src/perturb/parse.js';
import type { Perturbation } from '../src/perturb/perturbation.js';
import { PAPER_LENGTHS } from '../src/probe/demo.js';

const COLORS = ['white', 'pink', 'brown', 'blue'] as const;
const BLOCKS = [1, 2, 5, 10, 35, 50, 70, 100, 150, 200];

export type Kind = 'clean' | 'noise' | 'shuffle from 0 s' | 'shuffle from 5 s';

/** Kinds whose versions are one form of the protocol. */
export const FORMS: readonly { readonly words: string; readonly kinds: readonly Kind[] }[] = [
  { words: 'shuffles from 0 s on, as in studies/paper.yaml', kinds: ['clean', 'noise', 'shuffle from 0 s'] },
  { words: 'shuffles from 5 s on, as the noise', kinds: ['clean', 'noise', 'shuffle from 5 s'] },
];

export interface Version {
  readonly kind: Kind;
  readonly words: string;
  readonly clip: Clip;
}

/** Those of all forms, by kind, the clean one first; `count` of each kind, spread evenly. Default: all, which are 45. */
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
  // Up to second 14, as in the authors' script.
  const shuffles = (seconds: number) =>
    BLOCKS.map(
      (tokens): Perturbation => ({
        kind: 'shuffle',
        at: { seconds },
        length: { seconds: 14 - seconds },
        block: { tokens },
        seed: 1,
      }),
    );
  const disturbed = (kind: Kind, perturbations: readonly Perturbation[]): Version[] =>
    spread(perturbations, count).map((perturbation) => ({
      kind,
      words: describe(perturbation),
      clip: perturb(clip, perturbation, clock).clip,
    }));
  return [
    { kind: 'clean', words: 'clean', clip },
    ...disturbed('noise', noises),
    ...disturbed('shuffle from 0 s', shuffles(0)),
    ...disturbed('shuffle from 5 s', shuffles(5)),
  ];
}

/** `count` of some, the first and the last among them. */
function spread<T>(all: readonly T[], count: number): readonly T[] {
  if (count >= all.length) return all;
  return Array.from(
    { length: count },
    (_, i) => all[Math.round((i * (all.length - 1)) / Math.max(1, count - 1))],
  );
}
