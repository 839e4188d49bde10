// Files that a user names. Only regular files are read: a pipe or a device has no size, and may never end. What cannot be
// read is said in one line with its name.

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ByteSource } from '../audio/source.js';
import { counted } from '../counted.js';
import { wideText } from '../onnx/json.js';

/** Bytes of a file that is read whole, where nothing else is said (1 GiB). */
const LARGEST_FILE = 2 ** 30;

/** A file that is read in parts. The caller closes it. */
export interface OpenFile extends ByteSource {
  close(): Promise<void>;
}

/** Opens a regular file. @throws one line naming it. */
export async function openFile(file: string): Promise<OpenFile> {
  const handle = await opened(file);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) {
      throw new Error(`${file}: cannot be read (${stats.isDirectory() ? 'it is a folder' : NO_FILE})`);
    }
    return {
      size: stats.size,
      read: (start, end) => readPart(handle, { start, end: Math.min(end, stats.size), file }),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const NO_FILE = 'a pipe or a device, not a file; write what comes from it into a file first';

/** Without waiting: opening a pipe without a writer would block for ever. */
async function opened(file: string): Promise<FileHandle> {
  try {
    return await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw new Error(`${file}: cannot be read (${reasonOf(error, file)})`);
  }
}

async function readPart(
  handle: FileHandle,
  { start, end, file }: { readonly start: number; readonly end: number; readonly file: string },
): Promise<Uint8Array> {
  const bytes = new Uint8Array(Math.max(0, end - start));
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await readOnce(handle, bytes.subarray(filled), start + filled, file);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function readOnce(handle: FileHandle, into: Uint8Array, at: number, file: string) {
  try {
    return await handle.read(into, 0, into.length, at);
  } catch (error) {
    throw new Error(`${file}: cannot be read (${reasonOf(error, file)})`);
  }
}

/** The bytes of a file. @throws one line naming the file, also when it has more bytes than `limit`. */
export async function readBytes(
  file: string,
  { limit = LARGEST_FILE }: { readonly limit?: number } = {},
): Promise<Uint8Array> {
  const source = await openFile(file);
  try {
    if (source.size > limit)
      throw new Error(`${file}: ${counted(source.size, 'byte')}, at most ${limit} are read`);
    return await source.read(0, source.size);
  } finally {
    await source.close();
  }
}

/** The first bytes of a file, as many as say what it is; none where it cannot be read: whoever reads all of it says why. */
export async function headOf(file: string): Promise<Uint8Array> {
  try {
    const source = await openFile(file);
    try {
      return await source.read(0, HEAD);
    } finally {
      await source.close();
    }
  } catch (error) {
    if (error instanceof Error) return new Uint8Array();
    throw error;
  }
}

/** Bytes that say of what format a file is. */
const HEAD = 64;

/** The text of a file: UTF-8, or UTF-16 where it begins with the mark of that. @throws as readBytes, and when it is neither. */
export async function readText(file: string, { limit }: { readonly limit?: number } = {}): Promise<string> {
  const bytes = await readBytes(file, { limit });
  const marked = wideTextMark(bytes);
  const wide = marked === undefined ? wideText(bytes) : undefined;
  if (wide !== undefined)
    throw new Error(`${file}: is text in ${wide} without a mark that says so; save it as UTF-8`);
  const encoding = marked ?? 'utf-8';
  try {
    // Leaves out a mark at the beginning.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new Error(`${file}: is not text in ${encoding.toUpperCase()}; save it as UTF-8`);
  }
}

function wideTextMark([first, second, third, fourth]: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  if (first === 0xff && second === 0xfe) return third === 0 && fourth === 0 ? undefined : 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
}

/** Why a file cannot be opened, in words. Of a name that is not UTF-8 Node shows a mark for each strange byte, and cannot find it. */
export function reasonOf(error: unknown, file: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return file.includes('\uFFFD') ? 'its name is not UTF-8; rename it' : 'no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'no permission';
  if (code === 'ENOTDIR') return 'a folder of its path is a file';
  if (code === 'ELOOP') return 'it is a link that leads back to itself';
  if (code === 'ENAMETOOLONG') return 'no such file: the name is too long';
  if (code === 'ENXIO') return 'nothing is at the other end of it';
  return error instanceof Error ? error.message : String(error);
}
