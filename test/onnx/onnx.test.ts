// src/onnx: the safetensors header reader on good and hostile files, strict JSON, and the graph writer.

import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { newGraph } from '../../src/onnx/graph.js';
import { parseJson } from '../../src/onnx/json.js';
import { ModelProtoSchema } from '../../src/onnx/onnx_pb.js';
import { readSafetensorsHeader } from '../../src/onnx/safetensors.js';

/** A safetensors file with this header and so many bytes of data. */
function safetensors(header: string | Uint8Array, dataBytes: number, declared?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, declared ?? BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

function read(file: Uint8Array) {
  return readSafetensorsHeader(async (start, end) => file.slice(start, end), file.length, 'x.safetensors');
}

const tensor = (dtype: string, shape: readonly unknown[], begin: unknown, end: unknown) =>
  `{"dtype":"${dtype}","shape":${JSON.stringify(shape)},"data_offsets":[${begin},${end}]}`;
const a = tensor('F32', [2, 3], 0, 24);

describe('safetensors', () => {
  it('reads every dtype, in any order of keys, with metadata, empty tensors and scalars', async () => {
    const sizes = { F4: 0.5, F6_E2M3: 0.75, F6_E3M2: 0.75, BOOL: 1, U8: 1, I8: 1, F8_E5M2: 1, F8_E4M3: 1 };
    const more = {
      F8_E8M0: 1,
      I16: 2,
      U16: 2,
      F16: 2,
      BF16: 2,
      I32: 4,
      U32: 4,
      F32: 4,
      I64: 8,
      U64: 8,
      F64: 8,
      C64: 8,
    };
    let end = 0;
    const entries = Object.entries({ ...sizes, ...more }).map(([dtype, size]) => {
      const begin = end;
      end += 4 * size;
      return `"${dtype}":${tensor(dtype, [2, 2], begin, end)}`;
    });
    entries.push(`"empty":${tensor('F32', [0, 5], 5, 5)}`, `"scalar":${tensor('U8', [], end, end + 1)}`);
    const file = safetensors(`{${entries.reverse().join()},"__metadata__":{"format":"pt"}}   `, end + 1);
    const header = await read(file);
    expect(header.tensors.size).toBe(entries.length);
    expect(header.metadata).toEqual(new Map([['format', 'pt']]));
    expect(header.dataStart).toBe(file.length - end - 1);
    expect(header.tensors.get('scalar')).toEqual({
      dtype: 'U8',
      shape: [],
      offset: file.length - 1,
      length: 1,
    });
  });

  const hostile: [what: string, file: Uint8Array, cause: RegExp][] = [
    ['nothing', new Uint8Array(0), /0 bytes, too short/],
    ['a truncated length', new Uint8Array(7), /7 bytes, too short/],
    [
      'a truncated header',
      safetensors(`{"a":${a}}`, 24).slice(0, 40),
      /header ends at byte \d+, the file at 40/,
    ],
    ['a huge header length', safetensors(`{"a":${a}}`, 24, 2n ** 63n), /header of 9223372036854775808 bytes/],
    ['a header just too long', safetensors('', 0, 100_000_001n), /at most 100000000 allowed/],
    ['no brace', safetensors(` {"a":${a}}`, 24), /does not start with '{'/],
    ['an array', safetensors(`[${a}]`, 24), /does not start with '{'/],
    ['not UTF-8', safetensors(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), 0), /not valid UTF-8/],
    ['a byte order mark', safetensors(`\uFEFF{"a":${a}}`, 24), /does not start with '{'/],
    ['not JSON', safetensors(`{"a":${a}`, 24), /not valid JSON/],
    ['a line break in a bad place', safetensors(`{"a":\n\n${a},}`, 24), /not valid JSON/],
    ['deep nesting', safetensors(`{"a":${'['.repeat(200_000)}`, 0), /not valid JSON/],
    ['a repeated tensor', safetensors(`{"a":${a},"a":${a}}`, 24), /key "a" occurs twice/],
    ['an escaped repetition', safetensors(`{"a":${a},"\\u0061":${a}}`, 24), /key "a" occurs twice/],
    ['a repeated field', safetensors(`{"a":{"dtype":"F32",${a.slice(1)}}`, 24), /key "dtype" occurs twice/],
    ['a tensor that is no object', safetensors('{"a":[1]}', 0), /tensor "a": not an object/],
    ['an unknown dtype', safetensors(`{"a":${tensor('F31', [1], 0, 4)}}`, 4), /unknown dtype "F31"/],
    ['an inherited dtype', safetensors(`{"a":${tensor('toString', [1], 0, 4)}}`, 4), /unknown dtype/],
    ['a negative size', safetensors(`{"a":${tensor('F32', [-1], 0, 4)}}`, 4), /shape is not a list of sizes/],
    ['a fractional size', safetensors(`{"a":${tensor('F32', [0.5], 0, 2)}}`, 2), /shape is not a list/],
    ['offsets backwards', safetensors(`{"a":${tensor('F32', [1], 4, 0)}}`, 4), /data_offsets/],
    [
      'offsets beyond exactness',
      safetensors(`{"a":${tensor('F32', [1], '1e300', '1e300')}}`, 4),
      /data_offsets/,
    ],
    ['overflow', safetensors(`{"a":${tensor('F32', [2 ** 40, 2 ** 40], 0, 4)}}`, 4), /overflows/],
    [
      'overflow undone by a zero',
      safetensors(`{"a":${tensor('F32', [2 ** 52, 2 ** 52, 0], 0, 0)}}`, 0),
      /overflows/,
    ],
    [
      'too few bytes',
      safetensors(`{"a":${tensor('F32', [2, 3], 0, 20)}}`, 20),
      /20 bytes of data, but F32 \[2,3\] takes 24/,
    ],
    ['half a byte', safetensors(`{"a":${tensor('F4', [3], 0, 1)}}`, 1), /takes 1\.5/],
    ['a hole', safetensors(`{"a":${a},"b":${tensor('U8', [1], 25, 26)}}`, 26), /tensor "b" leaves a hole/],
    ['a hole at the start', safetensors(`{"a":${tensor('U8', [1], 1, 2)}}`, 2), /tensor "a" leaves a hole/],
    ['an overlap', safetensors(`{"a":${a},"b":${tensor('U8', [1], 23, 24)}}`, 24), /tensor "b" overlaps/],
    ['a file cut short', safetensors(`{"a":${a}}`, 23), /cut short/],
    ['bytes after the end', safetensors(`{"a":${a}}`, 25), /bytes that no tensor names/],
    ['metadata of numbers', safetensors('{"__metadata__":{"x":1}}', 0), /__metadata__ "x" is not a string/],
  ];
  it.each(hostile)('refuses %s in one line naming the file', async (_, file, cause) => {
    const error = await read(file).then(
      () => new Error('was accepted'),
      (thrown: Error) => thrown,
    );
    expect(error.message).toMatch(cause);
    expect(error.message).toMatch(/^x\.safetensors: [^\n]+$/);
    expect(error.message.length).toBeLessThan(300);
  });
});

describe('JSON', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  it('takes what JSON.parse takes, unless an object names a key twice', () => {
    const fine = [
      '{"a":{"a":[{"a":1},{"a":2}]},"b":"a"}',
      '["a","a"]',
      '{"a\\"":1,"a":"{\\"b\\":1}"}',
      '3',
      '{"__proto__":1}',
    ];
    for (const text of fine) expect(parseJson(bytes(text), 'x')).toEqual(JSON.parse(text));
    const twice = ['{"a":1,"a":2}', '{"x":[1,{"y":[],"y":{}}]}', '{"a":{},"b":[{}],"a":0}', '{"":1,"":2}'];
    for (const text of twice) expect(() => parseJson(bytes(text), 'x')).toThrow(/occurs twice/);
  });
});

describe('graph', () => {
  it('writes nodes, attributes, initialisers, inputs and outputs as ONNX has them', () => {
    const g = newGraph('small');
    const x = g.input('x', 'float32', ['rows', 3]);
    const where = { location: 'model.safetensors', offset: 128, length: 24 };
    const w = g.Cast(g.external('w', 'bfloat16', [2, 3], where), 'float32');
    g.output('y', g.Gemm(x, w, { alpha: 2, transB: true }), 'float32', ['rows', 2]);
    g.external('w', 'bfloat16', [2, 3], where);
    const model = fromBinary(ModelProtoSchema, g.toBytes());
    expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ['', 20n],
      ['com.microsoft', 1n],
    ]);
    const nodes = model.graph?.node ?? [];
    expect(nodes.map((node) => [node.opType, node.input, node.output])).toEqual([
      ['Cast', ['w'], ['Cast_0']],
      ['Gemm', ['x', 'Cast_0'], ['y']],
    ]);
    expect(nodes[1].attribute.map(({ name, f, i }) => [name, f, i])).toEqual([
      ['alpha', 2, 0n],
      ['transB', 0, 1n],
    ]);
    const [weight, ...others] = model.graph?.initializer ?? [];
    expect(others).toEqual([]);
    expect(weight.externalData.map(({ key, value }) => [key, value])).toEqual([
      ['location', 'model.safetensors'],
      ['offset', '128'],
      ['length', '24'],
    ]);
    const shape = model.graph?.input[0].type?.value;
    expect(shape?.case === 'tensorType' && shape.value.shape?.dim.map((dim) => dim.value)).toEqual([
      { case: 'dimParam', value: 'rows' },
      { case: 'dimValue', value: 3n },
    ]);
  });
});
