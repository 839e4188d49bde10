// Decoders of others write to the console about what is told here in our own words.

/** What every place that runs JavaScript has, though the language's own types do not say so. */
interface Writing {
  readonly console: Record<string, unknown>;
}

/** Runs work that is done when it returns; what it writes to the console goes nowhere. */
export function quietly<T>(work: () => T): T {
  const { console } = globalThis as unknown as Writing;
  const { log, warn, error } = console;
  const silent = () => {};
  Object.assign(console, { log: silent, warn: silent, error: silent });
  try {
    return work();
  } finally {
    Object.assign(console, { log, warn, error });
  }
}
