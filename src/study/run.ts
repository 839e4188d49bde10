// Runs a planned study: walks its jobs, scores what is not stored yet, and hands each row to the store. Whatever a
// cell's numbers depend on is in the cell, never in the walk: order, shards and restarts change nothing.

import { codesOf, rowsOf } from '../audio/codes.js';
import { type LossAndEntropy, meanLoss } from '../loss/loss.js';
import { codecOf } from '../models/model.js';
import { ahead, type Outcome } from '../probe/ahead.js';
import { inContext, tailOf } from './counterfactual.js';
import type { Library } from './dataset.js';
import type { Variant } from './grid.js';
import type { Cell, Job, PlannedStudy } from './plan.js';
import type { CellRow } from './row.js';
import { type Sink, sinkTo } from './sink.js';
import type { Store, StoredCell } from './store.js';
import { openSubject, type Subject, type SubjectSources, type Version } from './subject.js';

export interface RunOptions {
  readonly library: Library;
  readonly store: Store;
  /** Only the jobs of this machine: number `index` (from 1) of `of`. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** Only the first clips of each group. */
  readonly limit?: number;
  /** Score cells again that failed before. Default false. */
  readonly retryFailed?: boolean;
  /** Asked between cells: true ends the run after the cell under way. */
  readonly stopped?: () => boolean;
  /** Hears of each cell that is done. */
  readonly onCell?: (cell: Cell, row: CellRow) => void;
}

export interface RunResult {
  /** Cells scored now, failed ones among them, and cells left for later (stopped). */
  readonly done: number;
  readonly failed: number;
  readonly left: number;
}

/** What of a study is to be done; without a store nothing is stored yet. */
export interface Part extends Pick<RunOptions, 'shard' | 'limit' | 'retryFailed'> {
  readonly store?: Pick<Store, 'cells'>;
}

/** The jobs of a shard within a limit, each with the cells that are not stored yet. */
export async function pendingJobs(
  { jobs }: PlannedStudy,
  { store, retryFailed = false, ...part }: Part,
): Promise<Job[]> {
  const stored = store ? await store.cells() : new Map<string, StoredCell>();
  const isPending = ({ facts }: Cell): boolean => {
    const status = stored.get(facts.key)?.status;
    return status === undefined || (retryFailed && status === 'failed');
  };
  return partOf(jobs, part)
    .map((job) => ({ ...job, cells: job.cells.filter(isPending) }))
    .filter(({ cells }) => cells.length > 0);
}

/** The jobs of a shard within a limit. */
export function partOf(
  jobs: readonly Job[],
  { shard = { index: 1, of: 1 }, limit }: Pick<Part, 'shard' | 'limit'>,
): Job[] {
  const places = placesInGroups(jobs);
  return jobs
    .filter(({ item }) => limit === undefined || (places.get(item.name) ?? 0) < limit)
    .filter((_, i) => i % shard.of === shard.index - 1);
}

/** How many clips of its group stand before each clip, by name. */
function placesInGroups(jobs: readonly Job[]): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  const places = new Map<string, number>();
  for (const { item } of jobs) {
    if (places.has(item.name)) continue;
    const place = sizes.get(item.group) ?? 0;
    places.set(item.name, place);
    sizes.set(item.group, place + 1);
  }
  return places;
}

/** Scores every pending cell. A cell that cannot be scored is a row with its cause; the run goes on. */
export async function runStudy(planned: PlannedStudy, options: RunOptions): Promise<RunResult> {
  const { library, store, stopped = () => false } = options;
  const sources: SubjectSources = {
    library,
    excerpt: planned.study.excerpt,
    items: planned.items,
    ...(planned.study.battery && { battery: planned.study.battery }),
  };
  const sink = sinkTo(store);
  const jobs = await pendingJobs(planned, options);
  const total = jobs.reduce((sum, { cells }) => sum + cells.length, 0);
  let done = 0;
  let failed = 0;
  const tell = (cell: Cell, row: CellRow): void => {
    done++;
    if (row.status === 'failed') failed++;
    options.onCell?.(cell, row);
  };
  try {
    const opened = ahead(
      jobs,
      (job) => openSubject(job, sources),
      (subject) => subject.release(),
    );
    for await (const { item: job, outcome } of opened) {
      if (!stopped()) await runJob(job, outcome, { sink, stopped, tell });
      if ('value' in outcome) await outcome.value.release();
      if (stopped()) break;
    }
  } finally {
    await sink.flush();
  }
  return { done, failed, left: total - done };
}

interface Walk {
  readonly sink: Sink;
  readonly stopped: () => boolean;
  readonly tell: (cell: Cell, row: CellRow) => void;
}

async function runJob(job: Job, opened: Outcome<Subject>, { sink, stopped, tell }: Walk): Promise<void> {
  const keep = async (cell: Cell, row: CellRow): Promise<void> => {
    await sink.put(row);
    tell(cell, row);
  };
  if ('error' in opened) {
    for (const cell of job.cells) await keep(cell, failedRow(cell, opened.error));
    return;
  }
  const subject = opened.value;
  for (const cell of job.cells.filter(({ variant }) => variant === undefined)) {
    if (stopped()) return;
    await keep(cell, await scoredRow(job, cell, () => cleanNumbers(subject, cell)));
  }
  const variants = [...new Set(job.cells.flatMap(({ variant }) => variant ?? []))];
  const batches = ahead(batched(variants), (batch) => subject.versions(batch));
  for await (const { item: batch, outcome } of batches) {
    for (const [i, variant] of batch.entries()) {
      const version = 'value' in outcome ? outcome.value[i] : outcome;
      for (const cell of job.cells.filter((each) => each.variant === variant)) {
        if (stopped()) return;
        const row =
          'error' in version
            ? failedRow(cell, version.error)
            : await scoredRow(job, cell, () => numbersOf(subject, cell, version.value));
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

/** What scoring a cell gives. */
interface Numbers extends Partial<Pick<Version, 'events' | 'window' | 'roundTrip'>> {
  readonly codes: Version['codes'];
  readonly loss: LossAndEntropy;
}

async function cleanNumbers(subject: Subject, { protocol }: Cell): Promise<Numbers> {
  const { loss } = await subject.scoring(protocol);
  const roundTrip = await subject.roundTrip();
  return { codes: subject.codes, loss, ...(roundTrip === undefined ? {} : { roundTrip }) };
}

async function numbersOf(subject: Subject, { protocol, context }: Cell, version: Version): Promise<Numbers> {
  const scoring = await subject.scoring(protocol);
  if (!context) return { ...version, loss: await scoring.score(version.codes) };
  const { window, events } = version;
  const { codes, tail } = inContext(context, { clean: subject.codes, disturbed: version.codes, window });
  const loss = tailOf(await scoring.score(codes), tail);
  return { events, window, loss, codes: codesOf(rowsOf(codes).map((row) => row.subarray(tail))) };
}

async function scoredRow(job: Job, cell: Cell, numbers: () => Promise<Numbers>): Promise<CellRow> {
  try {
    const { codes, loss, events, window, roundTrip } = await numbers();
    const { clock } = codecOf(job.model.model);
    return {
      ...cell.facts,
      status: 'ok',
      error: null,
      scoredWith: job.model.model.instructions,
      sampleRate: clock.sampleRate,
      hop: clock.hop,
      codebooks: codes.codebooks,
      frames: codes.frames,
      events: events ? JSON.stringify(events) : null,
      windowStart: window?.start ?? null,
      windowEnd: window?.end ?? null,
      meanLoss: meanLoss(loss),
      roundTrip: roundTrip ?? null,
      loss: loss.values,
      entropy: loss.entropy,
      codes: codes.data,
    };
  } catch (error) {
    return failedRow(cell, error);
  }
}

/** A row for what could not be scored. Only expected failures, which are plain Errors, are results; others end the run. */
function failedRow({ facts }: Cell, error: unknown): CellRow {
  if (!(error instanceof Error) || error.constructor !== Error) throw error;
  return {
    ...facts,
    status: 'failed',
    error: error.message,
    scoredWith: null,
    sampleRate: null,
    hop: null,
    codebooks: null,
    frames: null,
    events: null,
    windowStart: null,
    windowEnd: null,
    meanLoss: null,
    roundTrip: null,
    loss: null,
    entropy: null,
    codes: null,
  };
}
