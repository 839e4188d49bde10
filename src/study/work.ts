// A worker: takes jobs of a planned study as long as there are any, together with any number of others. Every job is done
// at least once; a result that is there twice is the same result.

import { planDifference } from './cell.js';
import type { Claim, Claims } from './claims.js';
import type { Item, Library } from './dataset.js';
import { holdFailures, WorkerFault } from './failures.js';
import { studyId } from './key.js';
import { type Job, type PlannedStudy, planStudy, type StudyModel } from './plan.js';
import { ANY } from './row.js';
import { type JobOptions, pendingOf, runJobs } from './run.js';
import type { Study } from './spec.js';
import type { Plan, Store } from './store.js';

export interface WorkOptions extends Omit<JobOptions, 'onJob'> {
  readonly store: Store;
  readonly claims: Claims;
  /** Calls what it is given well within the time after which a worker is lost, again and again; returns how to end that. */
  readonly repeat: (sign: () => Promise<void>) => () => void;
  /** Settled when what is under way after `stopped` is to be left undone. */
  readonly givenUp?: Promise<void>;
  /** Hears of jobs that are done, and of those that another worker took over meanwhile. */
  readonly onJob?: (job: Job) => void;
  readonly onLost?: (job: Job) => void;
}

/** Works until all jobs are done or it is stopped; returns how many this worker has done. */
export async function workStudy(planned: PlannedStudy, options: WorkOptions): Promise<number> {
  const { claims, store, stopped = () => false, givenUp, repeat, onJob, onLost } = options;
  const jobs = new Map(planned.jobs.map((job) => [job.id, job]));
  const mine = new Map<string, Claim>();
  const hold = holdFailures(store);
  let stored = await store.results();
  let done = 0;
  async function* claimed(): AsyncGenerator<Job> {
    while (!stopped()) {
      const claim = await claims.next(stopped);
      if (!claim) return;
      const job = jobs.get(claim.job);
      if (!job)
        throw new WorkerFault(`job ${claim.job} is of another plan; empty the queue and enqueue again`);
      mine.set(job.id, claim);
      // A worker that was lost may have stored some of it.
      if (claim.taken > 1) stored = await store.results();
      const pending = pendingOf(job, stored);
      if (pending) yield pending;
      else await finish([job]);
    }
  }
  const finish = async (finished: readonly Job[]): Promise<void> => {
    for (const job of finished) {
      const claim = mine.get(job.id);
      if (claim) await claims.done(claim);
      mine.delete(job.id);
      done++;
      onJob?.(job);
    }
  };
  const endSigns = repeat(async () => {
    for (const [id, claim] of [...mine]) {
      // A sign that cannot be given now is given with the next beat.
      const kept = await claims.keep(claim).catch(() => true);
      const job = jobs.get(id);
      if (!kept && job) onLost?.(job);
    }
  });
  try {
    const run = runJobs(planned, claimed(), {
      ...options,
      store: hold.store,
      onJob: async (job) => finish(await hold.settle(job)),
    });
    // What becomes of a run that is given up means nothing.
    await Promise.race(givenUp ? [run, givenUp] : [run]);
    if (!stopped()) await finish(await hold.end());
    return done;
  } finally {
    endSigns();
    for (const claim of mine.values()) await claims.release(claim);
  }
}

/** What makes a plan again without reading all clips. */
export interface PlanDigest {
  /** Of the plan. */
  readonly hash: string;
  /** Instruction set that its cells are held to, or "any". */
  readonly instructions: string;
  /** Hash of the content of each clip, by name. */
  readonly contents: Readonly<Record<string, string>>;
  /** Of the weights of each model, by name. */
  readonly fingerprints: Readonly<Record<string, string>>;
}

export function digestOf({ hash, cells }: Plan): PlanDigest {
  return {
    hash,
    instructions: cells[0]?.instructions ?? ANY,
    contents: Object.fromEntries(cells.map(({ clip, content }) => [clip, content])),
    fingerprints: Object.fromEntries(cells.map(({ model, fingerprint }) => [model, fingerprint])),
  };
}

/** A name for a study that is known before it is planned. */
export async function studyName({ yaml, groups }: Study, library: Pick<Library, 'items'>): Promise<string> {
  const names: string[] = [];
  for (const group of groups) names.push(...(await library.items(group)).map(({ name }) => name));
  return studyId(yaml, names);
}

/**
 * The study as it was planned, without hashing its clips again: contents are taken from the plan or its digest, and each clip
 * is verified when it is opened. @throws when this machine would plan other cells, naming what differs.
 */
export async function plannedAgain(
  study: Study,
  there: Plan | PlanDigest,
  { library, models }: { readonly library: Library; readonly models: readonly StudyModel[] },
): Promise<{ readonly planned: PlannedStudy; readonly library: Library }> {
  const digest = 'cells' in there ? digestOf(there) : there;
  requireInstructions(study, digest, models);
  requireWeights(study, digest, models);
  const contents = new Map(Object.entries(digest.contents));
  const trusting: Library = {
    ...library,
    contentHash: async (item) => contents.get(item.name) ?? library.contentHash(item),
  };
  const planned = await planStudy(study, { library: trusting, models });
  if (planned.plan.hash !== digest.hash) {
    const what =
      'cells' in there
        ? planDifference(planned.plan, there)
        : `${planned.plan.cells.length} of another version, model or clip`;
    throw new Error(
      `${study.name}: this machine would plan other cells (${what}); use the files, models and version that it was planned with`,
    );
  }
  return { planned, library: verifying(library, contents) };
}

/** @throws when the study is held to another instruction set than this machine has. */
function requireInstructions(
  { name }: Study,
  { instructions }: PlanDigest,
  [model]: readonly StudyModel[],
): void {
  const here = model.model.instructions;
  if (instructions === ANY || instructions === here) return;
  throw new Error(
    `${name}: is held to processors with ${instructions}, this one has ${here}: the last bits would differ. Use machines ` +
      `of that kind (SLURM: --constraint=${instructions}, if the site has that feature), or plan the study anew with mix: true`,
  );
}

/** @throws when a model has other weights than the one that was planned. */
function requireWeights({ name }: Study, { fingerprints }: PlanDigest, models: readonly StudyModel[]): void {
  for (const { spec, model } of models) {
    const planned = fingerprints[spec.name];
    if (planned === undefined || planned === model.fingerprint) continue;
    throw new Error(
      `${name}: ${spec.name} here has other weights than those that were planned (${model.fingerprint.slice(0, 12)}..., ` +
        `planned ${planned.slice(0, 12)}...); use the same checkpoint, or plan anew in another folder`,
    );
  }
}

/** A library that hands out a clip only if its content is what was planned. */
function verifying(library: Library, contents: ReadonlyMap<string, string>): Library {
  const sound = new Map<string, Promise<void>>();
  const verify = (item: Item): Promise<void> => {
    const known = sound.get(item.name) ?? verified(library, item, contents.get(item.name));
    sound.set(item.name, known);
    return known;
  };
  return {
    ...library,
    async clip(item, options) {
      await verify(item);
      return library.clip(item, options);
    },
    async codes(item) {
      await verify(item);
      return library.codes(item);
    },
  };
}

async function verified(library: Library, item: Item, content: string | undefined): Promise<void> {
  const found = await library.contentHash(item);
  if (content === undefined || found === content) return;
  throw new WorkerFault(
    `${item.name}: its content is ${found.slice(0, 12)}..., planned was ${content.slice(0, 12)}...; bring the clip back, or plan anew in another folder`,
  );
}
