// What ends with the exit code of usage errors, and what ends when some of many have failed.

/** Something that was typed wrong, found after parsing. */
export class UsageError extends Error {}

/** One of many that failed; `error` names it. */
export interface FailedItem {
  readonly name: string;
  readonly error: Error;
}

/** Some of many failed; the others are done. */
export class ItemsFailed extends Error {
  constructor(
    readonly items: readonly FailedItem[],
    readonly of: number,
  ) {
    super(`${items.length} of ${of} failed`);
  }
}
