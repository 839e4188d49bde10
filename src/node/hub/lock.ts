// One process at a time fetches a blob. Python locks with flock, which Node cannot; here a lock is a file made
// exclusively, which names its owner and is touched while the owner lives.
// It only saves downloading twice, and good files do not depend on it (nor do Python's): every process writes to
// a partial file of its own name and publishes it by a rename. So a lock that a dead owner left is simply removed;
// where two processes do so at once, one may take over the other's partial file, and that one has to run again.

import { randomBytes } from 'node:crypto';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { makeFolder } from '../output.js';
import { isAlive } from '../processes.js';
import { pause } from './client.js';
import { codeOf, unwritable } from './failure.js';

const POLL_MS = 100;
const TOUCH_MS = 5_000;
/** A lock untouched for so long has lost its owner, whatever it names. */
const STALE_MS = 30_000;

export interface LockOptions {
  readonly signal?: AbortSignal;
  /** Called at every look at a lock that another holds. */
  readonly onWait?: () => Promise<void>;
}

/** Runs `work` while holding the lock file `path`. */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const owner = `${hostname()} ${process.pid} ${randomBytes(8).toString('hex')}`;
  await take(path, owner, options);
  const touch = setInterval(() => {
    const now = new Date();
    // Another process removed the lock: see the header.
    utimes(path, now, now).catch(() => clearInterval(touch));
  }, TOUCH_MS);
  touch.unref();
  try {
    return await work();
  } finally {
    clearInterval(touch);
    if ((await readOwner(path)) === owner) await rm(path, { force: true });
  }
}

async function take(path: string, owner: string, { signal, onWait }: LockOptions): Promise<void> {
  for (;;) {
    try {
      await makeFolder(dirname(path));
      await writeFile(path, owner, { flag: 'wx' });
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw unwritable(error, path);
    }
    if (await isAbandoned(path)) {
      await rm(path, { force: true });
    } else {
      await onWait?.();
      await pause(POLL_MS, signal);
    }
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const owner = await readOwner(path);
  if (owner === undefined) return false;
  const [host, pid] = owner.split(' ');
  if (host === hostname() && /^\d+$/.test(pid ?? '') && !isAlive(Number(pid))) return true;
  try {
    return Date.now() - (await stat(path)).mtimeMs > STALE_MS;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function readOwner(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
