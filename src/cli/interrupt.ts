// Ctrl-C for commands that can end well: the first one asks them to, the second ends them.

let wish: (() => void) | undefined;

/** From now on the first Ctrl-C calls `handler` instead of ending the process. Returns how to take that back. */
export function onFirstInterrupt(handler: () => void): () => void {
  wish = handler;
  return () => {
    wish = undefined;
  };
}

/** True when somebody took the interrupt, once. */
export function interruptTaken(): boolean {
  const handler = wish;
  wish = undefined;
  handler?.();
  return handler !== undefined;
}
