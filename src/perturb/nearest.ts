// The word that somebody may have meant.

/** The value at the smallest edit distance, if it is near enough to be a slip. */
export function nearest<T extends string>(text: string, values: readonly T[]): T | undefined {
  const ranked = values
    .map((value) => ({ value, distance: editDistance(text.toLowerCase(), value.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, best.value.length / 2) ? best.value : undefined;
}

/** "; did you mean noise?", or nothing where no word is near. */
export function meant(text: unknown, words: readonly string[]): string {
  const near = typeof text === 'string' && text.length <= LONGEST ? nearest(text, words) : undefined;
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** Longer text is no slip of a word. */
const LONGEST = 100;

/** Levenshtein distance, by one row of the table. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j] + 1, next[j - 1] + 1));
    }
    row = next;
  }
  return row[b.length];
}
