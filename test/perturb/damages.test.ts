// Every damage on a small clip: it leaves all outside its window alone, does nothing where its parameter says nothing,
// and stands at the ends of a clip, on silence and on short clips. What it does physically: damages_measured.test.ts.

import { describe, expect, test } from 'vitest';
import { type Clip, sampleCount } from '../../src/audio/clip.js';
import { alignment } from '../../src/perturb/alignment.js';
import { perturb } from '../../src/perturb/apply.js';
import { DAMAGE_KINDS } from '../../src/perturb/damage_schema.js';
import type { Place } from '../../src/perturb/perturbation.js';
import { parsePerturbation } from '../../src/perturb/schema.js';
import { isHarmless, SEVERITY_AXES, severityOf } from '../../src/perturb/severity.js';
import type { Material } from '../../src/perturb/splice.js';
import { perturbCodes } from '../../src/perturb/tokens.js';
import { clock, music } from './clip.js';

const CLIP = music('songs/one.wav');
const material: Material = {
  clips: new Map([['other.wav', music('other.wav')]]),
  roundTrips: [music('once'), music('twice')],
  generated: new Map(['1  1', '1.5  1', '3  1', ' 250 1', ' 20 1'].map((name) => [name, music(name)])),
  lossy: new Map(['mp3 320', 'mp3 64', 'mp3 8'].map((name) => [name, music(name)])),
};
const same = (a: Float32Array, b: Float32Array): boolean =>
  Buffer.from(a.slice().buffer).equals(Buffer.from(b.slice().buffer));
const parse = (line: string) => parsePerturbation(line, { seed: 1 });

/** Each kind of damage, from mild to strong. */
const GRIDS: readonly (readonly string[])[] = [
  ['clipping share=1%', 'clipping share=10%', 'clipping share=0.5'],
  ['lowpass cutoff=400Hz', 'lowpass cutoff=0.2kHz', 'lowpass cutoff=50'],
  ['highpass cutoff=20Hz', 'highpass cutoff=100Hz', 'highpass cutoff=400Hz'],
  ['hiss snr=30dB', 'hiss snr=10dB color=pink', 'hiss snr=-3'],
  ['dropouts share=5% gap=20ms', 'dropouts share=30% gap=20ms', 'dropouts share=1 gap=20ms'],
  [
    'bursts share=5% burst=2',
    'bursts share=30% burst=2 level=-10dB',
    'bursts share=100% burst=2 color=brown',
  ],
  ['collage clip=other.wav share=20% block=5', 'collage clip=other.wav share=90% block=5 level=own'],
  ['wow depth=5', 'wow depth="50 cents" rate=4Hz', 'wow depth=300 rate=10'],
  ['lossy codec=mp3 bitrate=320k', 'lossy codec=mp3 bitrate=64kbps', 'lossy codec=mp3 bitrate="8 kbit/s"'],
  ['generated temperature=1', 'generated temperature=1.5', 'generated temperature=3'],
  ['generated topk=250', 'generated topk=20'],
  ['clash mix=-20dB', 'clash mix=-6dB semitones=-1', 'clash mix=0dB semitones="50 cents"'],
  ['transpose semitones=0.25', 'transpose semitones=-1', 'transpose semitones=7'],
  ['stretch factor=1.02', 'stretch factor=0.9', 'stretch factor=150%'],
  ['gain by=-1dB', 'gain by=6dB'],
  ['polarity'],
  ['delay by=1ms', 'delay', 'delay by=9ms'],
  ['dither bits=16', 'dither bits=8', 'dither bits=3'],
  ['resample rate=2000Hz'],
  ['reverse grain=2', 'reverse grain=20 fade=5ms'],
  ['reencode', 'reencode times=2'],
];
const EACH = GRIDS.flat();
const WINDOW = 'at=100 length=50';
const PLACE: Place = { start: 1000, end: 1500 };

/** Kinds in which the number of samples changes. */
const isStretch = (line: string): boolean => line.startsWith('stretch');

describe('every damage', () => {
  test('is in the table', () => {
    const kinds = new Set<string>(EACH.map((line) => line.split(' ')[0]));
    expect(Object.keys(DAMAGE_KINDS).filter((kind) => !kinds.has(kind))).toEqual([]);
  });

  test.each(EACH)('%s: only in its window, and the same once more', (line) => {
    const perturbation = parse(`${line} ${WINDOW}`);
    const kept = CLIP.channels.map((channel) => channel.slice());
    const { clip, event } = perturb(CLIP, perturbation, clock, material);
    const end = sampleCount(clip) - 1500;
    expect([event.start, event.end]).toEqual([1000, end]);
    if (!isStretch(line)) expect(end).toBe(1500);
    clip.channels.forEach((channel, c) => {
      expect(channel.every(Number.isFinite)).toBe(true);
      expect(same(channel.subarray(0, 1000), kept[c].subarray(0, 1000))).toBe(true);
      expect(same(channel.subarray(end), kept[c].subarray(1500))).toBe(true);
      expect(same(channel.subarray(1000, end), kept[c].subarray(1000, 1500))).toBe(false);
      expect(same(CLIP.channels[c], kept[c])).toBe(true);
    });
    const again = perturb({ ...CLIP, name: 'x/one.flac' }, perturbation, clock, material);
    expect(again.clip.channels.every((channel, c) => same(channel, clip.channels[c]))).toBe(true);
    expect(again.event).toEqual(event);
  });

  test.each(EACH)('%s: at both ends, on the whole clip, on a short clip', (line) => {
    const short = { ...CLIP, name: 'short.wav', channels: CLIP.channels.map((c) => c.subarray(0, 300)) };
    for (const [clip, where, start, end] of [
      [CLIP, 'at=0 length=30', 0, 300],
      [CLIP, 'at=270', 2700, 3000],
      [CLIP, '', 0, 3000],
      [short, '', 0, 300],
    ] as const) {
      const { clip: out, event } = perturb(clip, parse(`${line} ${where}`), clock, material);
      const added = sampleCount(out) - sampleCount(clip);
      expect([event.start, event.end - added]).toEqual([start, end]);
      expect(out.channels.every((channel) => channel.every(Number.isFinite))).toBe(true);
    }
  });

  const silent: Clip = { ...CLIP, channels: CLIP.channels.map((channel) => channel.map(() => 0)) };
  test.each(EACH)('%s: on silence', (line) => {
    const make = () => perturb(silent, parse(line), clock, material).clip;
    const needsLevel = /^(hiss|clash|bursts(?!.*level)|collage(?!.*level))/;
    if (needsLevel.test(line)) {
      expect(make).toThrow(/silent/);
      return;
    }
    if (/^(bursts|collage|dither|generated|reencode|lossy)/.test(line)) return;
    for (const channel of make().channels) expect(channel.every((v) => v === 0)).toBe(true);
  });

  test.each([
    'clipping share=0',
    'lowpass cutoff=500Hz',
    'lowpass cutoff=1kHz',
    'highpass cutoff=0',
    'dropouts share=0',
    'bursts share=0',
    'collage clip=other.wav share=0 block=5',
    'wow depth=0',
    'transpose semitones=0',
    'stretch factor=1',
    'gain by=0dB',
    'delay by=0s',
    'resample rate=2000Hz',
    'reencode times=0',
    'identity',
  ])('%s: nothing', (line) => {
    const clip = { ...CLIP, sampleRate: line.startsWith('resample') ? 2000 : 1000 };
    const { clip: out, event } = perturb(clip, parse(`${line} ${WINDOW}`), {
      ...clock,
      sampleRate: clip.sampleRate,
    });
    expect(out.channels.every((channel, c) => same(channel, CLIP.channels[c]))).toBe(true);
    expect([event.start, event.end, event.levelDbfs]).toEqual([1000, 1500, undefined]);
  });

  test.each<[string, string]>([
    ['lowpass cutoff=10Hz', 'expected from 20 Hz on'],
    ['clipping share=1', 'expected from 0 to less than 1'],
    ['clipping share=5dB', '"5dB": expected a share (0.05, 5%)'],
    ['dropouts share=110%', 'expected from 0 to 1'],
    ['wow depth=1200', 'expected below 1200 cents'],
    ['transpose semitones=25', 'expected from -24 to 24 semitones'],
    ['stretch factor=5', 'expected from 0.25 to 4 times as long'],
    ['dither bits=16.5', 'expected a whole number from 2 to 24'],
    ['hiss', 'hiss: snr is missing'],
    ['lossy codec=mp3 bitrate=50', 'lossy: bitrate is wrong: expected one of 8, 16,'],
    ['lossy codec=opus bitrate=5', 'expected from 6 to 510 kbit/s'],
    ['lowpass cut=3', 'lowpass has no key cut; expected cutoff, seed, at, length'],
  ])('%s is refused', (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });

  test.each<[string, string]>([
    ['highpass cutoff=500Hz', 'a high-pass at 500 Hz leaves nothing at 1000 Hz; expected less than 500 Hz'],
    ['delay by=10ms', 'a delay of 10 samples is not less than a frame of the codec (10)'],
    ['dropouts share=5% gap=2s at=100 length=50', 'dropouts: a window of 500 samples holds no piece of 2000'],
    ['collage clip=elsewhere.wav', 'the clip to splice in, elsewhere.wav, was not handed in'],
    ['reverse grain=51 at=100 length=50', 'a grain of 510 samples, expected at least 1 and at most the 500'],
    ['lossy codec=opus bitrate=64', 'its sound after opus 64 kbit/s was not handed in'],
    ['generated temperature=9', 'what the model draws was not handed in'],
    ['reencode times=3', 'its round trip through the codec was not handed in'],
  ])('%s cannot be made', (line, message) => {
    expect(() => perturb(CLIP, parse(line), clock, material)).toThrow(`songs/one.wav: ${message}`);
  });

  test('codes know none but reversed grains', () => {
    const codes = { codebooks: 1, frames: 300, data: Int32Array.from({ length: 300 }, (_, t) => t) };
    const on = (line: string) => perturbCodes(codes, parse(line), { name: 'one.wav', clock });
    for (const kind of Object.keys(DAMAGE_KINDS)) {
      const line = EACH.find((each) => each.startsWith(`${kind}`)) ?? '';
      expect(() => on(line)).toThrow(`${kind} has no meaning on codes; use it on the waveform`);
    }
    const { data } = on('reverse grain=4 at=10 length=10').codes;
    expect([...data.subarray(9, 22)]).toEqual([9, 13, 12, 11, 10, 17, 16, 15, 14, 18, 19, 20, 21]);
  });
});

describe('severity', () => {
  test.each(GRIDS.filter((grid) => grid[0] !== 'polarity'))(
    'grows in the order of the grid: %s',
    (...grid) => {
      const severities = grid.map((line) => severityOf(parse(line), clock));
      const [first] = severities;
      const worse = (value: number) =>
        first && SEVERITY_AXES[first.name].worse === 'lower' ? -value : value;
      const values = severities.map((each) => worse(each?.value ?? Number.NaN));
      expect(severities.every((each) => each?.name === first?.name)).toBe(true);
      expect(values).toEqual(values.toSorted((a, b) => a - b));
      expect(new Set(values).size).toBe(grid.length);
    },
  );

  test.each<[string, object | undefined]>([
    ['clipping share=5%', { name: 'share', value: 5 }],
    ['highpass cutoff=0.3kHz', { name: 'floor', value: 300 }],
    ['transpose semitones=-2', { name: 'semitones', value: 2 }],
    ['stretch factor=0.8', { name: 'stretch', value: 25 }],
    ['delay', { name: 'by', value: 5 }],
    ['delay by=4ms', { name: 'by', value: 4 }],
    ['shuffle block=10', { name: 'block', value: 0.1 }],
    ['reverse at=1s length=0.5s', { name: 'length', value: 0.5 }],
    ['reverse', undefined],
    ['reencode', { name: 'times', value: 1 }],
    ['noise color=white at=1s length=50', { name: 'length', value: 0.5 }],
    ['click at=1s level=-6dB', { name: 'level', value: -6 }],
    ['polarity', undefined],
    ['identity at=1s length=50', undefined],
  ])('%s', (line, severity) => {
    const found = severityOf(parse(line), clock);
    if (severity === undefined) expect(found).toBeUndefined();
    else
      expect(found).toEqual({ ...severity, value: expect.closeTo((severity as { value: number }).value, 9) });
  });
});

test.each([
  ['gain by=-6dB', true],
  ['polarity', true],
  ['delay', true],
  ['dither', true],
  ['dither bits=8', false],
  ['lossy codec=mp3 bitrate=320kbps', true],
  ['lossy codec=mp3 bitrate=128kbps', false],
  ['resample rate=44.1kHz', true],
  ['resample rate=16kHz', false],
  ['hiss snr=20dB', false],
])('%s: harmless is %s', (line, harmless) => {
  expect(isHarmless(parse(line), { sampleRate: 32000, hop: 640 })).toBe(harmless);
});

describe('draws and time', () => {
  const changed = (line: string): Set<number> => {
    const { clip } = perturb(CLIP, parse(line), clock, material);
    return new Set([...clip.channels[0].keys()].filter((i) => clip.channels[0][i] !== CLIP.channels[0][i]));
  };

  test('a larger share holds a smaller one, and kinds fall on the same spots', () => {
    const few = changed('dropouts share=10% gap=5');
    const many = changed('dropouts share=40% gap=5');
    expect(few.size).toBe(300);
    expect(many.size).toBe(1200);
    expect([...few].every((i) => many.has(i))).toBe(true);
    expect(changed('bursts share=10% burst=5')).toEqual(few);
    expect(changed('collage clip=other.wav share=10% block=5')).toEqual(few);
    expect(changed('dropouts share=10% gap=5 seed=2')).not.toEqual(few);
    expect(changed('dropouts share=0.1% gap=5').size).toBe(50);
  });

  test('frames of a stretched clip stand for those they come from', () => {
    const { clip, event } = perturb(CLIP, parse(`stretch factor=1.5 ${WINDOW}`), clock);
    expect([event.start, event.end, event.stretched]).toEqual([1000, 1750, PLACE]);
    const frames = sampleCount(clip) / 10;
    const at = [...alignment([event], { frames, cleanFrames: 300 }, clock)];
    expect(at.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, t) => t));
    expect([at[100], at[103], at[130], at[172]]).toEqual([100, 102, 120, 148]);
    expect(at.slice(175)).toEqual(Array.from({ length: 150 }, (_, t) => 150 + t));
  });

  test('a damage kind that is asked for twice in one clip takes its own windows', () => {
    const damage = (line: string) => perturb(CLIP, parse(line), clock).clip.channels[0];
    const whole = damage('lowpass cutoff=100Hz');
    const part = damage(`lowpass cutoff=100Hz ${WINDOW}`);
    expect(same(part.subarray(1000, 1500), whole.subarray(1000, 1500))).toBe(true);
  });
});
