// The suite of conformance/model.ts over models of every kind, and what only a stranger can show: a family that nothing in
// src knows goes through scoring, a probe, a map, a study and its report.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyse } from '../../src/analysis/analyse.js';
import type { Clip } from '../../src/audio/clip.js';
import { encode } from '../../src/loss/encode.js';
import { score } from '../../src/loss/loss.js';
import { meanLoss } from '../../src/loss/means.js';
import type { Model } from '../../src/models/model.js';
import { FAMILIES, openModel } from '../../src/models/open.js';
import type { CheckpointFiles, Runtime } from '../../src/models/runtime.js';
import { openDrawing } from '../../src/node/document.js';
import { openFolder } from '../../src/node/files.js';
import { openNamedModel } from '../../src/node/open.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { sensitivityMap } from '../../src/probe/map.js';
import { probe, scoreClip } from '../../src/probe/probe.js';
import { probePage } from '../../src/report/page.js';
import { studyReport } from '../../src/report/study/page.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { planStudy } from '../../src/study/plan.js';
import { runStudy } from '../../src/study/run.js';
import { parseStudy } from '../../src/study/spec.js';
import { describeModel } from '../conformance/model.js';
import { goldenFolder } from '../golden.js';
import { memoryLibrary, memoryStore } from '../study/memory.js';
import { STATES, toy, toyFiles, work } from '../toy_family.js';

const runtime = nodeRuntime({ threads: 1 });
afterAll(() => runtime.close());

const opened = (name: string) => () => openModel(openFolder(goldenFolder(name), { name }), runtime);

describeModel({
  name: 'tiny',
  open: () => openNamedModel({ model: 'tiny' }),
  has: { codec: true, language: true },
});
describeModel({ name: 'mono-b', open: opened('mono-b'), has: { codec: true, language: true } });
describeModel({ name: 'stereo', open: opened('stereo'), has: { codec: true, language: true } });
describeModel({ name: 'causal', open: opened('causal'), has: { codec: true, language: false } });
describeModel({
  name: 'llama-grouped',
  open: opened('llama-grouped'),
  has: { codec: false, language: true },
});
describeModel({
  name: 'aria',
  open: opened('aria'),
  has: { codec: false, language: true },
  // Notes in order, others within their kind.
  piece: (from, to, frames) => {
    const rows = [0, 1, 2].map((row) =>
      Array.from({ length: frames }, (_, t) => {
        const other = t >= from && t < to ? 5 : 0;
        if (row === 1) return 37 * t;
        return row === 0 ? (40 + ((t * t + other) % 41)) * 13 + 1 + (t % 12) : 1 + ((t * 31 + other) % 500);
      }),
    );
    return { codebooks: 3, frames, data: Int32Array.from(rows.flat()) };
  },
});
describeModel({ name: 'toy', open: openToy, has: { codec: true, language: true } });

/** A runtime that has no part in a model without graphs. */
const none: Runtime = {
  version: 'none',
  device: 'cpu',
  instructions: 'none',
  ...{ resumes: true, overwrites: true, fused: true },
  open: () => Promise.reject(new Error('a graph was opened')),
  close: () => Promise.resolve(),
};

function openToy(): Promise<Model> {
  const files = toyFiles();
  const at = (file: string): Uint8Array => {
    const bytes = files.get(file);
    if (!bytes) throw new Error(`asked for ${file}`);
    return bytes;
  };
  const folder: CheckpointFiles = {
    name: 'toy',
    has: async (file) => files.has(file),
    size: async (file) => at(file).length,
    read: async (file, start, end) => at(file).slice(start, end),
    location: async (file) => file,
    survey: async (file) => ({ sha256: createHash('sha256').update(at(file)).digest('hex'), nonFinite: [] }),
  };
  return openModel(folder, none, { families: [...FAMILIES, toy] });
}

/** Noise whose loudness wanders. */
function clipOf(name: string, seconds = 8): Clip {
  const random = generator(seedOf('toy', name));
  const samples = new Float32Array(8000 * seconds);
  let loud = 0.2;
  for (let i = 0; i < samples.length; i++) {
    if (i % 160 === 0) loud = Math.min(0.9, Math.max(0.02, loud + 0.08 * random.normal()));
    samples[i] = loud * (2 * random.uniform() - 1);
  }
  return { name, sampleRate: 8000, channels: [samples] };
}

describe('a family that nothing knows', () => {
  let model: Model;
  beforeAll(async () => {
    model = await openToy();
  });

  it('is opened through the registry only', async () => {
    expect(FAMILIES.some(({ types }) => types.includes('toy_markov'))).toBe(false);
    expect(model).toMatchObject({ name: 'toy', codebooks: 1, codebookSize: STATES, step: 'frame' });
  });

  it('is probed: what can be seen before the window is as far as it lags, no further', async () => {
    const clean = await scoreClip(model, clipOf('song.wav'));
    const noise = {
      kind: 'noise',
      color: 'white',
      at: { tokens: 200 },
      length: { tokens: 60 },
      seed: 1,
    } as const;
    work.frames = 0;
    const { record } = await probe(model, clean, { ...noise, level: { dbfs: -3 } });
    // Only what the disturbance changed was scored again.
    expect(work.frames).toBeLessThan(70);
    expect(record.provenance).toMatchObject({ protocol: 'ahead', runtime: 'none', device: 'cpu' });
    expect(record.reach).toEqual({ reach: 0, lag: 2 });
    const seen = Array.from(record.delta.mean).findIndex((value) => value !== 0);
    expect(seen).toBe(198);
    expect(record.profile.regions.map(({ name }) => name)).toContain('assimilation');
    const page = probePage(await openDrawing(), [record], {
      title: 'A toy',
      intro: 'Of a toy.',
      sounds: new Map(),
      bundle: { script: '', style: '' },
      compress: () => '',
    });
    expect(page).toContain('song.wav');
  });

  it('is mapped', async () => {
    const clean = await scoreClip(model, clipOf('song.wav', 6));
    const map = await sensitivityMap(model, clean, { every: 25, level: { dbfs: -3 } });
    expect(map.points.length).toBeGreaterThan(5);
    for (const { delta, start } of map.points) expect(delta.from).toBe(start - 2);
    expect(map.points.every(({ peak }) => Number.isFinite(peak) && peak !== 0)).toBe(true);
    expect(map.entropy.filter(Number.isNaN)).toHaveLength(2);
  });

  it('goes through a study to its report, under its own protocols', async () => {
    const yaml = (protocols: string) => `
study: toys
clip: { length: 6s }
models: [toy]
${protocols}
groups: { A: { files: a }, B: { files: b } }
disturbances:
  white: { kind: noise, color: white, at: 3s, length: [10, 50], level: -3dB }
  codes: { domain: codes, kind: shuffle, at: 3s, length: 50, block: 5 }
`;
    const sounds = Object.fromEntries(
      ['A/1', 'A/2', 'A/3', 'B/1', 'B/2', 'B/3'].map((name) => [name, clipOf(name)]),
    );
    const library = memoryLibrary(sounds);
    const models = [{ spec: { name: 'toy', model: 'toy' }, model, condition: {} }];
    const planOf = (protocols: string) =>
      planStudy(parseStudy(yaml(protocols), 'toys.yaml'), { library, models });
    await expect(planOf('protocols: [chian]')).rejects.toThrow(
      /^toys\.yaml:\d+:13: no model has a protocol chian; there is ahead, chain; did you mean chain\?$/,
    );
    const planned = await planOf('protocols: [ahead, chain]');
    const store = memoryStore();
    expect(await runStudy(planned, { library, store })).toMatchObject({
      score: { failed: 0, left: 0 },
    });
    const rows = store.sorted();
    expect(new Set(rows.map(({ protocol, lag, reach }) => `${protocol} ${lag} ${reach}`))).toEqual(
      new Set(['ahead 2 null', 'ahead 2 0', 'chain 0 null', 'chain 0 0']),
    );
    const clip = { ...clipOf('A/1', 6), name: 'A/1' };
    const codes = await encode(model, { ...clip, channels: [clipOf('A/1').channels[0].subarray(0, 48_000)] });
    const row = rows.find(
      (each) => each.clip === 'A/1' && each.role === 'clean' && each.protocol === 'chain',
    );
    expect(row?.meanLoss).toBe(meanLoss(await score(model, codes, { protocol: 'chain' })));

    const findings = await analyse({
      plan: async () => planned.plan,
      get: store.get,
      twice: store.twice,
      rows: async function* ({ roles = [] } = {}) {
        for (const each of rows) if (roles.includes(each.role)) yield each;
      },
    });
    expect(findings.counts).toMatchObject({ failed: 0, missing: 0 });
    const { html, figures } = studyReport(await openDrawing(), findings);
    expect(html).toContain('Study toys');
    expect(figures.length).toBeGreaterThan(5);
    expect(findings.regions.length).toBeGreaterThan(0);
    // By default a study takes the model's own protocol.
    const own = await planOf('');
    expect(new Set(own.plan.cells.map(({ protocol }) => protocol))).toEqual(new Set(['ahead']));
  });
});
