// What the local server gives away: a fixed list of paths, each a file or something made when it is asked for. A path that
// is not in the list does not exist, so none can lead anywhere else.

import { type FileHandle, open, stat } from 'node:fs/promises';

export type Resource =
  | { readonly type: string; readonly file: string }
  | { readonly type: string; readonly make: () => Promise<Uint8Array> };

/** Paths beginning with a slash, as they stand in a request, to what they give. */
export type Resources = ReadonlyMap<string, Resource>;

/** Something that can be read in pieces; close it. */
export interface ResourceContent {
  readonly size: number;
  /** Changes when the content does. */
  readonly tag: string;
  read(start: number, end: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

interface Shared {
  readonly handle: Promise<FileHandle>;
  users: number;
}

/** Files that are being read: one handle for all who read the same. */
const shared = new Map<string, Shared>();

export async function openResource(resource: Resource): Promise<ResourceContent> {
  if ('make' in resource) {
    const bytes = await resource.make();
    return {
      size: bytes.length,
      tag: '',
      read: async (start, end) => bytes.subarray(start, end),
      close: async () => undefined,
    };
  }
  const { file } = resource;
  const { size, mtimeMs } = await stat(file);
  const entry = shared.get(file) ?? { handle: open(file, 'r'), users: 0 };
  shared.set(file, entry);
  entry.users++;
  const close = async (): Promise<void> => {
    if (--entry.users > 0) return;
    shared.delete(file);
    await (await entry.handle).close();
  };
  let handle: FileHandle;
  try {
    handle = await entry.handle;
  } catch (error) {
    entry.users--;
    shared.delete(file);
    throw error;
  }
  return {
    size,
    tag: `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`,
    async read(start, end) {
      const bytes = new Uint8Array(end - start);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    },
    close,
  };
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  pdf: 'application/pdf',
  json: 'application/json; charset=utf-8',
  wasm: 'application/wasm',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
};

/** The media type of a file by its ending. */
export function typeOf(file: string): string {
  return TYPES[file.slice(file.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream';
}
