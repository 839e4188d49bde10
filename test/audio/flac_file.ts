// FLAC files by code: one frame, samples as they are, of any width.

interface Verbatim {
  readonly bits: number;
  readonly left: readonly number[];
  readonly right: readonly number[];
  /** 1: as they are; 8: left and side; 9: side and right; 10: mid and side. */
  readonly assignment: 1 | 8 | 9 | 10;
  /** Of the width in the frame's header; 0: as STREAMINFO says. */
  readonly widthCode?: number;
  /** What STREAMINFO says. */
  readonly samples?: number;
}

export function verbatimFlac({
  bits,
  left,
  right,
  assignment,
  samples = left.length,
  widthCode = 0,
}: Verbatim): Uint8Array {
  const info = bitWriter();
  info.put(16, 16).put(65_535, 16).put(0, 24).put(0, 24);
  info
    .put(44_100, 20)
    .put(1, 3)
    .put(bits - 1, 5)
    .put(samples, 36)
    .put(0, 64)
    .put(0, 64);
  const frame = bitWriter();
  // Blocks of 8-bit size, rate and width as STREAMINFO says, frame 0.
  frame
    .put(0xfff8, 16)
    .put(6, 4)
    .put(0, 4)
    .put(assignment, 4)
    .put(2 * widthCode, 4)
    .put(0, 8)
    .put(left.length - 1, 8);
  frame.put(crc(frame.bytes(), { bits: 8, polynomial: 0x07 }), 8);
  const side = left.map((v, i) => v - right[i]);
  const mid = left.map((v, i) => Math.floor((v + right[i]) / 2));
  const rows = { 1: [left, right], 8: [left, side], 9: [side, right], 10: [mid, side] }[assignment];
  for (const row of rows) {
    frame.put(2, 8);
    for (const value of row) frame.put(value, bits + (row === side ? 1 : 0));
  }
  frame.align();
  frame.put(crc(frame.bytes(), { bits: 16, polynomial: 0x8005 }), 16);
  return Uint8Array.from([0x66, 0x4c, 0x61, 0x43, 0x80, 0, 0, 34, ...info.bytes(), ...frame.bytes()]);
}

function bitWriter() {
  const bits: number[] = [];
  const writer = {
    put(value: number, count: number) {
      const whole = BigInt.asUintN(count, BigInt(value));
      for (let i = count - 1; i >= 0; i--) bits.push(Number((whole >> BigInt(i)) & 1n));
      return writer;
    },
    align() {
      while (bits.length % 8 !== 0) bits.push(0);
    },
    bytes: () =>
      Array.from({ length: bits.length / 8 }, (_, i) =>
        Number.parseInt(bits.slice(8 * i, 8 * i + 8).join(''), 2),
      ),
  };
  return writer;
}

/** Bit by bit, as the standard draws it. */
function crc(
  bytes: readonly number[],
  { bits, polynomial }: { readonly bits: number; readonly polynomial: number },
): number {
  let r = 0;
  for (const byte of bytes) {
    r ^= byte << (bits - 8);
    for (let i = 0; i < 8; i++) r = r & (1 << (bits - 1)) ? (r << 1) ^ polynomial : r << 1;
    r &= 2 ** bits - 1;
  }
  return r;
}
