// The resampler's inner loop as WebAssembly: outputs of one phase, eight at a time, each summed in the order of its taps in
// 64-bit floats, two in a register: the bits of a plain loop, in a fifth of its time.
// (WebAssembly with SIMD, which onnxruntime-web needs as well.)

import {
  add,
  again,
  assembled,
  below,
  type Code,
  choose,
  equal,
  get,
  grownTo,
  I32,
  i32,
  load,
  loadBoth,
  loop,
  mul,
  plus,
  set,
  storeFloats,
  sub,
  times,
  V128,
  ZEROS,
} from './assembly.js';

/** Columns of a block: four registers of two. */
const BLOCK = 8;
const DOUBLE = 8;

interface Program {
  readonly phase: (
    input: number,
    rowBytes: number,
    rows: number,
    first: number,
    taps: number,
    count: number,
    out: number,
    blocks: number,
  ) => void;
}

/** Numbers of the function's parameters and locals. */
const [INPUT, ROW_BYTES, ROWS, FIRST, TAPS, COUNT, OUT, BLOCKS] = [0, 1, 2, 3, 4, 5, 6, 7];
const [AT, TAP, END, ROW, BACK, WEIGHT, SUM] = [8, 9, 10, 11, 12, 13, 14];
const REGISTERS = [0, 1, 2, 3];

/** The next sample stands in the next row; after the last one in the first, a column on. */
const BODY: readonly Code[] = [
  set(END, add(get(TAPS), mul(get(COUNT), i32(DOUBLE)))),
  set(BACK, sub(i32(DOUBLE), mul(get(ROW_BYTES), sub(get(ROWS), i32(1))))),
  loop(
    set(AT, get(INPUT)),
    set(TAP, get(TAPS)),
    set(ROW, get(FIRST)),
    ...REGISTERS.map((r) => set(SUM + r, ZEROS)),
    loop(
      set(WEIGHT, loadBoth(get(TAP))),
      ...REGISTERS.map((r) =>
        set(SUM + r, plus(get(SUM + r), times(get(WEIGHT), load(get(AT), 2 * DOUBLE * r)))),
      ),
      set(ROW, add(get(ROW), i32(1))),
      choose(
        equal(get(ROW), get(ROWS)),
        [...set(ROW, i32(0)), ...set(AT, add(get(AT), get(BACK)))],
        set(AT, add(get(AT), get(ROW_BYTES))),
      ),
      set(TAP, add(get(TAP), i32(DOUBLE))),
      again(below(get(TAP), get(END))),
    ),
    ...REGISTERS.map((r) => storeFloats(get(OUT), get(SUM + r), DOUBLE * r)),
    set(OUT, add(get(OUT), i32(4 * BLOCK))),
    set(INPUT, add(get(INPUT), i32(DOUBLE * BLOCK))),
    set(BLOCKS, sub(get(BLOCKS), i32(1))),
    again(get(BLOCKS)),
  ),
];

function program() {
  return assembled<Program>([
    {
      name: 'phase',
      parameters: new Array<number>(BLOCKS + 1).fill(I32),
      locals: [
        [WEIGHT - AT, I32],
        [1 + REGISTERS.length, V128],
      ],
      body: BODY,
    },
  ]);
}

let made: ReturnType<typeof program> | undefined;

/** An input that sums are taken over. */
export interface Summed {
  /**
   * Outputs of one phase: output m is the sum over i of taps[i] * input[start + m * step + i], silence lying around the
   * input; rounded to 32 bits. The array is overwritten by the next call.
   */
  sums(taps: Float64Array, start: number, count: number): Float32Array;
}

/**
 * Takes samples [from, to) of an input for sums whose starts lie `step` apart; before its first and after its last sample there is
 * silence. It holds until the next input is taken.
 */
export function summed(
  input: Float32Array,
  {
    from,
    to,
    step,
    taps,
  }: { readonly from: number; readonly to: number; readonly step: number; readonly taps: number },
): Summed {
  made ??= program();
  const { memory, phase } = made;
  // Row r of the memory holds the samples from + r, from + r + step, ...; the last block may read beyond the end.
  const columns = Math.ceil((to - from) / step) + BLOCK;
  const tapsAt = DOUBLE * step * columns;
  const outAt = tapsAt + DOUBLE * taps;
  const size = outAt + 4 * (columns + BLOCK);
  grownTo(memory, size);
  for (let row = 0; row < step; row++) {
    const samples = new Float64Array(memory.buffer, DOUBLE * row * columns, columns);
    const first = from + row;
    const sounding = Math.max(0, Math.ceil(-first / step));
    const silent = Math.max(sounding, Math.min(columns, Math.ceil((input.length - first) / step)));
    samples.fill(0, 0, sounding);
    for (let column = sounding; column < silent; column++) samples[column] = input[first + column * step];
    samples.fill(0, silent);
  }
  return {
    sums(weights, start, count) {
      new Float64Array(memory.buffer, tapsAt, taps).set(weights);
      const row = (start - from) % step;
      const column = (start - from - row) / step;
      const first = DOUBLE * (row * columns + column);
      const blocks = Math.ceil(count / BLOCK);
      phase(first, DOUBLE * columns, step, row, tapsAt, taps, outAt, blocks);
      return new Float32Array(memory.buffer, outAt, count);
    },
  };
}
