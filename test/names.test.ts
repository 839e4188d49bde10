// One noun for one thing: no type name is exported twice in src. Files that tools made keep the names of their formats.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
/** Made from the protocol buffers of ONNX. */
const MADE = ['onnx/onnx_pb.ts'];

test('no type name is declared and exported twice', () => {
  const places = new Map<string, string[]>();
  for (const entry of readdirSync(SRC, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const file = relative(SRC, path);
    if (!/\.tsx?$/.test(entry.name) || MADE.includes(file)) continue;
    const text = readFileSync(path, 'utf8');
    for (const [, name] of text.matchAll(
      /^export (?:declare |abstract )*(?:interface|type|class|enum) (\w+)/gm,
    )) {
      places.set(name, [...(places.get(name) ?? []), file]);
    }
  }
  expect(places.size).toBeGreaterThan(300);
  expect([...places].filter(([, files]) => files.length > 1)).toEqual([]);
});
