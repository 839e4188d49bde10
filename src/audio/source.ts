// Bytes that are read where they are needed: an array, or a file of which only a part is held.

/** Something of a known size whose bytes can be read in any order. */
export interface ByteSource {
  readonly size: number;
  /** The bytes [start, end), fewer where it ends before. */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** A source of bytes that are there already. */
export function sourceOf(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (start, end) => bytes.subarray(start, end) };
}

/** Read at once, so that small steps forward cost nothing. */
const BLOCK = 1 << 20;

/** Looks at a source through a window that moves with the reader: long files are never held whole. */
export interface ByteWindow {
  readonly size: number;
  /** The bytes from `at` on: at least `count` of them, fewer only where the source ends. */
  from(at: number, count: number): Promise<Uint8Array>;
}

export function windowOn(source: ByteSource): ByteWindow {
  let start = 0;
  let held: Uint8Array = new Uint8Array(0);
  return {
    size: source.size,
    async from(at, count) {
      const end = Math.min(source.size, at + count);
      if (at < start || end > start + held.length) {
        held = await source.read(at, Math.min(source.size, at + Math.max(count, BLOCK)));
        start = at;
      }
      return held.subarray(at - start);
    },
  };
}
