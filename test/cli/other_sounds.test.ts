// Sounds that a command takes beside its clips (a melody, music that is spliced in) may be of any length: only what is needed of
// them is read.

import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chromaOf } from '../../src/audio/chroma.js';
import { writeWav } from '../../src/audio/wav.js';
import { otherSound } from '../../src/cli/clip_reader.js';
import { conditionOf, openForCommand } from '../../src/cli/model.js';
import type { Model } from '../../src/models/model.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { goldenFolder } from '../golden.js';

const RATE = 32_000;
const HOURS = 2;
const folder = mkdtempSync(path.join(tmpdir(), 'losscope-other-'));
const random = generator(seedOf('other sounds'));
/** 33 s of a note a second. */
const music = Float32Array.from({ length: 33 * RATE }, (_, i) => {
  const hz = 220 * 2 ** (((Math.floor(i / RATE) * 5) % 12) / 12);
  return Math.fround(0.25 * Math.sin((2 * Math.PI * hz * i) / RATE) + 0.001 * random.normal());
});
const long = path.join(folder, 'long.wav');
const noMelody = { prompt: undefined, prefix: true };
let models: Record<'melody' | 'mono', Model>;

beforeAll(async () => {
  const bytes = writeWav({ name: 'long', sampleRate: RATE, channels: [music] }, { format: 'float32' });
  const head = bytes.length - 4 * music.length;
  const view = new DataView(bytes.buffer);
  view.setUint32(4, head - 8 + 4 * HOURS * 3600 * RATE, true);
  view.setUint32(head - 4, 4 * HOURS * 3600 * RATE, true);
  writeFileSync(long, bytes);
  truncateSync(long, head + 4 * HOURS * 3600 * RATE);
  const open = (model: string) => openForCommand({ model: goldenFolder(model), threads: 1 });
  models = { melody: await open('melody'), mono: await open('mono-a') };
});

afterAll(async () => {
  for (const model of Object.values(models)) await model.close();
  rmSync(folder, { recursive: true });
});

describe('a sound of two hours', () => {
  test('as a melody gives the pitch classes that it has as a whole, as many as the model takes', async () => {
    const { chroma } = await conditionOf(models.melody, { ...noMelody, melody: long });
    expect(Array.from(chroma ?? [])).toEqual(Array.from(chromaOf(music).classes.subarray(0, 235)));
    expect(new Set(Array.from(chroma ?? [])).size).toBeGreaterThan(6);
  });

  test('is spliced in from anywhere', async () => {
    const other = otherSound(models.mono);
    const { channels } = await other(long, { start: 100_001, end: 132_001 });
    expect(channels).toEqual([music.slice(100_001, 132_001)]);
    const end = HOURS * 3600 * RATE;
    const { channels: last } = await other(long, { start: end - 640, end });
    expect(last).toEqual([new Float32Array(640)]);
    await expect(other(long, { start: end - 640, end: end + 1 })).rejects.toThrow(
      `${long}: lasts 7200.00 s, asked for 0.020031 s from 7199.98 s on; ask for less, or take another clip`,
    );
  });
});

test('a melody is refused where there is none, before the model is opened, and where the model takes none', async () => {
  const none = { model: 'org/never-asked-for', melody: path.join(folder, 'none.wav') };
  await expect(openForCommand(none)).rejects.toThrow(`${none.melody}: cannot be read (no such file)`);
  await expect(conditionOf(models.mono, { ...noMelody, melody: long })).rejects.toThrow(
    'takes no melody; a MusicGen Melody (musicgen_melody) does',
  );
});
