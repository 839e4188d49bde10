// Are planned numbers of clips enough? Pilots and studies of made-up clips: the share of studies that find the effect, planned
// with the true spread, and planned from a pilot. `npx tsx bench/power.ts`, two minutes.

import { type PilotClip, powerFor, type ScorePower } from '../src/analysis/power.js';
import type { ScoreValues } from '../src/scores/reference.js';
import { SCORE_NAMES } from '../src/scores/scores.js';
import { signFlipTest, twoSampleTest } from '../src/stats/permute.js';
import { generator, type Random, seedOf } from '../src/stats/random.js';
import { aucIndependent } from '../src/stats/roc.js';

const STUDIES = 400;
const EFFECT = 0.5;
/** Difficulty of the music between clips, and noise of one version. */
const [MUSIC, NOISE] = [0.8, 0.5];

type Draw = (random: Random) => number;
const SHAPES: Readonly<Record<string, Draw>> = {
  normal: (random) => random.normal(),
  // Exponential, centred, s.d. 1.
  skewed: (random) => -Math.log(1 - random.uniform()) - 1,
};

function values(loss: number): ScoreValues {
  return { ...(Object.fromEntries(SCORE_NAMES.map((name) => [name, Number.NaN])) as ScoreValues), loss };
}

function clip(random: Random, draw: Draw): readonly [number, number] {
  const music = MUSIC * draw(random);
  return [music + NOISE * draw(random), music + EFFECT + NOISE * draw(random)];
}

function pilotOf(n: number, random: Random, draw: Draw): ScorePower {
  const clips = Array.from({ length: n }, (): PilotClip => {
    const [clean, damaged] = clip(random, draw);
    return { group: '', clean: values(clean), versions: new Map([['d', values(damaged)]]) };
  });
  return powerFor(clips, { size: EFFECT, unit: 'score' })[SCORE_NAMES.indexOf('loss')];
}

/** Whether a study of so many clips finds the effect, by each test. */
const TESTS: Readonly<
  Record<'paired' | 'groups' | 'auc', (n: number, random: Random, draw: Draw) => boolean>
> = {
  paired: (n, random, draw) => {
    const differences = Array.from({ length: n }, () => {
      const [clean, damaged] = clip(random, draw);
      return damaged - clean;
    });
    return signFlipTest(differences, { draws: 999 }).p <= 0.05;
  },
  groups: (n, random, draw) => {
    const [a, b] = [0, 1].map((side) => Array.from({ length: n }, () => clip(random, draw)[side]));
    return twoSampleTest(b, a, { draws: 999 }).p <= 0.05;
  },
  auc: (n, random, draw) => {
    const [a, b] = [0, 1].map((side) => Array.from({ length: n }, () => clip(random, draw)[side]));
    return aucIndependent(b, a).low > 0.5;
  },
};

for (const [shape, draw] of Object.entries(SHAPES)) {
  for (const test of ['paired', 'groups', 'auc'] as const) {
    const random = generator(seedOf(1, 'power', shape, test));
    const known = pilotOf(2000, random, draw)[test].clips ?? Number.NaN;
    const power = (clips: () => number): string => {
      let found = 0;
      for (let i = 0; i < STUDIES; i++) found += TESTS[test](clips(), random, draw) ? 1 : 0;
      return (found / STUDIES).toFixed(3);
    };
    const pilot = (what: 'clips' | 'cautious') => () => pilotOf(12, random, draw)[test][what] ?? Number.NaN;
    console.log(
      `${shape}, ${test}: ${known} clips, power ${power(() => known)}; from pilots of 12 clips ${power(pilot('clips'))}, cautious ${power(pilot('cautious'))}`,
    );
  }
}
