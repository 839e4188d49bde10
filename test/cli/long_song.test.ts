// A song of five minutes costs a probe no more than its first 30 s, in time and in memory: as the built program, by what the system says of it.

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMp3Encoder } from 'wasm-media-encoders';
import { generator, seedOf } from '../../src/stats/random.js';
import { hooked, resourcesAt } from './hook.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const RATE = 32_000;
const folder = mkdtempSync(join(tmpdir(), 'losscope-song-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Notes of a quarter of a second over a little noise. */
function samplesOf(seconds: number): Float32Array {
  const random = generator(seedOf('long song'));
  return Float32Array.from({ length: seconds * RATE }, (_, i) => {
    const note = 110 * 2 ** (((Math.floor(i / 8000) * 7) % 24) / 12);
    return 0.2 * Math.sin((2 * Math.PI * note * i) / RATE) + 0.01 * random.normal();
  });
}

async function mp3Of(samples: Float32Array): Promise<Uint8Array> {
  const encoder = await createMp3Encoder();
  encoder.configure({ sampleRate: RATE, channels: 1, bitrate: 64 });
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < samples.length; at += RATE)
    pieces.push(encoder.encode([samples.subarray(at, at + RATE)]).slice());
  pieces.push(encoder.finalize().slice());
  return Buffer.concat(pieces);
}

beforeAll(async () => {
  const song = samplesOf(300);
  writeFileSync(join(folder, 'song.mp3'), await mp3Of(song));
  writeFileSync(join(folder, 'clip.mp3'), await mp3Of(song.subarray(0, 30 * RATE)));
});

interface Probed {
  readonly frames: number;
  /** Largest resident memory, MB. */
  readonly megabytes: number;
  /** Of all its threads: what it works, however long it waits. */
  readonly cpuSeconds: number;
}

async function probed(name: string): Promise<Probed> {
  const resources = join(folder, `${name}.json`);
  const args = ['probe', name, '--do', 'noise color=white at=5s length=100', '--threads', '1', '--json'];
  const env = hooked(folder, 'resources', resourcesAt(resources));
  const { code, stdout } = await new Promise<{ code: unknown; stdout: string }>((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { cwd: folder, env, maxBuffer: 2 ** 28 }, (error, stdout) =>
      resolve({ code: error?.code ?? 0, stdout }),
    );
  });
  expect(code).toBe(0);
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(resources, 'utf8'));
  return {
    frames: JSON.parse(stdout.split('\n')[0]).frames,
    megabytes: (maxRSS * 1024) / 1e6,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
  };
}

test('five minutes take a probe less than 10 CPU seconds more than 30 s, and less than 700 MB', async () => {
  const [song, clip] = [await probed('song.mp3'), await probed('clip.mp3')];
  expect([song.frames, clip.frames]).toEqual([1500, 1500]);
  expect(song.megabytes).toBeLessThan(700);
  expect(song.cpuSeconds - clip.cpuSeconds).toBeLessThan(10);
  // Otherwise nothing would be measured.
  expect(Math.min(song.megabytes, song.cpuSeconds)).toBeGreaterThan(0.5);
}, 400_000);
