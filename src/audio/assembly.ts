// WebAssembly written instruction by instruction, for inner loops that JavaScript is several times slower at and a library
// would round otherwise. Each constructor gives the bytes of one instruction with what it takes before it.

/** What the core, which knows no platform, needs of WebAssembly. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** Bytes of instructions. */
export type Code = readonly number[];

/** Types of parameters and locals. */
export const [I32, V128] = [0x7f, 0x7b];
const VOID = 0x40;

export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => [...value, 0x21, local];
export const i32 = (value: number): Code => [0x41, ...signed(value)];
export const add = (a: Code, b: Code): Code => [...a, ...b, 0x6a];
export const sub = (a: Code, b: Code): Code => [...a, ...b, 0x6b];
export const mul = (a: Code, b: Code): Code => [...a, ...b, 0x6c];
export const loadInteger = (address: Code, offset = 0): Code => [...address, 0x28, 2, ...unsigned(offset)];
export const loop = (...body: readonly Code[]): Code => [0x03, VOID, ...body.flat(), 0x0b];
/** At the end of a loop: once more while the condition holds. */
export const again = (condition: Code): Code => [...condition, 0x0d, 0];
export const below = (a: Code, b: Code): Code => [...a, ...b, 0x49];
export const equal = (a: Code, b: Code): Code => [...a, ...b, 0x46];
export const choose = (condition: Code, yes: Code, no: Code): Code => [
  ...[...condition, 0x04, VOID],
  ...[...yes, 0x05, ...no, 0x0b],
];

/** Of two 64-bit floats side by side. */
const simd = (instruction: number): Code => [0xfd, ...unsigned(instruction)];
export const ZEROS: Code = [...simd(0x0c), ...new Array<number>(16).fill(0)];
export const load = (address: Code, offset = 0): Code => [
  ...[...address, ...simd(0x00)],
  ...[3, ...unsigned(offset)],
];
/** One float, twice. */
export const loadBoth = (address: Code, offset = 0): Code => [
  ...[...address, ...simd(0x0a)],
  ...[3, ...unsigned(offset)],
];
export const store = (address: Code, pair: Code, offset = 0): Code => [
  ...[...address, ...pair, ...simd(0x0b)],
  ...[3, ...unsigned(offset)],
];
export const plus = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xf0)];
export const times = (a: Code, b: Code): Code => [...a, ...b, ...simd(0xf2)];
const shuffled = (a: Code, b: Code, bytes: Code): Code => [...a, ...b, ...simd(0x0d), ...bytes];
const bytesFrom = (first: number): number[] => Array.from({ length: 8 }, (_, i) => first + i);
/** The first floats of two pairs. */
export const firsts = (a: Code, b: Code): Code => shuffled(a, b, [...bytesFrom(0), ...bytesFrom(16)]);
/** The second ones. */
export const seconds = (a: Code, b: Code): Code => shuffled(a, b, [...bytesFrom(8), ...bytesFrom(24)]);
/** As two 32-bit floats, stored in 8 bytes. */
export const storeFloats = (address: Code, pair: Code, offset = 0): Code => [
  ...[...address, ...pair, ...simd(0x5e)],
  ...[...simd(0x5b), 3, ...unsigned(offset), 0],
];

export interface AssembledFunction {
  readonly name: string;
  /** Types. */
  readonly parameters: readonly number[];
  /** How many locals of which type, numbered after the parameters. */
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly body: readonly Code[];
}

/** Memory that grows by pages of 64 KiB. */
export interface AssembledMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const PAGE = 65_536;

/** The functions, which return nothing, and their memory; what they take is as their parameters say. */
export function assembled<T>(
  functions: readonly AssembledFunction[],
): T & { readonly memory: AssembledMemory } {
  const section = (id: number, ...content: readonly Code[]): number[] => {
    const bytes = content.flat();
    return [id, ...unsigned(bytes.length), ...bytes];
  };
  const named = (name: string): number[] => [name.length, ...Array.from(name, (c) => c.charCodeAt(0))];
  const count = functions.length;
  const codes = functions.map(({ locals, body }) => {
    const code = [locals.length, ...locals.flat(), ...body.flat(), 0x0b];
    return [...unsigned(code.length), ...code];
  });
  const bytes = Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [count], ...functions.map(({ parameters: p }) => [0x60, p.length, ...p, 0])),
    ...section(3, [count, ...functions.map((_, i) => i)]),
    ...section(5, [1, 0, 1]),
    ...section(
      7,
      [1 + count, ...named('memory'), 2, 0],
      ...functions.map(({ name }, i) => [...named(name), 0, i]),
    ),
    ...section(10, [count], ...codes),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return exports as T & { readonly memory: AssembledMemory };
}

/** Makes a memory at least so many bytes large. */
export function grownTo(memory: AssembledMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const rest = value >> 7;
  const ends = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0);
  return ends ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}
