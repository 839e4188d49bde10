// The answers first, in plain words: what the tables carry, no more. A difference is only named where its p-value
// corrected by Holm is at most 0.05, or where the interval excludes what is denied.

import { amnesiaSentences } from './amnesia_answer.js';
import type { Answer } from './answer.js';
import { natsOf, termsOfRows } from './answer_words.js';
import { clipLossSentences } from './clip_loss_answer.js';
import { contrastSentences } from './contrast_answer.js';
import { featureSentences } from './feature_answer.js';
import type { Findings } from './findings.js';
import { detectionSentences, lengthSentences } from './length_answer.js';
import { overall } from './overall.js';
import { isControl } from './reading.js';
import { transientSentences } from './transient_answer.js';
import {
  amnesiaVerdict,
  contrastVerdict,
  featureVerdict,
  lengthVerdict,
  lossVerdict,
  type Verdict,
} from './verdicts.js';

export type Tables = Pick<
  Findings,
  'clipLoss' | 'trends' | 'psychometric' | 'features' | 'transients' | 'contrasts' | 'amnesia'
>;

/** One answer a question that the study has rows for. */
export function answersOf(all: Tables, { until }: Pick<Findings, 'until'> = {}): Answer[] {
  const tables = together(all);
  const seen = measuredTables(tables);
  const onlyNotes = all.clipLoss.length > 0 && all.clipLoss.every(({ domain }) => domain === 'notes');
  // What was not to be measured is said once, and not row by row.
  const told = until === undefined ? tables : seen;
  const answers: Answer[] = [
    {
      question: 'RQ1',
      title: 'Does the loss of the whole clip see the damage?',
      sentences: clipLossSentences(told.clipLoss),
      ...said(lossVerdict(seen.clipLoss), seen.clipLoss, tables.clipLoss),
    },
    {
      question: 'RQ2',
      title: 'How does the length of the damage change the loss?',
      sentences: lengthSentences(told),
      ...said(
        lengthVerdict(seen.trends, detectionSentences(seen.psychometric)[0]),
        seen.trends,
        tables.trends,
      ),
    },
    {
      question: 'RQ3',
      title: 'Does the shape of the loss curve see more than its mean?',
      sentences: [...featureSentences(told.features), ...transientSentences(told.transients)],
      ...said(featureVerdict(seen.features), seen.features, tables.features),
    },
    {
      question: 'RQ4',
      title: 'Is it the same for every model, kind of music and kind of damage?',
      sentences: contrastSentences(told.contrasts, natsOf({ domain: onlyNotes ? 'notes' : 'waveform' })),
      ...said(
        contrastVerdict(seen.contrasts, termsOfRows(all.clipLoss).nats),
        seen.contrasts,
        tables.contrasts,
      ),
    },
    {
      question: 'Amnesia',
      title: 'Does the model forget what came before?',
      sentences: amnesiaSentences(told.amnesia),
      ...said(amnesiaVerdict(seen.amnesia), seen.amnesia, tables.amnesia),
    },
  ];
  if (until === undefined) return answers.filter(({ sentences }) => sentences.length > 0);
  const planned = [tables.clipLoss, tables.trends, tables.features, tables.contrasts, tables.amnesia];
  return answers
    .filter((_, i) => planned[i].length > 0)
    .map((answer) => ({ ...answer, sentences: [endSentence(until), ...answer.sentences] }));
}

/** What a study that ends scoring early does not measure. */
export function endSentence(until: number): string {
  return (
    `Versions were scored until ${until} s after the disturbance (until: ${until}s). Not measured for that reason: losses of whole ` +
    'clips and what is made of them, blind features, Recovery, and tails to the end.'
  );
}

/** Rows of which something is measured: verdicts are on these alone. */
function measuredTables({
  clipLoss,
  trends,
  psychometric,
  features,
  transients,
  contrasts,
  amnesia,
}: Tables): Tables {
  return {
    clipLoss: clipLoss.filter(({ difference }) => difference.n > 0),
    trends: trends.filter(({ slope }) => slope.n > 0),
    psychometric: psychometric.filter(({ points }) => points.some(({ n }) => n > 0)),
    features: features.filter(({ auc }) => auc.n > 0),
    transients,
    contrasts: contrasts.filter(({ verdict }) => verdict !== 'unmeasured'),
    amnesia: amnesia.filter(({ index, lost }) => Math.max(index.n, lost.n) > 0),
  };
}

/** A verdict, unless everything that could give one is still missing. */
function said(verdict: Verdict, seen: readonly unknown[], planned: readonly unknown[]): Verdict {
  if (seen.length > 0 || planned.length === 0) return verdict;
  return { ...verdict, verdict: 'Not measured: nothing is scored yet that could tell.' };
}

/** The rows of all groups together where there are any; contrasts as they are. */
function together({
  clipLoss,
  trends,
  psychometric,
  features,
  transients,
  contrasts,
  amnesia,
}: Tables): Tables {
  return {
    ...{ clipLoss: overall(clipLoss), trends: overall(trends), psychometric: overall(psychometric) },
    ...{ features: overall(features).filter((row) => !isControl(row)), contrasts, amnesia: overall(amnesia) },
    transients: overall(transients).filter((row) => !isControl(row)),
  };
}
