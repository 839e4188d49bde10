// The interpolator's inner loop as WebAssembly: four places at a time, each summed in the order of the signal in 64-bit floats,
// so that no sum waits for another: the bits of a plain loop in a fraction of its time.

import {
  add,
  again,
  assembled,
  below,
  type Code,
  firsts,
  get,
  I32,
  i32,
  load,
  loadBoth,
  loadInteger,
  loop,
  plus,
  seconds,
  set,
  store,
  sub,
  times,
  V128,
  ZEROS,
} from './assembly.js';

const DOUBLE = 8;
const PAIR = 16;
/** Places that are read together. */
export const GROUP = 4;
const GROUPS = [0, 1, 2, 3];

/**
 * A group of places in the memory for `rows`, each 32 bytes: addresses (i32) of the signal, of the row before the place
 * and of the one after it, then (f64, at 16) how far the place is from either row to the next.
 */
export const ROWS_PLACE = {
  bytes: 32,
  signal: 0,
  before: 4,
  after: 8,
  shareBefore: 16,
  shareAfter: 24,
} as const;

/** Of `rows`: each row, taps values and as many rises, is read for so many samples. */
function rowsBody(taps: number): readonly Code[] {
  const [PLACES, LEFT, OUT] = [0, 1, 2];
  const [END, SIGNAL, ROW, SHARE, PRODUCT, SUM] = [3, 4, 8, 12, 16, 20];
  const { bytes, signal, before, after, shareBefore, shareAfter } = ROWS_PLACE;
  const half = (row: number, share: number): Code[] => [
    ...GROUPS.map((r) => set(ROW + r, loadInteger(get(PLACES), bytes * r + row))),
    ...GROUPS.map((r) => set(SHARE + r, loadBoth(get(PLACES), bytes * r + share))),
    set(END, add(get(ROW), i32(DOUBLE * taps))),
    loop(
      ...GROUPS.flatMap((r) => [
        set(
          PRODUCT + r,
          times(
            load(get(SIGNAL + r)),
            plus(load(get(ROW + r)), times(get(SHARE + r), load(get(ROW + r), DOUBLE * taps))),
          ),
        ),
        set(SIGNAL + r, add(get(SIGNAL + r), i32(PAIR))),
        set(ROW + r, add(get(ROW + r), i32(PAIR))),
      ]),
      ...[0, 1].map((p) =>
        set(SUM + p, plus(get(SUM + p), firsts(get(PRODUCT + 2 * p), get(PRODUCT + 2 * p + 1)))),
      ),
      ...[0, 1].map((p) =>
        set(SUM + p, plus(get(SUM + p), seconds(get(PRODUCT + 2 * p), get(PRODUCT + 2 * p + 1)))),
      ),
      again(below(get(ROW), get(END))),
    ),
  ];
  return [
    loop(
      ...GROUPS.map((r) => set(SIGNAL + r, loadInteger(get(PLACES), bytes * r + signal))),
      ...[0, 1].map((p) => set(SUM + p, ZEROS)),
      ...half(before, shareBefore),
      ...half(after, shareAfter),
      ...[0, 1].map((p) => store(get(OUT), get(SUM + p), PAIR * p)),
      set(OUT, add(get(OUT), i32(GROUP * DOUBLE))),
      set(PLACES, add(get(PLACES), i32(GROUP * bytes))),
      set(LEFT, sub(get(LEFT), i32(1))),
      again(get(LEFT)),
    ),
  ];
}

interface Sums {
  /** At least one group; `out` takes a double a place. */
  rows(places: number, groups: number, out: number): void;
}

/** The loop in a memory of its own, for kernels of so many crossings on each side. */
export function kernelSums(taps: number) {
  return assembled<Sums>([
    {
      name: 'rows',
      parameters: [I32, I32, I32],
      locals: [
        [9, I32],
        [10, V128],
      ],
      body: rowsBody(taps),
    },
  ]);
}
