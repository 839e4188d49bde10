// What a schema has found wrong, in words: each fault with the place that it is at, and the nearest valid word.

import type * as z from 'zod';
import { meant } from './nearest.js';

/** Something wrong with what was written. */
export interface Fault {
  /** Keys and indices that lead to it; the last is the wrong name itself where `isKey`. */
  readonly path: readonly (string | number)[];
  /** It is the name of a field that is wrong, not its value. */
  readonly isKey?: boolean;
  readonly message: string;
}

/** The issues of the form of a union that the value has, with their whole path. */
export function unfolded(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const inner = issue.errors.find(
    ([first]) => first && (first.code !== 'invalid_type' || first.path.length > 0),
  );
  return inner ? inner.map((one) => ({ ...one, path: [...issue.path, ...one.path] })) : [issue];
}

/** Where an issue is. Names of a file's fields are no symbols. */
export function pathOf({ path }: z.core.$ZodIssue): (string | number)[] {
  return path.map((each) => (typeof each === 'number' ? each : String(each)));
}

/** What stands at a path; undefined where it breaks off. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (at instanceof Object && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined),
    value,
  );
}

/** What is wrong with a value that is there; of a word that is none of a few, the nearest of them. */
export function wrongValue(issue: z.core.$ZodIssue, given: unknown): string {
  if (issue.code !== 'invalid_value') return issue.message;
  const words = issue.values.map(String);
  return `${quoted(given)} is none of ${words.join(', ')}${meant(given, words)}`;
}

/** A value as JSON, cut where it is long. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 100 ? `${text.slice(0, 100)}...` : text;
}
