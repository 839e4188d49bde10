// A model of the Hugging Face Hub as a local folder: `facebook/musicgen-small` or `org/name@revision`, in the cache
// that Python's huggingface_hub uses. The revision is resolved to a commit first and every file fetched at that
// commit, so that one snapshot never mixes two; only the files that a model needs (never `.bin` weights).

import { statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { counted } from '../../counted.js';
import { describeForeign, WEIGHT_FILES, weightsAmong } from '../../models/layout.js';
import { makeFolder } from '../output.js';
import { describeFile, type ListedFile, type Listing, listModel } from './api.js';
import { fetchBlob, type HubFile, type OnProgress } from './blob.js';
import {
  type CachedModel,
  CONFIG,
  cachedModel,
  FAST_TOKENIZER,
  inspectSnapshot,
  isCommit,
  linkBlob,
  markAbsent,
  readRef,
  readShardNames,
  removeFile,
  SLOW_TOKENIZER,
  type SnapshotState,
  sizeOf,
  snapshotFolder,
  writeRef,
} from './cache.js';
import { checkFile } from './check.js';
import { type Access, PATIENCE, type Patience } from './client.js';
import { hubEnvironment, type ModelId, parseModelId, type Variables } from './environment.js';
import { fail, failureOf, subjectName, unwritable } from './failure.js';
import { hashFile, partialSize } from './partial.js';

/** Fetched where the model has them, beside config.json and the safetensors weights, which it must have. */
const WANTED: readonly string[] = [
  'generation_config.json',
  'preprocessor_config.json',
  FAST_TOKENIZER,
  'tokenizer_config.json',
  'special_tokens_map.json',
];

export interface FetchOptions {
  /** Optional files, plain names. Default: generation, feature extractor and tokenizer files. */
  readonly wanted?: readonly string[];
  /** Default process.env: see hubEnvironment. */
  readonly env?: Variables;
  /** Ask the Hub whether the revision has moved, even when it is here, and read every file that is. Default false. */
  readonly update?: boolean;
  readonly onProgress?: OnProgress;
  /** An abort keeps what has come, for the next call. */
  readonly signal?: AbortSignal;
  /** What is not given is as in PATIENCE. */
  readonly patience?: { readonly [K in keyof Patience]?: Patience[K] };
}

/** A model's files at one commit. */
export interface Snapshot extends ModelId {
  /** 40 hex digits. */
  readonly commit: string;
  /** Absolute; its files are links into `../../blobs`. */
  readonly folder: string;
  /** Plain names, sorted. */
  readonly files: readonly string[];
  /** Why the cache had to do although the Hub was asked: one line to show. */
  readonly notice?: string;
}

/** Largest JSON file that is fetched, bytes. */
const MAX_JSON = 50_000_000;

/**
 * The local folder of a model (`org/name[@revision]`), fetching what is not there.
 *
 * A snapshot in the cache that is whole is used without any request, unless `update` is set. One that has all that
 * a model must have, but perhaps not every optional file, is completed at its own commit; where that fails, it is
 * used as it is, with a notice (with HF_HUB_OFFLINE, without). Throws one line that says what to do; an abort throws
 * the signal's reason.
 */
export async function fetchSnapshot(text: string, options: FetchOptions = {}): Promise<Snapshot> {
  const { wanted = WANTED, update = false, signal, onProgress } = options;
  const id = parseModelId(text);
  const environment = hubEnvironment(options.env);
  const model = cachedModel(environment.cache, id.id);
  const patience = { ...PATIENCE, ...options.patience };
  const access: Access = { environment, patience, ...(signal && { signal }) };

  const commit = isCommit(id.revision) ? id.revision : await readRef(model, id.revision);
  const state = commit === undefined ? undefined : await inspectSnapshot(model, commit, wanted);
  const cached =
    commit !== undefined && state?.missing.length === 0 ? snapshotOf(id, commit, state) : undefined;
  const whole = state?.unknown.length === 0 && (!update || isCommit(id.revision));
  if (cached && (whole || environment.offline)) return cached;
  if (environment.offline) throw new Error(offlineLine(text, model, state));

  const job: Job = { id, wanted, model, access, verify: update, ...(onProgress && { onProgress }) };
  if (!cached || update) return download(job, id.revision);
  try {
    return await download(job, cached.commit);
  } catch (error) {
    if (failureOf(error) === undefined) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    return { ...cached, notice: `using the copy in the cache, because ${cause}` };
  }
}

function offlineLine(text: string, model: CachedModel, state: SnapshotState | undefined): string {
  const where =
    state === undefined || state.files.length === 0
      ? `not in the cache (${model.folder})`
      : `only in part in the cache (${state.folder} has no ${state.missing.join(', ')})`;
  return `${text}: ${where}, and HF_HUB_OFFLINE is set; unset it, or fetch the model where there is a network: losscope pull ${text}`;
}

function snapshotOf(id: ModelId, commit: string, { folder, files }: SnapshotState): Snapshot {
  return { ...id, commit, folder, files: [...files].sort() };
}

interface Job {
  readonly id: ModelId;
  readonly wanted: readonly string[];
  readonly model: CachedModel;
  readonly access: Access;
  readonly onProgress?: OnProgress;
  /** Read what is there, and fetch again what is damaged. */
  readonly verify: boolean;
}

/** Fetches a model as it is at `revision`, which becomes what the job's revision stands for in the cache. */
async function download(job: Job, revision: string): Promise<Snapshot> {
  const { id, model, wanted } = job;
  const listing = await listModel({ id: id.id, revision }, job.access);
  const { commit, files } = listing;
  const name = subjectName({ model: id });
  const weights = await weightsAmong((file) => files.has(file));
  const foreign = describeForeign([...files.keys()]);
  if (!files.has(CONFIG))
    throw new Error(`${name}: ${foreign ?? `has no ${CONFIG}`}; expected a model in the transformers layout`);
  if (weights === undefined) throw new Error(`${name}: ${foreign ?? 'has no weights'}; ${EXPECTED_WEIGHTS}`);

  const optional =
    wanted.includes(FAST_TOKENIZER) && !files.has(FAST_TOKENIZER) ? [...wanted, SLOW_TOKENIZER] : wanted;
  const small = [CONFIG, ...optional.filter((file) => files.has(file))];
  if (weights.isIndex) small.push(weights.file);
  await fetchFiles(job, listing, small, MAX_JSON);
  const shards = weights.isIndex
    ? await readShardNames(join(snapshotFolder(model, commit), weights.file), name)
    : [weights.file];
  const lost = shards.filter((file) => !files.has(file));
  if (lost.length > 0)
    throw new Error(`${name}: ${weights.file} names ${lost.join(', ')}, which the model has not`);
  await fetchFiles(job, listing, shards, Number.MAX_SAFE_INTEGER);

  for (const file of optional) if (!files.has(file)) await markAbsent(model, commit, file);
  await writeRef(model, id.revision, commit);
  return snapshotOf(id, commit, await inspectSnapshot(model, commit, wanted));
}

const EXPECTED_WEIGHTS = `expected ${WEIGHT_FILES[0].whole} or shards of it: look for a pull request that adds them (@refs/pr/N), or save the model so with transformers and give the folder`;

/** Whether a file of a snapshot is there and, to `verify`, is what the Hub sent. */
async function isGood(
  { verify, access, onProgress }: Job,
  path: string,
  listed: ListedFile | undefined,
): Promise<boolean> {
  const size = await sizeOf(path);
  if (size === undefined || size !== (listed?.size ?? size)) return false;
  if (!verify) return true;
  const options = { ...(onProgress && { onProgress }), ...(access.signal && { signal: access.signal }) };
  const { verdict } = await checkFile(path, basename(path), options);
  if (verdict !== 'unnamed' || listed?.sha256 === undefined) return verdict !== 'damaged';
  return (await hashFile(path, { etag: listed.sha256, size })) === listed.sha256;
}

/** Fetches what is not there of some files, one after the other, after making sure that they fit on the disk. */
async function fetchFiles(job: Job, listing: Listing, files: readonly string[], most: number): Promise<void> {
  const { id, model, access } = job;
  const blobs: HubFile[] = [];
  for (const file of files) {
    // A commit never changes: what its snapshot holds whole needs no look at the Hub.
    const path = join(snapshotFolder(model, listing.commit), file);
    if (await isGood(job, path, listing.files.get(file))) continue;
    if ((await sizeOf(path)) !== undefined) await removeFile(path);
    const blob = await describeFile(id, file, listing, access);
    if (blob.size > most) {
      throw new Error(
        `${subjectName(blob.subject)}: ${counted(blob.size, 'byte')}, at most ${most} expected; not fetched`,
      );
    }
    blobs.push(blob);
  }
  await makeRoom(model, listing.commit, blobs);
  for (const blob of blobs) {
    const isNew = await fetchBlob(blob, model, access, job.onProgress);
    await linkBlob(model, { commit: listing.commit, file: blob.file, etag: blob.etag, isNew });
  }
}

/** Makes the folders, and throws when the disk has not room for what is still to come. */
async function makeRoom(model: CachedModel, commit: string, blobs: readonly HubFile[]): Promise<void> {
  let free: number;
  let needed = 0;
  try {
    await makeFolder(model.blobs);
    await makeFolder(snapshotFolder(model, commit));
    for (const blob of blobs) {
      const whole = (await sizeOf(join(model.blobs, blob.etag))) === blob.size;
      if (!whole) needed += Math.max(0, blob.size - (await partialSize(model.blobs, blob)));
    }
    const disk = await statfs(model.blobs);
    // Some network file systems give no free space.
    free = disk.blocks === 0 ? Number.POSITIVE_INFINITY : disk.bavail * disk.bsize;
  } catch (error) {
    throw unwritable(error, model.blobs);
  }
  if (needed <= free) return;
  const line = `${model.id}: needs ${gigabytes(needed)} more in ${model.folder}, where ${gigabytes(free)} are free; free some, or set HF_HOME to a folder on another disk`;
  throw fail(line, { kind: 'disk', again: false });
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
