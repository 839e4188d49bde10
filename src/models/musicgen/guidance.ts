// Classifier-free guidance (Ho and Salimans 2022, arXiv 2207.12598; for tokens as in AudioGen and MusicGen): every
// sequence is read twice, under its condition and under nothing, and its next token is drawn from
//
//     u + G (c - u)        c, u: logits with the condition and without
//
// G = 1 is the condition as it is; above 1 what the condition changes is exaggerated. Float32 as in Hugging Face, but
// rounded once.

import type { Decoding } from './decoding.js';

/** R streams over a decoding of 2 R: those under the condition first, then, in the same order, those under nothing. */
export function guided(
  decoding: Decoding,
  { guidance, codebooks }: { readonly guidance: number; readonly codebooks: number },
): Decoding {
  return {
    async step(tokens) {
      const streams = tokens.length / codebooks;
      const twice = new Int32Array(2 * tokens.length);
      for (let k = 0; k < codebooks; k++) {
        const column = tokens.subarray(k * streams, (k + 1) * streams);
        twice.set(column, 2 * k * streams);
        twice.set(column, (2 * k + 1) * streams);
      }
      const logits = await decoding.step(twice);
      return logits.map((both) => steered(both, guidance));
    },
    release: decoding.release,
  };
}

/** [2 R, V] -> [R, V]. */
function steered(both: Float32Array, guidance: number): Float32Array {
  const half = both.length / 2;
  return Float32Array.from({ length: half }, (_, i) => {
    const without = both[half + i];
    return without + guidance * (both[i] - without);
  });
}
