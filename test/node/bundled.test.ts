// The bundled models: their files are those of the package, and one that is missing or changed by one byte is named.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { BUNDLED, bundledFaults } from '../../src/node/bundled.js';

const folder = mkdtempSync(join(tmpdir(), 'losscope-bundled-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('they are as they were when their digests were written down', async () => {
  for (const name of Object.keys(BUNDLED)) expect(await bundledFaults(name)).toEqual([]);
});

test('what is missing, cut or has another byte is named', async () => {
  const copy = join(folder, 'tiny-notes');
  cpSync(BUNDLED['tiny-notes'], copy, { recursive: true });
  const weights = join(copy, 'model.safetensors');
  const bytes = readFileSync(weights);
  bytes[bytes.length - 7] ^= 1;
  writeFileSync(weights, bytes);
  expect(await bundledFaults('tiny-notes', copy)).toEqual([{ file: weights, what: 'damaged' }]);
  rmSync(weights);
  writeFileSync(join(copy, 'config.json'), '{');
  expect(await bundledFaults('tiny-notes', copy)).toEqual([
    { file: join(copy, 'config.json'), what: 'damaged' },
    { file: weights, what: 'missing' },
  ]);
});
