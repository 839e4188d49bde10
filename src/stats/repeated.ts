// What occurs more than once in a list, in one pass: lists of names may be long.

/** Whether each value has occurred before in the list. */
export function repeats(values: readonly unknown[]): boolean[] {
  const seen = new Set<unknown>();
  return values.map((value) => {
    const before = seen.has(value);
    seen.add(value);
    return before;
  });
}
