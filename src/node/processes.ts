// Processes of this machine.

/** Whether a process is there, of whatever user. A number that the system has given again looks alike. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Anything else speaks of one that is there: EPERM of another user's.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
