// The bundled clips as they are stored when the package is made: filled with their sound again they are what was measured.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openNamedModel } from '../../../src/node/open.js';
import { preparedDemo } from '../../../src/node/serve/prepared.js';
import { storedDemo, storedPath, toStored } from '../../../src/node/serve/stored.js';
import { unpackPage } from '../../../src/report/view/page_data.js';
import { demoStamp, removeStale, stampPath } from '../../../tools/stamp.js';

const FILE = 'ood-atonal-bells.flac';
const folder = mkdtempSync(path.join(tmpdir(), 'losscope-stored-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a stored clip comes back as it was, at a fraction of its size; what is not stored is not there', async () => {
  const model = await openNamedModel({ model: 'tiny' });
  const measured = await preparedDemo(model, FILE, (line) => expect(line).toBe(''));
  await model.close();
  expect(await storedDemo(FILE, folder)).toBeUndefined();
  writeFileSync(storedPath(FILE, folder), toStored(measured));
  const filled = (await storedDemo(FILE, folder)) ?? new Uint8Array(0);
  const { clips } = unpackPage(filled);
  expect(clips).toEqual(unpackPage(measured).clips);
  for (const { loss } of [clips[0].probes[0].clean, clips[0].probes[0].disturbed]) {
    const ranks = loss.ranks?.values ?? new Float32Array(0);
    expect(ranks).toHaveLength(loss.values.length);
    // So many codes are likelier than this one: together they cannot have more than all the probability.
    expect(ranks.every((rank, i) => !(rank < 1 || rank * Math.exp(-loss.values[i]) > 1 + 1e-5))).toBe(true);
  }
  expect(toStored(measured).length).toBeLessThan(measured.length / 2);
});

test('what was stored with another core, model or clip is taken away', () => {
  const root = path.join(folder, 'root');
  const rooms = ['audio', 'loss', 'models', 'onnx', 'perturb', 'probe', 'regions', 'report/view', 'stats'];
  for (const room of [...rooms.map((name) => `dist/${name}`), 'models/tiny', 'demo', 'stored']) {
    mkdirSync(path.join(root, room), { recursive: true });
  }
  const stored = path.join(root, 'stored');
  writeFileSync(stampPath(stored), demoStamp(root));
  expect(removeStale(root, stored)).toBe(true);
  writeFileSync(path.join(root, 'dist', 'loss', 'loss.js'), 'changed');
  expect(removeStale(root, stored)).toBe(false);
});
