// src/node/runtime and files: sessions in worker threads, what they keep, how they fail and how they end.

import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { codecOf } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import type { ModelGraph, Tensor } from '../../src/models/runtime.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { newGraph } from '../../src/onnx/graph.js';
import { goldenFolder, openGolden } from '../golden.js';

/** Every worker started here, to be able to kill one. */
const workers: Worker[] = vi.hoisted(() => []);
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>();
  class Recorded extends real.Worker {
    constructor(...args: ConstructorParameters<typeof real.Worker>) {
      super(...args);
      workers.push(this);
    }
  }
  return { ...real, Worker: Recorded };
});

const files = openFolder(goldenFolder('mono-a'), { name: 'mono-a' });
const runtime = nodeRuntime({ threads: 1 });
afterAll(() => runtime.close());

function floats(...values: number[]): Tensor {
  return { type: 'float32', dims: [values.length], data: Float32Array.from(values) };
}

/** y = a + b over [n] floats, and as many multiplications of [n, n] as asked for, to keep a thread busy. */
function sum(rounds = 0): ModelGraph {
  const g = newGraph('sum');
  const a = g.input('a', 'float32', ['n']);
  const b = g.input('b', 'float32', ['n']);
  let table = g.Mul(g.Unsqueeze(a, g.ints([1])), g.Unsqueeze(b, g.ints([0])));
  for (let round = 0; round < rounds; round++) table = g.Relu(g.Gemm(table, table, { alpha: 1e-4 }));
  g.output('table', table, 'float32', ['n', 'n']);
  g.output('y', g.Add(a, b), 'float32', ['n']);
  return { name: g.name, onnx: g.toBytes() };
}

describe('a session', () => {
  it('runs, queues, keeps tensors by handle and forgets them', async () => {
    const session = await runtime.open(sum(), files);
    const shared = new Float32Array(8).fill(2);
    const view: Tensor = { type: 'float32', dims: [2], data: shared.subarray(4, 6) };
    const runs = [1, 2, 3].map((value) =>
      session.run({ a: view, b: floats(value, value) }, { fetch: ['y'] }),
    );
    const results = (await Promise.all(runs)).map(({ tensors }) => tensors.y);
    expect(results).toEqual([floats(3, 3), floats(4, 4), floats(5, 5)]);
    expect(shared).toEqual(new Float32Array(8).fill(2)); // the caller's array is neither detached nor changed

    const { tensors, kept } = await session.run({ a: view, b: floats(1, 2) }, { fetch: [], keep: ['y'] });
    expect(tensors).toEqual({});
    expect(kept.y.dims).toEqual([2]);
    const again = () => session.run({ a: kept.y, b: kept.y }, { fetch: ['y'] });
    expect((await again()).tensors.y).toEqual(floats(6, 8));
    expect((await again()).tensors.y).toEqual(floats(6, 8));
    // What is fetched is given away, but not what stays.
    const both = await session.run({ a: kept.y, b: kept.y }, { fetch: ['y'], keep: ['y'] });
    expect(both.tensors.y).toEqual(floats(6, 8));
    const over = { y: kept.y };
    expect(
      (await session.run({ a: both.kept.y, b: floats(1, 1) }, { fetch: ['y'], over })).tensors.y,
    ).toEqual(floats(7, 9));
    expect((await again()).tensors.y).toEqual(floats(14, 18));
    await session.release([kept.y, kept.y]);
    await expect(again()).rejects.toThrow(/^sum: input a is a kept tensor that was released$/);
    await session.close();
    await session.close();
    await expect(again()).rejects.toThrow(/^sum: the session is closed$/);
  });

  it("says in one line, with its graph's name, what went wrong", async () => {
    const garbage = { name: 'garbage', onnx: Uint8Array.of(1, 2, 3) };
    const lost = newGraph('lost');
    const where = { location: 'absent.safetensors', offset: 0, length: 4 };
    lost.output('y', lost.Neg(lost.external('w', 'float32', [1], where)), 'float32', [1]);
    const failures: [() => Promise<unknown>, RegExp][] = [
      [() => runtime.open(garbage, files), /^garbage: [^\n]+$/],
      [
        () => runtime.open({ name: 'lost', onnx: lost.toBytes() }, files),
        /^lost: [^\n]*absent\.safetensors[^\n]*$/,
      ],
    ];
    for (const [fails, message] of failures) await expect(fails()).rejects.toThrow(message);
    const session = await runtime.open(sum(), files);
    await expect(session.run({ a: floats(1, 2), b: floats(1, 2, 3) }, { fetch: ['y'] })).rejects.toThrow(
      /^sum: [^\n]+$/,
    );
    await expect(session.run({ a: floats(1) }, { fetch: ['y'] })).rejects.toThrow(/^sum: [^\n]*b[^\n]*$/);
    await expect(session.run({ a: floats(1), b: floats(1) }, { fetch: ['z'] })).rejects.toThrow(
      /^sum: [^\n]+$/,
    );
    expect((await session.run({ a: floats(1), b: floats(1) }, { fetch: ['y'] })).tensors.y).toEqual(
      floats(2),
    );
    await session.close();
  });

  it('leaves the event loop to others while it runs, and a dead worker rejects what it owed', async () => {
    const session = await runtime.open(sum(400), files);
    const n = 200;
    const feed: Tensor = { type: 'float32', dims: [n], data: new Float32Array(n).fill(0.5) };
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    // One run may be over before the first turn is due, but not hundreds of them.
    for (let runs = 0; runs < 500 && turns === 0; runs++)
      await session.run({ a: feed, b: feed }, { fetch: ['y'] });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);

    // It is told to end first: however busy the machine, it cannot have answered.
    const ended = workers.at(-1)?.terminate();
    const owed = [1, 2].map(() => session.run({ a: feed, b: feed }, { fetch: ['y'] }));
    await ended;
    const outcomes = (await Promise.allSettled(owed)).filter(({ status }) => status === 'rejected');
    expect(outcomes.map((outcome) => 'reason' in outcome && outcome.reason.message)).toContain(
      'sum: its worker ended with code 1',
    );
    await expect(session.run({ a: feed, b: feed }, { fetch: ['y'] })).rejects.toThrow(/ended with code 1/);
    await session.close();
  });
});

describe('a folder', () => {
  let cache = '';
  beforeAll(async () => {
    cache = await mkdtemp(path.join(tmpdir(), 'losscope-'));
  });
  afterAll(() => rm(cache, { recursive: true }));

  it('of symlinks into blobs, as the Hugging Face cache has it, runs like the real one', async () => {
    const golden = await openGolden('sharded');
    const [blobs, snapshot] = [path.join(cache, 'blobs'), path.join(cache, 'snapshots', 'abc')];
    await mkdir(blobs);
    await mkdir(snapshot, { recursive: true });
    const names = [
      'config.json',
      'model.safetensors.index.json',
      ...[1, 2, 3].map((i) => `model-0000${i}-of-00003.safetensors`),
    ];
    for (const [i, name] of names.entries()) {
      await copyFile(path.join(golden.folder, name), path.join(blobs, `blob${i}`));
      await symlink(path.join('..', '..', 'blobs', `blob${i}`), path.join(snapshot, name));
    }
    const model = await openModel(openFolder(snapshot), runtime);
    expect(await codecOf(model).encode([golden.floats('wav')])).toEqual(golden.codes('codes'));
    await model.close();
  });

  it('refuses shards that really lie in different folders, files cut short, and names that lead away', async () => {
    const apart = path.join(cache, 'apart');
    await mkdir(apart);
    await copyFile(path.join(goldenFolder('mono-a'), 'config.json'), path.join(apart, 'a'));
    await symlink(path.join(goldenFolder('mono-b'), 'config.json'), path.join(apart, 'b'));
    const folder = openFolder(apart, { name: 'apart' });
    expect(await folder.location('a')).toBe('a');
    await expect(folder.location('b')).rejects.toThrow(
      /^apart: b really lies in .*mono-b, other weights in .*apart/,
    );
    await expect(folder.read('a', 0, 1e6)).rejects.toThrow(/^apart\/a: ends at byte 6924, expected 1000000$/);
    await expect(folder.has('../mono-a/config.json')).rejects.toThrow(/is not a plain file name/);
    expect(await folder.has('c')).toBe(false);
    expect(await openFolder(path.join(apart, 'a')).has('x')).toBe(false);
    const elsewhere = { ...openFolder(apart), dataFolder: undefined };
    await expect(nodeRuntime().open(sum(), elsewhere)).rejects.toThrow(/needs a folder on disk/);
  });
});

describe('a process', () => {
  const script = (last: string) => `
    import { openFolder } from '#files';
    import { nodeRuntime } from '#runtime';
    import { openModel } from '#model';
    const model = await openModel(openFolder(${JSON.stringify(goldenFolder('mono-a'))}), nodeRuntime());
    const codes = await model.codec.encode([new Float32Array(3200)]);
    console.log(codes.frames);
    ${last}`;
  const dist = (file: string) => JSON.stringify(new URL(`../../dist/${file}`, import.meta.url).href);

  it.each([
    'await model.close();',
    '',
    'void model.codec.encode([new Float32Array(3200)]); await model.close();',
  ])('ends by itself after: %s', async (last) => {
    const source = script(last)
      .replace("'#files'", dist('node/files.js'))
      .replace("'#runtime'", dist('node/runtime.js'))
      .replace("'#model'", dist('models/open.js'));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      source,
    ]);
    expect(stdout).toBe('5\n');
    expect(stderr).toBe('');
  });
});
