// JSON from files that are not trusted: strict UTF-8, and no object may name a key twice (JSON.parse keeps
// the last one silently, other readers the first: two programs would see two different files).

import { refuseLfsPointer } from './pointer.js';

/** Every platform has it; the core's tsconfig knows no platform. */
declare const TextDecoder: {
  new (label: 'utf-8', options: { fatal: true; ignoreBOM: true }): { decode(bytes: Uint8Array): string };
};

/** The value of a JSON text; `what` names the file in errors. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  refuseLfsPointer(bytes, what);
  const wide = wideText(bytes);
  if (wide !== undefined) throw new Error(`${what}: is text in ${wide}; save it as UTF-8`);
  const text = decodeUtf8(bytes, what);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${what}: not valid JSON (${whereOf(error)})`);
  }
  refuseRepeatedKeys(text, what);
  return value;
}

/** @throws when an object of a valid JSON text names a key twice. */
export function refuseRepeatedKeys(json: string, what: string): void {
  const twice = repeatedKey(json);
  if (twice !== undefined) throw new Error(`${what}: key ${quoted(twice)} occurs twice in one object`);
}

/** A string from outside, safe to print: quoted, control characters escaped, at most 80 characters. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

/**
 * "UTF-16" or "UTF-32" for text whose characters take two or four bytes, most of them in Latin letters, digits and signs; undefined
 * for all other bytes. UTF-8 decoders take it for letters with NULs between.
 */
export function wideText(bytes: Uint8Array): string | undefined {
  const seen = bytes.subarray(0, Math.min(bytes.length - (bytes.length % 4), 1024));
  const places = [0, 1, 2, 3].map((place) => seen.filter((byte, i) => i % 4 === place && byte === 0).length);
  const most = 0.75 * (seen.length / 4);
  const [zeros, letters] = [
    places.filter((count) => count > most).length,
    places.filter((count) => count === 0).length,
  ];
  if (seen.length === 0 || zeros + letters < 3) return undefined;
  if (zeros === 3) return 'UTF-32';
  const alternate = (places[0] > most && places[2] > most) || (places[1] > most && places[3] > most);
  return zeros === 2 && alternate ? 'UTF-16' : undefined;
}

function decodeUtf8(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(`${what}: not valid UTF-8`);
  }
}

/** The position where a text stops being JSON. The text itself is never quoted: a link may point to a secret file. */
function whereOf(error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return `wrong at character ${position}`;
  return /end of JSON|Unterminated/.test(message)
    ? 'it ends in the middle'
    : 'a character that cannot stand there';
}

/** The first key that an object names twice. `json` must be valid JSON: only strings and braces are looked at. */
function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | null)[] = []; // keys seen so far in each open object; null for an array
  let expectKey = false;
  for (let i = 0; i < json.length; i++) {
    const character = json[i];
    if (character === '"') {
      const end = endOfString(json, i);
      const keys = open.at(-1);
      if (expectKey && keys) {
        const key: string = JSON.parse(json.slice(i, end));
        if (keys.has(key)) return key;
        keys.add(key);
        expectKey = false;
      }
      i = end - 1;
    } else if (character === '{' || character === '[') {
      open.push(character === '{' ? new Set() : null);
      expectKey = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      expectKey = false;
    } else if (character === ',') {
      expectKey = open.at(-1) != null;
    }
  }
  return undefined;
}

/** Index after the closing quote of the string that opens at `start`. */
function endOfString(json: string, start: number): number {
  let i = start + 1;
  while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i + 1;
}
