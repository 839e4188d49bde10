// Claims as files in a folder that all workers see: no server, and no clock is compared.
//
//   <job>.<n>.lease   job taken for the n-th time, by the worker that could create the file; it writes to it as a sign of life
//   <job>.<n>.free    given back by that worker
//   <job>.done        its results are stored
//
// A lease whose text has not changed for `expire`, by the watcher's own clock, is taken over by creating the next one. Creation is
// exclusive, on NFS too, so of several workers one succeeds. The lease is written in place: a reader that opens a file
// sees what was written last, while NFS may show an old folder for a minute.

import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { generator, seedOf } from '../../stats/random.js';
import type { Claim, Claims } from '../../study/claims.js';
import { makeFolderFor } from '../output.js';
import { isGone, namesIn } from '../store/layout.js';

/** Folder of the claims in a store. */
export const CLAIMS = 'claims';
/** A worker that gives no sign for so long, ms, is lost. */
export const EXPIRE = 60_000;
/** The folder is listed again after so many jobs in a row that others were faster with. */
const MISSES = 8;
/** Signs of life within that time. */
export const BEATS = 6;
/** Leases that a worker with nothing else to do watches: all together watch all, and the file server has time for others. */
const WATCHED = 8;

export interface FolderClaimsOptions {
  /** Ids of all jobs. */
  readonly jobs: readonly string[];
  /** Default EXPIRE. Must be the same for all workers of a store. */
  readonly expire?: number;
  /** Names this worker in its leases. Default: machine and process. */
  readonly worker?: string;
  /** A clock in ms. Default: the process's own. */
  readonly now?: () => number;
}

/** Where the claims of a plan lie in a store. */
export function claimsFolder(store: string, plan: string): string {
  return join(store, CLAIMS, plan.slice(0, 16));
}

/** Leases in a folder that all workers see. */
export async function folderClaims(folder: string, options: FolderClaimsOptions): Promise<Claims> {
  const {
    jobs,
    expire = EXPIRE,
    worker = `${hostname()}-${process.pid}`,
    now = () => performance.now(),
  } = options;
  await makeFolderFor(folder);
  const watch = watcher(expire, now);
  const order = shuffled(jobs, worker);
  let beats = 0;
  /** Leases that were there at once, as far as it was seen: about as many as there are workers. */
  let most = 0;
  /** When each claim's last sign of life was given. */
  const signs = new Map<string, number>();
  let free: Claim[] = [];
  const leaseOf = ({ job, taken }: Claim): string => join(folder, `${job}.${taken}.lease`);
  const freeOf = ({ job, taken }: Claim): string => join(folder, `${job}.${taken}.free`);
  const text = (): string =>
    JSON.stringify({ worker, host: hostname(), process: process.pid, beat: ++beats });
  const isDone = async (job: string): Promise<boolean> =>
    (await textOf(join(folder, `${job}.done`))) !== undefined;
  const take = async (claim: Claim): Promise<Claim | undefined> => {
    signs.set(claim.job, now());
    if (!(await created(leaseOf(claim), text()))) return undefined;
    // Done between the look at the folder and now.
    if (!(await isDone(claim.job))) return claim;
    await rm(leaseOf(claim), { force: true });
    return undefined;
  };
  /** By another worker, who may have given it back or done it already. */
  const wasTakenOver = async (claim: Claim): Promise<boolean> => {
    const after = { ...claim, taken: claim.taken + 1 };
    for (const path of [leaseOf(after), freeOf(after), join(folder, `${claim.job}.done`)]) {
      if ((await textOf(path)) !== undefined) return true;
    }
    return false;
  };
  return {
    async next(stopped) {
      while (!stopped()) {
        let misses = 0;
        for (let next = free.pop(); next !== undefined && !stopped(); next = free.pop()) {
          const claim = await take(next);
          if (claim) return claim;
          // What was free when the folder was listed is taken by now.
          if (++misses === MISSES) break;
        }
        const state = await stateOf(folder);
        const open = order.filter((job) => !state.done.has(job));
        if (open.length === 0) return undefined;
        free = open
          .filter((job) => !state.held.has(job))
          .map((job) => ({ job, taken: (state.freed.get(job) ?? 0) + 1 }));
        if (free.length > 0) continue;
        for (const job of open.slice(0, WATCHED)) {
          const taken = state.held.get(job) ?? 0;
          const lease = leaseOf({ job, taken });
          if (!watch(lease, await textOf(lease))) continue;
          const claim = await take({ job, taken: taken + 1 });
          if (claim) return claim;
        }
        most = Math.max(most, state.held.size);
        await pause((expire / BEATS) * waitOf(most), stopped);
      }
      return undefined;
    },
    async keep(claim) {
      // Who gives signs in time is not taken for lost.
      const isLate = now() - (signs.get(claim.job) ?? -expire) >= expire / 2;
      if (isLate && (await wasTakenOver(claim))) return false;
      signs.set(claim.job, now());
      return rewritten(leaseOf(claim), text());
    },
    async done(claim) {
      await created(join(folder, `${claim.job}.done`), text());
      signs.delete(claim.job);
      await rm(leaseOf(claim), { force: true });
      for (let taken = claim.taken - 1; taken > 0; taken--) {
        await rm(leaseOf({ ...claim, taken }), { force: true });
        await rm(freeOf({ ...claim, taken }), { force: true });
      }
    },
    async release(claim) {
      await rename(leaseOf(claim), freeOf(claim)).catch((error: NodeJS.ErrnoException) => {
        if (!isGone(error)) throw new Error(`${leaseOf(claim)}: cannot be given back (${error.code})`);
      });
    },
    async close() {},
  };
}

/** Beats until the next look. A thousand workers that wait must not keep the file server from those that work. */
export function waitOf(workers: number): number {
  return Math.min(BEATS, Math.max(0.1, workers / 20));
}

/** What a folder of claims says of jobs: how often each was taken that a worker holds, or that was given back. */
export interface ClaimState {
  readonly done: ReadonlySet<string>;
  readonly held: ReadonlyMap<string, number>;
  readonly freed: ReadonlyMap<string, number>;
}

export async function stateOf(folder: string): Promise<ClaimState> {
  const done = new Set<string>();
  const held = new Map<string, number>();
  const freed = new Map<string, number>();
  for (const name of await namesIn(folder)) {
    const [job, n, end] = name.split('.');
    if (n === 'done') done.add(job);
    const kind = end === 'lease' ? held : end === 'free' ? freed : undefined;
    kind?.set(job, Math.max(Number(n), kind.get(job) ?? 0));
  }
  // Whatever was given back and then taken again is held; an old lease of a worker that was lost means nothing.
  for (const [job, n] of freed) if (n > (held.get(job) ?? 0)) held.delete(job);
  return { done, held, freed };
}

/** Says whether a lease has had the same text for too long since it was first seen. */
function watcher(expire: number, now: () => number): (lease: string, text: string | undefined) => boolean {
  const seen = new Map<string, { readonly text: string; readonly since: number }>();
  return (lease, text) => {
    // The lease was given back since the folder was listed.
    if (text === undefined) return false;
    const before = seen.get(lease);
    if (before?.text !== text) seen.set(lease, { text, since: now() });
    return before?.text === text && now() - before.since >= expire;
  };
}

/** Each worker has an order of its own, so that they seldom want the same job. */
function shuffled(jobs: readonly string[], worker: string): string[] {
  const random = generator(seedOf('claims', worker));
  const order = [...jobs];
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

async function created(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new Error(`${path}: cannot be written (${error instanceof Error ? error.message : error})`);
  }
}

/** Writes to a file that is there: a lease that was given back is not made again. */
async function rewritten(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: 'r+' });
    return true;
  } catch (error) {
    if (isGone(error as NodeJS.ErrnoException)) return false;
    throw new Error(`${path}: cannot be written (${error instanceof Error ? error.message : error})`);
  }
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (isGone(error)) return undefined;
    throw new Error(`${path}: cannot be read (${error.code})`);
  });
}

/** Waits, but looks now and then whether it is to stop. */
async function pause(ms: number, stopped: () => boolean): Promise<void> {
  const end = performance.now() + ms;
  while (!stopped() && performance.now() < end) await sleep(Math.min(250, ms));
}
