// The interpolator's inner loops as WebAssembly: four places at a time, each summed in the order of the signal in 64-bit floats,
// so that no sum waits for another: the bits of a plain loop in a fraction of its time.

import {
  add,
  again,
  asDoubles,
  assembled,
  below,
  both,
  type Code,
  F64,
  firsts,
  get,
  I32,
  i32,
  integerAt,
  load,
  loadBoth,
  loadInteger,
  loadSecond,
  loop,
  magnitude,
  minus,
  mul,
  plus,
  seconds,
  set,
  store,
  sub,
  times,
  V128,
  whole,
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
export const ROWS_PLACE = { bytes: 32, signal: 0, before: 4, after: 8, shareBefore: 16, shareAfter: 24 } as const;

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
      ...[0, 1].map((p) => set(SUM + p, plus(get(SUM + p), firsts(get(PRODUCT + 2 * p), get(PRODUCT + 2 * p + 1))))),
      ...[0, 1].map((p) => set(SUM + p, plus(get(SUM + p), seconds(get(PRODUCT + 2 * p), get(PRODUCT + 2 * p + 1))))),
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

/**
 * A group of places in the memory for `between`, 96 bytes: four places (f64), the four first samples in reach (f64), their
 * addresses (i32), and how many samples are summed over (i32, at least 1).
 */
export const BETWEEN_GROUP = { bytes: 96, places: 0, firsts: 32, addresses: 64, count: 80 } as const;

/** Of `between`: sample i weighs table[n] + (at - n) rises[n] with at = |place - i| scale steps, n its whole part. */
function betweenBody(): readonly Code[] {
  const [GROUPS_AT, LEFT, OUT, TABLE, SCALE, STEPS] = [0, 1, 2, 3, 4, 5];
  const [COUNT, ADDRESS] = [6, 7];
  const [PLACE, SAMPLE, AT, WHOLE, FIRST, SECOND, SUM, BY, STEP, ONE] = [11, 13, 15, 17, 19, 21, 23, 25, 26, 27];
  const { bytes, places, firsts: samples, addresses, count } = BETWEEN_GROUP;
  const PAIRS = [0, 1];
  const entry = (p: number, place: 0 | 1): Code =>
    load(add(get(TABLE), mul(integerAt(get(WHOLE + p), place), i32(PAIR))));
  return [
    set(BY, both(get(SCALE))),
    set(STEP, both(get(STEPS))),
    set(ONE, both([0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f])),
    loop(
      ...PAIRS.flatMap((p) => [
        set(PLACE + p, load(get(GROUPS_AT), places + PAIR * p)),
        set(SAMPLE + p, load(get(GROUPS_AT), samples + PAIR * p)),
        set(SUM + p, ZEROS),
      ]),
      ...GROUPS.map((r) => set(ADDRESS + r, loadInteger(get(GROUPS_AT), addresses + 4 * r))),
      set(COUNT, loadInteger(get(GROUPS_AT), count)),
      loop(
        ...PAIRS.flatMap((p) => [
          set(AT + p, times(times(magnitude(minus(get(PLACE + p), get(SAMPLE + p))), get(BY)), get(STEP))),
          set(WHOLE + p, whole(get(AT + p))),
          set(FIRST + p, entry(p, 0)),
          set(SECOND + p, entry(p, 1)),
          set(
            SUM + p,
            plus(
              get(SUM + p),
              times(
                loadSecond(get(ADDRESS + 2 * p + 1), loadBoth(get(ADDRESS + 2 * p))),
                plus(
                  firsts(get(FIRST + p), get(SECOND + p)),
                  times(
                    minus(get(AT + p), asDoubles(get(WHOLE + p))),
                    seconds(get(FIRST + p), get(SECOND + p)),
                  ),
                ),
              ),
            ),
          ),
          set(SAMPLE + p, plus(get(SAMPLE + p), get(ONE))),
        ]),
        ...GROUPS.map((r) => set(ADDRESS + r, add(get(ADDRESS + r), i32(DOUBLE)))),
        set(COUNT, sub(get(COUNT), i32(1))),
        again(get(COUNT)),
      ),
      ...PAIRS.map((p) => store(get(OUT), get(SUM + p), PAIR * p)),
      set(OUT, add(get(OUT), i32(GROUP * DOUBLE))),
      set(GROUPS_AT, add(get(GROUPS_AT), i32(bytes))),
      set(LEFT, sub(get(LEFT), i32(1))),
      again(get(LEFT)),
    ),
  ];
}

interface Sums {
  /** At least one group; `out` takes a double a place. */
  rows(places: number, groups: number, out: number): void;
  between(groupsAt: number, groups: number, out: number, table: number, scale: number, steps: number): void;
}

/** The loops in a memory of their own, for kernels of so many crossings on each side. */
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
    {
      name: 'between',
      parameters: [I32, I32, I32, I32, F64, F64],
      locals: [
        [5, I32],
        [17, V128],
      ],
      body: betweenBody(),
    },
  ]);
}
