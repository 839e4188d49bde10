// Which float tensors of a safetensors file hold a NaN or an infinity, found in one pass over its bytes: in all three
// types such a number is one whose exponent bits are all set.

import type { Dtype, StoredTensor } from './safetensors.js';

/** A tensor with a number that is none, and the first place of one, counted in elements. */
export interface NonFinite {
  readonly tensor: string;
  readonly first: number;
}

export interface FiniteScan {
  /** The file's bytes from its start, in pieces of any length. */
  take(bytes: Uint8Array): void;
  /** What was found so far, in the order of the file. */
  found(): readonly NonFinite[];
}

const EXPONENT: Partial<Record<Dtype, { readonly bytes: 2 | 4; readonly mask: number }>> = {
  F32: { bytes: 4, mask: 0x7f80_0000 },
  F16: { bytes: 2, mask: 0x7c00 },
  BF16: { bytes: 2, mask: 0x7f80 },
};

interface Region {
  readonly tensor: string;
  readonly start: number;
  readonly end: number;
  readonly bytes: 2 | 4;
  readonly mask: number;
}

/** Looks at the F32, F16 and BF16 tensors of a file; other types are passed over. */
export function finiteScan(tensors: ReadonlyMap<string, StoredTensor>): FiniteScan {
  const regions = [...tensors].flatMap(regionOf).sort((a, b) => a.start - b.start);
  const found: NonFinite[] = [];
  let at = 0;
  let next = 0;
  /** Bytes of an element that the last piece cut. */
  let cut = new Uint8Array(0);

  const look = ({ tensor, start, end, bytes, mask }: Region, piece: Uint8Array): void => {
    const from = Math.max(start, at);
    const part = piece.subarray(from - at, Math.min(end - at, piece.length));
    const whole = joined(cut, part);
    const count = Math.floor(whole.length / bytes);
    const first = firstNonFinite(whole, count, bytes, mask);
    if (first >= 0 && found.at(-1)?.tensor !== tensor) {
      found.push({ tensor, first: (from - cut.length - start) / bytes + first });
    }
    cut = new Uint8Array(whole.subarray(count * bytes));
  };
  return {
    take(piece) {
      const end = at + piece.length;
      while (next < regions.length && regions[next].start < end) {
        look(regions[next], piece);
        if (regions[next].end > end) break;
        next++;
      }
      at = end;
    },
    found: () => found,
  };
}

function regionOf([tensor, { dtype, offset, length }]: [string, StoredTensor]): Region[] {
  const exponent = EXPONENT[dtype];
  return exponent && length > 0 ? [{ tensor, start: offset, end: offset + length, ...exponent }] : [];
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

/** Index of the first of `count` little-endian elements whose masked bits are all set, or -1. */
function firstNonFinite(data: Uint8Array, count: number, bytes: 2 | 4, mask: number): number {
  // Typed arrays begin at whole elements and have the machine's byte order, which is little-endian wherever this runs.
  const { buffer, byteOffset } = data.byteOffset % bytes === 0 ? data : new Uint8Array(data);
  return bytes === 4
    ? firstSet(new Uint32Array(buffer, byteOffset, count), mask)
    : firstSetHalf(new Uint16Array(buffer, byteOffset, count), mask);
}

function firstSet(elements: Uint32Array, mask: number): number {
  for (let i = 0; i < elements.length; i++) if ((elements[i] & mask) === mask) return i;
  return -1;
}

/** The same as firstSet: a loop over arrays of two types is three times as slow. */
function firstSetHalf(elements: Uint16Array, mask: number): number {
  for (let i = 0; i < elements.length; i++) if ((elements[i] & mask) === mask) return i;
  return -1;
}
