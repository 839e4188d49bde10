// Round trip: how many codes change when the sound that they stand for is encoded again. A codec leaves its own output nearly
// as it is, so sound that has been through one changes less than sound that has not.

import { type Codes, codesOf, frameRate, rowsOf } from '../audio/codes.js';
import { codecOf, type Model } from '../models/model.js';

/** Frames at both ends that are not counted: the codec sees silence beyond them. */
const EDGE = 5;

export interface RoundTrip {
  /** Share of codes, 0 to 1, that change; NaN where nothing is counted. */
  readonly share: number;
  /** The first frame of the clip that is counted. */
  readonly start: number;
  /** The same share of each frame from there on. */
  readonly byFrame: Float64Array;
}

/**
 * The codes that change when the middle `seconds` of a clip (all of it, if it is shorter) are decoded and encoded again.
 * Below 11 frames nothing is counted.
 */
export async function roundTrip(model: Model, codes: Codes, seconds: number): Promise<RoundTrip> {
  const codec = codecOf(model);
  const wanted = Math.round(seconds * frameRate(codec.clock));
  const frames = Math.min(codes.frames, wanted);
  const start = Math.floor((codes.frames - frames) / 2);
  if (frames <= 2 * EDGE) return { share: Number.NaN, start, byFrame: new Float64Array(0) };
  const rows = rowsOf(codes).map((row) => row.slice(start, start + frames));
  const again = rowsOf(await codec.encode(await codec.decode(codesOf(rows))));
  const changed = Float64Array.from({ length: frames - 2 * EDGE }, (_, i) => {
    const t = i + EDGE;
    return rows.filter((row, k) => row[t] !== again[k][t]).length;
  });
  return {
    share: changed.reduce((sum, count) => sum + count, 0) / (rows.length * changed.length),
    start: start + EDGE,
    byFrame: changed.map((count) => count / rows.length),
  };
}
