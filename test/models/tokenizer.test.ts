// Prompts as token ids by a tokenizer.json of T5's structure, against Python's tokenizers 0.23.2 over the same file: both
// are made by tools/tokenizer/make.py.

import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTokenizer } from '../../src/models/musicgen/tokenizer.js';
import { openFolder } from '../../src/node/files.js';

const FOLDER = path.join(import.meta.dirname, '..', 'golden', 'tokenizer');
const expected: readonly { readonly prompt: string; readonly ids: readonly number[] }[] = JSON.parse(
  await readFile(path.join(FOLDER, 'expected.json'), 'utf8'),
);

/**
 * Where @huggingface/tokenizers 0.2 differs from Python: it does not read the precompiled table but normalises by NFKC,
 * which takes U+0344 apart, and makes a space of a joiner; and U+0085 is no white space to JavaScript. Of the 129,024 code
 * points up to U+1FFFF, each between two letters, these three alone gave other ids.
 */
const DIFFERING = /\u0085|\u0344|\u200d/;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'losscope-tokenizer-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("a tokenizer of T5's structure", () => {
  it.each(expected)(
    "gives $prompt the ids that Python's gives, but for three characters",
    async ({ prompt, ids }) => {
      const tokenize = await openTokenizer(openFolder(FOLDER, { name: 't5' }));
      if (DIFFERING.test(prompt)) expect(tokenize(prompt)).not.toEqual(ids);
      else expect(tokenize(prompt)).toEqual(ids);
    },
  );

  it('may be of the form that MusicGen was published with', async () => {
    const json = JSON.parse(await readFile(path.join(FOLDER, 'tokenizer.json'), 'utf8'));
    const metaspace = { type: 'Metaspace', replacement: '\u2581', add_prefix_space: true };
    const older = {
      ...json,
      pre_tokenizer: { ...json.pre_tokenizer, pretokenizers: [{ type: 'WhitespaceSplit' }, metaspace] },
      decoder: metaspace,
    };
    await writeFile(path.join(folder, 'tokenizer.json'), JSON.stringify(older));
    const tokenize = await openTokenizer(openFolder(folder, { name: 'older' }));
    for (const { prompt, ids } of expected) {
      if (!DIFFERING.test(prompt)) expect(tokenize(prompt)).toEqual(ids);
    }
    // What transformers saves beside it changes nothing.
    const beside = {
      tokenizer_class: 'T5Tokenizer',
      extra_ids: 100,
      model_max_length: 512,
      eos_token: '</s>',
    };
    await writeFile(path.join(folder, 'tokenizer_config.json'), JSON.stringify(beside));
    await copyFile(path.join(FOLDER, 'tokenizer.json'), path.join(folder, 'tokenizer.json'));
    const configured = await openTokenizer(openFolder(folder, { name: 'configured' }));
    for (const { prompt, ids } of expected) {
      if (!DIFFERING.test(prompt)) expect(configured(prompt)).toEqual(ids);
    }
  });
});
