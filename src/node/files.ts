// A checkpoint folder on disk. Hugging Face caches are folders of symlinks into a folder of blobs, and
// onnxruntime reads external data only from inside one real folder: names are resolved here.

import { createHash } from 'node:crypto';
import { open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CheckpointFiles } from '../models/runtime.js';

export interface FolderFiles extends CheckpointFiles {
  /** The real folder of the files that `location` was asked for. */
  dataFolder(): string;
}

/** Files of a folder on disk; `name` is what errors call it. */
export function openFolder(folder: string, options: { readonly name?: string } = {}): FolderFiles {
  const { name = folder } = options;
  const at = (file: string) => {
    if (path.basename(file) !== file) throw new Error(`${name}: ${file} is not a plain file name`);
    return path.join(folder, file);
  };
  let dataFolder: string | undefined;
  return {
    name,
    async has(file) {
      try {
        return (await stat(at(file))).isFile();
      } catch (error) {
        if (isErrno(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return false;
        throw new Error(`${name}/${file}: cannot be read (${isErrno(error) ? error.code : String(error)})`);
      }
    },
    async size(file) {
      return (await stat(at(file))).size;
    },
    async read(file, start, end) {
      const handle = await open(at(file), 'r');
      try {
        const bytes = new Uint8Array(end - start);
        let filled = 0;
        while (filled < bytes.length) {
          const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
          if (bytesRead === 0)
            throw new Error(`${name}/${file}: ends at byte ${start + filled}, expected ${end}`);
          filled += bytesRead;
        }
        return bytes;
      } finally {
        await handle.close();
      }
    },
    async location(file) {
      const real = await realpath(at(file));
      dataFolder ??= path.dirname(real);
      if (path.dirname(real) !== dataFolder) {
        throw new Error(
          `${name}: ${file} really lies in ${path.dirname(real)}, other weights in ${dataFolder}; put them in one folder`,
        );
      }
      return path.basename(real);
    },
    async sha256(bytes) {
      return createHash('sha256').update(bytes).digest('hex');
    },
    dataFolder: () => dataFolder ?? folder,
  };
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
