// Records as bytes, for pages: plain JSON with its typed arrays beside it, each array once however often it is named.
//   "LSV1" | length of the text (uint32) | text, ASCII | arrays, each at a multiple of 8 bytes
// Little-endian, as every machine that runs this. In the text an array stands as {"$array": [type, byte, count]} and a
// number that JSON cannot say as {"$number": "NaN"}.

import { counted, verb } from '../../counted.js';

const MAGIC = 'LSV1';
const ALIGN = 8;

const TYPES = { Float32Array, Float64Array, Int32Array, Int16Array, Uint8Array } as const;
type TypeName = keyof typeof TYPES;
type Packable = InstanceType<(typeof TYPES)[TypeName]>;

/** Any value of objects, arrays, text, numbers, and typed arrays of the types above. @throws for anything else. */
export function pack(value: unknown): Uint8Array {
  const places = new Map<Packable, number>();
  let size = 0;
  const placeOf = (array: Packable): number => {
    const known = places.get(array);
    if (known !== undefined) return known;
    const at = size;
    places.set(array, at);
    size = aligned(at + array.byteLength);
    return at;
  };
  const text = ascii(JSON.stringify(plainOf(value, placeOf)));
  const start = aligned(MAGIC.length + 4 + text.length);
  const bytes = new Uint8Array(start + size);
  bytes.set(codesOf(MAGIC));
  new DataView(bytes.buffer).setUint32(MAGIC.length, text.length, true);
  bytes.set(codesOf(text), MAGIC.length + 4);
  for (const [array, at] of places) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + at);
  }
  return bytes;
}

/** What was packed. @throws one line when the bytes are nothing of the kind. */
export function unpack(bytes: Uint8Array): unknown {
  const head = MAGIC.length + 4;
  if (bytes.length < head || textOf(bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new Error(
      `page data: ${counted(bytes.length, 'byte')} that ${verb(bytes.length, 'does', 'do')} not begin with ${MAGIC}; the file is damaged`,
    );
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(MAGIC.length, true);
  const start = aligned(head + length);
  if (start > bytes.length) throw new Error(`page data: ends in its text; the file is damaged`);
  const arrays = new Map<string, Packable>();
  return JSON.parse(textOf(bytes.subarray(head, head + length)), (_, value) => {
    if (typeof value !== 'object' || value === null) return value;
    if ('$number' in value) return Number(value.$number);
    if (!('$array' in value)) return value;
    const [type, at, count] = value.$array as [TypeName, number, number];
    const key = value.$array.join();
    const known = arrays.get(key) ?? arrayAt(bytes, type, start + at, count);
    arrays.set(key, known);
    return known;
  });
}

function arrayAt(bytes: Uint8Array, type: TypeName, at: number, count: number): Packable {
  const Type = TYPES[type];
  const size = count * Type.BYTES_PER_ELEMENT;
  if (at + size > bytes.length)
    throw new Error(`page data: ends before byte ${at + size}; the file is damaged`);
  return new Type(bytes.slice(at, at + size).buffer);
}

function plainOf(value: unknown, placeOf: (array: Packable) => number): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) };
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) {
    const name = Object.keys(TYPES).find((type) => value instanceof TYPES[type as TypeName]);
    if (name === undefined) throw new Error(`page data: cannot pack a ${value.constructor.name}`);
    const array = value as Packable;
    return { $array: [name, placeOf(array), array.length] };
  }
  if (Array.isArray(value)) return value.map((item) => plainOf(item, placeOf));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainOf(item, placeOf)]));
}

function aligned(at: number): number {
  return Math.ceil(at / ALIGN) * ALIGN;
}

/** JSON in which every other letter is written as \uXXXX. */
function ascii(json: string): string {
  return json.replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function codesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
}
