// The models that come with the package, and whether their files are those that it was made with.

import path from 'node:path';
import { TINY_FOLDER, TINY_NOTES_FOLDER } from './folders.js';
import { hashAgain } from './survey.js';

/** Models that come with the package, by name. */
export const BUNDLED: Readonly<Record<string, string>> = {
  tiny: TINY_FOLDER,
  'tiny-notes': TINY_NOTES_FOLDER,
};

/** What to do about a bundled model that is not whole. */
export const BUNDLED_REMEDY = 'install losscope again (in a clone: git checkout models)';

/** SHA-256 of the files that a model is, by model and name. The reference of clean clips is none: it says itself which model it is of. */
const BUNDLED_FILES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tiny: {
    'config.json': '027396fcf9b238fa7823793448280f6ccd6d134ce77e04b89672df12f2f1d8e6',
    'generation_config.json': '209c67de0251898704437739a19603870d0f54f3a1f2cbedf9cde3d2e52088b6',
    'model.safetensors': '2d6afb687c8dd6663714330768dce9c75c7c4b98be2cccac144dbe3f412500c8',
    'preprocessor_config.json': '5245274a6e342d47ae3ab9444cf0c8296b25703dd045e21583a999e765683b7f',
  },
  'tiny-notes': {
    'config.json': 'bf9e800a665f054279c91d95915e0c5a90383f5913aeca46360b2e545983bca0',
    'model.safetensors': '68d3158b6f395c4c0d5cb3dadb335642bac41e9dcfc1ba1da44898081d556de6',
  },
};

export interface BundledFault {
  readonly file: string;
  readonly what: 'missing' | 'damaged';
}

/** Files of a bundled model that are missing, or not those of the package. */
export async function bundledFaults(model: string, folder = BUNDLED[model]): Promise<BundledFault[]> {
  const faults: BundledFault[] = [];
  for (const [name, expected] of Object.entries(BUNDLED_FILES[model])) {
    const file = path.join(folder, name);
    const found = await digestOf(file);
    if (found !== expected) faults.push({ file, what: found === undefined ? 'missing' : 'damaged' });
  }
  return faults;
}

/** Undefined for a file that is not there. */
async function digestOf(file: string): Promise<string | undefined> {
  try {
    return (await hashAgain(file)).sha256;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
