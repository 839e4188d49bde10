// src/web/runtime and files in a real browser: the numbers are those of Node, and what cannot be done is refused.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decode } from '../../src/audio/decode.js';
import { encode } from '../../src/loss/encode.js';
import { keepScoring } from '../../src/loss/keep.js';
import { score } from '../../src/loss/loss.js';
import { codecOf } from '../../src/models/model.js';
import { openModel } from '../../src/models/open.js';
import { openFolder } from '../../src/node/files.js';
import { nodeRuntime } from '../../src/node/runtime.js';
import { readClip } from '../../src/node/sound.js';
import { perturb } from '../../src/perturb/apply.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { probe, scoreClip } from '../../src/probe/probe.js';
import { bundleModules, copyOnnxRuntime } from '../../tools/web/bundle.js';
import { goldenFolder, largestDifference } from '../golden.js';
import { BROWSER, type FileServer, inBrowser, launch, newPage, serveFiles } from './browser.js';

const ROOT = path.join(import.meta.dirname, '..', '..');
const pinned = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const TINY = path.join(ROOT, 'models', 'tiny');
const CLIP = path.join(ROOT, 'demo', 'heldout-strings.flac');
const NOISE = 'noise color=white at=5s length=100';
const AUDIO = path.join(ROOT, 'test', 'golden', 'audio');
const SOUNDS = [
  's16-44100-2.flac',
  's24-48000-1.flac',
  '44100-2.mp3',
  '44100-2.ogg',
  '48000-2.opus',
  'f32-32000-1.wav',
];

describe.skipIf(BROWSER === undefined)(inBrowser('onnxruntime-web'), { timeout: 400_000 }, () => {
  let folder: string;
  let server: FileServer;
  let browser: Browser;
  let page: Page;
  const violations: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'losscope-web-'));
    await bundleModules(folder, { worker: path.join(import.meta.dirname, 'harness', 'worker.ts') });
    await copyOnnxRuntime(folder);
    server = await serveFiles({
      '/': path.join(import.meta.dirname, 'harness', 'empty.html'),
      ...(await listed(folder, '/')),
      ...(await listed(TINY, '/tiny/')),
      ...(await listed(goldenFolder('mono-a'), '/mono-a/')),
      ...(await listed(AUDIO, '/audio/')),
      '/clip.flac': CLIP,
    });
    browser = await launch();
    page = await newPage(browser);
    page.on('console', (message) => violations.push(message.text()));
    await page.goto(server.url);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  /** Runs a scenario of harness/worker.ts in a worker of its own. */
  async function scenario<T>(name: string, ...args: readonly unknown[]): Promise<T> {
    const answer = await page.evaluate(
      ([scenarioName, scenarioArgs]) =>
        new Promise<{ result?: unknown; error?: string }>((resolve) => {
          const worker = new Worker('/worker.js', { type: 'module' });
          worker.onmessage = ({ data }) => {
            worker.terminate();
            resolve(data);
          };
          worker.onerror = ({ message }) => resolve({ error: `worker: ${message}` });
          worker.postMessage({ name: scenarioName, args: scenarioArgs });
        }),
      [name, args] as const,
    );
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result as T;
  }

  interface Measured {
    readonly runtime: string;
    readonly codes: number[];
    readonly loss: number[];
    readonly entropy: number[];
    readonly spread: number[];
    readonly disturbedCodes: number[];
    readonly disturbedLoss: number[];
    readonly sameCodes: boolean;
    readonly sameBits: boolean;
    readonly sound: number[];
  }

  test.each([
    ['tiny', TINY, NOISE, 1],
    ['mono-a', goldenFolder('mono-a'), 'noise color=white at=1s length=20', 2],
  ])(
    '%s: codes are those of Node, losses within 2e-5, versions to the bit',
    async (name, at, noise, threads) => {
      const runtime = nodeRuntime();
      const model = await openModel(openFolder(at, { name }), runtime);
      const read = await readClip(
        CLIP,
        { sampleRate: codecOf(model).clock.sampleRate, channels: 1 },
        () => undefined,
      );
      const clip = { ...read, name: 'clip.flac' };
      const codes = await encode(model, clip);
      const scoring = await keepScoring(model, codes);
      const version = perturb(clip, parsePerturbation(noise, { seed: 1 }), codecOf(model).clock).clip;
      const disturbed = await encode(model, version);
      const loss = await score(model, disturbed);
      const [back] = await codecOf(model).decode(codes);
      await runtime.close();

      const web = await scenario<Measured>('measure', name, '/clip.flac', noise, threads);
      expect(web.runtime).toBe(`onnxruntime-web ${pinned.devDependencies['onnxruntime-web']}`);
      expect(web.codes).toEqual([...codes.data]);
      expect(web.disturbedCodes).toEqual([...disturbed.data]);
      const differences = [
        largestDifference(web.loss, scoring.loss.values),
        largestDifference(web.disturbedLoss, loss.values),
        largestDifference(web.entropy, scoring.loss.entropy),
        largestDifference(web.spread, scoring.loss.spread ?? []),
        largestDifference(web.sound, back),
      ];
      expect(Math.max(...differences)).toBeLessThan(2e-5);
      expect([web.sameCodes, web.sameBits]).toEqual([true, true]);
    },
  );

  test('a probe finds the regions and chances that Node finds', async () => {
    const runtime = nodeRuntime();
    const model = await openModel(openFolder(TINY, { name: 'tiny' }), runtime);
    const clip = await readClip(CLIP, { sampleRate: 32_000, channels: 1 }, () => undefined);
    const clean = await scoreClip(model, { ...clip, name: 'clip.flac' });
    const { record } = await probe(model, clean, parsePerturbation(NOISE, { seed: 1 }));
    await runtime.close();
    const told = ({ regions }: typeof record.profile) =>
      regions.map(({ name, start, end, chance }) => ({ name, start, end, chance }));

    const web = await scenario<{
      warning?: string;
      profile: typeof record.profile;
      lossDifference: number;
    }>('probe', 'tiny', '/clip.flac', NOISE);
    expect(web.warning).toBeUndefined();
    expect(told(web.profile)).toEqual(told(record.profile));
    expect(Math.abs(web.lossDifference - record.lossDifference)).toBeLessThan(2e-5);
  });

  test('where a suffix differs from the whole, the self-check turns reuse off', async () => {
    const checked = await scenario<{ honest: boolean; warning: string }>('selfCheck', 'mono-a');
    expect(checked.honest).toBe(true);
    expect(checked.warning).toMatch(/everything is computed whole/);
  });

  test('weights are read tensor by tensor, or whole where onnxruntime asks otherwise', async () => {
    interface Reading {
      readonly reads: number;
      readonly largest: number;
      readonly size: number;
      readonly codes: number[];
    }
    const byTensor = await scenario<Reading>('reading', 'tiny', false);
    expect(byTensor.reads).toBeGreaterThan(10);
    expect(byTensor.largest).toBeLessThan(byTensor.size / 4);
    const whole = await scenario<Reading>('reading', 'tiny', true);
    expect(whole.codes).toEqual(byTensor.codes);
  });

  test('sound files give the samples that Node decodes', async () => {
    for (const name of SOUNDS) {
      const bytes = await readFile(path.join(AUDIO, name));
      const { clip } = await decode(new Uint8Array(bytes), name);
      const hashes = clip.channels.map((channel) =>
        createHash('sha256').update(new Uint8Array(channel.slice().buffer)).digest('hex'),
      );
      expect(await scenario('decode', `/audio/${name}`), name).toEqual({
        sampleRate: clip.sampleRate,
        samples: clip.channels[0].length,
        hashes,
      });
    }
  });

  test('generation is refused in one line', async () => {
    await expect(scenario('generate', 'mono-a')).rejects.toThrow(
      /^Error: .*cannot write over given tensors.*use losscope generate on the CPU/,
    );
  });

  test('all of it runs under a policy that lets nothing out', async () => {
    expect(violations).toEqual([]);
    const blocked = await page.evaluate(
      () =>
        new Promise((resolve) => {
          document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
            resolve(effectiveDirective),
          );
          navigator.sendBeacon('http://127.0.0.1:9/', 'sound');
        }),
    );
    expect(blocked).toBe('connect-src');
  });
});

/** Files of a folder, by path under a prefix. */
async function listed(folder: string, prefix: string): Promise<Record<string, string>> {
  const names = await readdir(folder);
  return Object.fromEntries(names.map((name) => [prefix + name, path.join(folder, name)]));
}
