// A signal read at many places at its own speed: the values of the interpolator, to the bit, by a loop in WebAssembly
// (kernel_sums.ts). Groups of places that it does not take, at the signal's ends, are read one by one.

import { type AssembledMemory, grownTo } from './assembly.js';
import { interpolator, type Kernel, kernelFor, STEPS, ZERO_CROSSINGS } from './interpolate.js';
import { GROUP, kernelSums, ROWS_PLACE } from './kernel_sums.js';

type Signal = Float32Array | Float64Array;

/** Places that are read in one go, and the most samples around them that are copied for it. */
const STRETCH = 4096;
const MOST_SAMPLES = 2 ** 18;

const DOUBLE = 8;
/** From here on a place less a whole number within reach is exact: all samples then have one remainder. */
const EXACT_FROM = 2 * ZERO_CROSSINGS;

// Where things stand in the memory: two tables of rows, then what a stretch needs.
const ROW = 2 * ZERO_CROSSINGS * DOUBLE;
const ROWS = (STEPS + 1) * ROW;
const PLACES = 2 * ROWS;
const VALUES = PLACES + STRETCH * ROWS_PLACE.bytes;
const SAMPLES = VALUES + STRETCH * DOUBLE;

let made: ReturnType<typeof kernelSums> | undefined;

/** The values at placeOf(0), placeOf(1), ..., so many. */
export function valuesAt(signal: Signal, placeOf: (i: number) => number, count: number): Float64Array {
  made ??= withRows(kernelSums(ZERO_CROSSINGS));
  const read = interpolator();
  const values = new Float64Array(count);
  const places = new Float64Array(Math.min(count, STRETCH));
  for (let start = 0; start < count; start += STRETCH) {
    const own = places.subarray(0, Math.min(STRETCH, count - start));
    for (let i = 0; i < own.length; i++) own[i] = placeOf(start + i);
    const into = values.subarray(start, start + own.length);
    const taken = inRows(made, { into, signal, places: own });
    for (let i = 0; i < own.length; i++) {
      if (taken[Math.floor(i / GROUP)] !== 1) into[i] = read(signal, own[i]);
    }
  }
  return values;
}

/** The weights of all samples before a place stand in one row, as do those after it. 1 for each group that was read so. */
function inRows(
  { memory, rows }: ReturnType<typeof kernelSums>,
  { into, signal, places }: { into: Float64Array; signal: Signal; places: Float64Array },
): Uint8Array {
  const taken = new Uint8Array(Math.floor(places.length / GROUP)).fill(1);
  for (let i = 0; i < taken.length * GROUP; i++) {
    const fits = places[i] >= EXACT_FROM && places[i] + ZERO_CROSSINGS < signal.length;
    if (!fits) taken[Math.floor(i / GROUP)] = 0;
  }
  const span = samplesAround(taken, places);
  if (!span) return NONE;
  grownTo(memory, SAMPLES + DOUBLE * (span.to - span.from));
  new Float64Array(memory.buffer, SAMPLES, span.to - span.from).set(signal.subarray(span.from, span.to));
  const integers = new Int32Array(memory.buffer, PLACES);
  const doubles = new Float64Array(memory.buffer, PLACES);
  let n = 0;
  for (let i = 0; i < taken.length * GROUP; i++) {
    if (taken[Math.floor(i / GROUP)] !== 1) continue;
    const whole = Math.floor(places[i]);
    const after = (places[i] - whole) * STEPS;
    const before = STEPS - after;
    const at = ROWS_PLACE.bytes * n++;
    integers[(at + ROWS_PLACE.signal) / 4] = SAMPLES + DOUBLE * (whole - ZERO_CROSSINGS + 1 - span.from);
    integers[(at + ROWS_PLACE.before) / 4] = ROW * Math.floor(after);
    integers[(at + ROWS_PLACE.after) / 4] = ROWS + ROW * Math.floor(before);
    doubles[(at + ROWS_PLACE.shareBefore) / DOUBLE] = after - Math.floor(after);
    doubles[(at + ROWS_PLACE.shareAfter) / DOUBLE] = before - Math.floor(before);
  }
  rows(PLACES, n / GROUP, VALUES);
  const sums = new Float64Array(memory.buffer, VALUES, n);
  n = 0;
  for (let i = 0; i < taken.length * GROUP; i++) if (taken[Math.floor(i / GROUP)] === 1) into[i] = sums[n++];
  return taken;
}

const NONE = new Uint8Array(0);

/** The samples [from, to) that the taken places are read from; undefined when there are none, or too many. */
function samplesAround(
  taken: Uint8Array,
  places: Float64Array,
): { readonly from: number; readonly to: number } | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < taken.length * GROUP; i++) {
    if (taken[Math.floor(i / GROUP)] !== 1) continue;
    low = Math.min(low, places[i]);
    high = Math.max(high, places[i]);
  }
  if (low > high) return undefined;
  const from = Math.floor(low) - ZERO_CROSSINGS + 1;
  const to = Math.floor(high) + ZERO_CROSSINGS + 1;
  return to - from <= MOST_SAMPLES ? { from, to } : undefined;
}

function withRows(sums: ReturnType<typeof kernelSums>): ReturnType<typeof kernelSums> {
  grownTo(sums.memory, SAMPLES);
  putRows(sums.memory, kernelFor(1));
  return sums;
}

/** Rows by steps after a whole number: values at each crossing and their rises, from the farthest on; then from the nearest on. */
function putRows(memory: AssembledMemory, { table, rises }: Kernel): void {
  const rows = new Float64Array(memory.buffer, 0, PLACES / DOUBLE);
  const width = ROW / DOUBLE;
  for (let step = 0; step <= STEPS; step++) {
    for (let k = 0; k < ZERO_CROSSINGS; k++) {
      const [value, rise] = [table[step + k * STEPS], rises[step + k * STEPS]];
      const [before, after] = [step * width, (STEPS + 1 + step) * width];
      rows[before + ZERO_CROSSINGS - 1 - k] = value;
      rows[before + 2 * ZERO_CROSSINGS - 1 - k] = rise;
      rows[after + k] = value;
      rows[after + ZERO_CROSSINGS + k] = rise;
    }
  }
}
