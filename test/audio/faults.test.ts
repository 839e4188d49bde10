// Sound files that people's tools stumble over: what is whole is read, with a word where a word is due, and nothing else.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { decode } from '../../src/audio/decode.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { verbatimFlac } from './flac_file.js';
import { oggFile, packetsOf } from './ogg_file.js';

const FOLDER = new URL('../golden/faults/audio/', import.meta.url);
const bytesOf = (file: string, folder = FOLDER) => new Uint8Array(readFileSync(new URL(file, folder)));
const golden = (file: string) => bytesOf(file, new URL('../golden/audio/', import.meta.url));
const join = (...parts: ArrayLike<number>[]) => Uint8Array.from(parts.flatMap((part) => Array.from(part)));
const text = (word: string) => Array.from(word, (c) => c.charCodeAt(0));

/** SHA-256 of the samples as ffmpeg writes them: f32le, channels in turn. */
function digest(channels: readonly Float32Array[]): string {
  const bytes = Buffer.alloc(channels.length * channels[0].length * 4);
  channels.forEach((channel, c) => {
    for (let i = 0; i < channel.length; i++) bytes.writeFloatLE(channel[i], (i * channels.length + c) * 4);
  });
  return createHash('sha256').update(bytes).digest('hex');
}

const written = (['log', 'warn', 'error'] as const).map((how) => vi.spyOn(console, how));
beforeEach(() => written.forEach((spy) => void spy.mockClear()));
/** Nothing but our own lines, and those are not written here. */
afterEach(() => written.forEach((spy) => void expect(spy).not.toHaveBeenCalled()));

describe('faults', () => {
  test.each<[string, number, RegExp | undefined, string?]>([
    [
      'i1_bits_from_streaminfo.flac',
      8000,
      undefined,
      'fb29fe62a1870ef2b42319f91dd24b1e851ee3b239bc1904cb0cb20d242f47f4',
    ],
    ['i3_20bit.flac', 8000, undefined, 'c67a6b56daeea977aff593795dd6a0e5fd1bd0ecb92575ebe630078988609271'],
    [
      'i5_12bit_no_md5.flac',
      8000,
      undefined,
      '45371f82b8402e7c9f5107d0847150c8c8cf2d6a5fb46bfe9781a606804d649d',
    ],
    [
      's32_extremes.flac',
      1500,
      undefined,
      'c07f7d392e297ec36c8ebfea94da03b736d7bd55b7d5eebe13c54442e6599ff7',
    ],
    [
      'f11_junk_tail.flac',
      26_460,
      /: 130 bytes after its last frame of sound are not FLAC; left out$/,
      'cd37b52e7b01fd69db952208d4c45d27ab0ef7f960abead48cb645704e70a49f',
    ],
    ['m01_zeros_before.mp3', 26_460, /its first 1044 bytes are no sound/],
    ['m02_partial_frame_first.mp3', 26_496, /its first 844 bytes are no sound/],
    ['m02b_junk_before.mp3', 26_460, /its first 393 bytes are no sound/],
    ['m03_id3_size_nonsyncsafe.mp3', 26_460, /its tag says another size than it has; .* at byte 2053$/],
    ['m03b_id3_size_10_short.mp3', 26_460, /its tag says another size than it has/],
    ['m05_concat_same.mp3', 52_920, /its header says 26460 samples, 52920 are there \(joined files\?\)/],
    ['m07_xing_frames0.mp3', 26_543, undefined],
    ['m08_vbri.mp3', 27_648, undefined],
    ['v05_start_1h.ogg', 132_300, undefined],
  ])('%s: %i samples', async (file, samples, warning, sha256) => {
    const { clip, warnings } = await decode(bytesOf(file), file);
    expect(clip.channels[0]).toHaveLength(samples);
    if (sha256) expect(digest(clip.channels)).toBe(sha256);
    if (warning) expect(warnings).toEqual([expect.stringMatching(warning)]);
    else expect(warnings).toEqual([]);
    // Sound, not silence.
    expect(clip.channels[0].some((v) => Math.abs(v) > 0.1)).toBe(true);
  });

  test('the same music under every fault: MP3s with junk before them are those without, sample by sample', async () => {
    const [clean, ...others] = await Promise.all(
      [
        'm05_concat_same.mp3',
        'm01_zeros_before.mp3',
        'm02b_junk_before.mp3',
        'm03_id3_size_nonsyncsafe.mp3',
      ].map(async (file) => (await decode(bytesOf(file), file)).clip.channels[0].slice(2000, 26_000)),
    );
    for (const other of others) expect(other).toEqual(clean);
  });

  test('a WAV whose data chunk is empty holds no sound, whatever follows', async () => {
    const file = 'w08_fact_zero_then_ixml.wav';
    await expect(decode(bytesOf(file), file)).rejects.toThrow(
      `${file}: holds no sound: the WAV's data chunk is empty`,
    );
  });
});

describe('FLAC', () => {
  test.each([4, 5, 8, 12, 13, 16, 18, 20, 24, 25, 32])(
    '%i bits: every integer comes back, also of a side channel',
    async (bits) => {
      const [low, high] = [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
      const left = [low, high, 0, -1, 1, low, high, low + 1];
      const right = [high, low, 0, 1, -1, low, high, high];
      for (const assignment of [1, 8, 9, 10] as const) {
        const { clip, warnings } = await decode(verbatimFlac({ bits, left, right, assignment }), 'v.flac');
        expect(clip.channels).toEqual(
          [left, right].map((row) => Float32Array.from(row, (v) => v / 2 ** (bits - 1))),
        );
        expect(warnings.filter((line) => !line.includes('silent'))).toEqual([]);
      }
    },
  );

  test('a change of form on the way is refused by name', async () => {
    const parts = [
      { bits: 16, widthCode: 4 },
      { bits: 24, widthCode: 6 },
    ].map((form) => verbatimFlac({ ...form, left: [1, 2], right: [3, 4], assignment: 1, samples: 0 }));
    await expect(decode(join(parts[0], parts[1].subarray(42)), 'x.flac')).rejects.toThrow(
      /^x\.flac: changes from 2 channels of 16 bits at 44100 Hz to 2 channels of 24 bits at 44100 Hz at sample 2, which is not read/,
    );
  });

  test('joined files, a tag at the end', async () => {
    const whole = golden('s16-32000-1.flac');
    const { clip, warnings } = await decode(join(whole, whole), 'x.flac');
    expect(clip.channels).toEqual((await decode(whole, 'x.flac')).clip.channels);
    expect(warnings).toEqual([
      expect.stringMatching(/another FLAC stream follows the first \(at byte \d+\)/),
    ]);
    expect((await decode(join(whole, text('TAG'), new Uint8Array(125)), 'x.flac')).warnings).toEqual([]);
  });
});

describe('MP3', () => {
  test('tags between joined files, and ones at the end, are no damage', async () => {
    const whole = golden('44100-2.mp3');
    const one = (await decode(whole, 'x.mp3')).clip.channels[0].length;
    const id3 = [...text('ID3'), 4, 0, 0, 0, 0, 0, 5, 9, 9, 9, 9, 9];
    const ape = [...text('APETAGEX'), 0xd0, 7, 0, 0, 3, 0, 0, 0, ...new Array(16).fill(0), 7, 7, 7];
    const tag = [...text('TAG'), ...new Array(125).fill(32)];
    const { clip, warnings } = await decode(join(whole, tag, id3, whole, ape, tag), 'x.mp3');
    expect(clip.channels[0]).toHaveLength(2 * one);
    expect(warnings).toEqual([expect.stringMatching(/joined files/)]);
  });

  test('chance gives no MP3: noise, and a picture before what is no music', async () => {
    const random = generator(seedOf('noise'));
    const noise = Uint8Array.from({ length: 300_000 }, () => random.integer(256));
    noise[0] = 7;
    await expect(decode(noise, 'x.mp3')).rejects.toThrow(/^x\.mp3: not a sound file of a known format/);
  });
});

describe('Ogg', () => {
  test.each(['48000-2.opus', '44100-2.ogg'])(
    '%s with 200 KB of cover art, cut from a stream, with an empty last page',
    async (file) => {
      const { headers, pages } = packetsOf(golden(file));
      const clean = (await decode(golden(file), file)).clip;
      const cover = Uint8Array.from([
        ...headers[1].subarray(0, file.endsWith('opus') ? 8 : 7),
        ...new Array(200_000).fill(7),
      ]);
      const art = [headers[0], cover, ...headers.slice(2)];
      const { clip, warnings } = await decode(oggFile({ headers: art, pages }), file);
      expect(warnings).toEqual([]);
      expect(clip.channels).toEqual(clean.channels);

      const later = pages.map((page) => ({ ...page, granule: page.granule + 158_760_000 }));
      const cut = await decode(oggFile({ headers, pages: later, firstNumber: 900 }), file);
      expect(cut.warnings).toEqual([]);
      expect(cut.clip.channels).toEqual(clean.channels);

      const last = pages[pages.length - 1];
      const empty = [
        ...pages.slice(0, -1),
        { ...last, last: false },
        { packets: [], granule: last.granule, last: true },
      ];
      const ended = await decode(oggFile({ headers, pages: empty }), file);
      expect(ended.warnings).toEqual([]);
      const length = clean.channels[0].length;
      expect(ended.clip.channels.map((channel) => channel.slice(0, length))).toEqual(clean.channels);
    },
  );
});

describe('bombs', () => {
  const wav = (channels: number, rate: number) =>
    join(
      text('RIFF\0\0\0\0WAVEfmt '),
      [16, 0, 0, 0, 1, 0, channels & 255, channels >> 8],
      le(rate),
      le(rate * 2 * channels),
      [(2 * channels) & 255, (2 * channels) >> 8, 16, 0],
      text('data'),
      le(4 * channels),
      new Uint8Array(4 * channels).fill(9),
    );
  const le = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);

  test('1,000 channels, a day of sound in a header, 4 GB of fmt chunk: refused before the work', async () => {
    await expect(decode(wav(1000, 44_100), 'x.wav')).rejects.toThrow(
      /^x\.wav: 1000 channels, expected 1 to 64/,
    );
    const day = verbatimFlac({ bits: 16, left: [1], right: [1], assignment: 1, samples: 44_100 * 86_400 });
    await expect(decode(day, 'x.flac')).rejects.toThrow(
      /^x\.flac: 86400 s of sound or more, at most 3600 s are read at once/,
    );
    const fmt = wav(2, 44_100);
    fmt.set([255, 255, 255, 255], 16);
    await expect(decode(fmt, 'x.wav')).rejects.toThrow(/^x\.wav: damaged WAV/);
  });
});

describe('what is no sound is refused by its name', () => {
  test.each<[string, string | Uint8Array, RegExp]>([
    [
      'a tracker module',
      join(new Uint8Array(1080).fill(65), text('M.K.'), new Uint8Array(900)),
      /MOD tracker module/,
    ],
    ['XM', 'Extended Module: a song', /XM tracker module/],
    ['IT', `IMPM${'\0'.repeat(60)}`, /IT tracker module/],
    ['S3M', `${'\0'.repeat(44)}SCRM${'\0'.repeat(60)}`, /S3M tracker module/],
    ['RIFF MIDI', 'RIFF\0\0\0\0RMIDdata', /MIDI \(a score/],
    ['W64', 'riff\x2e\x91\xcf\x11', /Wave64/],
    ['AU', '.snd\0\0\0\x18', /Sun AU/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:00', /Git LFS pointer/],
    ['a web page', '<!DOCTYPE html><html>', /web page/],
    ['a SoundFont', 'RIFF\0\0\0\0sfbk', /SoundFont/],
    ['DSD', 'DSD \x1c\0\0\0', /DSD/],
  ])('%s', async (_, content, what) => {
    const bytes = typeof content === 'string' ? Uint8Array.from(text(content)) : content;
    await expect(decode(bytes, 'x.bin')).rejects.toThrow(what);
    await expect(decode(bytes, 'x.bin')).rejects.toThrow(/^x\.bin: [^\n]+$/);
  });
});

test('mutations of every fault: sound that is finite, or one line; never another kind of error', async () => {
  for (const file of readdirSync(FOLDER)) {
    const whole = bytesOf(file);
    for (let k = 0; k < 12; k++) {
      const random = generator(seedOf('fault', file, k));
      const at = random.integer(whole.length);
      const noise = Uint8Array.from({ length: random.integer(2000) }, () => random.integer(256));
      const bytes = [
        () => join(whole.subarray(0, at), noise, whole.subarray(at)),
        () => join(whole.subarray(0, at), whole.subarray(at + noise.length)),
        () => join(whole.subarray(0, at), noise, whole.subarray(at + noise.length)),
        () => join(noise, whole.subarray(at)),
      ][k % 4]();
      try {
        const { clip, warnings } = await decode(bytes, file);
        for (const channel of clip.channels) {
          expect(channel.length).toBeGreaterThan(0);
          expect(channel.every((v) => Math.abs(v) <= 16)).toBe(true);
        }
        for (const line of warnings) expect(line).toMatch(/^[\w.]+: [^\n]+$/);
      } catch (error) {
        if (!(error instanceof Error) || error.constructor !== Error) throw error;
        expect(error.message.startsWith(`${file}: `), error.message).toBe(true);
        expect(error.message).not.toContain('\n');
      }
    }
  }
});
