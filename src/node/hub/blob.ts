// One file of the Hub into the cache: `blobs/<etag>` appears whole and verified, or not at all. What has come when
// a process ends is kept (hub_partial.ts), and the rest is asked for by Range.

import { join } from 'node:path';
import { counted } from '../../counted.js';
import { type CachedModel, sizeOf } from './cache.js';
import { type Access, ask, bytesOf, type HubRequest, persist } from './client.js';
import { fail, type HubAnswer, type HubSubject, header, subjectName } from './failure.js';
import { withLock } from './lock.js';
import { type BlobContent, openPartial, type PartialFile, partialSize } from './partial.js';

/** A file as the Hub describes it. */
export interface HubFile extends BlobContent {
  readonly subject: HubSubject;
  readonly file: string;
  /** Path of its address under the endpoint. */
  readonly path: string;
}

export interface FetchProgress {
  readonly file: string;
  /** Bytes of the file that are here. */
  readonly received: number;
  /** Bytes of the file. */
  readonly total: number;
  /** Of the last seconds; 0 before there are any. */
  readonly bytesPerSecond: number;
}

export type OnProgress = (progress: FetchProgress) => void;

const REPORT_EVERY_MS = 100;
/** Weight of the last report in the rate that is shown. */
const RATE_WEIGHT = 0.1;

/**
 * Sees to it that `blobs/<etag>` is there; whether it had to be fetched. Throws a failure (failure.ts); an abort keeps what has
 * come.
 */
export async function fetchBlob(
  blob: HubFile,
  model: CachedModel,
  access: Access,
  onProgress?: OnProgress,
): Promise<boolean> {
  const path = join(model.blobs, blob.etag);
  const isThere = async (): Promise<boolean> => (await sizeOf(path)) === blob.size;
  if (await isThere()) return false;
  const report = reporter(blob, onProgress);
  const options = {
    ...(access.signal && { signal: access.signal }),
    onWait: async () => report(await partialSize(model.blobs, blob)),
  };
  return withLock(join(model.locks, `${blob.etag}.losscope.lock`), options, async () => {
    if (await isThere()) return false;
    await receiveVerified(blob, model, access, report);
    return true;
  });
}

/** Receives until the hash agrees; wrong bytes are deleted and fetched once more. */
async function receiveVerified(
  blob: HubFile,
  model: CachedModel,
  access: Access,
  report: Report,
): Promise<void> {
  for (let round = 1; ; round++) {
    report(await partialSize(model.blobs, blob));
    const partial = await openPartial(model.blobs, blob, access.signal);
    try {
      await persist(access, () => receive(blob, partial, access, report), partial.reached);
      const [size, digest] = [partial.size(), partial.digest()];
      if (size === blob.size && digest === blob.etag) {
        await partial.publish(join(model.blobs, blob.etag));
        return;
      }
      await partial.discard();
      if (round === 2) {
        const line = `${subjectName(blob.subject)}: expected ${counted(blob.size, 'byte')} with hash ${blob.etag}, twice came ${size} with ${digest}; deleted; try again later, or from another network`;
        throw fail(line, { kind: 'wrong', again: false });
      }
    } finally {
      await partial.close();
    }
  }
}

/** One request for what is not here yet. */
async function receive(blob: HubFile, partial: PartialFile, access: Access, report: Report): Promise<void> {
  // Longer than the file: not its beginning.
  if (partial.size() > blob.size) await partial.restart();
  const from = partial.size();
  report(from);
  if (from === blob.size) return;
  const { path, subject } = blob;
  const request: HubRequest = { method: 'GET', path, subject, from, accept: from > 0 ? [416] : [] };
  await ask(request, access, async (response, fed) => {
    if (from > 0 && !continuesAt(response, from, blob.size)) {
      // It ignores Range (200: this is the whole file), or has no such part (416).
      await partial.restart();
      if (response.statusCode !== 200) throw brokenOff(blob, 'does not continue where it was asked to');
    }
    for await (const chunk of bytesOf(response)) {
      await partial.append(chunk);
      fed(chunk.length);
      report(partial.size());
      // Too long is wrong already: the caller sees it by the size.
      if (partial.size() > blob.size) return;
    }
    if (partial.size() < blob.size)
      throw brokenOff(blob, `ended after ${partial.size()} of ${counted(blob.size, 'byte')}`);
  });
}

function brokenOff(blob: HubFile, how: string): Error {
  const line = `${subjectName(blob.subject)}: the server ${how}; run again later`;
  return fail(line, { kind: 'unreachable', again: true });
}

/** Whether an answer holds the bytes from `from` to the end of a file of `size` bytes. */
function continuesAt(response: HubAnswer, from: number, size: number): boolean {
  const range = `bytes ${from}-${size - 1}/${size}`;
  return response.statusCode === 206 && header(response, 'content-range') === range;
}

type Report = (received: number) => void;

/** Reports at most every tenth of a second, the end always, with a rate that follows the last seconds. */
export function reporter(
  { file, size: total }: Pick<HubFile, 'file' | 'size'>,
  onProgress: OnProgress | undefined,
): (received: number) => void {
  let at = Number.NEGATIVE_INFINITY;
  let last = 0;
  let bytesPerSecond = 0;
  return (received) => {
    const now = performance.now();
    const elapsed = now - at;
    if (elapsed < REPORT_EVERY_MS && received !== total) return;
    if (Number.isFinite(elapsed) && received > last && elapsed > 0) {
      const rate = ((received - last) * 1000) / elapsed;
      bytesPerSecond += (bytesPerSecond === 0 ? 1 : RATE_WEIGHT) * (rate - bytesPerSecond);
    }
    at = now;
    last = received;
    onProgress?.({ file, received, total, bytesPerSecond });
  };
}
