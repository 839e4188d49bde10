// The small parts that decoders and figures stand on, each against numbers worked out by hand or a slower way.

import { describe, expect, test } from 'vitest';
import { bitReader } from '../../src/audio/bits.js';
import { frameHeader } from '../../src/audio/flac_frame.js';
import { granuleTrim } from '../../src/audio/granules.js';
import { interpolator } from '../../src/audio/interpolate.js';
import { firstFrame, frameAt, tagOf } from '../../src/audio/mp3_frame.js';
import { pagesOf } from '../../src/audio/ogg.js';
import { nameOfOther } from '../../src/audio/other_formats.js';
import { spectrogramOf } from '../../src/audio/spectrogram.js';
import { generator, seedOf } from '../../src/stats/random.js';

const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);
const textBytes = (text: string, at = 0): Uint8Array => {
  const bytes = new Uint8Array(2000);
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return bytes;
};

test('bits are read as a string of them reads, at every place and width', () => {
  const random = generator(seedOf('bits'));
  const bytes = Uint8Array.from({ length: 40 }, () => random.integer(256));
  const text = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  for (let at = 0; at < 64; at++) {
    for (let count = 1; count <= 33; count++) {
      const part = text.slice(at, at + count);
      const reader = bitReader(bytes);
      if (count <= 32) {
        reader.at = at;
        expect([reader.unsigned(count), reader.at]).toEqual([Number.parseInt(part, 2), at + count]);
      }
      reader.at = at;
      const whole = Number.parseInt(part, 2);
      expect(reader.signed(count)).toBe(part[0] === '1' ? whole - 2 ** count : whole);
    }
    const reader = bitReader(bytes);
    reader.at = at;
    expect(reader.zeros()).toBe(text.indexOf('1', at) - at);
  }
  const end = bitReader(bytesOf(1));
  end.unsigned(9);
  expect([end.overrun(), bitReader(bytesOf(1)).overrun()]).toEqual([true, false]);
});

describe('frames of MP3', () => {
  // MPEG 1 layer III, 128 kbit/s, 44.1 kHz, joint stereo: 144 x 128000 / 44100 = 417 bytes.
  const HEAD = [0xff, 0xfb, 0x90, 0x40];
  test.each([
    ['128 kbit/s at 44.1 kHz', HEAD, { size: 417, sampleRate: 44100, samples: 1152, channels: 2 }],
    ['one more byte of padding', [0xff, 0xfb, 0x92, 0x40], { size: 418 }],
    ['mono', [0xff, 0xfb, 0x90, 0xc0], { channels: 1 }],
    [
      'MPEG 2, 64 kbit/s at 22.05 kHz',
      [0xff, 0xf3, 0x80, 0xc0],
      { size: 208, sampleRate: 22050, samples: 576 },
    ],
  ])('%s', (_, head, expected) => {
    expect(frameAt(bytesOf(...head, 0), 0)).toMatchObject(expected);
  });
  test.each([
    ['the bit rate that is forbidden', [0xff, 0xfb, 0xf0, 0x40]],
    ['free format', [0xff, 0xfb, 0x00, 0x40]],
    ['the sample rate that is reserved', [0xff, 0xfb, 0x9c, 0x40]],
    ['layer II', [0xff, 0xfd, 0x90, 0x40]],
    ['no header', [0x00, 0xfb, 0x90, 0x40]],
  ])('%s is no frame', (_, head) => {
    expect(frameAt(bytesOf(...head, 0), 0)).toBeUndefined();
  });

  test('four in a row are the beginning of sound, one alone is not; LAME names what it added', () => {
    const frame = new Uint8Array(417);
    frame.set(HEAD);
    const file = new Uint8Array(50 + 5 * 417);
    for (let i = 0; i < 5; i++) file.set(frame, 50 + i * 417);
    file.set(HEAD, 3);
    expect(firstFrame(file, 1000)).toBe(50);
    expect(firstFrame(file, 40)).toBeUndefined();
    const tag = frame.slice();
    tag.set(textBytes('Info').subarray(0, 4), 36);
    tag.set([0, 0, 0, 1, 0, 0, 0, 7], 40); // flag: frames; 7 of them
    tag.set(textBytes('LAME').subarray(0, 4), 48);
    tag.set([0x24, 0x04, 0x80], 48 + 21); // 576 before, 1152 after
    const head = frameAt(frame, 0);
    expect(head && tagOf(tag, head)).toEqual({ frames: 7, before: 576 + 529, after: 1152 - 529 });
    expect(head && tagOf(frame, head)).toBeUndefined();
  });
});

test('the header of a FLAC frame is believed only with its checksum', () => {
  // 4096 samples, 44.1 kHz, stereo, 16 bits, frame 0; the checksum by the polynomial x^8 + x^2 + x + 1.
  const head = [0xff, 0xf8, 0xc9, 0x18, 0x00];
  let crc = 0;
  for (const byte of head) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = crc & 0x80 ? ((crc << 1) ^ 7) & 255 : crc << 1;
  }
  const defaults = { sampleRate: 8000, bits: 8 };
  expect(frameHeader(bytesOf(...head, crc, 0), defaults)).toMatchObject({
    ...{ sampleRate: 44100, channels: 2, bits: 16, samples: 4096, size: 6 },
  });
  expect(frameHeader(bytesOf(...head, crc ^ 1, 0), defaults)).toBeUndefined();
});

test('granules cut what an encoder put before the sound and what lies after its end', () => {
  const trim = granuleTrim({ skip: 3 });
  const samples = Float32Array.from({ length: 10 }, (_, i) => i);
  trim.page({ granule: 10, last: false }, 10);
  expect([...(trim.piece([samples])?.channels[0] ?? [])]).toEqual([3, 4, 5, 6, 7, 8, 9]);
  trim.page({ granule: 14, last: true }, 10);
  expect([...(trim.piece([samples])?.channels[0] ?? [])]).toEqual([0, 1, 2, 3]);
  expect(trim.piece([samples])).toBeUndefined();
  const warnings: string[] = [];
  trim.tellMissing('a.ogg', (line) => warnings.push(line));
  expect(warnings).toEqual([]);
  const cut = granuleTrim({ skip: 0 });
  cut.page({ granule: 10, last: true }, 10);
  cut.piece([samples.subarray(0, 4)]);
  cut.tellMissing('b.ogg', (line) => warnings.push(line));
  expect(warnings).toEqual([expect.stringMatching(/^b\.ogg: .*10 samples, 4 could be decoded$/)]);
});

test('a page of Ogg with a wrong checksum is damage', async () => {
  const bytes = textBytes('OggS').subarray(0, 28);
  const file = { from: async (at: number) => bytes.subarray(at), size: bytes.length };
  const pages = pagesOf({
    ...{ file, start: 0, name: 'a.ogg', warn: () => undefined, coding: 'Opus', headers: 2 },
  } as unknown as Parameters<typeof pagesOf>[0]);
  await expect(pages.next()).rejects.toThrow(
    'a.ogg: damaged Opus: page 0 fails its checksum; get the file again',
  );
});

test('between samples a sine is itself; on samples, and at speed 1, nothing changes', () => {
  const sine = (x: number): number => Math.sin(2 * Math.PI * 0.2 * x);
  const signal = Float64Array.from({ length: 400 }, (_, i) => sine(i));
  const read = interpolator();
  for (const at of [200, 200.25, 200.5, 211.9]) expect(read(signal, at)).toBeCloseTo(sine(at), 4);
  expect(read(signal, 123)).toBe(signal[123]);
  // Read twice as fast, what lies above the new limit is gone instead of folded back.
  const high = Float64Array.from({ length: 400 }, (_, i) => Math.sin(2 * Math.PI * 0.4 * i));
  expect(Math.abs(interpolator(2)(high, 200.3))).toBeLessThan(1e-3);
});

test('a spectrogram of a sine at full scale is 0 dB in its row and silent elsewhere', () => {
  const samples = Float32Array.from({ length: 8192 }, (_, i) => Math.sin((2 * Math.PI * 64 * i) / 1024));
  const { columns, rows, values } = spectrogramOf(samples, { columns: 8, floor: -80 });
  expect([columns, rows]).toEqual([8, 512]);
  const column = values.subarray(4 * rows, 5 * rows);
  expect(column.indexOf(Math.max(...column))).toBe(64);
  expect(column[64]).toBeCloseTo(0, 2);
  expect(column[200]).toBe(-80);
});

test.each([
  ['MThd', 0, 'MIDI (a score, not sound)'],
  ['ftypM4A ', 4, 'AAC/M4A (MP4)'],
  ['version https://git-lfs.github.com/spec/v1', 0, 'a Git LFS pointer (git lfs pull gets the file itself)'],
  ['<!DOCTYPE html>', 0, 'a web page'],
  ['M.K.', 1080, 'a MOD tracker module'],
  ['OggS', 0, 'Ogg that holds neither Vorbis nor Opus'],
  ['nothing known', 0, undefined],
])('%s at byte %i is named', (text, at, name) => {
  expect(nameOfOther(textBytes(text, at))).toBe(name);
});
