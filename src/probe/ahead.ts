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

/**
 * The outcome of `make` for each item, in order. When the caller stops early, what was made ahead and not taken is
 * handed to `dispose`.
 */
export async function* ahead<T, R>(
  items: readonly T[],
  make: (item: T) => Promise<R>,
  dispose: (made: R) => Promise<void> = async () => undefined,
): AsyncGenerator<{ readonly item: T; readonly outcome: Outcome<R> }> {
  const attempt = (item: T): Promise<Outcome<R>> => outcomeOf(() => make(item));
  let next = items.length > 0 ? attempt(items[0]) : undefined;
  try {
    for (let i = 0; next; i++) {
      const outcome: Outcome<R> = await next;
      next = i + 1 < items.length ? attempt(items[i + 1]) : undefined;
      yield { item: items[i], outcome };
    }
  } finally {
    const left = await next;
    if (left && 'value' in left) await dispose(left.value);
  }
}

/**
 * Lets the event loop turn. Between two long computations of what is made ahead the caller takes a session's answer and
 * asks it for more, so that the session does not stand still.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
