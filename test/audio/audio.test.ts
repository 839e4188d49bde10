// Sound in and out: every format against a sound that is known by formula, damage of every kind, resampling.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Clip } from '../../src/audio/clip.js';
import { stem } from '../../src/audio/clip.js';
import { decode } from '../../src/audio/decode.js';
import { conform } from '../../src/audio/resample.js';
import { powerSpectrum, rmsDbfs, slopeDbPerOctave } from '../../src/audio/spectrum.js';
import { readWav, writeWav } from '../../src/audio/wav.js';
import { generator, seedOf } from '../../src/stats/random.js';
import { FLACS, type Golden, LOSSY, quantised, signal, WAVS } from '../golden/audio/signal.js';

const golden = (file: string) =>
  new Uint8Array(readFileSync(new URL(`../golden/audio/${file}`, import.meta.url)));

/** What a lossless file must give, bit for bit. */
function exact({ sampleRate, samples, channels, bits }: Golden): Float32Array[] {
  return signal(sampleRate, samples, channels).map((row) =>
    bits === 64
      ? Float32Array.from(row)
      : Float32Array.from(quantised(row, bits), (integer) => integer / 2 ** (bits - 1)),
  );
}

/** Signal to noise in dB of `got` against `gain * wanted`, gain fitted; and that gain. */
function compare(got: ArrayLike<number>, wanted: ArrayLike<number>, lag = 0): { snr: number; gain: number } {
  let cross = 0;
  let power = 0;
  for (let i = 0; i < wanted.length; i++) {
    cross += got[i + lag] * wanted[i];
    power += wanted[i] ** 2;
  }
  const gain = cross / power;
  let noise = 0;
  for (let i = 0; i < wanted.length; i++) noise += (got[i + lag] - gain * wanted[i]) ** 2;
  return { snr: 10 * Math.log10((gain * gain * power) / noise), gain };
}

/** The one line with which decoding fails; undefined when it does not. */
async function failure(bytes: Uint8Array, name: string): Promise<string | undefined> {
  return decode(bytes, name).then(
    () => undefined,
    (error: Error) => error.message,
  );
}

const clipOf = (channels: Float32Array[], sampleRate = 32000, name = 'made'): Clip => ({
  name,
  sampleRate,
  channels,
});
const sine = (frequency: number, sampleRate: number, samples: number, amplitude = 0.5) =>
  Float32Array.from(
    { length: samples },
    (_, i) => amplitude * Math.sin((2 * Math.PI * frequency * i) / sampleRate),
  );

describe('formats', () => {
  test.each([...WAVS, ...FLACS])('$file is read bit for bit', async (file) => {
    const { clip, warnings } = await decode(golden(file.file), file.file);
    expect(clip.sampleRate).toBe(file.sampleRate);
    expect(clip.channels).toEqual(exact(file));
    expect(warnings).toHaveLength(file.file.includes('streamed') ? 1 : 0);
  });

  test.each(LOSSY)('$file has its length, its channels, no delay and little noise', async (file) => {
    const { clip, warnings } = await decode(golden(file.file), file.file);
    // Without a LAME tag the coder's delay and the last frame's padding cannot be known and stay in.
    const untagged = file.file.includes('untagged');
    const lag = untagged ? 1105 : 0;
    expect(clip.sampleRate).toBe(file.sampleRate);
    expect(clip.channels).toHaveLength(file.channels);
    expect(clip.channels[0]).toHaveLength(untagged ? 22 * 1152 : file.samples);
    expect(warnings).toEqual([]);
    const wanted = signal(file.sampleRate, file.samples, file.channels);
    wanted.forEach((row, c) => {
      const { snr, gain } = compare(clip.channels[c], row, lag);
      expect(snr).toBeGreaterThan(30);
      expect(Math.abs(gain - (file.file.endsWith('mp3') ? 0.95 : 1))).toBeLessThan(0.01);
      // One sample early or late is far worse.
      expect(compare(clip.channels[c], row.subarray(1, -1), lag).snr).toBeLessThan(snr - 5);
    });
  });

  test('the format is known by the first bytes, not by the name', async () => {
    const tagged = Uint8Array.from([
      0x49,
      0x44,
      0x33,
      4,
      0,
      0,
      0,
      0,
      0,
      5,
      1,
      2,
      3,
      4,
      5,
      ...golden('s16-32000-1.flac'),
    ]);
    const { clip } = await decode(tagged, 'liar.mp3');
    expect(clip.channels).toEqual(exact(FLACS[2]));
  });

  test.each([
    ['', 'empty file'],
    ['hello, this is text and no sound at all', 'not a sound file of a known format'],
    ['\0\0\0\x20ftypM4A ', 'AAC/M4A'],
    ['\xff\xf1\x50\x80', 'AAC (ADTS)'],
    ['FORM\0\0\0\0AIFF', 'AIFF'],
    ['OggS\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x05\x7fFLAC', 'FLAC inside Ogg'],
    ['MThd\0\0\0\x06', 'MIDI'],
  ])('%j is refused: %s', async (text, cause) => {
    const message = await failure(
      Uint8Array.from(text, (c) => c.charCodeAt(0)),
      'in.bin',
    );
    expect(message).toMatch(/^in\.bin: [^\n]+$/);
    expect(message).toContain(cause);
    // No converter makes sound of notes.
    const remedy = cause === 'MIDI' ? 'losscope render' : 'ffmpeg -i IN OUT.wav';
    if (text.length > 0) expect(message).toContain(remedy);
  });

  test('a name without folders and extension', () => {
    const stems = ['a/b.c/ori_1.wav', 'C:\\music\\x.v2.FLAC', 'plain', 'k.331', 'x.wav.opus'].map((name) =>
      stem(clipOf([], 1, name)),
    );
    expect(stems).toEqual(['ori_1', 'x.v2', 'plain', 'k.331', 'x.wav']);
  });
});

describe('WAV', () => {
  const random = generator(seedOf('wav'));
  const noise = (n: number) => Float32Array.from({ length: n }, () => 3 * random.normal());

  test('float32 round trip is exact, above full scale, denormal and negative zero included', async () => {
    const left = noise(1001);
    left.set([1.5, -7, 1e-45, -0, 3.4e38]);
    const clip = clipOf([left, noise(1001), noise(1001)], 44100, 'trip');
    const { clip: back, warnings } = await readWav(writeWav(clip, { format: 'float32' }), 'trip');
    expect(warnings).toEqual([]);
    expect(back.sampleRate).toBe(44100);
    back.channels.forEach((channel, c) => {
      expect(new Uint32Array(channel.buffer)).toEqual(new Uint32Array(clip.channels[c].buffer));
    });
  });

  test('pcm16 round trip is exact for all 65536 values; clipping is refused', async () => {
    const all = Float32Array.from({ length: 65536 }, (_, i) => (i - 32768) / 32768);
    const { clip } = await readWav(writeWav(clipOf([all]), { format: 'pcm16' }), 'all');
    expect(clip.channels[0]).toEqual(all);
    const one = await readWav(writeWav(clipOf([Float32Array.of(1)]), { format: 'pcm16' }), 'one');
    expect(one.clip.channels[0][0]).toBe(32767 / 32768);
    expect(() => writeWav(clipOf([Float32Array.of(0, 1.01)]), { format: 'pcm16' })).toThrow(
      /made: sample 1 .*clip/,
    );
    expect(() => writeWav(clipOf([Float32Array.of(Number.NaN)]), { format: 'pcm16' })).toThrow(
      /sample 0 is NaN/,
    );
  });

  test('the ends of each integer depth', async () => {
    const cases: [number, number[], number[]][] = [
      [8, [0, 128, 255], [-1, 0, 127 / 128]],
      [16, [0, 0x80, 0, 0, 0xff, 0x7f], [-1, 0, 32767 / 32768]],
      [24, [0, 0, 0x80, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [-1, -1 / 2 ** 23, 1 - 1 / 2 ** 23]],
      [32, [0, 0, 0, 0x80, 0, 1, 0, 0, 0, 0, 0, 0x40], [-1, 2 ** -23, 0.5]],
    ];
    for (const [bits, data, wanted] of cases) {
      const { clip } = await readWav(wavBytes({ bits, data }), `${bits} bits`);
      expect(Array.from(clip.channels[0]), `${bits} bits`).toEqual(wanted);
    }
  });

  test('chunks before the data, odd ones padded', async () => {
    const bytes = wavBytes({
      chunks: [
        ['LIST', [1, 2, 3]],
        ['junk', []],
      ],
      data: [0, 64],
    });
    expect((await readWav(bytes, 'odd')).clip.channels[0]).toEqual(Float32Array.of(0.5));
  });

  test.each<[string, WavParts, RegExp | undefined, RegExp | undefined]>([
    ['no channels', { channels: 0 }, /0 channels/, undefined],
    ['no rate', { rate: 0 }, /sample rate of 0/, undefined],
    ['a rate that nothing has', { rate: 5_000_000 }, /5000000 Hz/, undefined],
    ['a wrong block align', { block: 3 }, /block align is 3, expected 2/, undefined],
    ['12 bits', { bits: 12, block: 2 }, /12-bit PCM/, undefined],
    ['ADPCM', { tag: 2 }, /MS ADPCM.*ffmpeg/, undefined],
    ['no data chunk', { dataId: 'dat_' }, /no data chunk/, undefined],
    ['no samples', { data: [] }, /holds no sound/, undefined],
    [
      'no samples but metadata after them',
      { said: 0, data: [76, 73, 83, 84, 0, 0, 0, 0] },
      /no sound/,
      undefined,
    ],
    ['a cut fmt chunk', { length: 30 }, /fmt chunk has 16 bytes|no fmt/, undefined],
    [
      'infinite samples',
      { tag: 3, bits: 32, data: [0, 0, 0x80, 0x7f] },
      /sample 0 of channel 0 is not finite/,
      undefined,
    ],
    [
      'NaN samples',
      { tag: 3, bits: 32, data: [0, 0, 0, 0, 0, 0, 0xc0, 0x7f] },
      /sample 1 .* not finite/,
      undefined,
    ],
    [
      'integers as floats',
      { tag: 3, bits: 32, data: [0, 0, 0xfa, 0x46] },
      /32000 \(full scale is 1\)/,
      undefined,
    ],
    ['a cut end', { said: 2000 }, undefined, /truncated: its header says 1000 samples, the file holds 4/],
    ['size 0', { said: 0 }, undefined, /streamed.*4 samples/],
    ['size unknown', { said: 0xffffffff }, undefined, /streamed.*4 samples/],
    [
      'half a sample at its end',
      { data: [0, 64, 0, 64, 9] },
      undefined,
      /1 byte after the last whole sample/,
    ],
    ['a wrong byte rate', { byteRate: 99 }, undefined, /byte rate is 99, expected 64000/],
    ['silence', { data: [0, 0, 0, 0] }, undefined, /silent from start to end \(-Infinity dBFS RMS\)/],
    [
      'a silent end',
      { data: [0, 64, ...new Array(64000).fill(0)] },
      undefined,
      /its last 1\.0 s are digital silence/,
    ],
  ])('%s', async (_, parts, error, warning) => {
    const bytes = wavBytes(parts);
    const message = await failure(bytes, 'dir/in.wav');
    if (error !== undefined) {
      expect(message).toMatch(error);
      expect(message).toMatch(/^dir\/in\.wav: [^\n]+$/);
      return;
    }
    expect(message).toBeUndefined();
    const { warnings } = await decode(bytes, 'dir/in.wav');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(warning ?? /none/);
    expect(warnings[0]).toMatch(/^dir\/in\.wav: /);
  });
});

describe('damage', () => {
  const files = [...WAVS, ...FLACS, ...LOSSY].map(({ file }) => file);

  test('a compressed file cut at its end: what is there, and a warning with the numbers', async () => {
    for (const file of [
      's16-44100-2.flac',
      '44100-2.mp3',
      '48000-1-untagged.mp3',
      '44100-2.ogg',
      '48000-2.opus',
    ]) {
      const whole = golden(file);
      const clean = (await decode(whole, file)).clip;
      const { clip, warnings } = await decode(whole.subarray(0, Math.floor(whole.length * 0.9)), file);
      expect(clip.channels[0].length, file).toBeLessThan(clean.channels[0].length);
      expect(warnings.join(), file).toMatch(/truncated/);
      // MP3 frames lean on their neighbours; the others are bit-equal as far as they go.
      if (!file.endsWith('mp3')) expect(isPrefix(clip, clean), file).toBe(true);
    }
  });

  test('a flipped bit never passes where the format has checksums', async () => {
    const flipped = (file: string, at: number) => {
      const bytes = golden(file);
      bytes[at] ^= 1;
      return failure(bytes, file);
    };
    expect(await flipped('44100-2.ogg', 5300)).toMatch(/page \d+ fails its checksum/);
    expect(await flipped('48000-1.opus', 4000)).toMatch(/page \d+ fails its checksum/);
    expect(await flipped('s24-48000-1.flac', 30)).toMatch(/do not give the MD5 in its header/);
    expect(await flipped('s24-48000-1.flac', 19)).toMatch(/its header says .* Hz, its sound is/);
  });

  test('a FLAC file is read up to its first damaged frame, never joined over it', async () => {
    const whole = golden('s16-44100-2.flac');
    const clean = (await decode(whole, 'in.flac')).clip;
    const frames = framesOfFlac(whole);
    expect(frames).toHaveLength(5);
    for (const [k, start] of frames.entries()) {
      // In the frame's header, where the decoder alone leaves the frame out, and in its body.
      for (const offset of [2, 100]) {
        const bytes = whole.slice();
        bytes[start + offset] ^= 4;
        if (k === 0) {
          expect(await failure(bytes, 'in.flac')).toMatch(/^in\.flac: no sound could be decoded from it/);
          continue;
        }
        const { clip, warnings } = await decode(bytes, 'in.flac');
        expect(clip.channels.map((channel) => channel.length)).toEqual([1024 * k, 1024 * k]);
        expect(isPrefix(clip, clean)).toBe(true);
        expect(warnings).toEqual([
          `in.flac: truncated or damaged: its header says 4411 samples, ${1024 * k} could be decoded`,
        ]);
      }
    }
  });

  test("MP3: the length is known whatever padding the coder's tag says", async () => {
    const bytes = golden('44100-2.mp3');
    const padding = latin1Of(bytes).indexOf('Info') + 120 + 21;
    const before = (bytes[padding] << 4) | (bytes[padding + 1] >> 4);
    for (const after of [0, 300, 529, 530, 1000]) {
      bytes[padding + 1] = (bytes[padding + 1] & 0xf0) | (after >> 8);
      bytes[padding + 2] = after & 255;
      const { clip, warnings } = await decode(bytes, 'in.mp3');
      expect(clip.channels[0]).toHaveLength(21 * 1152 - before - 529 - Math.max(0, after - 529));
      expect(warnings).toEqual([]);
    }
  });

  test('pages that are missing or from another stream', async () => {
    const whole = golden('48000-1.opus');
    const pages = pagesOf(whole);
    const join = (list: Uint8Array[]) => Uint8Array.from(list.flatMap((page) => Array.from(page)));
    expect(await failure(join([...pages.slice(0, 3), ...pages.slice(4)]), 'gap')).toMatch(
      /page 4 follows page 2/,
    );
    expect(await failure(join([whole, golden('48000-2.opus')]), 'chain')).toMatch(/several Ogg streams/);
  });

  test('mutations of every file: one line naming the file, or finite samples; never a wrong decode', async () => {
    const outcomes = { error: 0, warning: 0, silent: 0 };
    for (const file of files) {
      const whole = golden(file);
      const clean = (await decode(whole, file)).clip;
      for (let k = 0; k < 30; k++) {
        const bytes = mutated(whole, seedOf('mutation', file, k));
        try {
          const { clip, warnings } = await decode(bytes, file);
          outcomes[warnings.length > 0 ? 'warning' : 'silent']++;
          expect(clip.channels.length).toBeGreaterThan(0);
          for (const channel of clip.channels) {
            expect(channel.length).toBe(clip.channels[0].length);
            expect(channel.length).toBeGreaterThan(0);
            expect(channel.every((v) => Math.abs(v) <= 16)).toBe(true);
          }
          for (const warning of warnings) expect(warning.startsWith(`${file}: `)).toBe(true);
          // FLAC and Ogg carry checksums: what passes is the file's own sound, as far as it goes.
          if (/\.(flac|ogg|opus)$/.test(file)) expect(isPrefix(clip, clean), `${file} ${k}`).toBe(true);
        } catch (error) {
          outcomes.error++;
          if (!(error instanceof Error) || error.name !== 'Error') throw error;
          expect(error.message.startsWith(`${file}: `), error.message).toBe(true);
          expect(error.message).not.toContain('\n');
        }
      }
    }
    expect(Math.min(...Object.values(outcomes))).toBeGreaterThan(50);
  });
});

describe('down-mix and resampling', () => {
  const to32k = (channels: Float32Array[], rate: number) =>
    conform(clipOf(channels, rate), { sampleRate: 32000, channels: 1 }).channels[0];

  test('the mean of the channels; a mono clip at the right rate keeps its samples', () => {
    const left = sine(440, 32000, 999);
    const right = sine(300, 32000, 999, 2);
    expect(to32k([left], 32000)).toEqual(left);
    expect(to32k([left, left], 32000)).toEqual(left);
    expect(to32k([left, right], 32000)).toEqual(left.map((v, i) => (v + right[i]) / 2));
  });

  test('for a stereo model two channels stay two, each by itself; any other number becomes its mean, as one', () => {
    const left = sine(440, 44100, 999);
    const right = sine(300, 44100, 999, 2);
    const stereo = (channels: Float32Array[], rate: number) =>
      conform(clipOf(channels, rate), { sampleRate: 32000, channels: 2 }).channels;
    expect(stereo([left, right], 32000)).toEqual([left, right]);
    expect(stereo([left, right], 44100)).toEqual([to32k([left], 44100), to32k([right], 44100)]);
    expect(stereo([left], 44100)).toEqual([to32k([left], 44100)]);
    expect(stereo([left, right, right], 44100)).toEqual([to32k([left, right, right], 44100)]);
  });

  // [rate, frequency]: noise more than 120 dB below the sine, in its own phase: no delay.
  test.each([
    [44100, 1000],
    [44100, 10000],
    [44100, 15300],
    [48000, 15300],
    [22050, 9000],
    [11025, 5000],
  ])('%i Hz -> 32000 Hz keeps a sine of %i Hz', (rate, frequency) => {
    const output = to32k([sine(frequency, rate, rate / 2)], rate);
    const inner = [4000, 12000] as const;
    const { snr, gain } = compare(
      output.subarray(...inner),
      sine(frequency, 32000, 16000).subarray(...inner),
    );
    expect(snr).toBeGreaterThan(120);
    expect(Math.abs(gain - 1)).toBeLessThan(1e-5);
  });

  test('what lies above 16 kHz is gone, 120 dB down', () => {
    for (const frequency of [16100, 17000, 20000]) {
      const output = to32k([sine(frequency, 44100, 22050)], 44100);
      expect(rmsDbfs([output], { start: 4000, end: 12000 }), `${frequency} Hz`).toBeLessThan(-120 - 9);
    }
  });

  test('length is exact, a constant stays, nothing is clipped, loud or late', () => {
    for (const [rate, samples] of [
      [44100, 44100],
      [44100, 1],
      [48000, 720001],
      [8000, 12345],
      [16000, 3],
    ]) {
      const output = to32k([new Float32Array(samples).fill(1.75)], rate);
      expect(output, `${samples} at ${rate}`).toHaveLength(Math.round((samples * 32000) / rate));
      if (samples > 10000) expect(Math.abs(output[output.length >> 1] - 1.75)).toBeLessThan(1e-6);
    }
    const impulse = new Float32Array(4411);
    impulse[441 * 4] = 1;
    const output = to32k([impulse], 44100);
    expect(output.indexOf(Math.max(...output))).toBe(320 * 4);
  });
});

describe('spectrum', () => {
  test('RMS and level', () => {
    expect(rmsDbfs([sine(1000, 32000, 32000, 1)])).toBeCloseTo(-3.0103, 3);
    expect(rmsDbfs([Float32Array.of(0, 0.1, 0.1, 0)], { start: 1, end: 3 })).toBeCloseTo(-20, 5);
    expect(rmsDbfs([new Float32Array(4)])).toBe(Number.NEGATIVE_INFINITY);
  });

  test('density sums to the power; a sine stands in its bin', () => {
    const signal = sine(1000, 32000, 32000, 0.8);
    const { frequencies, density } = powerSpectrum(signal, 32000);
    const total = density.reduce((sum, v) => sum + v, 0) * (frequencies[1] - frequencies[0]);
    expect(10 * Math.log10(total / 0.32)).toBeCloseTo(0, 2);
    expect(frequencies[density.indexOf(Math.max(...density))]).toBe(1000);
  });

  test('the slope of a spectrum that falls by 6.02 dB per octave', () => {
    const frequencies = Float64Array.from({ length: 500 }, (_, k) => k * 10);
    const density = frequencies.map((f) => 1 / (f * f));
    expect(slopeDbPerOctave({ frequencies, density }, { from: 50, to: 4000 })).toBeCloseTo(-6.0206, 4);
  });
});

function isPrefix(clip: Clip, whole: Clip): boolean {
  return (
    clip.sampleRate === whole.sampleRate &&
    clip.channels.length === whole.channels.length &&
    clip.channels.every((channel, c) => channel.every((v, i) => v === whole.channels[c][i]))
  );
}

/** Cut, bits flipped, a stretch of zeros, or one byte of the header replaced. */
function mutated(whole: Uint8Array, seed: ReturnType<typeof seedOf>): Uint8Array {
  const random = generator(seed);
  const bytes = whole.slice();
  const kind = random.integer(4);
  if (kind === 0) return bytes.subarray(0, random.integer(bytes.length));
  if (kind === 1) {
    for (let i = random.integer(8); i >= 0; i--)
      bytes[random.integer(bytes.length)] ^= 1 << random.integer(8);
  } else if (kind === 2) {
    const at = random.integer(bytes.length);
    bytes.fill(0, at, at + 1 + random.integer(400));
  } else bytes[random.integer(64)] = random.integer(256);
  return bytes;
}

/** Where the frames of a 44.1 kHz file begin: sync word, code 9 for the rate, and the frame's running number. */
function framesOfFlac(flac: Uint8Array): number[] {
  const starts: number[] = [];
  for (let at = 0; at + 4 < flac.length; at++) {
    const header = flac[at] === 0xff && flac[at + 1] === 0xf8 && (flac[at + 2] & 15) === 9;
    if (header && flac[at + 4] === starts.length) starts.push(at);
  }
  return starts;
}

const latin1Of = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

function pagesOf(ogg: Uint8Array): Uint8Array[] {
  const pages: Uint8Array[] = [];
  for (let at = 0; at < ogg.length; ) {
    const lacing = ogg.subarray(at + 27, at + 27 + ogg[at + 26]);
    const end = lacing.reduce((sum, v) => sum + v, at + 27 + lacing.length);
    pages.push(ogg.subarray(at, end));
    at = end;
  }
  return pages;
}

interface WavParts {
  readonly tag?: number;
  readonly channels?: number;
  readonly rate?: number;
  readonly byteRate?: number;
  readonly block?: number;
  readonly bits?: number;
  /** Chunks between fmt and data. */
  readonly chunks?: readonly [string, readonly number[]][];
  readonly dataId?: string;
  readonly data?: readonly number[];
  /** The size that the data chunk's header says. */
  readonly said?: number;
  /** Where the file is cut. */
  readonly length?: number;
}

/** A WAV file as its header says or does not say. */
function wavBytes(parts: WavParts): Uint8Array {
  const { tag = 1, channels = 1, rate = 32000, bits = 16, chunks = [], dataId = 'data' } = parts;
  const { data = [0, 64, 0, 32, 0, 16, 0, 8], said = data.length, block = (channels * bits) / 8 } = parts;
  const { byteRate = rate * block } = parts;
  const le = (value: number, width: number) =>
    Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** i) % 256);
  const text = (word: string) => Array.from(word, (c) => c.charCodeAt(0));
  const format = [tag, channels]
    .flatMap((v) => le(v, 2))
    .concat(le(rate, 4), le(byteRate, 4), le(block, 2), le(bits, 2));
  const others = chunks.flatMap(([id, body]) => [
    ...text(id),
    ...le(body.length, 4),
    ...body,
    ...(body.length % 2 === 1 ? [0] : []),
  ]);
  const body = [
    ...text('WAVEfmt '),
    ...le(16, 4),
    ...format,
    ...others,
    ...text(dataId),
    ...le(said, 4),
    ...data,
  ];
  return Uint8Array.from([...text('RIFF'), ...le(body.length, 4), ...body]).subarray(0, parts.length);
}
