// The reference that comes with a bundled model: what the scores have on clean clips.

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { ReferenceFile } from '../probe/songs.js';

const FILE = fileURLToPath(new URL('../../models/tiny/reference.json', import.meta.url));

/** The reference of the model with this fingerprint; undefined when no reference comes with it. */
export async function bundledReference(fingerprint: string): Promise<ReferenceFile | undefined> {
  let text: string;
  try {
    text = await readFile(FILE, 'utf8');
  } catch {
    // A package without it: songs are then judged beside each other.
    return undefined;
  }
  const reference: ReferenceFile = JSON.parse(text);
  return reference.fingerprint === fingerprint ? reference : undefined;
}
