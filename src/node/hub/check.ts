// What lies in the Hub cache, and whether it is still what the Hub sent: for `models` and `doctor`.

import { access, readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type OnProgress, reporter } from './blob.js';
import { type CachedModel, cachedModel, isCommit, sizeOf, snapshotFolder } from './cache.js';
import { codeOf } from './failure.js';
import { hashFile } from './partial.js';

/** A commit of a model in the cache, whole or not. */
export interface CachedSnapshot {
  readonly id: string;
  readonly commit: string;
  /** Branches and tags that stand for it here. */
  readonly revisions: readonly string[];
  readonly folder: string;
  /** Files that can be read, by name, in bytes. */
  readonly files: ReadonlyMap<string, number>;
}

/** Every snapshot of every model in a cache folder; a folder that is not there holds none. */
export async function listCache(cache: string): Promise<CachedSnapshot[]> {
  const found: CachedSnapshot[] = [];
  for (const name of await namesIn(cache)) {
    const [kind, organisation, short] = name.split('--');
    if (kind !== 'models' || short === undefined) continue;
    const model = cachedModel(cache, `${organisation}/${short}`);
    const refs = await readRefs(model);
    for (const commit of (await namesIn(join(model.folder, 'snapshots'))).filter(isCommit)) {
      const folder = snapshotFolder(model, commit);
      const files = new Map<string, number>();
      for (const file of await namesIn(folder)) {
        const size = await sizeOf(join(folder, file));
        if (size !== undefined) files.set(file, size);
      }
      const revisions = [...refs].filter(([, to]) => to === commit).map(([revision]) => revision);
      found.push({ id: model.id, commit, revisions, folder, files });
    }
  }
  return found;
}

async function readRefs(model: CachedModel): Promise<Map<string, string>> {
  const refs = new Map<string, string>();
  const visit = async (prefix: string): Promise<void> => {
    for (const name of await namesIn(join(model.folder, 'refs', prefix))) {
      const revision = prefix === '' ? name : `${prefix}/${name}`;
      const path = join(model.folder, 'refs', revision);
      if ((await sizeOf(path)) === undefined) await visit(revision);
      else refs.set(revision, (await readFile(path, 'utf8')).trim());
    }
  };
  await visit('');
  return refs;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    await access(folder);
    return (await readdir(folder)).sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

/** What became of one file of a snapshot. */
export interface FileCheck {
  readonly file: string;
  /** Bytes; absent when the link is broken. */
  readonly size?: number;
  /** intact: its hash is its name. unnamed: no link to a blob named by a hash, so it cannot be checked. */
  readonly verdict: 'intact' | 'damaged' | 'missing' | 'unnamed';
}

export interface CheckOptions {
  readonly onProgress?: OnProgress;
  readonly signal?: AbortSignal;
}

/** Reads every file of a snapshot and compares its hash with the name of its blob. */
export async function checkSnapshot(folder: string, options: CheckOptions = {}): Promise<FileCheck[]> {
  const checks: FileCheck[] = [];
  for (const file of await namesIn(folder)) checks.push(await checkFile(join(folder, file), file, options));
  return checks;
}

/** Reads one file of a snapshot. */
export async function checkFile(
  path: string,
  file: string,
  { onProgress, signal }: CheckOptions,
): Promise<FileCheck> {
  const size = await sizeOf(path);
  if (size === undefined) return { file, verdict: 'missing' };
  const etag = await blobName(path);
  if (etag === undefined) return { file, size, verdict: 'unnamed' };
  const onBytes = reporter({ file, size }, onProgress);
  const digest = await hashFile(path, { etag, size }, { onBytes, ...(signal && { signal }) });
  return { file, size, verdict: digest === etag ? 'intact' : 'damaged' };
}

/** The hash that a link's blob is named by. One hop: Python may keep the blob itself as a link to a shared one. */
async function blobName(path: string): Promise<string | undefined> {
  try {
    const name = basename(await readlink(path));
    return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name) ? name : undefined;
  } catch (error) {
    // EINVAL: no link but a file, as on file systems without links.
    if (codeOf(error) === 'EINVAL') return undefined;
    throw error;
  }
}
