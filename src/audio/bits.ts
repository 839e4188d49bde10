// Bits of a byte array, the highest of each byte first, as FLAC has them.

export interface BitReader {
  /** Bit that is read next. */
  at: number;
  /** Whether more was read than there is; what was read then is zeros. */
  overrun(): boolean;
  /** `count` bits, 0 to 32, as an unsigned number. */
  unsigned(count: number): number;
  /** `count` bits, 1 to 33, two's complement. */
  signed(count: number): number;
  /** The number of 0 bits before the next 1, which is read too. */
  zeros(): number;
}

export function bitReader(bytes: Uint8Array): BitReader {
  const end = bytes.length * 8;
  /** The 32 bits from the byte of `at` on. */
  const word = (byte: number): number =>
    (bytes[byte] << 24) | (bytes[byte + 1] << 16) | (bytes[byte + 2] << 8) | bytes[byte + 3];
  const reader: BitReader = {
    at: 0,
    overrun: () => reader.at > end,
    unsigned(count) {
      if (count === 0) return 0;
      // 25 bits are always whole in a word that begins at a byte.
      if (count > 25) {
        const high = reader.unsigned(count - 16);
        return high * 65536 + reader.unsigned(16);
      }
      const value = (word(reader.at >> 3) << (reader.at & 7)) >>> (32 - count);
      reader.at += count;
      return value;
    },
    signed(count) {
      if (count <= 25) {
        const value = (word(reader.at >> 3) << (reader.at & 7)) >> (32 - count);
        reader.at += count;
        return value;
      }
      const high = reader.signed(count - 16);
      return high * 65536 + reader.unsigned(16);
    },
    zeros() {
      let count = 0;
      for (;;) {
        const offset = reader.at & 7;
        const bits = word(reader.at >> 3) << offset;
        const here = Math.min(Math.clz32(bits), 32 - offset);
        if (here < 32 - offset) {
          reader.at += here + 1;
          return count + here;
        }
        count += here;
        reader.at += here;
        if (reader.at > end) return count;
      }
    },
  };
  return reader;
}
