// The resampler's inner loop as WebAssembly: outputs of one phase, eight at a time, each summed in the order of its taps in
// 64-bit floats, two in a register: the bits of a plain loop, in a fifth of its time. The program is so small that it is
// written here, instruction by instruction (WebAssembly with SIMD, which onnxruntime-web needs as well).

/** Columns of a block: four registers of two. */
const BLOCK = 8;
const PAGE = 65_536;
const DOUBLE = 8;

/** What the core, which knows no platform, needs of WebAssembly. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

interface Program {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
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

const [I32, V128, VOID] = [0x7f, 0x7b, 0x40];
const get = (local: number): number[] => [0x20, local];
const set = (local: number, value: readonly number[]): number[] => [...value, 0x21, local];
const i32 = (value: number): number[] => [0x41, value];
const add = (a: readonly number[], b: readonly number[]): number[] => [...a, ...b, 0x6a];
const sub = (a: readonly number[], b: readonly number[]): number[] => [...a, ...b, 0x6b];
const mul = (a: readonly number[], b: readonly number[]): number[] => [...a, ...b, 0x6c];
const loop = (...body: readonly number[][]): number[] => [0x03, VOID, ...body.flat(), 0x0b];
const again = (condition: readonly number[]): number[] => [...condition, 0x0d, 0];
const choose = (condition: readonly number[], yes: readonly number[], no: readonly number[]): number[] => [
  ...[...condition, 0x04, VOID],
  ...[...yes, 0x05, ...no, 0x0b],
];
/** Of a vector instruction whose number takes two bytes. */
const simd = (instruction: number): number[] => [0xfd, (instruction & 0x7f) | 0x80, instruction >> 7];
const ZEROS = [0xfd, 0x0c, ...new Array<number>(16).fill(0)];
const load = (address: readonly number[], offset: number): number[] => [...address, 0xfd, 0, 3, offset];
const loadBoth = (address: readonly number[]): number[] => [...address, 0xfd, 10, 3, 0];
const plus = (a: readonly number[], b: readonly number[]): number[] => [...a, ...b, ...simd(0xf0)];
const times = (a: readonly number[], b: readonly number[]): number[] => [...a, ...b, ...simd(0xf2)];
const asFloats = (doubles: readonly number[]): number[] => [...doubles, 0xfd, 0x5e];
const store = (address: readonly number[], floats: readonly number[], offset: number): number[] => [
  ...[...address, ...floats],
  ...[0xfd, 0x5b, 3, offset, 0],
];

/** The next sample stands in the next row; after the last one in the first, a column on. */
const BODY: readonly number[][] = [
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
        [...get(ROW), ...get(ROWS), 0x46],
        [...set(ROW, i32(0)), ...set(AT, add(get(AT), get(BACK)))],
        set(AT, add(get(AT), get(ROW_BYTES))),
      ),
      set(TAP, add(get(TAP), i32(DOUBLE))),
      again([...get(TAP), ...get(END), 0x49]),
    ),
    ...REGISTERS.map((r) => store(get(OUT), asFloats(get(SUM + r)), DOUBLE * r)),
    set(OUT, add(get(OUT), i32(4 * BLOCK))),
    // 64 as a signed number takes two bytes.
    set(INPUT, add(get(INPUT), [0x41, 0xc0, 0x00])),
    set(BLOCKS, sub(get(BLOCKS), i32(1))),
    again(get(BLOCKS)),
  ),
];

function program(): Uint8Array {
  const length = (bytes: number): number[] => [(bytes & 0x7f) | 0x80, bytes >> 7];
  const section = (id: number, ...content: readonly number[][]): number[] => {
    const bytes = content.flat();
    return [id, ...length(bytes.length), ...bytes];
  };
  const named = (name: string): number[] => [name.length, ...Array.from(name, (c) => c.charCodeAt(0))];
  const parameters = new Array<number>(BLOCKS + 1).fill(I32);
  const locals = [2, WEIGHT - AT, I32, 1 + REGISTERS.length, V128];
  const code = [...locals, ...BODY.flat(), 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters.length, ...parameters, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...named('memory'), 2, 0, ...named('phase'), 0, 0]),
    ...section(10, [1, ...length(code.length), ...code]),
  ]);
}

let made: Program | undefined;

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
  made ??= new WebAssembly.Instance(new WebAssembly.Module(program())).exports as Program;
  const { memory, phase } = made;
  // Row r of the memory holds the samples from + r, from + r + step, ...; the last block may read beyond the end.
  const columns = Math.ceil((to - from) / step) + BLOCK;
  const tapsAt = DOUBLE * step * columns;
  const outAt = tapsAt + DOUBLE * taps;
  const size = outAt + 4 * (columns + BLOCK);
  if (size > memory.buffer.byteLength) memory.grow(Math.ceil((size - memory.buffer.byteLength) / PAGE));
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
