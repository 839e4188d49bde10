// Aria by its Hub id, as it is published: a config of remote code with fields that nobody here reads, one file of weights, files
// of a tokenizer that is written in Python. What is scored is what the same folder gives.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { score } from '../../src/loss/loss.js';
import { catalogued } from '../../src/models/catalog.js';
import { readsNotes } from '../../src/models/model.js';
import { openNamedModel } from '../../src/node/open.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { probeNotes, scoreNotes } from '../../src/probe/notes.js';
import { readMidi } from '../../src/symbolic/midi.js';
import { passageOf } from '../../src/symbolic/passage.js';
import { goldenFolder } from '../golden.js';
import { useHub } from './hub_setup.js';

const ARIA = 'loubb/aria-medium-base';
const bench = useHub();
afterEach(() => vi.unstubAllEnvs());

const golden = (file: string): Buffer => readFileSync(path.join(goldenFolder('aria'), file));
const CASES: Record<string, { midi: string }> = JSON.parse(
  readFileSync(new URL('../golden/note_tokens.json', import.meta.url), 'utf8'),
);

test('loubb/aria-medium-base is fetched, opened, scored and disturbed by its id', async () => {
  const config = {
    ...JSON.parse(golden('config.json').toString()),
    auto_map: {
      AutoConfig: 'configuration_aria.AriaConfig',
      AutoModelForCausalLM: 'modeling_aria.AriaForCausalLM',
    },
    torch_dtype: 'float32',
    use_cache: true,
    bos_token_id: 0,
    transformers_version: '4.45.0',
  };
  const commit = bench.hub.commit(ARIA, {
    'config.json': JSON.stringify(config),
    'model.safetensors': golden('model.safetensors'),
    'tokenizer_config.json': JSON.stringify({
      auto_map: { AutoTokenizer: ['tokenization_aria.AriaTokenizer', null] },
    }),
    'tokenization_aria.py': 'print("never fetched, never run")',
    'modeling_aria.py': 'print("never fetched, never run")',
    'configuration_aria.py': 'print("never fetched, never run")',
    'README.md': '# Aria',
  });
  vi.stubEnv('HF_HOME', bench.home);
  vi.stubEnv('HF_ENDPOINT', bench.hub.endpoint);
  const passage = passageOf(readMidi(new Uint8Array(Buffer.from(CASES['drawn 2'].midi, 'base64')), 'song'));
  const model = await openNamedModel({ model: ARIA, threads: 1 });
  const local = await openNamedModel({ model: goldenFolder('aria'), threads: 1 });
  expect(model.name).toBe(`${ARIA}@${commit}`);
  expect(bench.hub.downloads().some((file) => file.endsWith('.py'))).toBe(false);
  expect(readsNotes(model)).toBe(true);
  const entry = catalogued(ARIA);
  expect({
    codebooks: model.codebooks,
    protocols: model.language?.protocols.map(({ name }) => name),
  }).toEqual({
    codebooks: entry?.codebooks,
    protocols: entry?.protocols,
  });
  expect((await score(model, passage.codes)).values).toEqual((await score(local, passage.codes)).values);
  const clean = await scoreNotes(model, passage);
  const { delta, window } = await probeNotes(
    model,
    clean,
    parsePerturbation('nonsense at=4s length=4s', { seed: 1 }),
  );
  expect(delta.mean.findIndex((value) => value !== 0)).toBeGreaterThanOrEqual(window.start);
  await clean.release();
  await Promise.all([model.close(), local.close()]);
});
