// Codes that were written down: the JSON lines of `losscope encode` and `losscope generate --codes`.

import { z } from 'zod';
import { type Codes, codesOf } from '../audio/codes.js';
import { counted } from '../counted.js';
import { refuseRepeatedKeys } from '../onnx/json.js';
import { readText } from './input.js';

/** Bytes of a file of codes (256 MiB): an hour takes about 4 MB. */
const LARGEST_CODES = 2 ** 28;

/** What `losscope encode` prints, as far as anybody needs it again. */
const encoded = z.object({
  model: z.string().optional(),
  codes: z.array(z.array(z.int32().min(0)).min(1)).min(1),
});

/** One clip of a file of codes, not yet looked at. */
export interface WrittenCodes {
  /** The file, and where it holds several clips the line: "codes.jsonl:3". */
  readonly name: string;
  readonly text: string;
}

/** Codes [K, T] of a file with one encoded clip. @throws one line naming the file. */
export async function readCodes(file: string): Promise<Codes> {
  const clips = await readWrittenCodes(file);
  if (clips.length > 1) {
    throw new Error(
      `${file}: holds ${counted(clips.length, 'clip')}; one line of encode is taken at a time (head -n 1, or one file each)`,
    );
  }
  return parseCodes(clips[0]);
}

/** The clips of a file: one, or one a line. @throws one line naming the file when it cannot be read. */
export async function readWrittenCodes(file: string): Promise<readonly WrittenCodes[]> {
  const text = await readText(file, { limit: LARGEST_CODES });
  const lines = text.split('\n').flatMap((line, i) => (line.trim() === '' ? [] : [{ line, number: i + 1 }]));
  if (lines.length < 2 || jsonOf(lines[0].line) === undefined) return [{ name: file, text }];
  return lines.map(({ line, number }) => ({ name: `${file}:${number}`, text: line }));
}

function hasCodes(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'codes' in json;
}

/** Codes [K, T] as they were written. @throws one line naming them. */
export function parseCodes({ name, text }: WrittenCodes): Codes {
  const json = jsonOf(text);
  if (json === undefined) {
    throw new Error(`${name}: not JSON; expected one line of \`losscope encode\`: {"codes": [[...], ...]}`);
  }
  const parsed = encoded.safeParse(json);
  if (!hasCodes(json)) {
    throw new Error(
      `${name}: JSON without codes; expected one line of \`losscope encode\`: {"codes": [[...], ...]}, or a file of sound or notes`,
    );
  }
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0];
    throw new Error(
      `${name}: ${path.length ? `${path.join('.')}: ` : ''}${message}; expected codes[K][T], whole numbers from 0`,
    );
  }
  refuseRepeatedKeys(text, name);
  return named(name, () => codesOf(parsed.data.codes));
}

/** Undefined when it is no JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function named<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`);
  }
}
