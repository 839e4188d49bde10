// Round trip: how many codes change when the sound that they stand for is encoded again. A codec leaves its own output nearly
// as it is, so sound that has been through one changes less than sound that has not.

import { type Codes, codesOf, frameRate, rowsOf } from '../audio/codes.js';
import { codecOf, type Model } from '../models/model.js';

/** Frames at both ends that are not counted: the codec sees silence beyond them. */
const EDGE = 5;

/**
 * Share of codes, 0 to 1, that change when the middle `seconds` of a clip (all of it, if it is shorter) are decoded and encoded
 * again. NaN below 11 frames.
 */
export async function roundTripChange(model: Model, codes: Codes, seconds: number): Promise<number> {
  const codec = codecOf(model);
  const wanted = Math.round(seconds * frameRate(codec.clock));
  const frames = Math.min(codes.frames, wanted);
  if (frames <= 2 * EDGE) return Number.NaN;
  const start = Math.floor((codes.frames - frames) / 2);
  const rows = rowsOf(codes).map((row) => row.slice(start, start + frames));
  const again = rowsOf(await codec.encode(await codec.decode(codesOf(rows))));
  let changed = 0;
  rows.forEach((row, k) => {
    for (let t = EDGE; t < frames - EDGE; t++) if (row[t] !== again[k][t]) changed++;
  });
  return changed / (rows.length * (frames - 2 * EDGE));
}
