// Files that a user names, read whole; what cannot be read is said in one line with its name.

import { readFile } from 'node:fs/promises';

/** The bytes of a file. @throws one line naming the file. */
export async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new Error(`${file}: cannot be read (${reason(error)})`);
  }
}

/** The text of a file, UTF-8. @throws as readBytes. */
export async function readText(file: string): Promise<string> {
  return new TextDecoder().decode(await readBytes(file));
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'no permission';
  return error instanceof Error ? error.message : String(error);
}
