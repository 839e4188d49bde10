// Documents of a store: results that are no rows, one JSON file each. The file's name holds the key of the task, what became
// of it, and the SHA-256 of the bytes, so that a listing says what is there, and reading says whether it is sound.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseJson } from '../../onnx/json.js';
import { documentText } from '../../study/key.js';
import type { DocumentKind, DocumentResult, StoredResult } from '../../study/store.js';
import { writeWhole } from '../output.js';
import { type AnyResult, parsedDocument } from './document_schema.js';
import { FOLDERS, namesIn, sha256, storedBytes, writerFolders } from './layout.js';

const NAME = /^([0-9a-f]{64})\.(ok|failed)\.([0-9a-f]{64})\.json$/;
/** Bytes of a document: a map of an hour has some megabytes. */
const LARGEST = 2 ** 28;
export const REMEDY = 'delete it and run the study again';

/** A file as its name says it. */
export interface DocumentFile extends StoredResult {
  readonly kind: DocumentKind;
  readonly key: string;
  readonly path: string;
}

/** The documents of all writers, of one kind or all. */
export async function documentFiles(
  folder: string,
  kinds = Object.keys(FOLDERS) as DocumentKind[],
): Promise<DocumentFile[]> {
  const found: DocumentFile[] = [];
  for (const writer of await writerFolders(folder)) {
    for (const kind of kinds) {
      const place = join(writer, FOLDERS[kind]);
      for (const name of (await namesIn(place)).sort()) {
        const [, key, status, digest] = NAME.exec(name) ?? [];
        if (key === undefined) continue;
        found.push({ kind, key, status: status === 'ok' ? 'ok' : 'failed', digest, path: join(place, name) });
      }
    }
  }
  return found;
}

/** Writes a document to a writer's folder. */
export async function writeDocument<K extends DocumentKind>(
  writer: string,
  kind: K,
  key: string,
  result: DocumentResult<K>,
): Promise<DocumentFile> {
  const text = textOf(kind, key, result);
  const digest = sha256(text);
  const path = join(writer, FOLDERS[kind], `${key}.${result.status}.${digest}.json`);
  await writeWhole(path, text);
  return { kind, key, status: result.status, digest, path };
}

/** Puts a document of another store into a writer's folder of this one, under the name that it has. */
export async function copyDocument({ path, kind }: DocumentFile, writer: string): Promise<void> {
  await writeWhole(join(writer, FOLDERS[kind], basename(path)), await readFile(path));
}

/** `{ key, status, map }` or `{ key, status, error }`; NaN is null. */
function textOf<K extends DocumentKind>(kind: K, key: string, result: DocumentResult<K>): string {
  const { status } = result;
  const plain =
    status === 'ok' ? { key, status, [kind]: result.value } : { key, status, error: result.error };
  return `${documentText(plain)}\n`;
}

/** Whether the bytes of a document are those that its name says; `gone` when it was taken away meanwhile. */
export async function lookAtDocument({ path, digest }: DocumentFile): Promise<'sound' | 'gone' | Error> {
  const bytes = await bytesOf(path);
  if (bytes instanceof Error) return bytes;
  if (!bytes) return 'gone';
  return sha256(bytes) === digest ? 'sound' : damaged(path);
}

/** @throws one line when the file is damaged, or not of this task. */
export async function readDocument<K extends DocumentKind>(
  file: DocumentFile & { readonly kind: K },
): Promise<DocumentResult<K> | undefined> {
  const { path, kind, key, digest } = file;
  const bytes = await bytesOf(path);
  if (bytes instanceof Error) throw bytes;
  if (!bytes) return undefined;
  if (sha256(bytes) !== digest) throw damaged(path);
  const found: AnyResult<K> | undefined = parsedDocument(kind, parseJson(bytes, path));
  if (found?.key !== key)
    throw new Error(`${path}: not the ${kind} that losscope run wrote there; ${REMEDY}`);
  return found.result;
}

async function bytesOf(path: string): Promise<Uint8Array | undefined | Error> {
  return storedBytes(path, { limit: LARGEST }).catch((error: Error) => error);
}

function damaged(path: string): Error {
  return new Error(`${path}: damaged (its bytes are not those that its name says); ${REMEDY}`);
}

/**
 * The file that counts for each task: a success before a failure. Two different successes are a contradiction, but in a study
 * that is `mixed`: there the same one is taken whatever the order of the files.
 */
export function documentsByKey(
  files: readonly DocumentFile[],
  { mixed = false }: { readonly mixed?: boolean } = {},
): {
  readonly byKey: ReadonlyMap<string, DocumentFile>;
  readonly conflicts: readonly (readonly [DocumentFile, DocumentFile])[];
} {
  const byKey = new Map<string, DocumentFile>();
  const conflicts: (readonly [DocumentFile, DocumentFile])[] = [];
  for (const file of files) {
    const there = byKey.get(file.key);
    const differs = there?.status === 'ok' && file.status === 'ok' && there.digest !== file.digest;
    if (differs && !mixed) conflicts.push([there, file]);
    const isFirst = differs && mixed && file.digest < there.digest;
    if (!there || isFirst || (there.status === 'failed' && file.status === 'ok')) byKey.set(file.key, file);
  }
  return { byKey, conflicts };
}

/** Two results of one task, for an error. */
export function documentConflict([a, b]: readonly [DocumentFile, DocumentFile]): string {
  return `${a.kind} ${a.key} came out differently twice; delete the wrong one of ${a.path} and ${b.path}`;
}
