// node/files and survey: weights that change after they were opened are found, however they change; what is known of a
// large file is remembered only as long as it is the same file.

import { createHash } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { chmod, link, open, rename, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { codecOf, type Model } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { surveyFile } from '../../src/node/survey.js';
import { goldenFolder } from '../golden.js';

const root = mkdtempSync(path.join(tmpdir(), 'losscope-files-'));
const runtime = nodeRuntime({ threads: 1 });
afterAll(async () => {
  await runtime.close();
  rmSync(root, { recursive: true, force: true });
});

let count = 0;
/** A copy of a checkpoint, in a folder of its own. */
function copied(): { readonly folder: string; readonly weights: string } {
  const folder = path.join(root, `copy-${count++}`);
  cpSync(goldenFolder('mono-a'), folder, { recursive: true });
  return { folder, weights: path.join(folder, 'model.safetensors') };
}

/** Writes one other bit at the end of a file, in place. */
async function flip(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  const byte = new Uint8Array(1);
  await handle.read(byte, 0, 1, size - 1);
  await handle.write(
    byte.map((bits) => bits ^ 1),
    0,
    1,
    size - 1,
  );
  await handle.close();
}

const encode = (model: Model) => codecOf(model).encode([new Float32Array(1280)]);

describe('a model whose weights', () => {
  test.each<[what: string, change: (weights: string) => Promise<unknown>]>([
    [
      'are written over in place, with the times set back',
      async (weights) => {
        const { atime, mtime } = await stat(weights);
        await flip(weights);
        utimesSync(weights, atime, mtime);
      },
    ],
    [
      'are replaced by others of the same size',
      async (weights) => {
        cpSync(weights, `${weights}.new`);
        await flip(`${weights}.new`);
        await rename(`${weights}.new`, weights);
      },
    ],
    ['are taken away', async (weights) => rmSync(weights)],
  ])('%s does not go on: neither a session that is loaded, nor one that is not yet', async (_, change) => {
    const { folder, weights } = copied();
    const model = await openModel(openFolder(folder, { name: 'mine' }), runtime);
    const codes = await encode(model);
    await change(weights);
    await expect(encode(model)).rejects.toThrow(
      /^mine\/model\.safetensors: has changed since it was opened; .*run again$/,
    );
    await expect(codecOf(model).decode(codes)).rejects.toThrow(
      /mine\/model\.safetensors: has changed|model\.safetensors/,
    );
    await model.close();
  });

  test('only get other permissions, another link or a new copy of the same bytes goes on', async () => {
    const { folder, weights } = copied();
    const model = await openModel(openFolder(folder), runtime);
    const codes = await encode(model);
    await chmod(weights, 0o400);
    await link(weights, `${weights}.link`);
    expect(await encode(model)).toEqual(codes);
    cpSync(weights, `${weights}.new`);
    await rename(`${weights}.new`, weights);
    expect(await encode(model)).toEqual(codes);
    await model.close();
  });

  test('lie in the cache of the Hub under the hash of other bytes is not opened', async () => {
    const blobs = path.join(root, 'blobs');
    const folder = path.join(root, 'snapshot');
    mkdirSync(blobs);
    mkdirSync(folder);
    const { folder: from, weights } = copied();
    const name = createHash('sha256').update('what the Hub sent').digest('hex');
    cpSync(weights, path.join(blobs, name));
    cpSync(path.join(from, 'config.json'), path.join(folder, 'config.json'));
    symlinkSync(path.join(blobs, name), path.join(folder, 'model.safetensors'));
    await expect(openModel(openFolder(folder, { name: 'org/name' }), runtime)).rejects.toThrow(
      /^org\/name\/model\.safetensors: damaged, not the bytes that the Hub sent; delete .*losscope pull\)$/,
    );
  });
});

describe('what is known of a large file', () => {
  beforeEach(() => void vi.stubEnv('XDG_CACHE_HOME', path.join(root, `cache-${count++}`)));
  afterEach(() => void vi.unstubAllEnvs());

  /** A file of zeros that takes no room, changed long ago as far as its entry can say. */
  async function large(name: string): Promise<string> {
    const file = path.join(root, name);
    writeFileSync(file, '');
    truncateSync(file, 65 * 2 ** 20);
    return file;
  }
  let scans = 0;
  const scan = () => {
    scans++;
    return { take: () => undefined, found: () => [{ tensor: 'a', first: 3 }] };
  };
  test('is remembered, and forgotten with a byte that changes in place', async () => {
    const file = await large('zeros');
    vi.setSystemTime((await stat(file)).ctimeMs);
    const first = await surveyFile(file, scan);
    // Too fresh to be known by its times: nothing is remembered yet.
    expect(readdirSync(root, { recursive: true }).filter((name) => String(name).includes('surveys'))).toEqual(
      [],
    );
    vi.setSystemTime(Date.now() + 60_000);
    expect(await surveyFile(file, scan)).toEqual(first);
    expect(await surveyFile(file, scan)).toEqual(first);
    expect(scans).toBe(2);
    const { atime, mtime } = await stat(file);
    await flip(file);
    utimesSync(file, atime, mtime);
    const changed = await surveyFile(file, scan);
    expect(scans).toBe(3);
    expect(changed.survey.sha256).not.toBe(first.survey.sha256);
    // What is not ours in the cache is read over.
    for (const found of readdirSync(process.env.XDG_CACHE_HOME ?? '', { recursive: true })) {
      const memory = path.join(process.env.XDG_CACHE_HOME ?? '', String(found));
      if (memory.endsWith('.json')) await writeFile(memory, '{"version":1');
    }
    expect(await surveyFile(file, scan)).toEqual(changed);
    appendFileSync(file, 'x');
    expect((await surveyFile(file, scan)).survey.sha256).not.toBe(changed.survey.sha256);
    vi.useRealTimers();
  });
});
