// One file of the Hub into the cache: `blobs/<etag>` appears whole and verified, or not at all.
// What has come so far lies in `<etag>.losscope-<random>.incomplete`. Each process has its own (an older Python
// may be appending to `<etag>.incomplete`), takes over by a rename what a killed one has left, and asks for the
// rest by Range. A partial file is never truncated: to start again, it is deleted and a new one made, so that no
// other process can be writing to what gets published.
// The etag is the hash: SHA-256 of an LFS file, SHA-1 of a git blob ("blob <size>\0" and the bytes) of a small one.

import { createHash, type Hash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { type CachedModel, sizeOf } from './hub_cache.js';
import { type Access, ask, persist, type Request } from './hub_client.js';
import { codeOf, fail, header, type Subject, subjectName, unwritable } from './hub_failure.js';
import { withLock } from './hub_lock.js';

/** A file as the Hub describes it. */
export interface Blob {
  readonly subject: Subject;
  /** Path of its address under the endpoint. */
  readonly path: string;
  /** 40 or 64 hex digits. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
}

export interface Progress {
  readonly file: string;
  /** Bytes of the file that are here. */
  readonly received: number;
  /** Bytes of the file. */
  readonly total: number;
  /** Of the last seconds; 0 before there is one. */
  readonly bytesPerSecond: number;
}

export type OnProgress = (progress: Progress) => void;

/** Sees to it that `blobs/<etag>` is there. Throws a failure (hub_failure.ts); an abort keeps what has come. */
export async function fetchBlob(
  blob: Blob,
  model: CachedModel,
  access: Access,
  onProgress: OnProgress = () => {},
): Promise<void> {
  const path = join(model.blobs, blob.etag);
  if ((await sizeOf(path)) === blob.size) return;
  const meter = progressMeter(blob, onProgress);
  const onWait = async (): Promise<void> => {
    const [largest] = await partialsOf(blob, model);
    if (largest) meter(largest.size);
  };
  const lock = join(model.locks, `${blob.etag}.losscope.lock`);
  await withLock(lock, { ...(access.signal && { signal: access.signal }), onWait }, async () => {
    if ((await sizeOf(path)) === blob.size) return;
    await receiveVerified(blob, path, model, access, meter);
  });
}

/** Receives until the hash agrees; wrong bytes are deleted and fetched once more. */
async function receiveVerified(
  blob: Blob,
  path: string,
  model: CachedModel,
  access: Access,
  meter: (received: number) => void,
): Promise<void> {
  for (let round = 1; ; round++) {
    const partial = await openPartial(blob, model);
    try {
      await persist(access, () => receive(blob, partial, access, meter), partial.brought);
      const digest = partial.digest();
      if (partial.size() === blob.size && digest === blob.etag) {
        await partial.publish(path);
        return;
      }
      await partial.discard();
      if (round === 2) {
        const line = `${subjectName(blob.subject)}: the Hub promises ${blob.size} bytes with hash ${blob.etag}, twice came ${partial.size()} with ${digest}; deleted; try another network, or later`;
        throw fail(line, { kind: 'wrong', again: false });
      }
    } finally {
      await partial.close();
    }
  }
}

/** One request for what is not here yet. */
async function receive(
  blob: Blob,
  partial: Partial,
  access: Access,
  meter: (received: number) => void,
): Promise<void> {
  // A partial file that is longer than the file cannot be its beginning.
  if (partial.size() > blob.size) await partial.restart();
  meter(partial.size());
  if (partial.size() === blob.size) return;
  const from = partial.size();
  const request: Request = { method: 'GET', path: blob.path, subject: blob.subject, from, accept: [416] };
  await ask(request, access, async (response, fed) => {
    if (response.statusCode === 416 && from === 0) throw misbehaves(blob, 'refuses a request for the whole file');
    if (from > 0 && !continuesAt(response, from, blob.size)) {
      // It ignores Range (200), or does not know that part (416): from the start, with this answer if it is one.
      await partial.restart();
      if (response.statusCode !== 200) throw misbehaves(blob, 'does not continue where it was asked to');
    }
    for await (const chunk of response) {
      if (!(chunk instanceof Uint8Array)) throw misbehaves(blob, 'sends no bytes');
      await partial.append(chunk);
      fed(chunk.length);
      meter(partial.size());
      // Too long is wrong already; the hash says so.
      if (partial.size() > blob.size) return;
    }
  });
  if (partial.size() < blob.size) throw misbehaves(blob, `ends after ${partial.size()} of ${blob.size} bytes`);
}

function misbehaves(blob: Blob, how: string): Error {
  return fail(`${subjectName(blob.subject)}: the server ${how}; try again later`, { kind: 'unreachable', again: true });
}

/** Whether a 206 answer holds the bytes from `from` to the end of a file of `size` bytes. */
function continuesAt(response: IncomingMessage, from: number, size: number): boolean {
  return (
    response.statusCode === 206 && header(response, 'content-range') === `bytes ${from}-${size - 1}/${size}`
  );
}

/** The partial file of this process, and the hash of what is in it. */
interface Partial {
  size(): number;
  /** Bytes appended since it was opened, by whatever requests. */
  brought(): number;
  append(bytes: Uint8Array): Promise<void>;
  /** A new empty file in place of this one. */
  restart(): Promise<void>;
  digest(): string;
  /** Gives it its final name; the bytes are on the disk before. */
  publish(path: string): Promise<void>;
  discard(): Promise<void>;
  close(): Promise<void>;
}

async function openPartial(blob: Blob, model: CachedModel): Promise<Partial> {
  const path = join(model.blobs, `${partialPrefix(blob)}${randomBytes(4).toString('hex')}.incomplete`);
  let handle: FileHandle;
  let size = 0;
  let brought = 0;
  let hash = newHash(blob);
  const create = async (): Promise<void> => {
    await rm(path, { force: true });
    handle = await open(path, 'wx');
    size = 0;
    hash = newHash(blob);
  };
  try {
    await mkdir(model.blobs, { recursive: true });
    await adoptPartial(blob, model, path);
    for await (const chunk of createReadStreamIfThere(path)) {
      hash.update(chunk);
      size += chunk.length;
    }
    handle = await open(path, 'r+').catch(() => open(path, 'wx'));
  } catch (error) {
    throw unwritable(error, path);
  }
  return { } as Partial;
}
