// What a battery says, in the first lines of a report: the best score, the panel, and what nothing hears.

import { counted } from '../counted.js';
import type { Answer } from './answer.js';
import type { Battery } from './battery.js';
import { leftOutWords, type PowerRow, type ScoreRow, type UnseenRow } from './battery_findings.js';
import type { Estimate } from './estimated.js';
import { figureOf } from './verdicts.js';

/** AUC from which a damage counts as heard; share of alarms from which it counts as found. */
const HEARD = 0.8;

/** One answer for each model and protocol; none without a battery. */
export function batteryAnswers({ scores, rows, power, unseen }: Battery): Answer[] {
  const makers = [...new Map(scores.map((row) => [madeBy(row), row])).keys()];
  return makers.flatMap((maker): Answer[] => {
    const own = scores.filter((row) => madeBy(row) === maker && row.meanAuc.value !== null);
    const single = best(own.filter(({ score }) => score !== 'panel'));
    const panel = own.find(({ score }) => score === 'panel');
    const loss = own.find(({ score }) => score === 'loss');
    if (!single || !loss) return [];
    const leftOut = leftOutWords(own.map(({ score }) => score));
    const heard = new Map<string, boolean>();
    for (const row of rows) {
      if (madeBy(row) !== maker || row.auc.value === null) continue;
      heard.set(row.damage, heard.get(row.damage) || (row.auc.value >= HEARD && (row.auc.low ?? 0) > 0.5));
    }
    const unheard = [...heard].filter(([, isHeard]) => !isHeard).map(([damage]) => damage);
    const alike = own.filter(
      ({ score, underBest: { low, high } }) =>
        score !== 'panel' && score !== single.score && low !== null && high !== null && low <= 0 && high >= 0,
    );
    return [
      {
        question: 'Scores',
        title: `Which score hears which damage? ${maker}`,
        verdict: `Of ${counted(own.filter(({ score }) => score !== 'panel').length, 'score')}, ${single.score} has the highest mean AUC (${number(single.meanAuc.value)}); the plain loss has ${number(loss.meanAuc.value)}, and 0.5 is guessing.`,
        figure: figureOf(
          own.flatMap(({ score, meanAuc: { value, low, high } }) =>
            value === null ? [] : [{ name: score, value, low, high }],
          ),
          { axis: 'mean AUC over all damages', reference: 0.5, referenceName: 'guessing' },
        ),
        sentences: [
          `Best single score: ${single.score}, mean AUC ${interval(single.meanAuc)}; plain loss has ${interval(loss.meanAuc)}. ` +
            `Gain over plain loss: ${interval(single.overLoss)}.` +
            (alike.length > 0
              ? ` Not told apart from it: ${alike.map(({ score }) => score).join(', ')}.`
              : ''),
          ...(panel
            ? panelSentences(
                panel,
                power.filter((row) => madeBy(row) === maker),
              )
            : []),
          ...unseenSentences(unseen.filter((row) => madeBy(row) === maker)),
          ...(leftOut === undefined ? [] : [leftOut]),
          unheard.length === 0
            ? `Every damage is heard by some score at some severity (AUC of at least ${HEARD}, its interval above 0.5).`
            : `Heard by no score at any severity (no AUC of at least ${HEARD} with its interval above 0.5): ${unheard.join(', ')}.`,
        ],
      },
    ];
  });
}

function panelSentences(panel: ScoreRow, power: readonly PowerRow[]): string[] {
  const clean = power.find(({ damage }) => damage === 'clean');
  const strongest = new Map<string, PowerRow>();
  for (const row of power) {
    if (row.harmless || row.alarms.value === null) continue;
    const other = strongest.get(row.damage);
    if (!other || row.order > other.order) strongest.set(row.damage, row);
  }
  const found = [...strongest.values()]
    .filter(({ alarms }) => (alarms.value ?? 0) >= HEARD)
    .map(({ damage }) => damage);
  const shift = panel.harmless;
  return [
    `The panel as one score: mean AUC ${interval(panel.meanAuc)}, gain over plain loss ${interval(panel.overLoss)}. It raises an alarm in ` +
      `${percent(clean?.alarms.value)} of clean clips, and finds ${found.length} of ${counted(strongest.size, 'damage')} at their strongest in ${percent(HEARD)} of clips or more` +
      `${found.length > 0 ? ` (${found.join(', ')})` : ''}.`,
    ...(shift?.value
      ? [
          `Largest shift of the panel under a harmless edit: ${shift.value.toFixed(2)} standard deviations between clean clips of a group (${shift.edit}).`,
        ]
      : []),
  ];
}

/** What a choice and a fit are worth on damage that they have not seen. */
function unseenSentences(unseen: readonly UnseenRow[]): string[] {
  const [chosen, fitted] = (['chosen', 'fitted'] as const).map((composite) =>
    unseen.find((row) => row.composite === composite && row.damage === ''),
  );
  if (!chosen || !fitted) return [];
  return [
    `Each damage judged by what the other damages taught (leave one damage out): the single score that hears the others best has mean AUC ${interval(chosen.auc)}, ` +
      `gain over plain loss ${interval(chosen.overLoss)}; a weighted sum of all scores ${interval(fitted.auc)}, gain ${interval(fitted.overLoss)}.`,
  ];
}

function best(rows: readonly ScoreRow[]): ScoreRow | undefined {
  return rows.toSorted((a, b) => (b.meanAuc.value ?? 0) - (a.meanAuc.value ?? 0))[0];
}

function madeBy({ model, protocol }: Pick<ScoreRow, 'model' | 'protocol'>): string {
  return `${model} (${protocol})`;
}

function number(x: number | null): string {
  return x === null ? '?' : x.toFixed(2);
}

function interval({ value, low, high }: Estimate): string {
  return `${number(value)} [${number(low)}, ${number(high)}]`;
}

function percent(share: number | null | undefined): string {
  return share === null || share === undefined ? 'an unknown share' : `${Math.round(100 * share)}%`;
}
