// Ctrl-C, and the signals by which a scheduler or a terminal that closes ends a program, for commands that can end well:
// the first one asks them to, the second ends them.

/** Exit codes by signal: 128 and its number. Node takes back what nohup set: a hang-up comes through. */
export const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

let wish: (() => void) | undefined;

/** From now on the first signal calls `handler` instead of ending the process. Returns how to take that back. */
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
