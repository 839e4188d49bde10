// Ctrl-C, and the signals by which a scheduler or a terminal that closes ends a program, for commands that can end well:
// the first one asks them to, the second ends them. Several workers of one command have a leader: it asks them once, by a
// message, since a terminal signals the whole group beside it.

import type { ChildProcess } from 'node:child_process';

/** Exit codes by signal: 128 and its number. Node takes back what nohup set: a hang-up comes through. */
export const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

const STOP = 'stop';

let wish: (() => void) | undefined;
let oneCode: number | undefined;

/** From now on the first signal calls `handler` instead of ending the process. Returns how to take that back. */
export function onFirstInterrupt(handler: () => void): () => void {
  wish = handler;
  return () => {
    wish = undefined;
  };
}

/** True once, when a handler took the interrupt. */
export function interruptTaken(): boolean {
  const handler = wish;
  wish = undefined;
  handler?.();
  return handler !== undefined;
}

/** From now on every signal ends the process with this exit code. */
export function interruptsEndWith(code: number): void {
  oneCode = code;
}

/** The exit code after a signal. */
export function codeAfter(signal: keyof typeof SIGNALS): number {
  return oneCode ?? SIGNALS[signal];
}

/**
 * The exit code that counts of a process that this one started. One that a signal has ended, perhaps before it listened, counts as
 * this process after that signal; any other as it ended, and as 1 where it has no code (killed).
 */
export function codeOfEnded(code: number | null, signal: NodeJS.Signals | null): number {
  for (const [name, ownCode] of Object.entries(SIGNALS))
    if (signal === name || code === ownCode) return codeAfter(name as keyof typeof SIGNALS);
  return code ?? 1;
}

/** Whether another losscope started this process and tells it when to end. */
export function hasLeader(): boolean {
  return process.send !== undefined;
}

/** Calls `asked` when the leader says so, and `left` when it is gone. */
export function followLeader(asked: () => void, left: () => void): void {
  if (!hasLeader()) return;
  process.on('message', (message) => {
    if (message === STOP) asked();
  });
  process.on('disconnect', left);
  if (!process.connected) left();
  // To listen is no reason to stay.
  process.channel?.unref();
}

/** Asks a process that this one started to end well. */
export function askToStop(child: ChildProcess): void {
  if (child.connected) child.send(STOP);
}
