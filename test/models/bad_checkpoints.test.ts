// Checkpoints that are damaged or hostile, through the command line: one line that names file and cause, exit code 1,
// nothing on stdout, no stack trace, nothing half-written.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goldenFolder } from '../golden.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const SOUND = fileURLToPath(new URL('../golden/audio/s16-32000-1.flac', import.meta.url));
const WEIGHTS = 'model.safetensors';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'losscope-bad-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function losscope(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env } };
    execFile(process.execPath, [MAIN, ...args], options, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

/** Does something to a copy of a checkpoint, in a folder of that name. */
async function damaged(
  name: string,
  damage: (folder: string) => Promise<unknown>,
  of = 'mono-a',
): Promise<string> {
  const folder = path.join(root, name);
  await cp(goldenFolder(of), folder, { recursive: true });
  await damage(folder);
  return folder;
}

/** A safetensors file of this header and these data. */
function safetensors(header: string, data = 0): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(data)]);
}

const weights = (bytes: Buffer) => (folder: string) => writeFile(path.join(folder, WEIGHTS), bytes);

const config =
  (change: (json: Record<string, Record<string, unknown>>) => unknown) => async (folder: string) => {
    const file = path.join(folder, 'config.json');
    const json = JSON.parse(await readFile(file, 'utf8'));
    change(json);
    await writeFile(file, JSON.stringify(json));
  };

/** Writes a number over the first of a tensor. */
const poisoned = (tensor: string, value: number) => async (folder: string) => {
  const file = path.join(folder, WEIGHTS);
  const bytes = await readFile(file);
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start));
  bytes.writeFloatLE(value, start + header[tensor].data_offsets[0]);
  await writeFile(file, bytes);
};

const index = (weightMap: unknown) => async (folder: string) => {
  await rm(path.join(folder, WEIGHTS));
  await writeFile(path.join(folder, `${WEIGHTS}.index.json`), JSON.stringify({ weight_map: weightMap }));
};

const BIG = 2 ** 60;
const entry = (rest: string) => `{"a":${rest}}`;

const CASES: [name: string, damage: (folder: string) => Promise<unknown>, cause: RegExp][] = [
  // Headers.
  ['empty', weights(Buffer.alloc(0)), /\/model\.safetensors: 0 bytes, too short/],
  ['long-header', weights(Buffer.alloc(16, 0xff)), /\/model\.safetensors: header of \d+ bytes, at most/],
  ['deep-header', weights(safetensors(`{"a":${'['.repeat(200_000)}`)), /\/model\.safetensors: /],
  [
    'too-large',
    weights(safetensors(entry(`{"dtype":"F32","shape":[${BIG},16],"data_offsets":[0,4]}`), 4)),
    /tensor "a": shape (is not a list of sizes|\[.*\] overflows)/,
  ],
  [
    'past-the-end',
    weights(safetensors(entry('{"dtype":"F32","shape":[1000],"data_offsets":[0,4000]}'), 4)),
    /\/model\.safetensors: data ends at byte \d+ by the header, the file at \d+/,
  ],
  [
    'cut-data',
    (folder) => truncate(path.join(folder, WEIGHTS), 100_000),
    /\/model\.safetensors: .*\(cut short\?\)/,
  ],
  // Paths.
  [
    'out-of-it',
    index({ a: '../mono-a/model.safetensors' }),
    /placed in "\.\.\/mono-a\/model\.safetensors"; expected/,
  ],
  ['absolute', index({ a: '/etc/passwd' }), /placed in "\/etc\/passwd"; expected/],
  ['not-there', index({ a: 'b.safetensors' }), /\/b\.safetensors: missing/],
  // Configurations.
  ['no-config', (folder) => rm(path.join(folder, 'config.json')), /\/config\.json: missing/],
  ['text-config', (folder) => writeFile(path.join(folder, 'config.json'), 'not json'), /\/config\.json: /],
  [
    'deep-config',
    (folder) => writeFile(path.join(folder, 'config.json'), '['.repeat(300_000)),
    /\/config\.json: /,
  ],
  [
    'huge-layers',
    config(({ decoder }) => Object.assign(decoder, { num_hidden_layers: 1e9 })),
    /num_hidden_layers/,
  ],
  [
    'wide',
    config(({ decoder }) => Object.assign(decoder, { hidden_size: 65_536 })),
    /tensors do not fit config\.json: .*is \[.*64\], expected \[.*65536\]/,
  ],
  [
    'long-hop',
    config(({ audio_encoder: codec }) => Object.assign(codec, { upsampling_ratios: new Array(12).fill(64) })),
    /config\.json: 2\.2 kbit/,
  ],
  [
    'long-type',
    config((json) => Object.assign(json, { model_type: `x\n${'y'.repeat(100_000)}` })),
    /model_type "x\\ny{50,80}" is not supported/,
  ],
  // Numbers that are none, also where a kernel would swallow them: ArgMax over NaN gives a code, an LSTM clips it.
  ...(
    [
      ['encoder', 'audio_encoder.encoder.layers.0.conv.bias', Number.NaN],
      ['codebook', 'audio_encoder.quantizer.layers.3.codebook.embed', Number.NaN],
      ['lstm', 'audio_encoder.encoder.layers.13.lstm.weight_hh_l1', Number.POSITIVE_INFINITY],
      ['layer', 'decoder.model.decoder.layers.0.fc1.weight', Number.NaN],
      ['norm', 'decoder.model.decoder.layer_norm.weight', Number.NEGATIVE_INFINITY],
    ] as const
  ).map(([name, tensor, value]): (typeof CASES)[number] => [
    `no-number-${name}`,
    poisoned(tensor, value),
    new RegExp(`: NaN or infinity in ${tensor} \\(entry 0\\); the weights are damaged`),
  ]),
  // Finite, but what is computed with them is not.
  [
    'huge-codebook',
    poisoned('audio_encoder.quantizer.layers.1.codebook.embed', 3e38),
    /the encoder gave non-finite values; the weights are damaged/,
  ],
];

function expectOneLine({ code, stdout, stderr }: Ended, cause: RegExp): void {
  expect(stderr).toMatch(/^losscope: [^\n]{1,1000}\n$/);
  expect(stderr).toMatch(cause);
  expect(stderr).not.toMatch(/internal error|\.[jt]s:\d|node:/);
  expect([code, stdout]).toEqual([1, '']);
}

describe('losscope score of a checkpoint that is', () => {
  it.concurrent.each(CASES)('%s says so in one line', async (name, damage, cause) => {
    const folder = await damaged(name, damage);
    const ended = await losscope(['score', SOUND, '--json', '-m', folder]);
    expectOneLine(ended, cause);
    expect(ended.stderr).toContain(folder);
  });

  it('damaged prints where that was found only when asked to', async () => {
    const folder = await damaged('debugged', weights(Buffer.alloc(3)));
    const { code, stderr } = await losscope(['--debug', 'score', SOUND, '-m', folder]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/too short[^\n]*\n +at /);
  });
});

describe('other commands, of a checkpoint that is damaged,', () => {
  it('write nothing', async () => {
    const folder = await damaged('generating', poisoned('decoder.lm_heads.0.weight', Number.NaN));
    const out = path.join(root, 'out');
    await mkdir(out);
    expectOneLine(
      await losscope(['generate', '-m', folder, '-o', path.join(out, 'clips'), '--seconds', '0.1']),
      /NaN or infinity in decoder.lm_heads.0.weight/,
    );
    expectOneLine(
      await losscope([
        'probe',
        SOUND,
        '-m',
        folder,
        '--at',
        '0.2s',
        '--length',
        '5',
        '--html',
        path.join(out, 'a.html'),
      ]),
      /the weights are damaged/,
    );
    const entries = await readdir(out, { recursive: true });
    expect(entries.filter((name) => name !== 'clips')).toEqual([]);
  });

  it('say it of text encoders and tokenizers too', async () => {
    const prompt = (folder: string) => losscope(['score', SOUND, '-m', folder, '--prompt', 'sad piano']);
    const name = 'text_encoder.encoder.final_layer_norm.weight';
    const encoder = await damaged('nan-text', poisoned(name, Number.NaN), 'text');
    expectOneLine(await prompt(encoder), /NaN or infinity in text_encoder.encoder.final_layer_norm.weight/);
    const deep = await damaged(
      'deep-tokenizer',
      (folder) => writeFile(path.join(folder, 'tokenizer.json'), '{"model":'.repeat(100_000)),
      'text',
    );
    expectOneLine(await prompt(deep), /\/tokenizer\.json: /);
  });

  it('find it in the cache: doctor ends with 1 and says what to do', async () => {
    const home = path.join(root, 'hf');
    const model = path.join(home, 'hub', 'models--facebook--musicgen-small');
    const snapshot = path.join(model, 'snapshots', 'c'.repeat(40));
    const blob = createHash('sha256').update('as it was sent').digest('hex');
    await mkdir(path.join(model, 'blobs'), { recursive: true });
    await mkdir(snapshot, { recursive: true });
    await writeFile(path.join(model, 'blobs', blob), 'as it was sent');
    await symlink(path.join('..', '..', 'blobs', blob), path.join(snapshot, WEIGHTS));
    const env = { HF_HOME: home, HF_HUB_CACHE: '' };
    const intact = await losscope(['doctor'], env);
    expect(intact.stdout).toMatch(/^ok +facebook\/musicgen-small@cccccccc 1 file, 0\.00 GB, intact$/m);
    expect(intact.code).toBe(0);
    await writeFile(path.join(model, 'blobs', blob), 'as it was SENT');
    const { code, stdout, stderr } = await losscope(['doctor'], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^NOT OK +facebook\/musicgen-small@cccccccc damaged: model\.safetensors/m);
    expect(stdout).toMatch(
      /-> delete ".*model\.safetensors" and what that links to, then losscope pull facebook/,
    );
    expect(stderr).toMatch(/^model\.safetensors: /);
  });
});
