// The Range header (RFC 9110, 14): one range of bytes. Several ranges in one request are refused: a player asks for one.

/** Bytes [start, end) to send; `whole` when there is no range, or none that means anything; undefined: cannot be had. */
export type Wanted = { readonly start: number; readonly end: number; readonly whole: boolean } | undefined;

export function wantedRange(header: string | undefined, size: number): Wanted {
  const all = { start: 0, end: size, whole: true };
  if (header === undefined) return all;
  const list = /^bytes=(.*)$/.exec(header.trim())?.[1];
  if (list === undefined) return all;
  if (list.includes(',')) return undefined;
  const [, first, last] = /^\s*(\d*)-(\d*)\s*$/.exec(list) ?? [];
  if (first === undefined || (first === '' && last === '')) return all;
  if (first === '') {
    const length = Math.min(size, Number(last));
    return length === 0 ? undefined : { start: size - length, end: size, whole: false };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return all;
  if (!(start < size)) return undefined;
  return { start, end: last === '' ? size : Math.min(size, Number(last) + 1), whole: false };
}
