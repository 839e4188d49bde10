// Generation: steps against full passes, draws against their distribution, folders that go on where they stopped.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codesOf, rowsOf } from '../../src/audio/codes.js';
import { readWav } from '../../src/audio/wav.js';
import { decode } from '../../src/loss/encode.js';
import { draw, generate, SAMPLING, type Sampling } from '../../src/loss/generate.js';
import type { Model } from '../../src/models/model.js';
import { UNCONDITIONAL } from '../../src/models/musicgen/conditioning.js';
import type { Decoder } from '../../src/models/musicgen/decoder.js';
import { startDecoding } from '../../src/models/musicgen/decoding.js';
import { delayed, toColumns } from '../../src/models/musicgen/delay.js';
import { openModel } from '../../src/models/open.js';
import type { Session } from '../../src/models/runtime.js';
import { openFolder } from '../../src/node/files.js';
import { type FolderOptions, generateFolder } from '../../src/node/generate.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { newGraph } from '../../src/onnx/graph.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';
import { decoderOf } from '../musicgen.js';

const runtime = nodeRuntime({ threads: 2 });
const files = openFolder(goldenFolder('mono-a'), { name: 'mono-a' });
let model: Model;
let decoder: Decoder;
let folder = '';

beforeAll(async () => {
  model = await openModel(files, runtime);
  decoder = decoderOf(model.language);
  folder = await mkdtemp(path.join(tmpdir(), 'losscope-generate-'));
});

afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const K = 4;
const V = 512;
const GREEDY: Sampling = { ...SAMPLING, topK: 1 };

describe('memory that a graph writes while it runs', () => {
  it('is seen by inputs on the same rows, and by no others', async () => {
    const g = newGraph('over');
    const memory = g.input('memory', 'float32', ['rows', 2]);
    const fresh = g.Neg(g.input('x', 'float32', [1, 'two']));
    g.output('fresh', fresh, 'float32', [1, 'two']);
    const asWritten = g.Reshape(memory, g.Mul(g.Shape(fresh), g.ints([0])));
    g.output('sum', g.ReduceSumSquare(asWritten, g.ints([1]), { keepdims: false }), 'float32', ['rows']);
    const session = await runtime.open({ name: g.name, onnx: g.toBytes() }, files);
    const zeros = await session.allocate([4, 2]);
    const x = { type: 'float32', dims: [1, 2], data: Float32Array.of(3, 4) } as const;
    const run = async (row: number, seen: number, from = 0) => {
      const feeds = { x, memory: { ...zeros, dims: [seen, 2], from } };
      const over = { fresh: { ...zeros, dims: [1, 2], from: row } };
      return Array.from((await session.run(feeds, { fetch: ['sum'], over })).tensors.sum.data, Number);
    };
    expect(await run(1, 4)).toEqual([0, 25, 0, 0]);
    expect(await run(3, 3)).toEqual([0, 25, 0]);
    expect(await run(0, 2, 2)).toEqual([0, 25]);
    await expect(run(4, 4)).rejects.toThrow(
      'over: output fresh is a kept float32 [4,2], asked for as float32 [1,2] from row 4',
    );
    await session.release([zeros]);
    await expect(run(0, 4)).rejects.toThrow('over: input memory is a kept tensor that was released');
    await session.close();
  });
});

describe('decoding by steps', () => {
  it('refuses tokens that are none, and a runtime that does not write in place', async () => {
    const decoding = await decoder.decoding({ columns: 1, streams: 1 });
    await expect(decoding.step(new Int32Array(3))).rejects.toThrow('3 tokens in a column, expected 4 x 1');
    await expect(decoding.step(Int32Array.of(0, 0, 513, 0))).rejects.toThrow('token 513, expected 0 to 512');
    await decoding.step(new Int32Array(4));
    await expect(decoding.step(new Int32Array(4))).rejects.toThrow(
      'this decoding has 1 column, all of it read',
    );
    await decoding.release();

    const sessions: Session[] = [];
    const recorded = {
      ...runtime,
      async open(...args: Parameters<typeof runtime.open>) {
        const session = await runtime.open(...args);
        sessions.push(session);
        return session;
      },
    };
    const other = await openModel(files, recorded);
    await decoderOf(other.language).decoding({ columns: 1, streams: 1 });
    const copying: Session = { ...sessions[0], run: (feeds, { fetch }) => sessions[0].run(feeds, { fetch }) };
    const parts = { ...decoder, session: copying, positions: new Float32Array(64), name: 'm' };
    const lost = await startDecoding(parts, { columns: 1, streams: [UNCONDITIONAL] });
    await expect(lost.step(new Int32Array(4))).rejects.toThrow(
      'm: the runtime does not write keys and values in place',
    );
    await other.close();
  });
});

/** The first maximum. */
function argmax(logits: Float32Array): number {
  return logits.indexOf(Math.max(...logits));
}

describe('greedy generation', () => {
  it('is the argmax of step-by-step full passes', async () => {
    const frames = 12;
    const [codes] = await generate(model, { frames, randoms: [generator(seedOf(1))], sampling: GREEDY });
    // Columns of tokens, each by a full pass over all before it; one more column is laid out, and never read.
    const sequence = [[V, V, V, V]];
    for (let column = 0; column < frames + K - 1; column++) {
      const data = Int32Array.from([0, 1, 2, 3].flatMap((k) => [...sequence.map((tokens) => tokens[k]), 0]));
      const tokens = { codebooks: K, columns: sequence.length + 1, data };
      const next = [];
      for (let k = 0; k < K; k++) {
        const logits = (await decoder.logits(tokens, k)).subarray(column * V);
        const frame = column - k;
        next.push(frame >= 0 && frame < frames ? argmax(logits) : V);
      }
      sequence.push(next);
    }
    const rows = [0, 1, 2, 3].map((k) => sequence.slice(k + 1, k + 1 + frames).map((tokens) => tokens[k]));
    expect(codes).toEqual(codesOf(rows));
  });

  it('of both channels, two sequences at once, is the argmax of one pass over what came out', async () => {
    const stereo = await openModel(openFolder(goldenFolder('stereo'), { name: 'stereo' }), runtime);
    const randoms = [1, 2].map((seed) => generator(seedOf(seed)));
    const [codes, other] = await generate(stereo, { frames: 7, randoms, sampling: GREEDY });
    expect(other).toEqual(codes);
    expect(codes.codebooks).toBe(8);
    const tokens = toColumns(codes, delayed(8, 2), stereo.codebookSize);
    for (const [k, row] of rowsOf(codes).entries()) {
      const logits = await decoderOf(stereo.language).logits(tokens, k);
      // Both channels' codebook floor(k / 2) is predicted so many columns late.
      const likeliest = Array.from(row, (_, t) => {
        const start = (t + Math.floor(k / 2)) * stereo.codebookSize;
        return argmax(logits.subarray(start, start + stereo.codebookSize));
      });
      expect(Array.from(row)).toEqual(likeliest);
    }
    await stereo.close();
  });

  it('needs a language model, frames, and a sampling that can be', async () => {
    const randoms = [generator(seedOf(1))];
    const codec = await openModel(openFolder(goldenFolder('causal'), { name: 'causal' }), runtime);
    await expect(generate(codec, { frames: 1, randoms })).rejects.toThrow('causal: a codec alone');
    const refusals: [Partial<Sampling>, number, RegExp][] = [
      [{}, 0, /0 frames, expected 1 or more/],
      [{ temperature: 0 }, 1, /temperature 0, expected above 0/],
      [{ topK: 2.5 }, 1, /top k 2.5, expected a whole number/],
      [{ topP: 0 }, 1, /top p 0, expected above 0/],
      [{ topP: Number.NaN }, 1, /top p NaN/],
    ];
    for (const [sampling, frames, cause] of refusals) {
      const options = { frames, randoms, sampling: { ...SAMPLING, ...sampling } };
      await expect(generate(model, options)).rejects.toThrow(cause);
    }
  });
});

describe('a draw', () => {
  const logits = Float32Array.of(0.5, 2, -1, 2, 0, 1.25, -30, 1);
  // By hand: e^(logit / temperature) of what may be drawn, in the order of the codes.
  const cases: { name: string; sampling: Partial<Sampling>; allowed: number[] }[] = [
    { name: 'of all', sampling: { topK: 0 }, allowed: [0, 1, 2, 3, 4, 5, 6, 7] },
    { name: 'of more than there are', sampling: { topK: 9 }, allowed: [0, 1, 2, 3, 4, 5, 6, 7] },
    { name: 'of all, hot', sampling: { topK: 8, temperature: 4 }, allowed: [0, 1, 2, 3, 4, 5, 6, 7] },
    { name: 'of the top 3', sampling: { topK: 3 }, allowed: [1, 3, 5] },
    { name: 'of the top 3, cold', sampling: { topK: 3, temperature: 0.5 }, allowed: [1, 3, 5] },
    { name: 'of the top 1 of two equals', sampling: { topK: 1 }, allowed: [1] },
    // Probabilities: 0.31, 0.31, 0.15, 0.11, 0.07, 0.04, 0.02, 0.
    { name: 'of the top 60 %', sampling: { topK: 0, topP: 0.6 }, allowed: [1, 3] },
    { name: 'of the top 65 %', sampling: { topK: 0, topP: 0.65 }, allowed: [1, 3, 5] },
    { name: 'of the top 1 %', sampling: { topK: 0, topP: 0.01 }, allowed: [1] },
    // Of the top 3, the first two are 0.81: top p counts what top k has left.
    { name: 'of the top 80 % of the top 3', sampling: { topK: 3, topP: 0.8 }, allowed: [1, 3] },
    // Hot, they are 0.71: temperature comes first.
    {
      name: 'of the top 80 % of the top 3, hot',
      sampling: { topK: 3, topP: 0.8, temperature: 4 },
      allowed: [1, 3, 5],
    },
  ];
  it.each(cases)('$name has the distribution of what may be drawn', ({ name, sampling, allowed }) => {
    const whole = { ...SAMPLING, ...sampling };
    const random = generator(seedOf('a draw', name));
    const draws = 20_000;
    const counts = new Array<number>(logits.length).fill(0);
    for (let i = 0; i < draws; i++) counts[draw(logits, whole, random)]++;
    const weights = Array.from(logits, (logit, code) =>
      allowed.includes(code) ? Math.exp(logit / whole.temperature) : 0,
    );
    const sum = weights.reduce((a, b) => a + b);
    let chiSquare = 0;
    counts.forEach((count, code) => {
      const expected = (draws * weights[code]) / sum;
      if (expected < 1) expect(count).toBe(0);
      else chiSquare += (count - expected) ** 2 / expected;
    });
    // 0.9999 quantile of chi-square with 7 degrees of freedom; fewer have less.
    expect(chiSquare).toBeLessThan(29.9);
  });

  it('takes the first and the last that may be drawn at the ends of chance', () => {
    const at = (u: number, sampling: Partial<Sampling>) =>
      draw(logits, { ...SAMPLING, ...sampling }, { uniform: () => u });
    expect([at(0, { topK: 3 }), at(1 - 2 ** -53, { topK: 3 })]).toEqual([1, 5]);
    expect([at(0, { topK: 0 }), at(1 - 2 ** -53, { topK: 0 })]).toEqual([0, 7]);
    expect(at(0.999, { topK: 1 })).toBe(1);
    // Of equal logits the lower codes are the likelier.
    const equal = new Float32Array(6);
    const drawn = [0.1, 0.5, 0.9].map((u) => draw(equal, { ...SAMPLING, topK: 3 }, { uniform: () => u }));
    expect(drawn).toEqual([0, 1, 2]);
  });
});

describe('a folder', () => {
  const plan: FolderOptions = { count: 3, frames: 9, sampling: SAMPLING, seed: 5, codes: true, batch: 2 };
  const readRows = async (where: string) =>
    (await readFile(path.join(where, 'metadata.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const bytesOf = async (where: string) => {
    const names = (await readdir(where)).sort();
    return Promise.all(names.map(async (name) => [name, await readFile(path.join(where, name))] as const));
  };

  it('holds clips, codes and rows that depend on seed and number alone', async () => {
    const whole = path.join(folder, 'whole');
    expect(await generateFolder(model, whole, plan)).toEqual({ made: 3, found: 0 });
    expect((await readdir(whole)).sort()).toEqual([
      '00000.codes.json',
      '00000.wav',
      '00001.codes.json',
      '00001.wav',
      '00002.codes.json',
      '00002.wav',
      'metadata.jsonl',
    ]);
    const rows = await readRows(whole);
    expect(rows[1]).toMatchObject({
      file_name: '00001.wav',
      model: 'mono-a',
      fingerprint: model.fingerprint,
      seed: 5,
      frames: 9,
      temperature: 1,
      top_k: 250,
      top_p: 1,
      index: 1,
    });
    const encoded = [];
    for (const name of ['00000', '00001', '00002']) {
      const line = JSON.parse(await readFile(path.join(whole, `${name}.codes.json`), 'utf8'));
      expect(line).toMatchObject({ file: `${name}.wav`, model: 'mono-a', frames: 9, codebooks: 4 });
      const { clip } = await readWav(await readFile(path.join(whole, `${name}.wav`)), name);
      expect(clip.channels).toEqual((await decode(model, codesOf(line.codes), name)).channels);
      encoded.push(line.codes);
    }
    expect(encoded[0]).not.toEqual(encoded[1]);

    // Made one by one, in two goes, with fewer at first: the same bytes.
    const pieces = path.join(folder, 'pieces');
    expect(await generateFolder(model, pieces, { ...plan, count: 1, batch: 1 })).toEqual({
      made: 1,
      found: 0,
    });
    expect(await generateFolder(model, pieces, { ...plan, batch: 1 })).toEqual({ made: 2, found: 1 });
    expect(await bytesOf(pieces)).toEqual(await bytesOf(whole));
    const other = path.join(folder, 'other');
    await generateFolder(model, other, { ...plan, seed: 6, count: 1 });
    const { codes } = JSON.parse(await readFile(path.join(other, '00000.codes.json'), 'utf8'));
    expect(codes).not.toEqual(encoded[0]);
  });

  it('makes again what is missing, and nothing else', async () => {
    const where = path.join(folder, 'whole');
    const before = await bytesOf(where);
    const kept = (await stat(path.join(where, '00002.wav'))).mtimeMs;
    await rm(path.join(where, '00001.wav'));
    expect(await generateFolder(model, where, { ...plan, codes: false })).toEqual({ made: 1, found: 2 });
    await rm(path.join(where, '00000.codes.json'));
    expect(await generateFolder(model, where, { ...plan, codes: false })).toEqual({ made: 0, found: 3 });
    expect(await generateFolder(model, where, plan)).toEqual({ made: 1, found: 2 });
    // A sound without a row is what an interrupt leaves.
    const rows = (await readFile(path.join(where, 'metadata.jsonl'), 'utf8')).split('\n');
    await writeFile(path.join(where, 'metadata.jsonl'), `${rows[0]}\n${rows[2]}\n`);
    expect(await generateFolder(model, where, plan)).toEqual({ made: 1, found: 2 });
    expect(await bytesOf(where)).toEqual(before);
    expect((await stat(path.join(where, '00002.wav'))).mtimeMs).toBe(kept);
  });

  it('of other clips is refused', async () => {
    const where = path.join(folder, 'whole');
    const others: [Partial<FolderOptions>, RegExp][] = [
      [{ seed: 6 }, /^[^\n]*metadata\.jsonl: holds clips of seed 5, asked for 6; give another folder$/],
      [{ frames: 10 }, /holds clips of frames 9, asked for 10/],
      [{ sampling: { ...SAMPLING, topP: 0.5 } }, /holds clips of top_p 1, asked for 0.5/],
      [{ sampling: GREEDY }, /holds clips of top_k 250, asked for 1/],
    ];
    for (const [change, cause] of others) {
      await expect(generateFolder(model, where, { ...plan, ...change })).rejects.toThrow(cause);
    }
    const foreign = path.join(folder, 'foreign');
    await generateFolder(model, foreign, { ...plan, count: 1 });
    for (const line of ['{"file_name":"song.wav","title":"x"}', '{"file_name":', '7']) {
      await writeFile(path.join(foreign, 'metadata.jsonl'), `${line}\n`);
      await expect(generateFolder(model, foreign, plan)).rejects.toThrow(
        /foreign\/metadata\.jsonl: line 1 is not a row of losscope generate/,
      );
    }
  });
});

describe('losscope generate', () => {
  const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const args = (where: string, ...more: string[]) => [
    ...[MAIN, 'generate', '-m', goldenFolder('mono-a'), '-o', path.join(folder, where)],
    ...more,
  ];
  const run = (...given: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, given, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });

  it('tells its rate on stderr, and refuses what cannot be', async () => {
    const { code, stdout, stderr } = await run(...args('typed', '--seconds', '0.3', '-n', '2', '--codes'));
    expect([code, stdout]).toEqual([0, `${path.join(folder, 'typed')}: 2 clips of 15 frames made\n`]);
    expect(stderr).toMatch(/^generate: 00000\.wav, 30 of 30 frames, \d+ frames\/s$/m);
    const refusals = [
      ['--top-p', '0'],
      ['--top-p', '1.5'],
      ['--seconds', 'long'],
    ];
    for (const refused of refusals) expect((await run(...args('typed', ...refused))).code).toBe(2);
    expect((await run(MAIN, 'generate')).code).toBe(2);
    const other = await run(...args('typed', '--seconds', '0.3', '--seed', '2'));
    expect([other.code, other.stderr]).toEqual([
      1,
      expect.stringMatching(/^losscope: [^\n]*seed 1, asked for 2[^\n]*\n$/),
    ]);
  });

  it('leaves whole clips on Ctrl-C, and goes on from there', async () => {
    const where = path.join(folder, 'interrupted');
    const child = spawn(
      process.execPath,
      args('interrupted', '--seconds', '0.2', '-n', '500', '--batch', '1'),
    );
    let said = '';
    // The line of the first clip comes when its row is written.
    while (!said.includes('generate: 00000.wav')) said += String(await once(child.stderr, 'data'));
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(130);
    const lines = (await readFile(path.join(where, 'metadata.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.length).toBeLessThan(500);
    const names = await readdir(where);
    expect(names.filter((name) => name.endsWith('.unfinished'))).toEqual([]);
    for (const line of lines) expect(names).toContain(JSON.parse(line).file_name);
    const { stdout } = await run(...args('interrupted', '--seconds', '0.2', '-n', String(lines.length + 1)));
    expect(stdout).toContain(`: 1 clip of 10 frames made, ${lines.length} found there`);
  });
});
