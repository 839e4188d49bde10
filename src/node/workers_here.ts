// The workers of this machine and user, as files in the user's cache folder: separate commands divide the cores by them. What
// cannot be known costs time, never results: how many threads a model uses changes no bit of what it gives.

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, hostname } from 'node:os';
import path from 'node:path';
import { ownCache } from './folders.js';
import { makeFolder } from './output.js';
import { isAlive } from './processes.js';

export interface WorkerHere {
  /** This one's part of the cores, by how many are at work now: at least 1. */
  threads(): Promise<number>;
  leave(): Promise<void>;
}

/** Where the workers of this machine are noted: home folders may be shared by many machines. */
function standardFolder(): string {
  return ownCache('workers', hostname());
}

export interface JoinOptions {
  /** Default: of this user and machine. */
  readonly folder?: string;
  /** Cores to be divided. Default: all that this process may use. */
  readonly cores?: number;
}

/** Notes that this process is a worker on this machine. */
export async function joinWorkers(options: JoinOptions = {}): Promise<WorkerHere> {
  const { folder = standardFolder(), cores = availableParallelism() } = options;
  const own = await identityOf(process.pid);
  const file = path.join(folder, String(process.pid));
  try {
    await makeFolder(folder);
    await writeFile(file, own ?? '');
  } catch {
    // Where nothing can be noted each worker takes itself for the only one.
  }
  return {
    async threads() {
      const others = (await othersIn(folder)).filter((text) => coresIn(text) === coresIn(own ?? ''));
      return Math.max(1, Math.floor(cores / (1 + others.length)));
    },
    // What is left behind is taken away by the next one who counts.
    leave: () => rm(file, { force: true }).catch(() => undefined),
  };
}

/** What the other workers that are alive have noted; what the others left behind is taken away. */
async function othersIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder).catch((): string[] => [])) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const file = path.join(folder, name);
    const noted = await readFile(file, 'utf8').catch(() => undefined);
    if (noted === undefined) continue;
    if ((await identityOf(pid)) === noted) found.push(noted);
    else await rm(file, { force: true });
  }
  return found;
}

/**
 * When a process started and which cores it may use; of a system that does not say, nothing but that it is alive. Undefined
 * of a process that has ended.
 */
async function identityOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return isAlive(pid) ? '' : undefined;
  try {
    const [stat, status] = await Promise.all(
      ['stat', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8')),
    );
    // The program's name, in brackets, may hold spaces; the 20th field after it is the start.
    const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${started} ${/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? ''}`;
  } catch {
    return undefined;
  }
}

function coresIn(noted: string): string | undefined {
  return noted.split(' ')[1];
}
