// Files that are larger than what is read of their kind are refused by name and size before they are read: docs/promises.md.

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LIMITS } from '../../src/audio/limits.js';
import { readCodes } from '../../src/node/codes.js';
import { findFiles, SOUND } from '../../src/node/dataset/files.js';
import { readMetadata } from '../../src/node/dataset/metadata.js';
import { readNotes } from '../../src/node/notes.js';
import { readClip } from '../../src/node/sound.js';

const folder = mkdtempSync(path.join(tmpdir(), 'losscope-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));
const quiet = () => {};

/** A file that begins as given and takes no room on the disk. */
function hollow(name: string, size: number, head = ''): string {
  const file = path.join(folder, name);
  writeFileSync(file, head);
  truncateSync(file, size);
  return file;
}

const MIB = 2 ** 20;
test.each([
  ['a.json', 256 * MIB, readCodes],
  ['a.mid', 16 * MIB, (file: string) => readNotes(file, quiet)],
  ['a.txt', 16 * MIB, (file: string) => findFiles(file, { kind: SOUND, folder: '.', warn: quiet })],
  ['metadata.csv', 64 * MIB, readMetadata],
  ['metadata.jsonl', 64 * MIB, readMetadata],
])('%s of more than %i bytes', async (name, limit, read: (file: string) => Promise<unknown>) => {
  const file = hollow(name, limit + 1);
  await expect(read(file)).rejects.toThrow(`${file}: ${limit + 1} bytes, at most ${limit} are read`);
});

test('compressed sound of more than 1 GiB', async () => {
  const file = hollow('a.flac', LIMITS.fileBytes + 1, 'fLaC');
  const read = readClip(file, { sampleRate: 32_000, channels: 1 }, quiet, { most: 1 });
  await expect(read).rejects.toThrow(`${file}: ${LIMITS.fileBytes + 1} bytes of compressed sound, at most`);
});
