// From what a user types after --model to a model that is ready.

import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Model, openModel } from '../models/model.js';
import { openFolder } from './files.js';
import { nodeRuntime } from './runtime.js';

/** The package's own folder: the same from source and from the build. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Models that come with the package, by name. */
const BUNDLED: Readonly<Record<string, string>> = { tiny: path.join(ROOT, 'models', 'tiny') };

export interface ModelChoice {
  /** `tiny`, or a folder with a checkpoint in Hugging Face's layout. */
  readonly model: string;
  /** Threads of the runtime. Default: one per core. */
  readonly threads?: number;
}

/** Opens the model that a user named. Closing it ends its worker threads. @throws one line. */
export async function openNamedModel({ model: name, threads }: ModelChoice): Promise<Model> {
  const folder = BUNDLED[name] ?? name;
  if (!(await isFolder(folder))) {
    throw new Error(
      `--model ${name}: no such folder; expected ${Object.keys(BUNDLED).join(' or ')}, or a folder with config.json and ` +
        'model.safetensors as Hugging Face writes them',
    );
  }
  const runtime = nodeRuntime(threads === undefined ? {} : { threads });
  const model = await openModel(openFolder(folder, { name }), runtime);
  return {
    ...model,
    async close() {
      await model.close();
      await runtime.close();
    },
  };
}

/** The bundled demo clips' folder. */
export const DEMO_FOLDER = path.join(ROOT, 'demo');

async function isFolder(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch {
    // Whatever keeps us from looking, there is no folder to open here.
    return false;
  }
}
