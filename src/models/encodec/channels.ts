// Codes of a stereo model: a mono codec encodes each channel alone, and the rows of the channels alternate.
//
//     row          0  1  2  3  4  5  6  7
//     channel      L  R  L  R  L  R  L  R       row k of 2 channels: channel k mod 2,
//     its codebook 0  0  1  1  2  2  3  3       codebook floor(k / 2) of that channel

import { type Codes, codesOf, rowsOf } from '../../audio/codes.js';

/** Codes [K, T] of each channel -> [channels * K, T]. One alone stands for all: mono sound in a stereo model. */
export function interleaved(byChannel: readonly Codes[], channels: number): Codes {
  const [first] = byChannel;
  const sources = byChannel.length === 1 ? new Array<Codes>(channels).fill(first) : byChannel;
  const rows = sources.map(rowsOf);
  return codesOf(rows[0].flatMap((_, k) => rows.map((own) => own[k])));
}

/** The codes [K, T] of each channel of codes [channels * K, T]. */
export function byChannel(codes: Codes, channels: number): Codes[] {
  const rows = rowsOf(codes);
  return Array.from({ length: channels }, (_, channel) =>
    codesOf(rows.filter((_row, k) => k % channels === channel)),
  );
}
