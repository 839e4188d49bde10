// What losscope hands to programs of others: sound for a page, scripts for SLURM, an address for a browser.

import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { decode } from '../../src/audio/decode.js';
import { oggOpus } from '../../src/node/opus.js';
import { openBrowser } from '../../src/node/serve/open_browser.js';
import { slurmScripts } from '../../src/node/slurm.js';

test('Opus for a page is read again at its length and pitch', async () => {
  const rate = 32_000;
  const tone = Float32Array.from({ length: rate }, (_, i) => 0.4 * Math.sin((2 * Math.PI * 440 * i) / rate));
  const file = oggOpus(tone, rate, { bitrate: 64_000 });
  expect(file.length).toBeLessThan(16_000);
  const { clip, warnings } = await decode(file, 'tone.opus');
  const { channels, sampleRate } = clip;
  expect([sampleRate, channels.length, channels[0].length, warnings]).toEqual([48_000, 1, 48_000, []]);
  const crossings = channels[0].filter((v, i) => i > 4800 && i < 43_200 && v >= 0 && channels[0][i - 1] < 0);
  expect(Math.abs(crossings.length - 440 * 0.8)).toBeLessThanOrEqual(1);
});

describe('scripts for SLURM', () => {
  const { work, finish } = slurmScripts({
    ...{ study: 'my study: 1', out: '/shared/run', tasks: 16 },
    ...{
      work: ['losscope', 'work', "it's.yaml"],
      finish: ['losscope', 'finish', '/shared/run'],
      options: [],
    },
  });
  test.each([
    ['an array of workers', '#SBATCH --array=1-16'],
    ['a name without signs that a shell reads', '#SBATCH --job-name=losscope-my-study--1'],
    ['a log for each task', '#SBATCH --output=/shared/run/slurm/%A_%a.log'],
    ['tasks that may be started again', '#SBATCH --requeue'],
    ['words quoted', "exec losscope work 'it'\\''s.yaml' --threads"],
  ])('%s', (_, line) => {
    expect(work).toContain(line);
  });
  test('both begin as scripts, and the last one finishes', () => {
    expect([work, finish].every((script) => script.startsWith('#!/bin/bash\n'))).toBe(true);
    expect(finish).toContain('exec losscope finish /shared/run\n');
  });
});

test.runIf(process.platform === 'linux')(
  'a browser that starts is a browser; none, or one that fails, is said',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'losscope-open-'));
    const before = process.env.PATH;
    const program = path.join(folder, 'xdg-open');
    try {
      process.env.PATH = folder;
      expect(await openBrowser('http://127.0.0.1:1/')).toBe(false);
      for (const [code, expected] of [
        [0, true],
        [3, false],
      ] as const) {
        writeFileSync(program, `#!/bin/sh\necho "$1" > ${folder}/address\nexit ${code}\n`);
        chmodSync(program, 0o755);
        expect(await openBrowser('http://127.0.0.1:1/#a')).toBe(expected);
        expect(readFileSync(path.join(folder, 'address'), 'utf8')).toBe('http://127.0.0.1:1/#a\n');
      }
    } finally {
      process.env.PATH = before;
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
