// A download under way: `blobs/<etag>.losscope-<random>.incomplete` and the hash of what is in it.
// Each process has its own (Python may be writing to `<etag>.incomplete`, its own name), and takes over by a rename
// what a killed one has left. It is never truncated: to start again, it is deleted and a new one made. So even when
// a lock was lost (a laptop that slept), whoever still writes to a file that another took over or published writes
// the same bytes to the same places.

import { createHash, type Hash, randomBytes } from 'node:crypto';
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, syncHandle } from '../output.js';
import { sizeOf } from './cache.js';
import { codeOf, fail, unwritable } from './failure.js';

/** A file's name by its content, and its length in bytes. */
export interface BlobContent {
  /** SHA-256 of the bytes (64 hex digits), or their git blob name (40): SHA-1 of "blob <size>\0" and the bytes. */
  readonly etag: string;
  readonly size: number;
}

export interface PartialFile {
  /** Bytes in it. */
  size(): number;
  /** The most bytes that it held since it was opened: a restart is no progress. */
  reached(): number;
  append(bytes: Uint8Array): Promise<void>;
  /** A new, empty file in place of this one. */
  restart(): Promise<void>;
  /** The hash of its bytes, of the etag's kind. */
  digest(): string;
  /** Moves it to its final name, once its bytes are on the disk. */
  publish(path: string): Promise<void>;
  discard(): Promise<void>;
  /** Keeps the file for the next one to take over. */
  close(): Promise<void>;
}

const READ_BYTES = 2 ** 20;

/** Opens what an earlier process left of this content in `folder`, hashing it, or makes an empty one. */
export async function openPartial(
  folder: string,
  content: BlobContent,
  signal?: AbortSignal,
): Promise<PartialFile> {
  const path = join(folder, `${prefix(content)}${randomBytes(4).toString('hex')}${SUFFIX}`);
  let handle = await guarded(path, () => adopt(folder, content, path));
  let hash = newHash(content);
  let size = 0;
  try {
    size = await feed(hash, handle, signal ? { signal } : {});
  } catch (error) {
    await handle.close();
    throw error;
  }
  let reached = size;
  return {
    size: () => size,
    reached: () => reached,
    digest: () => hash.copy().digest('hex'),
    append: (bytes) =>
      guarded(path, async () => {
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, size + done);
          done += bytesWritten;
        }
        hash.update(bytes);
        size += bytes.length;
        reached = Math.max(reached, size);
      }),
    restart: () =>
      guarded(path, async () => {
        await handle.close();
        await rm(path, { force: true });
        handle = await open(path, 'wx');
        hash = newHash(content);
        size = 0;
      }),
    publish: (target) =>
      guarded(target, async () => {
        await syncHandle(handle);
        try {
          await rename(path, target);
        } catch (error) {
          if (codeOf(error) !== 'ENOENT') throw error;
          // Another process took it over (its lock was lost); it may have published it as well.
          if ((await sizeOf(target)) === content.size) return;
          throw fail(`${target}: another process took the download over; run again`, {
            kind: 'disk',
            again: false,
          });
        }
      }),
    discard: () => guarded(path, () => rm(path, { force: true })),
    close: () => handle.close(),
  };
}

export interface HashOptions {
  readonly signal?: AbortSignal;
  /** Hears how many bytes are read. */
  readonly onBytes?: (read: number) => void;
}

/** The hash of a file, of the etag's kind. */
export async function hashFile(
  path: string,
  content: BlobContent,
  options: HashOptions = {},
): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const hash = newHash(content);
    await feed(hash, handle, options);
    return hash.digest('hex');
  } finally {
    await handle.close();
  }
}

/** Hashes a file from its start to its end; returns its bytes. */
async function feed(hash: Hash, handle: FileHandle, { signal, onBytes }: HashOptions): Promise<number> {
  const buffer = new Uint8Array(READ_BYTES);
  for (let size = 0; ; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, size);
    if (bytesRead === 0) return size;
    hash.update(buffer.subarray(0, bytesRead));
    size += bytesRead;
    onBytes?.(size);
  }
}

/** Bytes of the largest partial file of a content, 0 without one. */
export async function partialSize(folder: string, content: BlobContent): Promise<number> {
  const [largest] = await partialsIn(folder, content);
  return largest?.size ?? 0;
}

/** Renames the largest partial file to `path` and removes the others; an empty one where there is none. */
async function adopt(folder: string, content: BlobContent, path: string): Promise<FileHandle> {
  await makeFolder(folder);
  const [largest, ...others] = await partialsIn(folder, content);
  for (const other of others) await rm(other.path, { force: true });
  if (!largest) return open(path, 'wx+');
  await rename(largest.path, path);
  return open(path, 'r+');
}

async function partialsIn(folder: string, content: BlobContent): Promise<{ path: string; size: number }[]> {
  const found: { path: string; size: number }[] = [];
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix(content)) || !name.endsWith(SUFFIX)) continue;
    const path = join(folder, name);
    const size = await sizeOf(path);
    if (size !== undefined) found.push({ path, size });
  }
  return found.sort((a, b) => b.size - a.size);
}

/** Python's cache tools list and prune `*.incomplete`. */
const SUFFIX = '.incomplete';

function prefix({ etag }: BlobContent): string {
  return `${etag}.losscope-`;
}

function newHash({ etag, size }: BlobContent): Hash {
  return etag.length === 64 ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}

async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw codeOf(error) === undefined ? error : unwritable(error, path);
  }
}
