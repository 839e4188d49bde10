// Randomness that is the same on every machine: seeds come from names, never from order or time, and nothing
// but exactly rounded operations (+ - * / sqrt) lies between a seed and a normal deviate; Math.log and
// Math.cos may differ in the last bit between engines.
// Hash: MurmurHash3 x86_128 (Appleby). Generator: xoshiro128** 1.1 (Blackman and Vigna 2018). Both are checked
// against their reference values.

/** 128 bits as four unsigned 32-bit integers, not all zero. */
export type Seed = readonly [number, number, number, number];

/** A stream of random numbers. */
export interface Random {
  /** Uniform integer in [0, 2^32). */
  uint32(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Uniform integer in [0, n), without modulo bias; 1 <= n <= 2^32. */
  integer(n: number): number;
  /** Standard normal: Marsaglia's polar method (1964). */
  normal(): number;
}

/**
 * The seed of a named stream: `seedOf(1, 'piece', 'noise', 'white', 160000)`. Different parts, also 1 and '1',
 * or ['a', 'b'] and ['ab'], give unrelated streams. The parts are hashed as the ASCII text
 * encodeURIComponent(JSON.stringify(parts)), names in Unicode normal form C.
 * @throws when a number is not finite.
 */
export function seedOf(...parts: readonly (string | number)[]): Seed {
  const named = parts.map((part) => {
    if (typeof part === 'string') return part.normalize('NFC');
    if (!Number.isFinite(part)) throw new Error(`seed: part ${part} is not a finite number`);
    return part;
  });
  const text = encodeURIComponent(JSON.stringify(named));
  return murmur3(Uint8Array.from(text, (c) => c.charCodeAt(0)));
}

/** xoshiro128** from a seed. */
export function generator(seed: Seed): Random {
  // Plain variables: a typed array here doubles the time of a bootstrap, which draws hundreds of millions of these.
  let [a, b, c, d] = seed.map((part) => part | 0);
  let spare: number | undefined;
  const uint32 = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  };
  let [known, limit] = [1, 2 ** 32];
  const uniform = (): number => ((uint32() >>> 5) * 2 ** 26 + (uint32() >>> 6)) / 2 ** 53;
  return {
    uint32,
    uniform,
    integer(n) {
      if (n !== known) {
        known = n;
        limit = 2 ** 32 - (2 ** 32 % n);
      }
      for (;;) {
        const value = uint32();
        if (value < limit) return value % n;
      }
    },
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      for (;;) {
        const x = 2 * uniform() - 1;
        const y = 2 * uniform() - 1;
        const r = x * x + y * y;
        if (r >= 1 || r === 0) continue;
        const factor = Math.sqrt((-2 * log(r)) / r);
        spare = y * factor;
        return x * factor;
      }
    },
  };
}

function rotate(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}

/** Natural logarithm for 0 < x < 1 by 2 atanh((m - 1) / (m + 1)) + e ln 2, x = m 2^e, within 4e-16 of the true one. */
function log(x: number): number {
  let m = x;
  let exponent = 0;
  while (m < Math.SQRT1_2) {
    m *= 2;
    exponent--;
  }
  const z = (m - 1) / (m + 1);
  let sum = 0;
  for (let k = 21; k >= 1; k -= 2) sum = sum * z * z + 1 / k;
  return 2 * z * sum + exponent * Math.LN2;
}

/** MurmurHash3_x86_128 of the bytes, seed 0: blocks of 16 bytes, each a column of four lanes. */
function murmur3(bytes: Uint8Array): Seed {
  const lanes = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93];
  const shifts = [15, 16, 17, 18];
  const rotations = [19, 17, 15, 13];
  const offsets = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17];
  const h = new Uint32Array(4);
  const fold = (lane: number, word: number) => {
    const k = rotate(Math.imul(word, lanes[lane]), shifts[lane]);
    h[lane] ^= Math.imul(k, lanes[(lane + 1) % 4]);
  };
  const padded = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 16) {
    for (let lane = 0; lane < 4; lane++) {
      fold(lane, view.getUint32(at + 4 * lane, true));
      // The unfinished last block is folded in without the step between lanes.
      if (at + 16 > bytes.length) continue;
      h[lane] = Math.imul(rotate(h[lane], rotations[lane]) + h[(lane + 1) % 4], 5) + offsets[lane];
    }
  }
  return finish(h, bytes.length);
}

function finish(h: Uint32Array, length: number): Seed {
  const mingle = () => {
    h[0] += h[1] + h[2] + h[3];
    for (let lane = 1; lane < 4; lane++) h[lane] += h[0];
  };
  for (let lane = 0; lane < 4; lane++) h[lane] ^= length;
  mingle();
  for (let lane = 0; lane < 4; lane++) {
    let x = h[lane];
    x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
    x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
    h[lane] = x ^ (x >>> 16);
  }
  mingle();
  return [h[0], h[1], h[2], h[3]];
}
