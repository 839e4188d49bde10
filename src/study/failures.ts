// Failures held back: a job of which every task fails, or every task from some point on, may say more of the machine than of
// the clip. Such failures are stored only when something went well in a later job, or a later job failed in another way; three
// jobs alike in a row stop the worker and leave no trace.

import type { Job } from './plan.js';
import type { CellRow } from './row.js';
import type { DocumentKind, DocumentResult, Store } from './store.js';

/** So many jobs in a row that fail alike stop a worker. */
const ALIKE = 3;

/** A failed document, waiting. */
interface HeldDocument {
  readonly kind: DocumentKind;
  readonly key: string;
  readonly result: DocumentResult<DocumentKind>;
}

/** Failures of a job. */
interface Held {
  readonly rows: CellRow[];
  readonly documents: HeldDocument[];
}

export interface FailureHold {
  /** A store whose failures wait for `settle`. */
  readonly store: Store;
  /**
   * After a job: stores what may be stored, and returns the jobs that are done with that, perhaps none or several.
   * @throws WorkerFault after three jobs in a row that failed alike.
   */
  settle(job: Job): Promise<readonly Job[]>;
  /** At the end of the study: stores what still waits; returns its jobs. */
  end(): Promise<readonly Job[]>;
}

/** Ends a worker. Its `code` marks an expected end, reported in one line. */
export class WorkerFault extends Error {
  readonly code = 'WORKER';
}

export function holdFailures(store: Store): FailureHold {
  /** Failures of the job under way since something went well, and those before. */
  let last = nothing();
  let before = nothing();
  /** Whether anything of the job went well. */
  let well = false;
  let waiting: { readonly job: Job; readonly held: Held; readonly kind: string }[] = [];
  const release = async ({ rows, documents }: Held): Promise<void> => {
    if (rows.length > 0) await store.append(rows);
    for (const { kind, key, result } of documents) await store.put(kind, key, result);
  };
  const releaseWaiting = async (): Promise<Job[]> => {
    for (const { held } of waiting) await release(held);
    const jobs = waiting.map(({ job }) => job);
    waiting = [];
    return jobs;
  };
  const wentWell = (): void => {
    well = true;
    before.rows.push(...last.rows);
    before.documents.push(...last.documents);
    last = nothing();
  };
  return {
    store: {
      ...store,
      async append(rows) {
        for (const row of rows) {
          if (row.status === 'ok') wentWell();
          else last.rows.push(row);
        }
        const ok = rows.filter(({ status }) => status === 'ok');
        if (ok.length > 0) await store.append(ok);
      },
      async put(kind, key, result) {
        if (result.status === 'failed') last.documents.push({ kind, key, result });
        else {
          wentWell();
          await store.put(kind, key, result);
        }
      },
    },
    async settle(job) {
      const [held, settled, machineIsSound] = [last, before, well];
      [last, before, well] = [nothing(), nothing(), false];
      const error = firstError(held);
      const kind = error === undefined ? undefined : kindOf(error, job);
      const goesOn = !machineIsSound && kind !== undefined && waiting[0]?.kind === kind;
      const jobs = goesOn ? [] : await releaseWaiting();
      await release(settled);
      if (kind === undefined) return [...jobs, job];
      waiting.push({ job, held, kind });
      if (waiting.length < ALIKE) return jobs;
      throw new WorkerFault(
        `${ALIKE} jobs in a row failed alike (${error}); nothing of them is stored. Look whether this machine is sound: ` +
          'losscope doctor. If the clips are at fault, losscope run stores their failures',
      );
    },
    end: releaseWaiting,
  };
}

function nothing(): Held {
  return { rows: [], documents: [] };
}

function firstError({ rows, documents }: Held): string | undefined {
  const [row] = rows;
  if (row) return row.error ?? 'no cause was kept';
  const [document] = documents;
  return document?.result.status === 'failed' ? document.result.error : undefined;
}

/** An error without the clip's name and numbers. */
function kindOf(error: string, job: Job): string {
  const named = job.kind === 'clip' ? [job.item.name, job.item.source.path] : [];
  return named.reduce((text, name) => text.replaceAll(name, '*'), error).replace(/\d+/g, '#');
}
