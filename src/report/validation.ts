// What validate finds, in a terminal: a table for each question that listeners were asked, and what limits it.

import type { Estimate } from '../analysis/estimated.js';
import type { PreferenceAgreement } from '../analysis/preferences.js';
import type { DimensionAgreement } from '../analysis/validation.js';
import { counted } from '../counted.js';
import { table } from './terminal.js';
import { ABSENT, chance, percent, plain, signed } from './words.js';

export function dimensionLines(found: DimensionAgreement): string[] {
  const { dimension, clips, systems, prompts, reliability, scores } = found;
  const head = [
    'score',
    'ρ clips',
    'Holm p',
    'τ clips',
    'ρ systems',
    'Holm p',
    'ρ within systems',
    'Holm p',
    'pairs',
  ];
  const rows = scores.map((each) => [
    each.score,
    signedInterval(each.clips.spearman),
    chance(each.clips.test.holm),
    signed(each.clips.kendall.value),
    signedInterval(each.systems.spearman),
    chance(each.systems.test.holm),
    signedInterval(each.within.spearman),
    chance(each.within.test.holm),
    interval(each.accuracy),
  ]);
  return [
    `${dimension}: ${counted(clips, 'clip')}, ${counted(systems, 'system')}, ${counted(prompts, 'prompt')}`,
    ...table([head, ...rows]),
    reliability.reliability === null
      ? 'raters: too few clips with two ratings to say how far listeners agree; no ceiling is known'
      : `raters: split-half reliability of the mean rating ${plain(reliability.reliability)} (${plain(reliability.raters, 1)} ratings a clip): ` +
        `a score that knew what listeners agree on would correlate ${plain(reliability.ceiling)} with it`,
    ...whys(
      scores.flatMap(({ clips, systems, within, accuracy }) => [
        clips.spearman,
        systems.spearman,
        within.spearman,
        accuracy,
      ]),
    ),
    '',
  ];
}

export function preferenceLines(found: PreferenceAgreement): string[] {
  const { choices, ties, clips, systems, prompts, raters, scores } = found;
  const rows = scores.map(({ score, accuracy, test }) => [score, interval(accuracy), chance(test.holm)]);
  return [
    `${counted(choices, 'choice')} with a winner, ${ties} without, between ${counted(clips, 'clip')} of ${counted(systems, 'system')}, ${counted(prompts, 'prompt')}`,
    ...table([['score', 'prefers the winner', 'Holm p'], ...rows]),
    raters === null
      ? 'raters: no two clips were judged twice; how far listeners agree, and so the ceiling, is not known'
      : `raters: two judgements of the same two clips agree in ${percent(raters.agreement)} (${counted(raters.pairs, 'pair')} of clips judged more than once)`,
    ...whys(scores.map(({ accuracy }) => accuracy)),
    '',
  ];
}

/** How to read either table. */
export const VALIDATION_WORDS =
  'every score is turned so that more should be better: + agrees with listeners; 95% intervals by systems and prompts (jackknife); p by Holm over scores';

function signedInterval({ value, low, high }: Estimate): string {
  if (value === null) return ABSENT;
  return low === null ? signed(value) : `${signed(value)} [${signed(low)}, ${signed(high)}]`;
}

function interval({ value, low, high }: Estimate): string {
  if (value === null) return ABSENT;
  return low === null ? plain(value) : `${plain(value)} [${plain(low)}, ${plain(high)}]`;
}

/** Each reason once. */
function whys(estimates: readonly Estimate[]): string[] {
  return [...new Set(estimates.flatMap(({ why }) => why ?? []))].map(
    (why) => `without a number or interval: ${why}`,
  );
}
