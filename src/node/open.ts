// From what a user types after --model to a model that is ready: the bundled one, a folder, or a Hub id.

import path from 'node:path';
import { withRevision } from '../models/catalog.js';
import type { Model } from '../models/model.js';
import { openModel } from '../models/open.js';
import type { Precision } from '../models/precision.js';
import { BUNDLED, BUNDLED_REMEDY, bundledFaults } from './bundled.js';
import { type DeviceChoice, findDevice } from './device.js';
import { openFolder } from './files.js';
import { isFolder } from './folders.js';
import { type FetchOptions, fetchSnapshot } from './hub/snapshot.js';
import { nodeRuntime, type Threads } from './runtime.js';
import type { Warn } from './sound.js';

export function isBundled(model: string): boolean {
  return Object.hasOwn(BUNDLED, model);
}

export interface ModelChoice extends Pick<FetchOptions, 'onProgress' | 'signal'> {
  /** `tiny` or `tiny-notes`, a folder with a checkpoint in Hugging Face's layout, or a Hub id `org/name[@revision]`. */
  readonly model: string;
  /** Threads of the runtime. Default: one per core. */
  readonly threads?: Threads;
  /** Where the model runs. Default `cpu`. */
  readonly device?: DeviceChoice;
  /** Of the decoder when it scores. Default `fp32`. */
  readonly precision?: Precision;
  /** Hears why a cached copy had to do, and which devices are not there. */
  readonly warn?: Warn;
}

/** Opens the model that a user named, fetching it first where needed. Closing it ends its worker threads. */
export async function openNamedModel(choice: ModelChoice): Promise<Model> {
  const { folder, name } = await locate(choice);
  const { threads, precision = 'fp32', warn } = choice;
  const device = await findDevice(choice.device ?? 'cpu', warn);
  const runtime = nodeRuntime({ device, ...(threads === undefined ? {} : { threads }) });
  // The bundled model is known: what is odd about it is said in its card.
  const told = isBundled(choice.model) || !warn ? {} : { warn };
  const opened = openModel(openFolder(folder, { name }), runtime, { precision, ...told });
  const model = await (isBundled(choice.model) ? opened.catch(() => refuseBundled(name, opened)) : opened);
  return {
    ...model,
    async close() {
      await model.close();
      await runtime.close();
    },
  };
}

/** @throws what opening threw; of a bundled model that is not whole, its files and what to do about them. */
async function refuseBundled(name: string, opened: Promise<Model>): Promise<Model> {
  const faults = await bundledFaults(name);
  if (faults.length === 0) return opened;
  const files = faults.map(({ file, what }) => `${path.basename(file)} is ${what}`);
  throw new Error(`${name}: ${files.join(', ')} in ${BUNDLED[name]}; ${BUNDLED_REMEDY}`);
}

/** Where a model's files lie, and its name in results: of a Hub model with its commit. @throws one line. */
async function locate({
  model,
  warn,
  onProgress,
  signal,
}: ModelChoice): Promise<{ folder: string; name: string }> {
  if (isBundled(model)) return { folder: BUNDLED[model], name: model };
  if (await isFolder(model)) return { folder: model, name: model };
  if (!isHubId(model)) {
    throw new Error(
      `--model ${model}: no such folder; expected ${Object.keys(BUNDLED).join(' or ')}, a folder with config.json and ` +
        'model.safetensors as Hugging Face writes them, or a Hub id like facebook/musicgen-small',
    );
  }
  const snapshot = await fetchSnapshot(withRevision(model), {
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
  if (snapshot.notice) warn?.(snapshot.notice);
  return { folder: snapshot.folder, name: `${snapshot.id}@${snapshot.commit}` };
}

/** Whether a name can be a Hub id. "./x", "/x", "~/x", "a/b/c" and plain words cannot: whoever types them means a folder. */
export function isHubId(model: string): boolean {
  return /^[^./~][^/]*\/[^/]+$/.test(model.split('@')[0]);
}
