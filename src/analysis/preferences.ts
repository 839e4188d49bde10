// Scores beside choices between two clips: how often a score prefers the clip that listeners prefer.

import { crossedEstimate, type Membership } from '../stats/crossed.js';
import { mean } from '../stats/describe.js';
import { qualities } from './agreement.js';
import { type JudgedScore, judgedOf } from './battery_findings.js';
import { familyOf, nothing } from './estimate.js';
import type { Estimate, Test } from './estimated.js';
import type { FindClip, Preference, Unmatched } from './ratings.js';
import type { ScoredClip } from './scored_clips.js';
import { asShare, estimated } from './validation.js';

export interface PairAccuracy {
  readonly score: JudgedScore;
  /** Share of choices in which the score prefers the winner; ties of the score count half. */
  readonly accuracy: Estimate;
  /** That it is one half; one family over scores. */
  readonly test: Test;
}

export interface PreferenceAgreement {
  /** Choices between two scored clips that have a winner. */
  readonly choices: number;
  /** Choices without a winner, which say nothing of an order. */
  readonly ties: number;
  readonly clips: number;
  readonly systems: number;
  readonly prompts: number;
  /** Of pairs that several listeners judged: how often two of them agree. Null where there are none: no ceiling is known. */
  readonly raters: { readonly agreement: number; readonly pairs: number } | null;
  readonly scores: readonly PairAccuracy[];
}

/** A choice between two clips that were scored. */
interface Choice {
  readonly better: ScoredClip;
  readonly worse: ScoredClip;
  /** Names of the systems, one or two. */
  readonly systems: readonly string[];
  readonly prompt: string;
}

/** Every score on all choices. Intervals leave out one system, or one prompt, at a time. */
export function preferenceAgreement(
  preferences: readonly Preference[],
  clips: readonly ScoredClip[],
  find: FindClip,
): { readonly found: PreferenceAgreement; readonly unmatched: readonly Unmatched[] } {
  const unmatched: Unmatched[] = [];
  const choices: Choice[] = [];
  let ties = 0;
  for (const { a, b, winner, line, prompt, systemA, systemB } of preferences) {
    const [first, second] = [find(a, line, systemA), find(b, line, systemB)];
    for (const [file, clip] of [
      [a, first],
      [b, second],
    ] as const)
      if (!clip) unmatched.push({ file, line });
    if (!first || !second) continue;
    if (winner === 'tie') ties++;
    else {
      const [better, worse] = winner === 'a' ? [first, second] : [second, first];
      const systems = [...new Set([systemA ?? first.group, systemB ?? second.group])];
      choices.push({ better, worse, systems, prompt: prompt ?? pairOf(better, worse) });
    }
  }
  const compared = [...new Set(choices.flatMap(({ better, worse }) => [better, worse]))];
  const memberships: Membership[] = [
    choices.map(({ systems }) => systems),
    choices.map(({ prompt }) => [prompt]),
  ];
  const measured = judgedOf(clips.map(({ values }) => values)).map((score) =>
    accuracyOf(score, { clips, choices, memberships }),
  );
  const tests = familyOf(
    'choices',
    measured.map(({ p }) => ({ p, name: "t of Fisher's z, jackknife by system and prompt" })),
  );
  return {
    unmatched,
    found: {
      choices: choices.length,
      ties,
      clips: compared.length,
      systems: new Set(choices.flatMap(({ systems }) => systems)).size,
      prompts: new Set(choices.map(({ prompt }) => prompt)).size,
      raters: agreementOf(choices),
      scores: measured.map(({ score, accuracy }, i) => ({ score, accuracy, test: tests[i] })),
    },
  };
}

function accuracyOf(
  score: JudgedScore,
  {
    clips,
    choices,
    memberships,
  }: {
    readonly clips: readonly ScoredClip[];
    readonly choices: readonly Choice[];
    readonly memberships: readonly Membership[];
  },
): { readonly score: JudgedScore; readonly accuracy: Estimate; readonly p: number } {
  const quality = qualities(
    score,
    clips.map(({ values }) => values),
  );
  const byName = new Map(clips.map(({ name }, i) => [name, quality[i]]));
  const of = ({ name }: ScoredClip): number => byName.get(name) ?? Number.NaN;
  const signs = choices.map(({ better, worse }) => Math.sign(of(better) - of(worse)));
  const kept = signs.flatMap((sign, i) => (Number.isNaN(sign) ? [] : [i]));
  const missing = choices.length - kept.length;
  if (kept.length === 0)
    return { score, accuracy: nothing(choices.length, 'not measured in this run'), p: Number.NaN };
  const order = crossedEstimate(
    (chosen) => mean(chosen.map((at) => signs[kept[at]])),
    memberships.map((membership) => kept.map((i) => membership[i])),
  );
  return { score, accuracy: asShare(estimated(order, { n: kept.length, missing })), p: order.p };
}

function pairOf(a: ScoredClip, b: ScoredClip): string {
  return JSON.stringify([a.name, b.name].sort());
}

/** Over pairs of clips that were judged more than once: the chance that two judgements agree. */
function agreementOf(choices: readonly Choice[]): PreferenceAgreement['raters'] {
  const byPair = new Map<string, string[]>();
  for (const { better, worse } of choices) {
    const pair = pairOf(better, worse);
    byPair.set(pair, [...(byPair.get(pair) ?? []), better.name]);
  }
  const repeated = [...byPair.values()].filter((winners) => winners.length > 1);
  if (repeated.length === 0) return null;
  const agreements = repeated.map((winners) => {
    const n = winners.length;
    const first = winners.filter((winner) => winner === winners[0]).length;
    return (first * (first - 1) + (n - first) * (n - first - 1)) / (n * (n - 1));
  });
  return { agreement: mean(agreements), pairs: repeated.length };
}
