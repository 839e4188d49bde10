// One thing made ahead: while the caller works on a result, the next one is under way (another session's worker encodes
// while one scores). Never more than one, so memory does not grow.

/** The outcome of an attempt: a failure is a result too, and is thrown where the result is used. */
export type Outcome<R> = { readonly value: R } | { readonly error: unknown };

export async function outcomeOf<R>(make: () => Promise<R>): Promise<Outcome<R>> {
  try {
    return { value: await make() };
  } catch (error) {
    return { error };
  }
}

interface Attempt<T, R> {
  readonly item: T;
  readonly outcome: Outcome<R>;
}

/**
 * The outcome of `make` for each item, in order. Items may be made ahead themselves: then each stage works on one of its own.
 * When the caller stops early, what was made ahead and not taken is handed to `dispose`.
 */
export async function* ahead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  make: (item: T) => Promise<R>,
  dispose: (made: R) => Promise<void> = async () => undefined,
): AsyncGenerator<Attempt<T, R>> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const attempt = async (): Promise<Attempt<T, R> | undefined> => {
    const { done, value: item } = await iterator.next();
    return done ? undefined : { item, outcome: await outcomeOf(() => make(item)) };
  };
  let next = attempt();
  try {
    for (let made = await next; made; made = await next) {
      next = attempt();
      yield made;
    }
  } finally {
    const left = await next;
    if (left && 'value' in left.outcome) await dispose(left.outcome.value);
    await iterator.return?.();
  }
}
