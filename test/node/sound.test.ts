// Sound on disk: only files that end are read, and of long ones the part that is asked for.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav.js';
import { readBytes, readText } from '../../src/node/input.js';
import { readClip } from '../../src/node/sound.js';

const folder = mkdtempSync(join(tmpdir(), 'losscope-sound-'));
afterAll(() => rmSync(folder, { recursive: true }));
const format = { sampleRate: 32_000, channels: 1 } as const;
const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

test('an excerpt of a file', async () => {
  const row = Float32Array.from({ length: 64_000 }, (_, i) => i / 64_000);
  const file = put(
    'ramp.wav',
    writeWav({ name: 'x', sampleRate: 32_000, channels: [row] }, { format: 'float32' }),
  );
  const clip = await readClip(file, format, () => {}, { offset: 1, length: 0.5 });
  expect(clip).toEqual({ name: file, sampleRate: 32_000, channels: [row.slice(32_000, 48_000)] });
});

test.skipIf(process.platform === 'win32')(
  'a pipe, a device, a folder are refused at once, a pipe without waiting',
  async () => {
    const pipe = join(folder, 'pipe.wav');
    execFileSync('sh', ['-c', 'mkfifo "$0"', pipe]);
    for (const [file, why] of [
      [pipe, 'a pipe or a device, not a file'],
      ['/dev/zero', 'a pipe or a device, not a file'],
      [folder, 'it is a folder'],
      [join(folder, 'gone'), 'no such file'],
    ]) {
      for (const read of [() => readClip(file, format, () => {}), () => readBytes(file)]) {
        await expect(read()).rejects.toThrow(`${file}: cannot be read (${why}`);
      }
    }
  },
);

test('a file over the limit is refused before it is read', async () => {
  const file = put('big', 'x'.repeat(101));
  await expect(readBytes(file, { limit: 100 })).rejects.toThrow(`${file}: 101 bytes, at most 100 are read`);
});

test('text in UTF-8 and UTF-16, with the mark that says so; anything else is refused by name', async () => {
  const text = 'Dvořák\n';
  const swapped = Buffer.from(text, 'utf16le').swap16();
  for (const bytes of [
    Buffer.from(text),
    Buffer.from(`\ufeff${text}`),
    Buffer.from(`\ufeff${text}`, 'utf16le'),
    Buffer.concat([Buffer.from([0xfe, 0xff]), swapped]),
  ]) {
    expect(await readText(put('t', bytes))).toBe(text);
  }
  const latin = put('latin', Buffer.from('Dvo\xf8k', 'latin1'));
  await expect(readText(latin)).rejects.toThrow(`${latin}: is not text in UTF-8; save it as UTF-8`);
});
