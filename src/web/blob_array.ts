// A file as onnxruntime-web wants its external data, without the whole file in memory. Of an array given as external
// data it asks two things only, `byteLength` and `subarray(start, end)`, once for each tensor: this one answers them from a
// Blob. That is an undocumented detail of the pinned version; `needsWholeFile` says when it does not hold.

/** Reads [start, end) of a blob at once; there is no such reader outside a worker. */
export type ReadSync = (blob: Blob, start: number, end: number) => Uint8Array;

/** FileReaderSync as a function, or undefined where the platform has none (outside a worker). */
export function blobReader(): ReadSync | undefined {
  const { FileReaderSync } = globalThis as { FileReaderSync?: new () => SyncReader };
  if (!FileReaderSync) return undefined;
  const reader = new FileReaderSync();
  return (blob, start, end) => new Uint8Array(reader.readAsArrayBuffer(blob.slice(start, end)));
}

interface SyncReader {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

export class BlobArray extends Uint8Array {
  readonly #blob: Blob;
  readonly #read: ReadSync;

  constructor(blob: Blob, read: ReadSync) {
    super(0);
    this.#blob = blob;
    this.#read = read;
  }

  override get byteLength(): number {
    return this.#blob.size;
  }

  override get length(): number {
    return this.#blob.size;
  }

  override subarray(start = 0, end = this.#blob.size): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#read(this.#blob, start, end));
  }
}

/** The whole file as a plain array: where BlobArray cannot be used. */
export async function wholeFile(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer());
}
