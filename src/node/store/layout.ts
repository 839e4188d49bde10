// Where things lie in a store: the plan at the top, and a folder for each writer, in which nobody else writes:
//
//   plan.json  plan-<sha256>.parquet
//   writers/<writer>/writer.json                         which machine it was
//   writers/<writer>/parts/<sha256>.parquet              rows
//   writers/<writer>/maps/<key>.<status>.<sha256>.json   documents, and the same for parity/
//
// Every file but the two that hold a checksum of their own is named by the SHA-256 of its bytes.

import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { counted } from '../../counted.js';
import type { DocumentKind } from '../../study/store.js';
import { fileAbove, MACHINE } from '../output.js';
import { isAlive } from '../processes.js';

/** The plan, at the top. */
export const HEADER = 'plan.json';
export const WRITERS = 'writers';
export const PARTS = 'parts';
/** Folder of the documents of each kind. */
export const FOLDERS: Readonly<Record<DocumentKind, string>> = { map: 'maps', parity: 'parity' };

/** A name for a writer that no other has: the machine, the process and a random number. */
export function newWriter(): string {
  return `${MACHINE}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** The process of a writer that runs on this machine now; undefined for any other. A number that was given again looks alike. */
export function processHere(writer: string): number | undefined {
  const [, machine, digits] = /^(.*)-(\d+)-[0-9a-f]{8}$/.exec(writer) ?? [];
  const id = Number(digits);
  return machine === MACHINE && isAlive(id) ? id : undefined;
}

/** Folders of the writers of a store, sorted. */
export async function writerFolders(folder: string): Promise<string[]> {
  const writers = join(folder, WRITERS);
  const names = (await namesIn(writers)).filter((name) => !OF_THE_SYSTEM.test(name));
  return names.sort().map((name) => join(writers, name));
}

/** What file managers leave in a folder that someone has looked at. */
const OF_THE_SYSTEM = /^(\..*|desktop\.ini|thumbs\.db)$/i;

/**
 * What a folder holds; nothing where there is none. A folder that goes away while it is read is none (NFS says ESTALE).
 * @throws one line when it, or one above it, is a file.
 */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') {
      const file = (await fileAbove(folder)) ?? folder;
      throw new Error(`${file}: is a file, expected a folder of the store; take it away`);
    }
    if (isGone(error)) return [];
    throw new Error(`${folder}: cannot be read (${error.code})`);
  });
}

export function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ENOENT' || code === 'ESTALE' || code === 'ENOTDIR';
}

/**
 * The bytes of a file of a store; undefined where there is none.
 * @throws one line when it is no file but a folder, a pipe or a device, when it has more than `limit` bytes, or cannot be read.
 */
export async function storedBytes(
  path: string,
  { limit }: { readonly limit: number },
): Promise<Uint8Array | undefined> {
  return orUndefined(path, async () => {
    const size = await sizeOf(path);
    if (size > limit) throw new Error(`${path}: ${counted(size, 'byte')}, at most ${limit} are read`);
    return readFile(path);
  });
}

/** SHA-256 in hex of the bytes of a file of a store, in flat memory; undefined where there is none. @throws as storedBytes. */
export async function storedHash(path: string): Promise<string | undefined> {
  return orUndefined(path, async () => {
    await sizeOf(path);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path)) hash.update(chunk);
    return hash.digest('hex');
  });
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path);
  if (!found.isFile()) throw new Error(`${path}: cannot be read (not a file)`);
  return found.size;
}

async function orUndefined<T>(path: string, read: () => Promise<T>): Promise<T | undefined> {
  return read().catch((error: NodeJS.ErrnoException) => {
    if (isGone(error)) return undefined;
    throw error.code === undefined ? error : new Error(`${path}: cannot be read (${error.code})`);
  });
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
