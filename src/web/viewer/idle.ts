// Work that may wait until the page has been drawn.

/** Calls back when nothing is drawn or answered; gives what takes it back. */
export function whenIdle(work: () => void): () => void {
  if (!('requestIdleCallback' in window)) {
    const timer = setTimeout(work, 300);
    return () => clearTimeout(timer);
  }
  const number = requestIdleCallback(work, { timeout: 2000 });
  return () => cancelIdleCallback(number);
}
