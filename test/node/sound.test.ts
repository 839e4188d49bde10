// Sound on disk: only files that end are read, and of long ones the part that is asked for.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeWav } from '../../src/audio/wav.js';
import { readBytes, readText } from '../../src/node/input.js';
import { readNotes } from '../../src/node/notes.js';
import { readClip } from '../../src/node/sound.js';
import { parseJson } from '../../src/onnx/json.js';

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
  for (const [name, wide] of [
    ['utf-16', Buffer.from('study: Dvořák', 'utf16le')],
    ['utf-16', Buffer.from('a,b\n1,2\n', 'utf16le').swap16()],
    ['utf-32', Buffer.from(Uint32Array.from([...'{"a": 1}\n'], (sign) => sign.charCodeAt(0)).buffer)],
  ] as const) {
    const file = put(name, wide);
    const said = `${file}: is text in ${name.toUpperCase()} without a mark that says so; save it as UTF-8`;
    await expect(readText(file)).rejects.toThrow(said);
    expect(() => parseJson(wide, file)).toThrow(
      `${file}: is text in ${name.toUpperCase()}; save it as UTF-8`,
    );
  }
  for (const plain of ['', 'a', '{"a": 1}', '\0'.repeat(40), 'Дворжак']) {
    expect(await readText(put('plain', plain))).toBe(plain);
  }
  const latin = put('latin', Buffer.from('Dvo\xf8k', 'latin1'));
  await expect(readText(latin)).rejects.toThrow(`${latin}: is not text in UTF-8; save it as UTF-8`);
});

test('of a file that is refused only the refusal is told, of one that is read what is odd about it', async () => {
  const told: string[] = [];
  const midi = (body: readonly number[]) =>
    Uint8Array.of(
      ...[...'MThd'].map((sign) => sign.charCodeAt(0)),
      ...[0, 0, 0, 6, 0, 0, 0, 1, 0, 96],
      ...[...'stray MTrk'].map((sign) => sign.charCodeAt(0)),
      ...[0, 0, 0, body.length, ...body],
    );
  const end = [0, 255, 47, 0];
  const good = put('good.mid', midi([0, 0x90, 60, 64, 96, 0x80, 60, 0, ...end]));
  const bad = put('bad.mid', midi(end));
  await expect(readNotes(bad, (line) => told.push(line))).rejects.toThrow(`${bad}: holds no notes`);
  expect(told).toEqual([]);
  await readNotes(good, (line) => told.push(line));
  expect(told).toEqual([expect.stringContaining(`${good}: 6 bytes from byte 14 on are no track`)]);

  told.length = 0;
  const row = new Float32Array(64_000).fill(0.1);
  const whole = writeWav({ name: 'x', sampleRate: 32_000, channels: [row] }, { format: 'float32' });
  const cut = put('cut.wav', whole.subarray(0, whole.length - 64_000));
  await expect(readClip(cut, format, (line) => told.push(line), { offset: 3 })).rejects.toThrow(
    `${cut}: lasts`,
  );
  expect(told).toEqual([]);
  await readClip(cut, format, (line) => told.push(line));
  expect(told).toEqual([expect.stringContaining(`${cut}: `)]);
});
