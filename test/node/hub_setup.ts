// What the tests of the Hub downloader share: a fake Hub and an empty cache for every test, and two small models.

import { mkdirSync, readdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { type FetchOptions, fetchSnapshot, type Snapshot } from '../../src/node/hub/snapshot.js';
import { etagOf, type FakeHub, noiseBytes, startFakeHub } from './fake_hub.js';

export const ID = 'org/small';
export const WEIGHTS = noiseBytes(200_000, 1);

export const MODEL = {
  'config.json': '{"model_type":"musicgen"}',
  'generation_config.json': '{}',
  'tokenizer.json': '{"version":"1.0"}',
  'model.safetensors': WEIGHTS,
  'pytorch_model.bin': noiseBytes(50, 2),
  'spiece.model': 'slow',
  'README.md': '# model',
};

export const SHARDS = {
  'config.json': '{}',
  'model.safetensors.index.json':
    '{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}',
  'model-00001-of-00002.safetensors': noiseBytes(3000, 3),
  'model-00002-of-00002.safetensors': noiseBytes(4000, 4),
};

export type Files = Readonly<Record<string, string | Buffer>>;

export interface HubBench {
  readonly hub: FakeHub;
  /** HF_HOME. */
  readonly home: string;
  /** Fetches from the fake Hub, with a token and few tries. */
  fetchModel(text?: string, options?: FetchOptions): Promise<Snapshot>;
  folderOf(id?: string): string;
  /** Makes what huggingface_hub leaves after a download of `main`. */
  makeAsPython(id: string, commit: string, files: Files): void;
}

/** A new Hub and a new cache before each test of the file. */
export function useHub(): HubBench {
  let hub: FakeHub;
  let home: string;
  beforeEach(async () => {
    hub = await startFakeHub();
    home = await mkdtemp(join(tmpdir(), 'losscope-hub-'));
  });
  afterEach(async () => {
    await hub.close();
    await rm(home, { recursive: true, force: true });
  });
  const folderOf = (id = ID): string => join(home, 'hub', `models--${id.replace('/', '--')}`);
  return {
    get hub() {
      return hub;
    },
    get home() {
      return home;
    },
    folderOf,
    fetchModel(text = ID, options = {}) {
      const env = { HF_HOME: home, HF_ENDPOINT: hub.endpoint, HF_TOKEN: 'hf_secret', ...options.env };
      const patience = { tries: 3, backoffMs: 1, longestWaitMs: 50, ...options.patience };
      return fetchSnapshot(text, { ...options, env, patience });
    },
    makeAsPython(id, commit, files) {
      put(join(folderOf(id), 'refs', 'main'), commit);
      for (const [file, text] of Object.entries(files)) {
        const etag = etagOf(file, Buffer.from(text));
        put(join(folderOf(id), 'blobs', etag), text);
        const link = join(folderOf(id), 'snapshots', commit, file);
        mkdirSync(dirname(link), { recursive: true });
        symlinkSync(join('..', '..', 'blobs', etag), link);
      }
    },
  };
}

/** Writes a file and the folders above it. */
export function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** The one line that a promise fails with. */
export async function errorOf(promise: Promise<unknown>): Promise<string> {
  const line = await promise.then(
    () => 'it did not fail',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  expect(line).not.toContain('\n');
  return line;
}

/** Every file under a folder by path, sorted; a link with its target. */
export function tree(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length + 1);
      return entry.isSymbolicLink() ? `${name} -> ${readlinkSync(path)}` : name;
    })
    .sort();
}
