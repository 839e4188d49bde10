// JSON files that hold a checksum of themselves: those whose name must stay the same.

import { parseJson } from '../../onnx/json.js';
import { documentText } from '../../study/key.js';
import { sha256, storedBytes } from './layout.js';

/** A study in YAML has a megabyte at most. */
const LARGEST = 2 ** 26;

/** A plain object as JSON text with its SHA-256. */
export function sealed(value: object): string {
  return `${JSON.stringify({ ...value, sha256: sha256(documentText(value)) }, null, 2)}\n`;
}

/** Reads such a file; undefined where there is none. @throws when it is not what was written. */
export async function readSealed(path: string): Promise<object | undefined> {
  const bytes = await storedBytes(path, { limit: LARGEST });
  if (!bytes) return undefined;
  const value = parseJson(bytes, path);
  if (typeof value !== 'object' || value === null || !('sha256' in value)) {
    throw new Error(`${path}: no checksum in it`);
  }
  const { sha256: seal, ...rest } = value;
  if (seal !== sha256(documentText(rest))) throw new Error(`${path}: damaged (not what its checksum says)`);
  return rest;
}
