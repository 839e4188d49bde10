// Third-party decoders write warnings to the console, which are silenced here: losscope gives its own warnings.

/** What every place that runs JavaScript has, though the language's own types do not say so. */
interface Writing {
  readonly console: Record<string, unknown>;
}

/** Runs synchronous work and drops its console output. */
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
