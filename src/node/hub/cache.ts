// The cache folder that Python's huggingface_hub and losscope share:
//
//   models--org--name/blobs/<etag>                the bytes, named by their hash
//   models--org--name/snapshots/<commit>/<file>   -> ../../blobs/<etag>
//   models--org--name/refs/<revision>             the commit, 40 hex digits, no line break
//   models--org--name/.no_exist/<commit>/<file>   empty: this commit has no such file
//
// Reading only needs what Python makes; what is written here Python reads (docs: "Manage huggingface_hub cache").

import { randomBytes } from 'node:crypto';
import {
  copyFile,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WEIGHT_FILES, weightsAmong } from '../../models/layout.js';
import { parseJson, quoted } from '../../onnx/json.js';
import { makeFolder } from '../output.js';
import { codeOf, unwritable } from './failure.js';

/** The folders of one model. */
export interface CachedModel {
  readonly id: string;
  readonly folder: string;
  readonly blobs: string;
  /** Beside all models, as Python's locks. */
  readonly locks: string;
}

/** What a snapshot holds of what a model needs. */
export interface SnapshotState {
  readonly folder: string;
  readonly files: readonly string[];
  /** Files without which the model cannot be loaded. */
  readonly missing: readonly string[];
  /** Optional files that are not here; whether the Hub has them was not checked yet. */
  readonly unknown: readonly string[];
}

export const CONFIG = 'config.json';
export const FAST_TOKENIZER = 'tokenizer.json';
/** Needed only where there is no tokenizer.json. */
export const SLOW_TOKENIZER = 'spiece.model';

export function cachedModel(cache: string, id: string): CachedModel {
  const name = `models--${id.replace('/', '--')}`;
  const folder = join(cache, name);
  return { id, folder, blobs: join(folder, 'blobs'), locks: join(cache, '.locks', name) };
}

export function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

export function snapshotFolder(model: CachedModel, commit: string): string {
  return join(model.folder, 'snapshots', commit);
}

/** The commit that a revision stood for when it was last fetched. */
export async function readRef(model: CachedModel, revision: string): Promise<string | undefined> {
  const path = join(model.folder, 'refs', revision);
  if ((await sizeOf(path)) === undefined) return undefined;
  const commit = (await readFile(path, 'utf8')).trim();
  if (!isCommit(commit)) throw new Error(`${path}: holds ${quoted(commit)}, expected a commit; delete it`);
  return commit;
}

/** Written last, when the snapshot is whole: an update that was cut leaves the older one in use. */
export async function writeRef(model: CachedModel, revision: string, commit: string): Promise<void> {
  if (revision === commit || (await readRef(model, revision)) === commit) return;
  const path = join(model.folder, 'refs', revision);
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await makeFolder(dirname(path));
    await writeFile(temporary, commit);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw unwritable(error, path);
  }
}

/** Looks at a snapshot folder: the files that every model must have, and some optional ones. */
export async function inspectSnapshot(
  model: CachedModel,
  commit: string,
  optional: readonly string[],
): Promise<SnapshotState> {
  const folder = snapshotFolder(model, commit);
  const has = async (file: string): Promise<boolean> => (await sizeOf(join(folder, file))) !== undefined;
  const { file: weights, isIndex } = (await weightsAmong(has)) ?? {
    file: WEIGHT_FILES[0].whole,
    isIndex: false,
  };
  const needed = [CONFIG, weights];
  if (isIndex) needed.push(...(await readShardNames(join(folder, weights), model.id)));
  const files: string[] = [];
  const missing: string[] = [];
  const unknown: string[] = [];
  for (const file of needed) (await has(file)) ? files.push(file) : missing.push(file);
  const wanted = [...optional];
  for (const file of wanted) {
    if (await has(file)) files.push(file);
    else if (!(await isMarkedAbsent(model, commit, file))) unknown.push(file);
    else if (file === FAST_TOKENIZER) wanted.push(SLOW_TOKENIZER);
  }
  return { folder, files, missing, unknown };
}

/** The safetensors files that a fetched index (`path`) of the model `name` names, sorted. Throws on a name that is not a plain one. */
export async function readShardNames(path: string, name: string): Promise<string[]> {
  const what = `${name} ${basename(path)}`;
  const index = parseJson(await readFile(path), what);
  const map =
    typeof index === 'object' && index !== null && 'weight_map' in index ? index.weight_map : undefined;
  if (typeof map !== 'object' || map === null || Array.isArray(map) || Object.keys(map).length === 0) {
    throw new Error(`${what}: weight_map is not an object of file names; the model cannot be fetched`);
  }
  const names = new Set<string>();
  for (const name of Object.values(map)) {
    if (typeof name !== 'string' || !/^\w[\w.-]{0,120}\.safetensors$/.test(name)) {
      throw new Error(
        `${what}: names ${quoted(String(name))} as a shard; expected *.safetensors, a plain file name; not fetched`,
      );
    }
    names.add(name);
  }
  return [...names].sort();
}

/** A blob that shall appear in a snapshot as `file`. */
export interface BlobPlace {
  readonly commit: string;
  readonly file: string;
  readonly etag: string;
  /** It was fetched just now, so that nothing else refers to it. */
  readonly isNew: boolean;
}

/**
 * Points a snapshot's file at a blob, as a relative link. On file systems and accounts without links the file itself is put
 * there, as Python does (file_download.py, _create_symlink): a new blob is moved, an older one copied.
 */
export async function linkBlob(model: CachedModel, place: BlobPlace): Promise<void> {
  const path = join(snapshotFolder(model, place.commit), place.file);
  const target = join('..', '..', 'blobs', place.etag);
  try {
    await makeFolder(dirname(path));
    for (let tries = 1; ; tries++) {
      try {
        await symlink(target, path);
        return;
      } catch (error) {
        if (WITHOUT_LINKS.has(codeOf(error) ?? ''))
          return await putBlob(join(model.blobs, place.etag), path, place);
        // Another process may have made it just now. A broken link in its place is removed.
        if (codeOf(error) !== 'EEXIST' || tries > 2) throw error;
        if ((await sizeOf(path)) !== undefined || (await isLinkTo(path, target))) return;
        await rm(path, { force: true });
      }
    }
  } catch (error) {
    throw unwritable(error, path);
  }
}

/** What systems say where links cannot be made: Windows without the right to, exFAT, network and cloud drives. */
const WITHOUT_LINKS: ReadonlySet<string> = new Set([
  'EPERM',
  'EACCES',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EINVAL',
  'UNKNOWN',
]);

async function putBlob(blob: string, path: string, { isNew }: BlobPlace): Promise<void> {
  if (isNew) return rename(blob, path);
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await copyFile(blob, temporary);
  await rename(temporary, path);
}

/** Takes a file of a snapshot away, with the blob that it points at. */
export async function removeFile(path: string): Promise<void> {
  try {
    await rm(await realpath(path), { force: true });
    await rm(path, { force: true });
  } catch (error) {
    throw unwritable(error, path);
  }
}

async function isLinkTo(path: string, target: string): Promise<boolean> {
  try {
    return (await readlink(path)) === target;
  } catch (error) {
    if (codeOf(error) === 'EINVAL' || codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Records that a commit has no such file, so that the Hub is not asked again. */
export async function markAbsent(model: CachedModel, commit: string, file: string): Promise<void> {
  const path = join(model.folder, '.no_exist', commit, file);
  try {
    await makeFolder(dirname(path));
    await writeFile(path, '', { flag: 'a' });
  } catch (error) {
    throw unwritable(error, path);
  }
}

async function isMarkedAbsent(model: CachedModel, commit: string, file: string): Promise<boolean> {
  return (await sizeOf(join(model.folder, '.no_exist', commit, file))) !== undefined;
}

/** Bytes of a file, through links; undefined when it is not there, or a link is broken. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
