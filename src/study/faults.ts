// All that is wrong with a study, said at once: one line each.

import type { PlacedFault, StudySource } from './source.js';

/** An error of these lines: a plain one for one line; for several one that holds an error each and names the first. */
export function errorOf(lines: readonly string[]): Error {
  const [first = 'nothing is wrong', ...others] = lines;
  if (others.length === 0) return new Error(first);
  const errors = lines.map((line) => new Error(line));
  return new AggregateError(errors, `${first} (and ${others.length} more)`);
}

/** The lines of an error. */
export function linesOf(error: unknown): string[] {
  if (error instanceof AggregateError) return error.errors.flatMap(linesOf);
  return [error instanceof Error ? error.message : String(error)];
}

/** Faults of a file in the order of the file, each once: "study.yaml:12:5: clip has no key offest; did you mean offset?". */
export function faultLines({ name }: Pick<StudySource, 'name'>, faults: readonly PlacedFault[]): string[] {
  const ordered = faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
  return [...new Set(ordered.map(({ line, column, message }) => `${name}:${line}:${column}: ${message}`))];
}
