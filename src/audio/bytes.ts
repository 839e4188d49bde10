// Reading the small fixed fields of audio headers.

/** A DataView on exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `length` bytes as Latin-1 text; shorter at the end of the data. Chunk names and magic words. */
export function latin1(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** Whether the text stands at this place. */
export function startsWith(bytes: Uint8Array, at: number, text: string): boolean {
  return latin1(bytes, at, text.length) === text;
}
