// Processes of this machine.

/**
 * Whether a process is there, of whatever user. A number that the system has given again looks alike; what is no number of
 * a process (0 and below are groups of them) is none.
 */
export function isAlive(pid: number): boolean {
  if (!(Number.isInteger(pid) && pid > 0)) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: another user's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
