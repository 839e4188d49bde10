// Which documents of a store are believed: those whose bytes are what their names say, and that are of their task. One place
// decides it, for what runs, reads, merges and checks.

import { type MapFacts, mapMismatch } from '../../study/map_task.js';
import { parityMismatch } from '../../study/parity_task.js';
import type { DocumentKind, DocumentResult, Plan, StoredResult } from '../../study/store.js';
import { type Task, tasksOf } from '../../study/task.js';
import { type DocumentFile, lookAtDocument, REMEDY, readDocument } from './documents.js';
import type { StockedCell } from './inventory.js';

/** What documents are held against: the plan, without which only bytes are looked at, and the rows that are there. */
export interface StoreContent {
  readonly plan: Plan | undefined;
  readonly cells: ReadonlyMap<string, StockedCell>;
}

/** What is kept in memory of a document that was read: enough to hold it against its task. */
type Remembered =
  | { readonly status: 'ok'; readonly map?: MapFacts; readonly parity?: ParityFacts }
  | { readonly status: 'failed'; readonly error: string };
type ParityFacts = Parameters<typeof parityMismatch>[1];

/** A document that is believed, with the cause where its task failed. */
export interface OwnDocument extends DocumentFile {
  readonly error?: string;
}

export type DocumentLook = OwnDocument | 'gone' | Error;

export interface DocumentReader {
  /** Looks at files; each is read once, for files of a store do not change. A file of a task that the plan has not is only hashed. */
  look(files: readonly DocumentFile[], beside: StoreContent): Promise<readonly DocumentLook[]>;
}

export function documentReader(): DocumentReader {
  const known = new Map<string, Remembered>();
  const readOnce = async (file: DocumentFile): Promise<Remembered | 'gone'> => {
    const there = known.get(file.path);
    if (there) return there;
    const result = await readDocument(file);
    if (!result) return 'gone';
    const facts = rememberedOf(file.kind, result);
    known.set(file.path, facts);
    return facts;
  };
  return {
    async look(files, { plan, cells }) {
      const tasks = new Map((plan ? tasksOf(plan) : []).map((task) => [task.key, task]));
      const looks: DocumentLook[] = [];
      for (const file of files) {
        const task = tasks.get(file.key);
        if (!task) {
          const look = await lookAtDocument(file);
          looks.push(look === 'sound' ? file : look);
          continue;
        }
        const found = await readOnce(file).catch(asError);
        if (found === 'gone' || found instanceof Error) looks.push(found);
        else looks.push(strangeness(file, found, { task, plan, cells }) ?? believed(file, found));
      }
      return looks;
    },
  };
}

/** @throws for a document that is not believed. */
export async function requireOwn(files: readonly DocumentFile[], beside: StoreContent): Promise<void> {
  const fault = (await documentReader().look(files, beside)).find((look) => look instanceof Error);
  if (fault) throw fault;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function rememberedOf(kind: DocumentKind, result: DocumentResult<DocumentKind>): Remembered {
  if (result.status === 'failed') return result;
  const { value } = result;
  if (kind === 'map' && 'clean' in value) {
    return { status: 'ok', map: { frames: value.clean.frames, mean: value.clean.mean } };
  }
  if (kind === 'parity' && 'fingerprint' in value) {
    const { fingerprint, second } = value;
    return { status: 'ok', parity: { fingerprint, second } };
  }
  return { status: 'ok' };
}

function believed(file: DocumentFile, found: Remembered): OwnDocument {
  return found.status === 'failed' ? { ...file, error: found.error } : file;
}

/** Why a document is not that of its task, although its bytes and its key are right; undefined where nothing speaks against it. */
function strangeness(
  { path }: DocumentFile,
  found: Remembered,
  {
    task,
    plan,
    cells,
  }: Partial<StoreContent> & { readonly task: Task; readonly cells: StoreContent['cells'] },
): Error | undefined {
  if (found.status === 'failed') return undefined;
  if (task.kind === 'map' && found.map) {
    const row: (StoredResult & Parameters<typeof mapMismatch>[2]) | undefined = cells.get(task.clean.key);
    const mismatch = row?.status === 'ok' ? mapMismatch(task, found.map, row) : undefined;
    if (mismatch === undefined) return undefined;
    return new Error(`${path}: not the map of ${task.clean.clip} (it has ${mismatch}); ${REMEDY}`);
  }
  if (task.kind === 'parity' && found.parity) {
    const facts = plan?.cells.find(({ model }) => model === task.model);
    const mismatch = facts && parityMismatch(facts, found.parity);
    if (mismatch === undefined) return undefined;
    return new Error(`${path}: not the comparison of ${task.model} (it has ${mismatch}); ${REMEDY}`);
  }
  return undefined;
}
