// Folders of clips generated under a condition, by the library and on the command line.

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLING } from '../../src/loss/generate.js';
import type { Model } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { type FolderOptions, generateFolder } from '../../src/node/generate.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { goldenFolder } from '../golden.js';

const runtime = nodeRuntime({ threads: 2 });
const chroma = [0, 4, 7, 11, 2, 9];
let text: Model;
let melody: Model;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'losscope-told-'));
  text = await openModel(openFolder(goldenFolder('text'), { name: 'text' }), runtime);
  melody = await openModel(openFolder(goldenFolder('melody'), { name: 'melody' }), runtime);
});

afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a folder', () => {
  const plan: FolderOptions = { count: 2, frames: 9, sampling: SAMPLING, seed: 5, codes: true, batch: 2 };
  const prompted: FolderOptions = { ...plan, condition: { prompt: 'sad piano' } };
  const codesIn = async (where: string, index: number) =>
    JSON.parse(await readFile(path.join(where, `0000${index}.codes.json`), 'utf8')).codes;

  it('says in every row what its clips were told, and holds nothing else', async () => {
    const where = path.join(folder, 'prompted');
    await generateFolder(text, where, prompted);
    const rows = (await readFile(path.join(where, 'metadata.jsonl'), 'utf8')).trim().split('\n');
    for (const row of rows) expect(JSON.parse(row)).toMatchObject({ prompt: 'sad piano', guidance: 3 });
    expect(await generateFolder(text, where, prompted)).toEqual({ made: 0, found: 2 });
    const others: [FolderOptions, RegExp][] = [
      [plan, /holds clips of prompt sad piano, asked for none; give another folder$/],
      [{ ...plan, condition: { prompt: 'drums' } }, /holds clips of prompt sad piano, asked for drums/],
      [{ ...prompted, guidance: 4 }, /holds clips of guidance 3, asked for 4/],
      [
        { ...plan, condition: { prompt: 'sad piano', missing: 'null' } },
        /holds clips of missing none, asked for null/,
      ],
    ];
    for (const [other, cause] of others)
      await expect(generateFolder(text, where, other)).rejects.toThrow(cause);

    const plain = path.join(folder, 'plain');
    await generateFolder(text, plain, plan);
    expect(
      JSON.parse((await readFile(path.join(plain, 'metadata.jsonl'), 'utf8')).split('\n')[0]),
    ).not.toHaveProperty('guidance');
    await expect(generateFolder(text, plain, prompted)).rejects.toThrow(
      /holds clips of prompt none, asked for sad piano/,
    );
  });

  it('draws from a stream of its own for every prompt, melody and guidance', async () => {
    const plans: [Model, Partial<FolderOptions>][] = [
      [text, {}],
      [text, { condition: { prompt: 'sad piano' }, guidance: 1 }],
      [text, { condition: { prompt: 'sad piano' }, guidance: 1.000001 }],
      [text, { condition: { prompt: 'piano' }, guidance: 1 }],
      [melody, { condition: { chroma } }],
      [melody, { condition: { chroma: [1, ...chroma] } }],
      [melody, { condition: { missing: 'absent' } }],
    ];
    const seen = new Set<string>();
    for (const [i, [model, options]] of plans.entries()) {
      const where = path.join(folder, `stream-${i}`);
      // So hot that logits hardly matter: what differs is chance.
      await generateFolder(model, where, {
        ...plan,
        count: 1,
        sampling: { ...SAMPLING, temperature: 1e6 },
        ...options,
      });
      seen.add(JSON.stringify(await codesIn(where, 0)));
    }
    expect(seen.size).toBe(plans.length);
  });
});

describe('losscope generate', () => {
  const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
  const run = (...given: string[]) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      execFile(process.execPath, [MAIN, 'generate', '--seconds', '0.1', ...given], (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });

  it('takes a prompt, a melody and a guidance, and refuses a guidance of nothing as a usage error', async () => {
    const prompted = ['-m', goldenFolder('text'), '-o', path.join(folder, 'typed')];
    const { code, stdout } = await run(...prompted, '--prompt', 'sad piano', '--guidance', '2');
    expect([code, stdout]).toEqual([0, `${path.join(folder, 'typed')}: 1 clip of 5 frames made\n`]);
    const row = JSON.parse(await readFile(path.join(folder, 'typed', 'metadata.jsonl'), 'utf8'));
    expect(row).toMatchObject({ prompt: 'sad piano', guidance: 2 });

    const sound = fileURLToPath(new URL('../golden/audio/32000-1.mp3', import.meta.url));
    const sung = ['-m', goldenFolder('melody'), '-o', path.join(folder, 'sung')];
    expect((await run(...sung, '--melody', sound)).code).toBe(0);
    const sungRow = JSON.parse(await readFile(path.join(folder, 'sung', 'metadata.jsonl'), 'utf8'));
    expect(sungRow).toMatchObject({ melody: expect.stringMatching(/^[0-9a-f]{16}$/), guidance: 3 });

    const refused = await run(...prompted, '--guidance', '3');
    expect([refused.code, refused.stderr]).toEqual([
      2,
      'losscope: --guidance: weighs a condition against none; give --prompt or --melody\n',
    ]);
    expect((await run(...prompted, '--prompt', 'x', '--guidance', '0.5')).code).toBe(2);
    const songless = await run(
      '-m',
      goldenFolder('text'),
      '-o',
      path.join(folder, 'songless'),
      '--melody',
      sound,
    );
    expect([songless.code, songless.stderr]).toEqual([
      1,
      expect.stringMatching(/^losscope: [^\n]*takes no melody[^\n]*\n$/),
    ]);
  });
});
