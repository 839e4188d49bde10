// A small study in a folder of its own, and losscope run on it as users do.

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { writeWav } from '../../src/audio/wav.js';
import { generator, seedOf } from '../../src/stats/random.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const SECONDS = 2;
const RATE = 32_000;

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export interface SmallStudy {
  readonly folder: string;
  /** SHA-256 of what is exported from the store that one machine made. */
  readonly whole: string;
  start(...args: readonly string[]): Running;
  losscope(...args: readonly string[]): Promise<Ended>;
  /** SHA-256 of what is exported from a store. */
  exported(store: string): Promise<string>;
  remove(): void;
}

/** Writes clips and a study of 3 clips, 3 cells and a map each, and does it on one machine. */
export async function smallStudy(env: NodeJS.ProcessEnv = process.env): Promise<SmallStudy> {
  const folder = mkdtempSync(join(tmpdir(), 'losscope-machines-'));
  for (const name of ['one', 'two', 'three']) {
    const random = generator(seedOf('machines', name));
    const samples = Float32Array.from(
      { length: SECONDS * RATE },
      (_, i) => 0.2 * Math.sin(i / 20) + 0.05 * random.normal(),
    );
    const clip = { name, sampleRate: RATE, channels: [samples] };
    writeFileSync(join(folder, `${name}.wav`), writeWav(clip, { format: 'pcm16' }));
  }
  writeFileSync(
    join(folder, 'study.yaml'),
    [
      'study: cluster',
      'clip: { length: 2s }',
      'models: [tiny]',
      'groups: { A: { files: "*.wav" } }',
      'disturbances:',
      '  white: { kind: noise, color: white, at: 1s, length: [5, 10] }',
      'maps: { every: 30, from: 20 }',
    ].join('\n'),
  );
  const start = (...args: readonly string[]): Running => {
    // Prepared as a worker needs it, so that the worker is this process and no child of it: signals are meant for it.
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: folder,
      env: { ...env, MALLOC_ARENA_MAX: '1' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise<Ended>((resolve) => {
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
    return { child, ended };
  };
  const losscope = (...args: readonly string[]): Promise<Ended> => start(...args).ended;
  const exported = async (store: string): Promise<string> => {
    const ended = await losscope('export', store, '--format', 'jsonl', '-o', `${store}.jsonl`);
    expect(ended).toMatchObject({ code: 0 });
    return createHash('sha256')
      .update(readFileSync(join(folder, `${store}.jsonl`)))
      .digest('hex');
  };
  expect(await losscope('run', 'study.yaml', '-o', 'whole')).toMatchObject({ code: 0 });
  return {
    ...{ folder, start, losscope, exported },
    whole: await exported('whole'),
    remove() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
