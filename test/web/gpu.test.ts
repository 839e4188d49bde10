// Graphs for GPUs in Chromium, on SwiftShader: no node of the decoder falls back to the CPU, and the numbers are Node's.

import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { score } from '../../src/loss/loss.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { bundleModules } from '../../tools/web/bundle.js';
import { goldenFolder, largestDifference } from '../golden.js';
import { codesFor } from '../node/gpu_codes.js';
import { FLOAT_OPERATORS, placements } from '../node/placements.js';
import { BROWSER, type FileServer, inBrowser, launch, newPage, serveFiles } from './browser.js';

const HARNESS = path.join(import.meta.dirname, 'harness');
const NAME = 'mono-a';
const { resolve } = createRequire(import.meta.url);

describe.skipIf(BROWSER === undefined)(inBrowser('WebGPU in Chromium'), { timeout: 400_000 }, () => {
  let folder: string;
  let server: FileServer;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'losscope-webgpu-'));
    await bundleModules(folder, { gpu: path.join(HARNESS, 'gpu.ts') });
    const golden = (file: string) => path.join(goldenFolder(NAME), file);
    server = await serveFiles({
      '/': path.join(HARNESS, 'empty.html'),
      '/gpu.js': path.join(folder, 'gpu.js'),
      '/ort-webgpu.mjs': resolve('onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs'),
      '/ort-webgpu.wasm': resolve('onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm'),
      ...Object.fromEntries(
        ['config.json', 'model.safetensors'].map((file) => [`/${NAME}/${file}`, golden(file)]),
      ),
    });
  });
  afterAll(async () => {
    await server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  test('no node falls back, and the losses are Node’s within 2e-5', async () => {
    const browser = await launch({ webgpu: true });
    try {
      const page = await newPage(browser);
      const lines: string[] = [];
      page.on('console', (message) => lines.push(message.text()));
      await page.goto(server.url);
      const answer = await page.evaluate(
        (name) =>
          new Promise<{ loss?: number[]; error?: string }>((done) => {
            const worker = new Worker('/gpu.js', { type: 'module' });
            worker.onmessage = ({ data }) => done(data);
            worker.onerror = ({ message }) => done({ error: message });
            worker.postMessage(name);
          }),
        NAME,
      );
      expect(answer.error).toBeUndefined();
      const { onCpu, onGpu, copies } = placements(lines.join('\n'), 'WebGpuExecutionProvider');
      expect(onGpu.length).toBeGreaterThan(100);
      expect(onCpu.filter((operator) => FLOAT_OPERATORS.test(operator))).toEqual([]);
      expect(copies).toBeLessThanOrEqual(8);

      const runtime = nodeRuntime();
      const model = await openModel(openFolder(goldenFolder(NAME), { name: NAME }), runtime);
      const { values } = await score(model, codesFor(model));
      await runtime.close();
      expect(largestDifference(answer.loss ?? [], values)).toBeLessThan(2e-5);
    } finally {
      await browser.close();
    }
  });
});
