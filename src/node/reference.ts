// The references that come with bundled models: what the scores have on clean clips.

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ReferenceFile } from '../probe/songs.js';
import { BUNDLED } from './bundled.js';

/** The reference of the model with this fingerprint; undefined when no reference comes with it. */
export async function bundledReference(fingerprint: string): Promise<ReferenceFile | undefined> {
  const references = await Promise.all(Object.values(BUNDLED).map(referenceIn));
  return references.find((reference) => reference?.fingerprint === fingerprint);
}

async function referenceIn(folder: string): Promise<ReferenceFile | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(folder, 'reference.json'), 'utf8');
  } catch {
    // A package without it: songs are then judged beside each other.
    return undefined;
  }
  return JSON.parse(text);
}
