// Whether there is a Peak, in a sentence that names every definition: the answer depends on it.

import type { TransientRow } from './figure_findings.js';

const WORDS: Readonly<Record<TransientRow['definition'], string>> = {
  boundary: 'over [start - 1, start + 2)',
  paper: "over the paper's [start, start + 5)",
  searched: 'searched near the start',
};

/** One sentence; none where no Peak was measured. */
export function transientSentences(rows: readonly TransientRow[]): string[] {
  const peaks = rows.filter(({ region, mean }) => region === 'peak' && mean.n > 0);
  if (peaks.length === 0) return [];
  const words = (Object.keys(WORDS) as TransientRow['definition'][]).flatMap((definition) => {
    const own = peaks.filter((row) => row.definition === definition);
    const shown = own.filter(({ test, overNull }) => (test.holm ?? 1) <= 0.05 && (overNull.value ?? 0) > 0);
    return own.length === 0 ? [] : [`${WORDS[definition]} in ${shown.length} of ${own.length}`];
  });
  return [
    `A Peak that is more than other music gives is shown ${words.join(', ')} combinations (by the p-value after Holm); ` +
      'the table has the three definitions side by side.',
  ];
}
