// Counted nouns in messages and reports: "1 clip", "3 clips". Every room may import it.

/** A number with its noun, given in the singular: "1 clip", "20 clips", "2 studies", "1 series". */
export function counted(n: number | bigint, noun: string): string {
  return `${n} ${Number(n) === 1 ? noun : plural(noun)}`;
}

function plural(noun: string): string {
  if (noun.endsWith('series')) return noun;
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`;
}

/** The verb that goes with a number: `verb(n, 'is', 'are')`. */
export function verb(n: number, one: string, several: string): string {
  return n === 1 ? one : several;
}
