// What every way to divide the jobs of a study must do, whatever holds the claims.

import { expect, test } from 'vitest';
import type { Claim, Claims } from '../../src/study/claims.js';

/** Claims on some jobs, as several workers open them. */
export interface ClaimsUnderTest {
  open(worker: string): Promise<Claims>;
  /**
   * Lets time pass, and between its steps calls `signs`, which gives those of the workers that are alive: so much that a worker
   * without a sign is lost, or, with `until`, as much as it takes until that has happened.
   */
  expire(options: { readonly signs?: () => Promise<void>; readonly until?: Promise<unknown> }): Promise<void>;
}

const JOBS = Array.from({ length: 6 }, (_, i) => String(i).repeat(32));
const never = (): boolean => false;

/**
 * Takes steps in time: `signs` before each, and as many as `count`, or until something has happened.
 * @param step lets a part of the time pass in which a worker is lost
 */
export async function passTime(
  step: () => Promise<void>,
  {
    signs,
    until,
    count,
  }: { readonly signs?: () => Promise<void>; readonly until?: Promise<unknown>; readonly count: number },
): Promise<void> {
  let happened = false;
  until?.then(
    () => (happened = true),
    () => (happened = true),
  );
  for (let i = 0; until ? !happened : i < count; i++) {
    await signs?.();
    await step();
  }
}

/** @param make claims on these jobs, none of which is done. */
export function claimsConformance(make: (jobs: readonly string[]) => Promise<ClaimsUnderTest>): void {
  async function workers(...names: readonly string[]): Promise<[ClaimsUnderTest, ...Claims[]]> {
    const under = await make(JOBS);
    const opened: Claims[] = [];
    for (const name of names) opened.push(await under.open(name));
    return [under, ...opened];
  }

  /** Takes and does jobs until none is left. */
  async function rest(claims: Claims): Promise<string[]> {
    const jobs: string[] = [];
    for (let claim = await claims.next(never); claim; claim = await claims.next(never)) {
      jobs.push(claim.job);
      await claims.done(claim);
    }
    return jobs;
  }

  const taken = async (claims: Claims): Promise<Claim> => {
    const claim = await claims.next(never);
    if (!claim) throw new Error('nothing to claim');
    return claim;
  };

  test('gives every job to one worker, whatever the number of workers, and then none', async () => {
    const [, ...all] = await workers('a', 'b', 'c');
    const done = (await Promise.all(all.map(rest))).flat();
    expect(done.sort()).toEqual(JOBS);
    for (const claims of all) {
      expect(await claims.next(never)).toBeUndefined();
      await claims.close();
    }
  });

  test('takes a job for the first time once', async () => {
    const [, a, b] = await workers('a', 'b');
    const claims = [await taken(a), await taken(b), await taken(a)];
    expect(new Set(claims.map(({ job }) => job)).size).toBe(3);
    expect(claims.map((claim) => claim.taken)).toEqual([1, 1, 1]);
    await a.close();
    await b.close();
  });

  test('gives a job that was given back to another worker at once, who hears that some of it may be stored', async () => {
    const [, a, b] = await workers('a', 'b');
    const back = await taken(a);
    await a.release(back);
    const claims: Claim[] = [];
    for (let claim = await b.next(never); claim; claim = await b.next(never)) {
      claims.push(claim);
      await b.done(claim);
    }
    expect(claims.map(({ job }) => job).sort()).toEqual(JOBS);
    for (const claim of claims) expect(claim.taken > 1).toBe(claim.job === back.job);
    await a.close();
    await b.close();
  });

  test('leaves a job with a worker that gives signs of life', async () => {
    const [under, a, b] = await workers('a', 'b');
    const claim = await taken(a);
    let others: Promise<string[]> | undefined;
    await under.expire({
      async signs() {
        others ??= rest(b);
        expect(await a.keep(claim)).toBe(true);
      },
    });
    await a.done(claim);
    expect((await others)?.sort()).toEqual(JOBS.filter((job) => job !== claim.job));
    await a.close();
    await b.close();
  });

  test('gives the job of a lost worker to another; the lost one is told, and may still finish', async () => {
    const [under, a, b] = await workers('a', 'b');
    const lost = await taken(a);
    const others = rest(b);
    await under.expire({ until: others });
    expect((await others).sort()).toEqual(JOBS);
    expect(await a.keep(lost)).toBe(false);
    await a.done(lost);
    expect(await a.next(never)).toBeUndefined();
    await a.close();
    await b.close();
  });

  test('counts how often a job was taken', async () => {
    const [under, a, b] = await workers('a', 'b');
    const lost = await taken(a);
    const claims: Claim[] = [];
    const others = (async () => {
      for (let claim = await b.next(never); claim; claim = await b.next(never)) {
        claims.push(claim);
        await b.done(claim);
      }
    })();
    await under.expire({ until: others });
    await others;
    expect(claims.find(({ job }) => job === lost.job)?.taken).toBeGreaterThan(1);
    await a.close();
    await b.close();
  });

  test('ends waiting when it is told to stop', async () => {
    const [, a, b] = await workers('a', 'b');
    const held = await Promise.all(JOBS.map(() => taken(a)));
    expect(new Set(held.map(({ job }) => job)).size).toBe(JOBS.length);
    let stop = false;
    const waiting = b.next(() => stop);
    stop = true;
    expect(await waiting).toBeUndefined();
    await a.close();
    await b.close();
  });
}
