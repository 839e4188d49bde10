// Many machines, simulated: what leases in a shared folder cost where they cannot be run here, 1,000 workers on 1,000,000 cells.
//
//   npx tsx bench/machines.ts
//
// Assumptions. A job is 100 cells of 2 s, give or take 30%. The file server does one operation after the other, each of them
// taking SERVER ms (a file created, written or read), and listing a folder takes ENTRY ms more for each name. Workers do what
// src/node/claims/folder.ts does: a listing, then two operations a claim (created; not done meanwhile?), in an order of the
// worker's own, until the list is used up or eight in a row were taken already; a sign of life every 10 s, one operation; two when
// a job is done. Who has nothing else to do lists the folder and reads eight leases, and waits the longer the more workers there
// are, up to a minute; what it has watched for a minute without a change it takes over. Workers are lost without warning, at a rate
// an hour, and a new one comes for each after five minutes; others are paused for three minutes and go on. Not modelled: reading clips and storing results (some two files a
// job), and failures of the server itself.

import { BEATS, EXPIRE as EXPIRE_MS, waitOf } from '../src/node/claims/folder.js';
import { generator, seedOf } from '../src/stats/random.js';

const EXPIRE = EXPIRE_MS / 1000;
const BEAT = EXPIRE / BEATS;
const WATCHED = 8;
const CELLS = 100;
const SECONDS = 2;
const ENTRY = 0.002;
const RETURN = 300;
const PAUSE = 180;
const MISSES = 8;

interface Setting {
  readonly name: string;
  readonly workers: number;
  readonly jobs: number;
  /** Milliseconds of the file server for an operation. */
  readonly server: number;
  /** Workers lost an hour, as a share of all. */
  readonly lost: number;
  /** Workers paused an hour, the same way. */
  readonly paused: number;
}

const SETTINGS: readonly Setting[] = [
  { name: 'local disk, none lost', workers: 16, jobs: 1000, server: 0.05, lost: 0, paused: 0 },
  { name: 'NFS, none lost', workers: 1000, jobs: 10_000, server: 0.5, lost: 0, paused: 0 },
  {
    name: 'NFS, 20% lost and 20% paused an hour',
    workers: 1000,
    jobs: 10_000,
    server: 0.5,
    lost: 0.2,
    paused: 0.2,
  },
  {
    name: 'slow NFS, 20% lost and 20% paused an hour',
    workers: 1000,
    jobs: 10_000,
    server: 5,
    lost: 0.2,
    paused: 0.2,
  },
];

interface Simulated {
  readonly hours: number;
  /** Time against that of workers that never wait and are never lost. */
  readonly ratio: number;
  readonly operationsPerSecond: number;
  readonly claimsPerSecond: number;
  /** Seconds from asking for a job until it is had, mean over claims. */
  readonly claimSeconds: number;
  /** Claims that another worker was faster with, and jobs done twice. */
  readonly collisions: number;
  readonly twice: number;
  readonly takenOver: number;
}

/** Where a job stands in a worker's own order. */
function rank(job: number, worker: number): number {
  return Math.imul(Math.imul(job + 1, 2654435761) ^ Math.imul(worker + 1, 40503), 2246822519) >>> 0;
}

/** Events by time. */
function agenda() {
  const heap: { readonly at: number; readonly run: () => void }[] = [];
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [heap[j], heap[i]];
  };
  return {
    at(time: number, run: () => void): void {
      heap.push({ at: time, run });
      for (let i = heap.length - 1; i > 0; ) {
        const up = (i - 1) >> 1;
        if (heap[up].at <= heap[i].at) break;
        swap(i, up);
        i = up;
      }
    },
    next(): { readonly at: number; readonly run: () => void } | undefined {
      if (heap.length === 0) return undefined;
      swap(0, heap.length - 1);
      const first = heap.pop();
      for (let i = 0; ; ) {
        const [left, right] = [2 * i + 1, 2 * i + 2];
        let least = i;
        if (left < heap.length && heap[left].at < heap[least].at) least = left;
        if (right < heap.length && heap[right].at < heap[least].at) least = right;
        if (least === i) break;
        swap(i, least);
        i = least;
      }
      return first;
    },
  };
}

function simulate({ name, workers, jobs, server, lost, paused }: Setting): Simulated {
  const random = generator(seedOf('machines', name));
  const events = agenda();
  const done = new Uint8Array(jobs);
  /** Who holds a job, and when its last sign of life was. */
  const holder = new Int32Array(jobs).fill(-1);
  const sign = new Float64Array(jobs);
  const costs = Array.from({ length: jobs }, () => CELLS * SECONDS * (0.7 + 0.6 * random.uniform()));
  const alive = new Set<number>();
  const held = new Set<number>();
  const seen = new Map<number, Map<number, { sign: number; since: number }>>();
  const most = new Map<number, number>();
  /** Until when a worker is paused, and how long it was during its job. */
  const asleep = new Map<number, number>();
  const slept = new Map<number, number>();
  let [now, left, free, operations, claims] = [0, jobs, 0, 0, 0];
  let [waited, collisions, twice, takenOver, ids] = [0, 0, 0, 0, 0];
  /** The server's answer to an operation that is asked for now. */
  const ask = (ms: number, then: () => void): void => {
    operations++;
    free = Math.max(free, now) + ms / 1000;
    events.at(free, then);
  };
  const shuffle = (list: number[]): void => {
    for (let i = list.length - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
  };
  /** Seconds until the next event of so many an hour. */
  const after = (hourly: number): number => -Math.log(1 - random.uniform()) * (3600 / hourly);
  const start = (): void => {
    const id = ids++;
    alive.add(id);
    if (lost > 0) {
      events.at(now + after(lost), () => {
        if (left === 0) return;
        alive.delete(id);
        events.at(now + RETURN, start);
      });
    }
    if (paused > 0) events.at(now + after(paused), () => pause(id));
    want(id, [], now);
  };
  const pause = (id: number): void => {
    if (left === 0 || !alive.has(id)) return;
    asleep.set(id, now + PAUSE);
    slept.set(id, (slept.get(id) ?? 0) + PAUSE);
    events.at(now + PAUSE + after(paused), () => pause(id));
  };
  const want = (id: number, list: number[], since: number, misses = 0): void => {
    if (!alive.has(id) || left === 0) return;
    const job = misses < MISSES ? list.pop() : undefined;
    if (job === undefined) {
      ask(server + ENTRY * jobs, () => {
        const open: number[] = [];
        for (let i = 0; i < jobs; i++) if (holder[i] < 0 && !done[i]) open.push(i);
        shuffle(open);
        if (open.length > 0) want(id, open, since);
        else watch(id, since);
      });
      return;
    }
    ask(2 * server, () => {
      if (holder[job] >= 0 || done[job]) {
        collisions++;
        want(id, list, since, misses + 1);
      } else take(id, job, list, since);
    });
  };
  /** The first leases in a worker's own order, and since when it has seen the same sign in each. */
  const watch = (id: number, since: number): void => {
    const own = seen.get(id) ?? new Map<number, { sign: number; since: number }>();
    seen.set(id, own);
    const first = [...held].sort((a, b) => rank(a, id) - rank(b, id)).slice(0, WATCHED);
    most.set(id, Math.max(most.get(id) ?? 0, held.size));
    for (let i = 0; i < first.length; i++) ask(server, () => undefined);
    const lost = first.find((job) => {
      const before = own.get(job);
      if (before?.sign !== sign[job]) own.set(job, { sign: sign[job], since: now });
      return before?.sign === sign[job] && now - before.since >= EXPIRE;
    });
    if (lost === undefined) {
      events.at(Math.max(now, free) + BEAT * waitOf(most.get(id) ?? 0), () => want(id, [], since));
      return;
    }
    const before = holder[lost];
    ask(2 * server, () => {
      // Of several that see the same lease, one can create the next.
      if (holder[lost] !== before || done[lost]) {
        collisions++;
        want(id, [], since);
      } else {
        takenOver++;
        take(id, lost, [], since);
      }
    });
  };
  const take = (id: number, job: number, list: number[], since: number): void => {
    holder[job] = id;
    held.add(job);
    sign[job] = now;
    claims++;
    waited += now - since;
    events.at(now + BEAT, () => beat(id, job));
    slept.delete(id);
    events.at(now + costs[job], () => finish(id, job, list));
  };
  const finish = (id: number, job: number, list: number[]): void => {
    if (!alive.has(id)) return;
    const more = slept.get(id) ?? 0;
    slept.delete(id);
    if (more > 0) {
      events.at(now + more, () => finish(id, job, list));
      return;
    }
    ask(2 * server, () => {
      if (done[job]) twice++;
      else left--;
      done[job] = 1;
      held.delete(job);
      want(id, list, now);
    });
  };
  const beat = (id: number, job: number): void => {
    if (!alive.has(id) || done[job] || holder[job] !== id) return;
    const until = asleep.get(id) ?? 0;
    if (until > now) {
      events.at(until, () => beat(id, job));
      return;
    }
    ask(server, () => {
      if (holder[job] === id) sign[job] = now;
    });
    events.at(now + BEAT, () => beat(id, job));
  };
  for (let i = 0; i < workers; i++) events.at(random.uniform() * 10, start);
  for (let event = events.next(); event && left > 0; event = events.next()) {
    now = event.at;
    event.run();
  }
  const ideal = costs.reduce((sum, cost) => sum + cost) / workers;
  return {
    hours: now / 3600,
    ratio: now / ideal,
    operationsPerSecond: operations / now,
    claimsPerSecond: claims / now,
    claimSeconds: waited / claims,
    collisions,
    twice,
    takenOver,
  };
}

for (const setting of SETTINGS) {
  const found = simulate(setting);
  const { name, workers, jobs } = setting;
  console.log(
    `${name}: ${workers} workers, ${jobs * CELLS} cells: ${found.hours.toFixed(2)} h, ${found.ratio.toFixed(3)} of the ideal; ` +
      `${found.claimsPerSecond.toFixed(1)} claims and ${found.operationsPerSecond.toFixed(0)} operations a second, a claim takes ` +
      `${found.claimSeconds.toFixed(2)} s; ${found.collisions} collisions, ${found.takenOver} taken over, ${found.twice} jobs done twice`,
  );
}
