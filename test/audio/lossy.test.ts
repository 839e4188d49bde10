// MP3 and Opus in memory: the bit rate that was asked for, the clip's own time and length, and what is lost.

import { describe, expect, test } from 'vitest';
import { type Clip, sampleCount } from '../../src/audio/clip.js';
import { type LossyCodec, throughLossy } from '../../src/audio/lossy.js';
import { rmsDbfs } from '../../src/audio/spectrum.js';
import { perturb } from '../../src/perturb/apply.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { materialFor } from '../../src/perturb/splice.js';
import { generator, seedOf } from '../../src/stats/random.js';

/** Low noise with a melody of decaying notes: something for a codec to keep. */
function tune(seconds: number, { sampleRate = 32_000, channels = 1 } = {}): Clip {
  const { normal } = generator(seedOf('tune'));
  const left = Float32Array.from({ length: seconds * sampleRate }, (_, i) => {
    const t = i / sampleRate;
    const note = Math.floor(t * 4);
    const hz = 220 * 2 ** (((note * 5) % 12) / 12);
    return 0.3 * Math.exp(-6 * (t * 4 - note)) * Math.sin(2 * Math.PI * hz * t) + 0.002 * normal();
  });
  const rows = [left, left.map((v) => 0.5 * v)];
  return { name: 'tune.wav', sampleRate, channels: rows.slice(0, channels) };
}
const error = (a: Float32Array, b: Float32Array): number =>
  rmsDbfs([a.map((v, i) => v - b[i])]) - rmsDbfs([b]);

/** Lag in [-200, 200] at which two sounds agree best. */
function lagOf(a: Float32Array, b: Float32Array): number {
  const match = (lag: number): number => {
    let sum = 0;
    for (let i = 8000; i < 24_000; i++) sum += a[i + lag] * b[i];
    return sum;
  };
  const lags = Array.from({ length: 401 }, (_, i) => i - 200);
  return lags.reduce((best, lag) => (match(lag) > match(best) ? lag : best), 0);
}

describe('lossy codecs', () => {
  test('an MP3 is the same whatever the encoder made before', async () => {
    const [mono, stereo] = [tune(1), tune(1, { sampleRate: 44_100, channels: 2 })];
    const plain = await throughLossy(mono, { codec: 'mp3', bitrate: 64 });
    await throughLossy(stereo, { codec: 'mp3', bitrate: 320 });
    await throughLossy(mono, { codec: 'mp3', bitrate: 8 });
    expect(await throughLossy(mono, { codec: 'mp3', bitrate: 64 })).toEqual(plain);
  });

  test.each<[LossyCodec, number, number, number]>([
    ['mp3', 8, 32_000, 1],
    ['mp3', 64, 32_000, 2],
    ['mp3', 128, 44_100, 1],
    ['mp3', 320, 32_000, 1],
    ['opus', 6, 32_000, 1],
    ['opus', 24, 44_100, 2],
    ['opus', 128, 48_000, 1],
  ])('%s at %d kbit/s, %d Hz, %d channels', async (codec, bitrate, sampleRate, channels) => {
    const clip = tune(3, { sampleRate, channels });
    const { clip: coded, bytes } = await throughLossy(clip, { codec, bitrate });
    expect([coded.name, coded.sampleRate, coded.channels.length]).toEqual(['tune.wav', sampleRate, channels]);
    expect(
      coded.channels.every((row) => row.length === sampleCount(clip) && row.every(Number.isFinite)),
    ).toBe(true);
    // What there is of sound, and up to three frames more that flush the encoder (longest at 8 kHz: 72 ms each).
    const seconds = (8 * bytes) / (1000 * bitrate);
    expect(seconds).toBeGreaterThanOrEqual(3);
    expect(seconds).toBeLessThan(3 + 3 * 0.072 + 0.01);
    expect(lagOf(coded.channels[0], clip.channels[0])).toBe(0);
    const again = await throughLossy(clip, { codec, bitrate });
    expect(again.clip.channels).toEqual(coded.channels);
  });

  test('a lower bit rate loses more; 320 kbit/s hardly anything', async () => {
    const clip = tune(2);
    for (const [codec, rates] of [
      ['mp3', [320, 64, 16, 8]],
      ['opus', [320, 64, 16, 6]],
    ] as const) {
      const errors: number[] = [];
      for (const bitrate of rates) {
        const { clip: coded } = await throughLossy(clip, { codec, bitrate });
        errors.push(error(coded.channels[0], clip.channels[0]));
      }
      expect(errors).toEqual(errors.toSorted((a, b) => a - b));
      expect(errors[0]).toBeLessThan(-35);
      expect(errors[3] - errors[0]).toBeGreaterThan(10);
    }
  });

  test.each<[object, string]>([
    [{ codec: 'mp3', bitrate: 50 }, 'mp3: a bit rate of 50 kbit/s, expected one of 8, 16, 24,'],
    [{ codec: 'opus', bitrate: 5 }, 'opus: a bit rate of 5 kbit/s, expected from 6 to 510'],
  ])('%j is refused', async (asked, message) => {
    await expect(throughLossy(tune(1), asked as { codec: LossyCodec; bitrate: number })).rejects.toThrow(
      message,
    );
  });

  test('what an MP3 cannot be is refused', async () => {
    await expect(
      throughLossy(tune(1, { sampleRate: 24_000 }), { codec: 'mp3', bitrate: 320 }),
    ).rejects.toThrow('tune.wav: an MP3 at 24000 Hz has at most 160 kbit/s, asked for 320');
    const [row] = tune(1).channels;
    const many = { ...tune(1), channels: [row, row, row] };
    await expect(throughLossy(many, { codec: 'opus', bitrate: 64 })).rejects.toThrow(
      '3 channels, opus takes',
    );
  });

  test('a very short clip, and silence, come back as long as they were', async () => {
    for (const samples of [1, 100, 5000]) {
      const clip = { name: 's', sampleRate: 32_000, channels: [new Float32Array(samples)] };
      for (const [codec, bitrate] of [
        ['mp3', 64],
        ['opus', 64],
      ] as const) {
        const { clip: coded } = await throughLossy(clip, { codec, bitrate });
        expect(coded.channels[0].length).toBe(samples);
        expect(Math.max(...coded.channels[0].map(Math.abs))).toBeLessThan(1e-3);
      }
    }
  });

  test('as a disturbance it is the coded clip in the window', async () => {
    const clip = tune(2);
    const damage = parsePerturbation('lossy codec=opus bitrate=12kbps at=0.5s length=0.5s', { seed: 1 });
    const clock = { sampleRate: 32_000, hop: 640 };
    const material = await materialFor(clip, [damage, damage], { clock });
    expect([...(material.lossy?.keys() ?? [])]).toEqual(['opus 12']);
    const { clip: out, event } = perturb(clip, damage, clock, material);
    const { clip: coded } = await throughLossy(clip, { codec: 'opus', bitrate: 12 });
    expect([event.start, event.end]).toEqual([16_000, 32_000]);
    expect(out.channels[0].subarray(16_000, 32_000)).toEqual(coded.channels[0].subarray(16_000, 32_000));
    expect(out.channels[0].subarray(32_000)).toEqual(clip.channels[0].subarray(32_000));
  });
});
