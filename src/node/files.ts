// A checkpoint folder on disk. Hugging Face caches are folders of symlinks into a folder of blobs, and
// onnxruntime reads external data only from inside one real folder: names are resolved here.

import { open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CheckpointFiles } from '../models/runtime.js';
import { hashAgain, stampOf, surveyFile } from './survey.js';

export interface FolderFiles extends CheckpointFiles {
  /** The real folder of the files that `location` was asked for. */
  dataFolder(): string;
  /** Throws one line when a file is no longer the one that was surveyed. Looks at its entry; reads it only if that changed. */
  requireUnchanged(): Promise<void>;
}

/** A file as it was when it was first seen; with the hash of its bytes once it is surveyed. */
interface Seen {
  stamp: string;
  readonly sha256?: string;
}

/** Files of a folder on disk; `name` is what errors call it. */
export function openFolder(folder: string, options: { readonly name?: string } = {}): FolderFiles {
  const { name = folder } = options;
  const at = (file: string) => {
    if (path.basename(file) !== file) throw new Error(`${name}: ${file} is not a plain file name`);
    return path.join(folder, file);
  };
  let dataFolder: string | undefined;
  const seen = new Map<string, Seen>();
  const changed = (file: string) =>
    new Error(
      `${name}/${file}: has changed since it was opened; weights must stay as they are during a run: run again`,
    );
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
      if (!seen.has(file)) seen.set(file, { stamp: await stampOf(at(file)) });
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
    async survey(file, scan) {
      const { survey, stamp } = await surveyFile(at(file), scan);
      const before = seen.get(file)?.stamp ?? stamp;
      if (before !== stamp || (await stampOf(at(file))) !== stamp) throw changed(file);
      await refuseDamaged(at(file), survey.sha256, `${name}/${file}`);
      seen.set(file, { stamp, sha256: survey.sha256 });
      return survey;
    },
    async requireUnchanged() {
      for (const [file, known] of seen) {
        if (known.sha256 === undefined) continue;
        const stamp = await stampOf(at(file)).catch(() => 'gone');
        if (stamp === known.stamp) continue;
        // A new link to it or other permissions change its entry, not its bytes.
        const now = stamp === 'gone' ? undefined : await hashAgain(at(file));
        if (now?.sha256 !== known.sha256) throw changed(file);
        known.stamp = now.stamp;
      }
    },
    dataFolder: () => dataFolder ?? folder,
  };
}

/** A blob of the Hub's cache is named by its SHA-256. */
async function refuseDamaged(file: string, sha256: string, what: string): Promise<void> {
  const real = await realpath(file);
  const named = /^[0-9a-f]{64}$/.exec(path.basename(real))?.[0];
  if (named === undefined || named === sha256 || path.basename(path.dirname(real)) !== 'blobs') return;
  throw new Error(
    `${what}: damaged, not the bytes that the Hub sent; delete ${real} and fetch it again (losscope pull)`,
  );
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}
