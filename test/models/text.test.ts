// Text conditions: losses against the oracle, prompts through a tokenizer, and what is refused.

import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { contrast } from '../../src/loss/contrast.js';
import { difference } from '../../src/loss/delta.js';
import { keepScoring } from '../../src/loss/keep.js';
import { score } from '../../src/loss/loss.js';
import { scoreInWindows } from '../../src/loss/windows.js';
import { type Condition, describeCondition } from '../../src/models/condition.js';
import type { Model } from '../../src/models/model.js';
import { delayed, toColumns } from '../../src/models/musicgen/delay.js';
import { openTokenizer } from '../../src/models/musicgen/tokenizer.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { goldenFolder, largestDifference, openGolden } from '../golden.js';
import { decoderOf, PROTOCOLS } from '../musicgen.js';

const runtime = nodeRuntime();
afterAll(() => runtime.close());

const golden = await openGolden('text');
const ids = (name: string): number[] => Array.from(golden.tensor(name).data);

function openText(): Promise<Model> {
  return openModel(openFolder(goldenFolder('text'), { name: 'text' }), runtime);
}

describe('loss under a text', () => {
  const cases: [suffix: string, signals: readonly string[], condition: Condition | undefined][] = [
    ['_uncond', ['', 'short.'], undefined],
    ['_uncond', ['', 'short.'], { missing: 'null' }],
    ['_cond', ['', 'short.'], { textIds: ids('text_ids') }],
    ['_cond_long', [''], { textIds: ids('text_ids_long') }],
    ['_cond_padded', [''], { textIds: ids('text_ids_padded') }],
  ];
  it.each(cases)(
    "%s of %j is the oracle's at every position, by both protocols",
    async (suffix, signals, condition) => {
      const model = await openText();
      const options = { untrained: 'scored', ...(condition && { condition }) } as const;
      for (const signal of signals) {
        const codes = golden.codes(`${signal}codes`);
        const delayedLoss = await score(model, codes, options);
        const expected = golden.tensor(`${signal}nll_delayed${suffix}`).data;
        expect(largestDifference(delayedLoss.values, expected)).toBeLessThan(2e-5);
        const { codebooks: K, frames: T } = codes;
        const undelayedLoss = await score(model, codes, { ...options, protocol: 'undelayed' });
        const scored = Array.from(undelayedLoss.values).filter((_, i) => i % T > 0);
        const rows = golden.tensor(`${signal}nll_undelayed${suffix}`);
        expect(rows.shape).toEqual([K, T - 1]);
        expect(largestDifference(scored, rows.data)).toBeLessThan(2e-5);
      }
      await model.close();
    },
  );

  it("has the oracle's logits", async () => {
    const model = await openText();
    const condition = { textIds: ids('text_ids') };
    for (const [name, language] of [
      ['logits_cond', await model.conditioned(condition)],
      ['logits_uncond', model.language],
    ] as const) {
      const {
        shape: [K, F, V],
        data,
      } = golden.tensor(name);
      const tokens = toColumns(golden.codes('codes'), delayed(K), V);
      for (let k = 0; k < K; k++) {
        const logits = await decoderOf(language).logits(tokens, k);
        const expected = Array.from(data).slice(k * F * V, (k + 1) * F * V);
        expect(largestDifference(logits.slice(k * V, (k + F) * V), expected)).toBeLessThan(2e-5);
      }
    }
    await model.close();
  });

  it('minus the loss without it is the contrast; without it has the bits of no condition at all', async () => {
    const model = await openText();
    const codes = golden.codes('codes');
    for (const protocol of PROTOCOLS) {
      const options = { protocol, untrained: 'scored' } as const;
      const { conditional, unconditional, delta } = await contrast(
        model,
        codes,
        { textIds: ids('text_ids') },
        options,
      );
      expect(conditional).toEqual(
        await score(model, codes, { ...options, condition: { textIds: ids('text_ids') } }),
      );
      expect(unconditional).toEqual(await score(model, codes, options));
      delta.values.forEach((value, i) => {
        expect(value).toBe(conditional.values[i] - unconditional.values[i]);
      });
    }
    await model.close();
  });

  it('in windows is the difference of both in windows, each window under the condition', async () => {
    const model = await openText();
    const codes = golden.codes('codes');
    const condition = { textIds: ids('text_ids') };
    const windows = { frames: 40, overlap: 10 };
    expect(codes.frames).toBeGreaterThan(windows.frames);
    let told = 0;
    const found = await contrast(model, codes, condition, { windows, onWindow: () => told++ });
    expect(found.conditional).toEqual(await scoreInWindows(model, codes, { windows, condition }));
    expect(found.unconditional).toEqual(await scoreInWindows(model, codes, { windows }));
    expect(found.conditional.values).not.toEqual((await score(model, codes, { condition })).values);
    expect(found.delta).toEqual(difference(found.unconditional, found.conditional));
    expect(told).toBeGreaterThan(2);
    await model.close();
  });

  it('goes on from what was kept under a text to the bit', async () => {
    const model = await openText();
    const codes = golden.codes('codes');
    const condition = { textIds: ids('text_ids') };
    const kept = await keepScoring(model, codes, { condition });
    for (const from of [0, 1, 20, 57, 68, 69]) {
      const data = codes.data.map((code, i) => (i % codes.frames >= from ? (code + 7) % 512 : code));
      const full = await score(model, { ...codes, data }, { condition });
      expect(await kept.score({ ...codes, data }), `from ${from}`).toEqual(full);
    }
    await kept.release();
    await model.close();
  });
});

describe('prompts', () => {
  it("become the ids that Hugging Face's own tokenizers gives, and score as those ids do", async () => {
    // tokenizers 0.23.2 (Python) over the same file; a Unigram model with T5's pre-tokenizer and `</s>`.
    const expected: [string, number[]][] = [
      ['sad piano', [4, 5, 1]],
      ['  sad   piano with drums, 80s a', [4, 5, 12, 14, 15, 13, 3, 16, 17, 15, 18, 1]],
      ['pads', [3, 8, 7, 15, 1]],
      ['piano \u2605 sad', [5, 3, 2, 4, 1]],
    ];
    const tokenize = await openTokenizer(openFolder(goldenFolder('text'), { name: 'text' }));
    for (const [prompt, tokens] of expected) expect(tokenize(prompt)).toEqual(tokens);

    const model = await openText();
    const codes = golden.codes('short.codes');
    const byPrompt = await score(model, codes, { condition: { prompt: 'sad piano' } });
    expect(byPrompt).toEqual(await score(model, codes, { condition: { textIds: [4, 5, 1] } }));
    expect(byPrompt).not.toEqual(await score(model, codes, { condition: { prompt: 'drums' } }));
    await model.close();
  });

  it('and other conditions have words for a record', () => {
    expect(describeCondition({})).toBe('none');
    expect(describeCondition({ prompt: 'a "b"', missing: 'null' })).toBe('prompt "a \\"b\\"", missing null');
    expect(describeCondition({ textIds: [4, 1] })).toBe('text ids 4 1');
  });

  it('and texts that say nothing or do not fit the model are refused in one line', async () => {
    const model = await openText();
    const codes = golden.codes('short.codes');
    const refusals: [Condition, RegExp][] = [
      [{ prompt: '  ' }, /^text: an empty prompt says nothing; leave it out$/],
      [{ prompt: 'a', textIds: [1] }, /^text: both a prompt and its token ids/],
      [{ textIds: [] }, /^text: a text without tokens says nothing/],
      [{ textIds: [0, 0] }, /^text: a text without tokens says nothing/],
      [{ textIds: [200, 1] }, /^text: text id 200, expected whole numbers 0 to 199$/],
      [{ textIds: [1.5] }, /^text: text id 1\.5/],
      [{ textIds: [-1] }, /^text: text id -1/],
    ];
    for (const [condition, cause] of refusals)
      await expect(score(model, codes, { condition })).rejects.toThrow(cause);
    await model.close();
    const codec = await openModel(openFolder(goldenFolder('causal'), { name: 'causal' }), runtime);
    await expect(codec.conditioned({ prompt: 'a' })).rejects.toThrow(/^causal: a codec alone/);
  });

  it('need a text encoder and a usable tokenizer.json, each missed by name', async () => {
    const config = JSON.parse(await readFile(path.join(goldenFolder('text'), 'config.json'), 'utf8'));
    const { text_encoder: encoder, ...rest } = config;
    const bare = JSON.parse(await readFile(path.join(goldenFolder('stereo'), 'config.json'), 'utf8'));
    const cases: [config: object, tokenizer: string | undefined, cause: RegExp, weights?: string][] = [
      [{ ...bare, text_encoder: encoder }, '{}', /^f: the checkpoint has no text encoder, so/, 'stereo'],
      [rest, '{}', /^f: the checkpoint has no text encoder, so the model takes no prompt$/],
      [config, undefined, /^f\/tokenizer\.json: missing, and a prompt needs it/],
      [config, '[]', /^f\/tokenizer\.json: not a JSON object$/],
      [config, '{"a":1,"a":2}', /^f\/tokenizer\.json: key "a" occurs twice/],
      [config, '{"model":{"type":"X"}}', /^f\/tokenizer\.json: not a tokenizer \(/],
      [
        { ...rest, text_encoder: { ...encoder, d_kv: 11 } },
        undefined,
        /SelfAttention\.q\.weight is \[30,48\], expected \[33,48\]; /,
      ],
      [
        { ...rest, text_encoder: { ...encoder, model_type: 'bert' } },
        undefined,
        /^f\/config\.json: text_encoder\.model_type/,
      ],
      [
        { ...rest, text_encoder: { ...encoder, feed_forward_proj: 'gated-silu' } },
        undefined,
        /text_encoder\.feed_forward_proj/,
      ],
      [{ ...rest, text_encoder: { ...encoder, num_heads: 0 } }, undefined, /text_encoder\.num_heads/],
    ];
    for (const [json, tokenizer, cause, weights = 'text'] of cases) {
      const folder = await mkdtemp(path.join(tmpdir(), 'losscope-'));
      try {
        await copyFile(
          path.join(goldenFolder(weights), 'model.safetensors'),
          path.join(folder, 'model.safetensors'),
        );
        await writeFile(path.join(folder, 'config.json'), JSON.stringify(json));
        if (tokenizer) await writeFile(path.join(folder, 'tokenizer.json'), tokenizer);
        const refused = openModel(openFolder(folder, { name: 'f' }), runtime).then((model) =>
          model.conditioned(cause.source.includes('Attention') ? { textIds: [1] } : { prompt: 'sad' }),
        );
        await expect(refused).rejects.toThrow(cause);
      } finally {
        await rm(folder, { recursive: true });
      }
    }
  });
});
