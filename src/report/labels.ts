// Direct labels: names beside what they name, moved apart where they would overlap.

/** Moves labels apart along y by at least `gap`, keeping their order; where they would leave by the top, down. */
export function spreadLabels<T extends { readonly y: number }>(
  labels: readonly T[],
  { gap, top = Number.POSITIVE_INFINITY }: { readonly gap: number; readonly top?: number },
): T[] {
  const placed: T[] = [];
  for (const label of [...labels].sort((a, b) => a.y - b.y)) {
    const below = placed.at(-1);
    placed.push({ ...label, y: below ? Math.max(label.y, below.y + gap) : label.y });
  }
  let limit = top;
  return placed
    .reverse()
    .map((label) => {
      const y = Math.min(label.y, limit);
      limit = y - gap;
      return { ...label, y };
    })
    .reverse();
}

/** Cuts a text in its middle, so that it takes at most `letters`. */
export function shortened(text: string, letters: number): string {
  if (text.length <= letters) return text;
  const half = (letters - 1) / 2;
  return `${text.slice(0, Math.ceil(half))}…${text.slice(-Math.floor(half))}`;
}

/** Pixels that a text of the figures' 12-pixel font takes, as a guess: no font can be measured here. */
export function widthOf(text: string): number {
  return 6.6 * text.length;
}
