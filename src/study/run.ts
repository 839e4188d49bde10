// Runs a planned study: walks its jobs, does what is not stored yet, and hands each result to the store. Whatever a
// result's numbers depend on is in its task, never in the walk: order, shards and restarts change nothing.

import type { Model } from '../models/model.js';
import { ahead, type Outcome, outcomeOf } from '../probe/ahead.js';
import { failedRow, scoredRow } from './cell_row.js';
import { weightOf } from './cost.js';
import type { Library } from './dataset.js';
import type { Variant } from './grid.js';
import { keptMap } from './map_task.js';
import { openNotes } from './notes_subject.js';
import { parityOf } from './parity_task.js';
import {
  type Cell,
  type ClipJob,
  cellsOf,
  type Job,
  type ParityJob,
  type PlannedStudy,
  type StudyModel,
} from './plan.js';
import { type Sink, sinkTo } from './sink.js';
import type { DocumentKind, DocumentResult, Documents, Store, StoredResult } from './store.js';
import { openSubject, type Subject, type SubjectSources } from './subject.js';
import { TASK_KINDS, type Task, type TaskKind, type TaskOutcome } from './task.js';

export interface StudyRunOptions {
  readonly library: Library;
  readonly store: Store;
  /** Only the jobs of this machine: number `index` (from 1) of `of`. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** Only the first clips of each group. */
  readonly limit?: number;
  /** Do tasks again that failed before. Default false. */
  readonly retryFailed?: boolean;
  /** A model of the study in fp32 on the CPU, to compare with; it is closed after use. Needed where one is planned. */
  readonly openExact?: (model: StudyModel) => Promise<Model>;
  /** Asked between tasks: true ends the run after the task under way. */
  readonly stopped?: () => boolean;
  /** Hears of each task that is done. */
  readonly onTask?: (task: Task, outcome: TaskOutcome) => void;
}

/** Tasks done now, failed ones among them, and those left for later (stopped). */
export interface TaskCount {
  readonly done: number;
  readonly failed: number;
  readonly left: number;
}

export type StudyRunResult = Readonly<Record<TaskKind, TaskCount>>;

/** What of a study is to be done; without a store nothing is stored yet. */
export interface PendingOptions extends Pick<StudyRunOptions, 'shard' | 'limit' | 'retryFailed'> {
  readonly store?: Pick<Store, 'results'>;
}

/** The jobs of a shard within a limit, each with the tasks that are not stored yet. */
export async function pendingJobs(
  { jobs }: PlannedStudy,
  { store, retryFailed = false, ...part }: PendingOptions,
): Promise<Job[]> {
  const stored = store ? await store.results() : new Map<string, StoredResult>();
  return partOf(jobs, part).flatMap((job) => pendingOf(job, stored, retryFailed) ?? []);
}

/** A job with the tasks that are not stored yet; undefined when all are. */
export function pendingOf(
  job: Job,
  stored: ReadonlyMap<string, StoredResult>,
  retryFailed = false,
): Job | undefined {
  const isPending = ({ key }: Task): boolean => {
    const status = stored.get(key)?.status;
    return status === undefined || (retryFailed && status === 'failed');
  };
  if (!job.tasks.some(isPending)) return undefined;
  return job.kind === 'clip'
    ? { ...job, tasks: job.tasks.filter(isPending) }
    : { ...job, tasks: job.tasks.filter(isPending) };
}

/** The jobs of a shard within a limit, in order. Shards cost about the same: each job goes to the one with the least so far. */
function partOf(jobs: readonly Job[], { shard, limit }: Pick<PendingOptions, 'shard' | 'limit'>): Job[] {
  const places = placesInGroups(jobs);
  const within = jobs.filter(
    (job) => limit === undefined || job.kind === 'parity' || (places.get(job.item.name) ?? 0) < limit,
  );
  if (!shard) return within;
  const loads = new Float64Array(shard.of);
  const own = new Set<Job>();
  for (const job of [...within].sort((a, b) => weightOf(b) - weightOf(a))) {
    const least = loads.indexOf(Math.min(...loads));
    loads[least] += weightOf(job);
    if (least === shard.index - 1) own.add(job);
  }
  return within.filter((job) => own.has(job));
}

/** How many clips of its group stand before each clip, by name. */
function placesInGroups(jobs: readonly Job[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const places = new Map<string, number>();
  for (const job of jobs) {
    if (job.kind !== 'clip' || places.has(job.item.name)) continue;
    const { name, group } = job.item;
    const place = sizes.get(group) ?? 0;
    places.set(name, place);
    sizes.set(group, place + 1);
  }
  return places;
}

/** Does every pending task. A task that cannot be done is a result with its cause; the run continues. */
export async function runStudy(planned: PlannedStudy, options: StudyRunOptions): Promise<StudyRunResult> {
  const jobs = await pendingJobs(planned, options);
  const tally = new Map<TaskKind, { done: number; failed: number }>(
    TASK_KINDS.map((kind) => [kind, { done: 0, failed: 0 }]),
  );
  await runJobs(planned, jobs, {
    ...options,
    onTask(task, outcome) {
      const count = tally.get(task.kind);
      if (count) count.done++;
      if (count && outcome.status === 'failed') count.failed++;
      options.onTask?.(task, outcome);
    },
  });
  const countOf = (kind: TaskKind): TaskCount => {
    const total = jobs.reduce((sum, { tasks }) => sum + tasks.filter((task) => task.kind === kind).length, 0);
    const { done = 0, failed = 0 } = tally.get(kind) ?? {};
    return { done, failed, left: total - done };
  };
  return { score: countOf('score'), map: countOf('map'), parity: countOf('parity') };
}

export interface JobOptions
  extends Pick<StudyRunOptions, 'library' | 'store' | 'openExact' | 'stopped' | 'onTask'> {
  /** Hears of each job whose results are all stored. */
  readonly onJob?: (job: Job) => Promise<void>;
}

/** Does the tasks of jobs. Of a list the clip of the next job is opened ahead; jobs that come one by one are done one by one. */
export async function runJobs(
  { study, plan, items }: PlannedStudy,
  jobs: readonly Job[] | AsyncIterable<Job>,
  options: JobOptions,
): Promise<void> {
  const { library, store, openExact, stopped = () => false, onTask = () => undefined, onJob } = options;
  const { excerpt, battery, until } = study;
  const sources: SubjectSources = {
    ...{ library, excerpt, items },
    ...(battery && { battery }),
    ...(until === undefined ? {} : { until }),
  };
  const sink = sinkTo(store);
  const walk: Walk = { sink, store, plan, sources, openExact, stopped, tell: onTask };
  try {
    for await (const open of openJobs(jobs, sources)) {
      if (!stopped()) await runJob(open, walk);
      await closeJob(open);
      if (stopped()) break;
      if (!onJob) continue;
      await sink.flush();
      await onJob(open.job);
    }
  } finally {
    await sink.flush();
  }
}

interface Walk extends Pick<JobOptions, 'store' | 'openExact'> {
  readonly sink: Sink;
  readonly plan: PlannedStudy['plan'];
  readonly sources: SubjectSources;
  readonly stopped: () => boolean;
  readonly tell: NonNullable<JobOptions['onTask']>;
}

/** A job whose clip was opened, or could not be. */
type OpenJob = OpenClip | { readonly job: ParityJob };
interface OpenClip {
  readonly job: ClipJob;
  readonly opened: Outcome<Subject>;
}

async function* openJobs(
  jobs: readonly Job[] | AsyncIterable<Job>,
  sources: SubjectSources,
): AsyncGenerator<OpenJob> {
  if (Symbol.asyncIterator in jobs) {
    for await (const job of jobs) yield await openJob(job, sources);
    return;
  }
  for await (const { outcome } of ahead(jobs, (job) => openJob(job, sources), closeJob)) {
    if ('error' in outcome) throw outcome.error;
    yield outcome.value;
  }
}

async function openJob(job: Job, sources: SubjectSources): Promise<OpenJob> {
  if (job.kind === 'parity') return { job };
  const open = job.form === 'notes' ? openNotes : openSubject;
  return { job, opened: await outcomeOf(() => open(job, sources)) };
}

async function closeJob(open: OpenJob): Promise<void> {
  if ('opened' in open && 'value' in open.opened) await open.opened.value.release();
}

async function runJob(open: OpenJob, walk: Walk): Promise<void> {
  if (!('opened' in open)) return runParity(open.job, walk);
  await runCells(open, walk);
  await runMaps(open, walk);
}

async function runCells({ job, opened }: OpenClip, { sink, stopped, tell }: Walk): Promise<void> {
  const cells = cellsOf(job);
  const keep = async (cell: Cell, row: ReturnType<typeof failedRow>): Promise<void> => {
    await sink.put(row);
    tell(cell, row);
  };
  if ('error' in opened) {
    for (const cell of cells) await keep(cell, failedRow(cell, opened.error));
    return;
  }
  const subject = opened.value;
  for (const cell of cells.filter(({ variant }) => variant === undefined)) {
    if (stopped()) return;
    await keep(cell, await scoredRow(job.model.model, cell, subject));
  }
  const variants = [...new Set(cells.flatMap(({ variant }) => variant ?? []))];
  // One batch is made while the one before it is encoded, and the one before that is scored: two sessions and this thread at work.
  const made = ahead(batched(variants), (batch) => subject.make(batch));
  const batches = ahead(made, async ({ outcome }) => {
    if ('error' in outcome) throw outcome.error;
    return outcome.value.encode();
  });
  for await (const {
    item: { item: batch },
    outcome,
  } of batches) {
    for (const [i, variant] of batch.entries()) {
      const version = 'value' in outcome ? outcome.value[i] : outcome;
      for (const cell of cells.filter((each) => each.variant === variant)) {
        if (stopped()) return;
        const row =
          'error' in version
            ? failedRow(cell, version.error)
            : await scoredRow(job.model.model, cell, subject, version.value);
        await keep(cell, row);
      }
    }
  }
}

/** Versions that are encoded side by side: enough to share the reading of the codec's weights, few in memory. */
const BATCH = 12;

function batched(variants: readonly Variant[]): Variant[][] {
  return Array.from({ length: Math.ceil(variants.length / BATCH) }, (_, i) =>
    variants.slice(i * BATCH, (i + 1) * BATCH),
  );
}

async function runMaps({ job, opened }: OpenClip, walk: Walk): Promise<void> {
  const { maps } = walk.plan;
  for (const task of job.tasks) {
    if (task.kind !== 'map' || !maps || walk.stopped()) continue;
    await keepDocument(task, walk, async () => {
      if ('error' in opened) throw opened.error;
      return keptMap(await opened.value.map(task.clean.protocol, maps));
    });
  }
}

async function runParity({ model, items, tasks }: ParityJob, walk: Walk): Promise<void> {
  for (const task of tasks) {
    if (walk.stopped()) return;
    await keepDocument(task, walk, async () => {
      if (!walk.openExact)
        throw new TypeError('a comparison with the exact model is planned, but none can be opened');
      const exact = await walk.openExact(model);
      try {
        return await parityOf({ model: model.model, exact }, items, walk.sources);
      } finally {
        await exact.close();
      }
    });
  }
}

/** Makes and keeps a document. Only expected failures, which are plain Errors, are results; others end the run. */
async function keepDocument<K extends DocumentKind>(
  task: Task & { readonly kind: K },
  { store, tell }: Walk,
  make: () => Promise<Documents[K]>,
): Promise<void> {
  const result = await documentResult<K>(make);
  await store.put<K>(task.kind, task.key, result);
  tell(task, { status: result.status, error: result.status === 'failed' ? result.error : null });
}

async function documentResult<K extends DocumentKind>(
  make: () => Promise<Documents[K]>,
): Promise<DocumentResult<K>> {
  try {
    return { status: 'ok', value: await make() };
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error) throw error;
    return { status: 'failed', error: error.message };
  }
}
