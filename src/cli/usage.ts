// What ends with the exit code of usage errors.

/** Something that was typed wrong, found after parsing. */
export class UsageError extends Error {}
