// A checkpoint folder in the browser: fetched from the page's own server, or dropped by the user. Files stay Blobs, which
// the browser may keep on disk; only what is asked for is read.

import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { CheckpointFiles } from '../models/runtime.js';
import { MOST_BYTES } from './checkpoint_limit.js';

/** Bytes of a file that are looked at together. */
const PIECE = 4 * 2 ** 20;
/** Bytes of a file that is hashed whole. */
const WHOLE = 64 * 2 ** 20;

export interface BlobFiles extends CheckpointFiles {
  /** The files that `location` was asked for, by that name. */
  located(): ReadonlyMap<string, Blob>;
}

/** Bytes of the weights among files. @throws one line where no browser can hold them. */
export function weightBytes(name: string, blobs: ReadonlyMap<string, Pick<Blob, 'size'>>): number {
  const weights = [...blobs].filter(([file]) => file.endsWith('.safetensors'));
  const bytes = weights.reduce((sum, [, { size }]) => sum + size, 0);
  if (bytes <= MOST_BYTES) return bytes;
  throw new Error(
    `${name}: ${(bytes / 1e9).toFixed(1)} GB of weights, and a browser holds at most ${MOST_BYTES / 1e9} GB; score with it outside of the browser: losscope view --model FOLDER`,
  );
}

/** Files by plain name; `name` is what errors and results call the folder. `onBytes` hears of bytes that were surveyed. */
export function openBlobs(
  name: string,
  blobs: ReadonlyMap<string, Blob>,
  onBytes: (bytes: number) => void = () => undefined,
): BlobFiles {
  const located = new Map<string, Blob>();
  const blobOf = (file: string): Blob => {
    const blob = blobs.get(file);
    if (!blob)
      throw new Error(`${name}/${file}: not among the files given (${[...blobs.keys()].join(', ')})`);
    return blob;
  };
  return {
    name,
    has: async (file) => blobs.has(file),
    size: async (file) => blobOf(file).size,
    read: async (file, start, end) => new Uint8Array(await blobOf(file).slice(start, end).arrayBuffer()),
    async location(file) {
      located.set(file, blobOf(file));
      return file;
    },
    async survey(file, scan) {
      const blob = blobOf(file);
      const digest = digestOf(blob);
      const hash = digest ? undefined : sha256.create();
      const finite = scan();
      for (let at = 0; at < blob.size; at += PIECE) {
        const piece = new Uint8Array(await blob.slice(at, Math.min(blob.size, at + PIECE)).arrayBuffer());
        hash?.update(piece);
        finite.take(piece);
        onBytes(piece.length);
      }
      const sum = hash ? hash.digest() : new Uint8Array((await digest) ?? []);
      return { sha256: bytesToHex(sum), nonFinite: finite.found() };
    },
    located: () => located,
  };
}

/** The browser's own SHA-256, beside other work: of a file that may lie in memory whole, where the page is trusted with it. */
function digestOf(blob: Blob): Promise<ArrayBuffer> | undefined {
  const { subtle } = globalThis.crypto as { readonly subtle?: SubtleCrypto };
  if (!subtle || blob.size > WHOLE) return undefined;
  return blob.arrayBuffer().then((bytes) => subtle.digest('SHA-256', bytes));
}

/** Fetches files of a folder of the page's server; reports bytes as they arrive. @throws one line naming the file. */
export async function fetchBlobs(
  folder: string,
  files: readonly string[],
  onBytes: (bytes: number) => void = () => undefined,
): Promise<Map<string, Blob>> {
  const fetched = files.map(async (file): Promise<[string, Blob]> => {
    const response = await fetch(`${folder}/${file}`);
    if (!response.ok || !response.body)
      throw new Error(`${folder}/${file}: the server answers ${response.status}`);
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          onBytes(chunk.byteLength);
          controller.enqueue(chunk);
        },
      }),
    );
    return [file, await new Response(counted).blob()];
  });
  return new Map(await Promise.all(fetched));
}
