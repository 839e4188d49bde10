// Disturbances as people write them (YAML, one line) and as reports name them.

import { describe, expect, test } from 'vitest';
import { describe as inWords, parseStart } from '../../src/perturb/parse.js';
import type { Draw, Perturbation, Span } from '../../src/perturb/perturbation.js';
import { PERTURBATION_KINDS, parsePerturbation, readPerturbation } from '../../src/perturb/schema.js';

const window = { at: { seconds: 5 }, length: { tokens: 100 } } as const;

/** One line; the same as YAML; what it means (with root seed 7); how it reads. */
const WRITTEN: readonly [string, object, Perturbation, string][] = [
  [
    'noise color=white at=5s length=100',
    { kind: 'noise', color: 'white', at: '5s', length: 100 },
    { kind: 'noise', color: 'white', level: 'match', ...window, seed: 7 },
    'white noise, 100 tokens at 5 s, level match, seed 7',
  ],
  [
    'noise color=released-brown at=2s..8s length=100ms level=-20dB mode=add seed=3',
    {
      kind: 'noise',
      color: 'released-brown',
      at: { draw: { from: '2s', to: '8s' } },
      length: '100ms',
      level: '-20dB',
      mode: 'add',
      seed: 3,
    },
    {
      kind: 'noise',
      color: 'released-brown',
      at: { draw: { from: { seconds: 2 }, to: { seconds: 8 } } },
      length: { seconds: 0.1 },
      level: { dbfs: -20 },
      mode: 'add',
      seed: 3,
    },
    'released-brown noise added, 0.1 s at a place drawn from 2 s to 8 s, level -20 dBFS, seed 3',
  ],
  [
    'tone hz=440 at=250 length=1 level=-12dB',
    { kind: 'tone', hz: 440, at: 250, length: '1 token', level: '-12 dBFS' },
    { kind: 'tone', hz: 440, at: { tokens: 250 }, length: { tokens: 1 }, level: { dbfs: -12 }, seed: 7 },
    'tone of 440 Hz, 1 token at token 250, level -12 dBFS',
  ],
  [
    'click at=5s level=-6dB',
    { kind: 'click', at: '5s', level: '-6dB' },
    { kind: 'click', at: { seconds: 5 }, level: { dbfs: -6 }, seed: 7 },
    'click added, one sample at 5 s, level -6 dBFS',
  ],
  [
    'click at=5s level=-6dB length=1ms',
    { kind: 'click', at: '5s', level: '-6dB', length: '1ms' },
    { kind: 'click', at: { seconds: 5 }, level: { dbfs: -6 }, length: { seconds: 0.001 }, seed: 7 },
    'click added, 0.001 s at 5 s, level -6 dBFS',
  ],
  [
    'silence at=5s length=100',
    { kind: 'silence', at: '5s', length: 100 },
    { kind: 'silence', ...window, seed: 7 },
    'silence, 100 tokens at 5 s',
  ],
  [
    'foreign clip="other music.wav" from=3s at=5s length=100 level=own fade=5ms',
    {
      kind: 'foreign',
      clip: 'other music.wav',
      from: '3s',
      at: '5s',
      length: 100,
      level: 'own',
      fade: '5ms',
    },
    {
      kind: 'foreign',
      clip: 'other music.wav',
      from: { seconds: 3 },
      level: 'own',
      fade: { seconds: 0.005 },
      ...window,
      seed: 7,
    },
    'music of other music.wav from 3 s, 100 tokens at 5 s, level own, joints faded over 0.005 s',
  ],
  [
    'shuffle block=10 share=0.2',
    { kind: 'shuffle', block: 10, share: 0.2 },
    { kind: 'shuffle', block: { tokens: 10 }, share: 0.2, seed: 7 },
    '20% of the blocks of 10 tokens shuffled, the whole clip, seed 7',
  ],
  [
    'shuffle block=1 at=5s',
    { kind: 'shuffle', block: 1, at: '5s' },
    { kind: 'shuffle', block: { tokens: 1 }, at: { seconds: 5 }, seed: 7 },
    'blocks of 1 token shuffled, to the end from 5 s, seed 7',
  ],
  [
    'delete at=100..400 length=100',
    { kind: 'delete', at: '100..400', length: 100 },
    {
      kind: 'delete',
      at: { draw: { from: { tokens: 100 }, to: { tokens: 400 } } },
      length: { tokens: 100 },
      seed: 7,
    },
    'deletion, 100 tokens at a place drawn from token 100 to token 400, seed 7',
  ],
  [
    'repeat block=25 at=5s length=100',
    { kind: 'repeat', block: 25, at: '5s', length: 100 },
    { kind: 'repeat', block: { tokens: 25 }, ...window, seed: 7 },
    'the last 25 tokens repeated, 100 tokens at 5 s',
  ],
  [
    'reverse at=5s length=100',
    { kind: 'reverse', at: '5s', length: 100 },
    { kind: 'reverse', ...window, seed: 7 },
    'reversed, 100 tokens at 5 s',
  ],
  [
    'reencode',
    { kind: 'reencode' },
    { kind: 'reencode', seed: 7 },
    'encoded and decoded again (control), the whole clip',
  ],
  [
    'identity at=5s length=100',
    { kind: 'identity', at: '5s', length: 100 },
    { kind: 'identity', ...window, seed: 7 },
    'nothing done (control), 100 tokens at 5 s',
  ],
  [
    'reverse grain=100ms',
    { kind: 'reverse', grain: '100ms' },
    { kind: 'reverse', grain: { seconds: 0.1 }, seed: 7 },
    'grains of 0.1 s reversed, the whole clip',
  ],
  [
    'reencode times=3',
    { kind: 'reencode', times: 3 },
    { kind: 'reencode', times: 3, seed: 7 },
    'encoded and decoded 3 times, the whole clip',
  ],
  [
    'clipping share=7% at=5s length=100',
    { kind: 'clipping', share: 0.07, at: '5s', length: 100 },
    { kind: 'clipping', share: 0.07, ...window, seed: 7 },
    'loudest 7% of the samples clipped, 100 tokens at 5 s',
  ],
  [
    'lowpass cutoff=1.2kHz',
    { kind: 'lowpass', cutoff: 1200 },
    { kind: 'lowpass', cutoff: 1200, seed: 7 },
    'low-pass at 1200 Hz, the whole clip',
  ],
  [
    'highpass cutoff="300 Hz"',
    { kind: 'highpass', cutoff: '300Hz' },
    { kind: 'highpass', cutoff: 300, seed: 7 },
    'high-pass at 300 Hz, the whole clip',
  ],
  [
    'hiss snr=10dB color=pink',
    { kind: 'hiss', snr: 10, color: 'pink' },
    { kind: 'hiss', snr: 10, color: 'pink', seed: 7 },
    'pink hiss at 10 dB SNR, the whole clip, seed 7',
  ],
  [
    'dropouts share=10% gap=40ms',
    { kind: 'dropouts', share: 0.1, gap: '40ms' },
    { kind: 'dropouts', share: 0.1, gap: { seconds: 0.04 }, seed: 7 },
    'drop-outs of 0.04 s in 10%, the whole clip, seed 7',
  ],
  [
    'bursts share=2% level=-10dB',
    { kind: 'bursts', share: '2%', level: '-10dB' },
    { kind: 'bursts', share: 0.02, burst: { seconds: 0.1 }, level: { dbfs: -10 }, seed: 7 },
    'white noise bursts of 0.1 s in 2%, the whole clip, level -10 dBFS, seed 7',
  ],
  [
    'collage clip=next block=2s level=own',
    { kind: 'collage', clip: 'next', block: '2s', level: 'own' },
    { kind: 'collage', clip: 'next', share: 0.5, block: { seconds: 2 }, level: 'own', seed: 7 },
    'blocks of 2 s of next in 50%, the whole clip, level own, seed 7',
  ],
  [
    'wow depth="50 cents" rate=0.5Hz',
    { kind: 'wow', depth: 50, rate: 0.5 },
    { kind: 'wow', depth: 50, rate: 0.5, seed: 7 },
    'wow of 50 cents at 0.5 Hz, the whole clip',
  ],
  [
    'lossy codec=mp3 bitrate=64kbps',
    { kind: 'lossy', codec: 'mp3', bitrate: 64 },
    { kind: 'lossy', codec: 'mp3', bitrate: 64, seed: 7 },
    'MP3 at 64 kbit/s, the whole clip',
  ],
  [
    'generated temperature=1.5 topk=20',
    { kind: 'generated', temperature: 1.5, topk: 20 },
    { kind: 'generated', temperature: 1.5, topk: 20, seed: 7 },
    'drawn by the model at temperature 1.5, of the top 20, the whole clip, seed 7',
  ],
  [
    'clash mix=-6dB',
    { kind: 'clash', mix: -6, semitones: 1 },
    { kind: 'clash', mix: -6, semitones: 1, seed: 7 },
    'copy +1 semitones mixed in at -6 dB, the whole clip',
  ],
  [
    'transpose semitones="-50 cents"',
    { kind: 'transpose', semitones: -0.5 },
    { kind: 'transpose', semitones: -0.5, seed: 7 },
    'pitch moved by -0.5 semitones, the whole clip',
  ],
  [
    'stretch factor=110%',
    { kind: 'stretch', factor: 1.1 },
    { kind: 'stretch', factor: 1.1, seed: 7 },
    'stretched to 110%, the whole clip',
  ],
  [
    'nonsense at=5s length=2s',
    { kind: 'nonsense', at: '5s', length: '2s' },
    { kind: 'nonsense', at: { seconds: 5 }, length: { seconds: 2 }, seed: 7 },
    'notes drawn anew, 2 s at 5 s, seed 7',
  ],
  [
    'bars share=50%',
    { kind: 'bars', share: 0.5 },
    { kind: 'bars', share: 0.5, seed: 7 },
    '50% of the bars shuffled, the whole clip, seed 7',
  ],
  [
    'wrong share=10% semitones=2',
    { kind: 'wrong', share: '10%', semitones: 2 },
    { kind: 'wrong', share: 0.1, semitones: 2, seed: 7 },
    '10% of the pitches wrong by up to 2 semitones, the whole clip, seed 7',
  ],
  [
    'jitter by=50ms share=50%',
    { kind: 'jitter', by: '50ms', share: 0.5 },
    { kind: 'jitter', by: { seconds: 0.05 }, share: 0.5, seed: 7 },
    '50% of the notes moved by up to 0.05 s, the whole clip, seed 7',
  ],
  [
    'missing share=20%',
    { kind: 'missing', share: 0.2 },
    { kind: 'missing', share: 0.2, seed: 7 },
    '20% of the notes left out, the whole clip, seed 7',
  ],
  [
    'dynamics',
    { kind: 'dynamics' },
    { kind: 'dynamics', seed: 7 },
    'velocities drawn anew, the whole clip, seed 7',
  ],
  [
    'gain by=-6dB',
    { kind: 'gain', by: '-6 dB' },
    { kind: 'gain', by: -6, seed: 7 },
    'gain of -6 dB, the whole clip',
  ],
  ['polarity', { kind: 'polarity' }, { kind: 'polarity', seed: 7 }, 'polarity inverted, the whole clip'],
  ['delay', { kind: 'delay' }, { kind: 'delay', seed: 7 }, 'delayed by half a frame, the whole clip'],
  [
    'delay by=5ms',
    { kind: 'delay', by: '5ms' },
    { kind: 'delay', by: { seconds: 0.005 }, seed: 7 },
    'delayed by 0.005 s, the whole clip',
  ],
  [
    'dither',
    { kind: 'dither', bits: 16 },
    { kind: 'dither', bits: 16, seed: 7 },
    'rounded to 16 bits with dither, the whole clip, seed 7',
  ],
  [
    'resample rate=44.1kHz',
    { kind: 'resample', rate: 44100 },
    { kind: 'resample', rate: 44100, seed: 7 },
    'resampled to 44100 Hz and back, the whole clip',
  ],
];

describe('written', () => {
  test.each(WRITTEN)('%s', (line, yaml, perturbation, words) => {
    expect(parsePerturbation(line, { seed: 7 })).toEqual(perturbation);
    expect(readPerturbation(yaml, { seed: 7, name: 'study.yaml' })).toEqual(perturbation);
    expect(inWords(perturbation)).toBe(words);
  });

  test('every kind is in the table', () => {
    expect([...new Set(WRITTEN.map(([, , { kind }]) => kind))].sort()).toEqual(PERTURBATION_KINDS.toSorted());
  });

  test('a named draw, and what comes back can be read again as words', () => {
    const at = { draw: { from: 10, to: '3s', name: 'second' } };
    expect(readPerturbation({ kind: 'silence', at, length: 5 }, { seed: 1, name: '' }).at).toEqual({
      draw: { from: { tokens: 10 }, to: { seconds: 3 }, name: 'second' },
    });
  });

  test.each<[string, Span | Draw]>([
    ['5s', { seconds: 5 }],
    [' 10 .. 20 ', { draw: { from: { tokens: 10 }, to: { tokens: 20 } } }],
    ['.5s..1.5s', { draw: { from: { seconds: 0.5 }, to: { seconds: 1.5 } } }],
  ])('start %j', (text, start) => {
    expect(parseStart(text)).toEqual(start);
  });

  test.each(['1..2..3', '..2', '2..', '..', '5 sec'])('start %j is refused', (text) => {
    expect(() => parseStart(text)).toThrow(/"/);
  });
});

describe('refused in one line', () => {
  const COLORS = 'noise has no key colour; expected color, level, mode, seed, at, length';
  test.each<[unknown, string]>([
    [{ kind: 'noise', colour: 'pink', at: '5s', length: 100 }, COLORS],
    [{ kind: 'noise', color: 'pnk', at: '5s', length: 100 }, 'noise: color is wrong: '],
    [
      { kind: 'noise', color: 'pink', at: '5 sec', length: 100 },
      'noise: at is wrong: "5 sec" is no place or length',
    ],
    [
      { kind: 'noise', color: 'pink', at: ['5s'], length: 100 },
      'noise: at is wrong: expected a place (250, 5s)',
    ],
    [{ kind: 'noise', color: 'pink', at: '5s' }, 'noise: length is missing'],
    [
      { kind: 'noise', color: 'pink', at: '5s', length: {} },
      'noise: length is wrong: expected text or a number',
    ],
    [{ kind: 'noise', color: 'pink', at: '5s', length: 2.5 }, 'length is wrong: "2.5": tokens are whole'],
    [{ kind: 'noise', color: 'pink', at: '5s', length: -5 }, 'length is wrong: "-5" is no place'],
    [{ kind: 'noise', color: 'pink', at: '5s', length: 5, level: -20 }, 'level is wrong: "-20" is no level'],
    [
      { kind: 'noise', color: 'pink', at: '5s', length: 5, level: 'own' },
      'level is wrong: "own" is no level',
    ],
    [{ kind: 'noise', color: 'pink', at: '5s', length: 5, mode: 'mix' }, 'noise: mode is wrong'],
    [{ kind: 'noise', color: 'pink', at: { draw: { from: 1 } }, length: 5 }, 'noise: at.draw.to is missing'],
    [
      { kind: 'delete', at: { draw: { from: 1, to: 2, seed: 3 } }, length: 5 },
      'at.draw has no key seed; expected from, to, name',
    ],
    [
      { kind: 'delete', at: 5, length: 5, seed: 1.5 },
      'delete: seed is wrong: expected a whole number, 0 or more',
    ],
    [{ kind: 'shuffle', block: 5, share: 1.2 }, 'shuffle: share is wrong: expected more than 0, at most 1'],
    [
      { kind: 'click', at: 5, level: 'match' },
      'click: level is wrong: "match": a click needs its height in dBFS (-6dB)',
    ],
    [{ kind: 'jitter', by: 5 }, 'jitter: by is wrong: expected a time above 0, at most 2 s (50ms)'],
    [{ kind: 'jitter', by: '3s' }, 'jitter: by is wrong: expected a time above 0, at most 2 s (50ms)'],
    [{ kind: 'wrong', share: 0 }, 'wrong: share is wrong: expected more than 0, at most 1'],
    [{ kind: 'missing' }, 'missing: share is missing'],
    [{ kind: 'tone', hz: 'A4', at: 5, length: 5 }, 'tone: hz is wrong: "A4" is no number'],
    [{ kind: 'foreign', clip: '', at: 5, length: 5 }, 'foreign: clip is wrong: expected the name of a clip'],
    [{ kind: 'nois' }, `kind is "nois", expected one of ${PERTURBATION_KINDS.join(', ')}`],
    [{}, 'kind is missing, expected one of noise'],
    ['noise', 'kind is missing'],
    [null, 'kind is missing'],
  ])('%j', (value, message) => {
    const read = () => readPerturbation(value, { seed: 1, name: 'study.yaml, perturbations[2]' });
    expect(read).toThrow(message);
    expect(read).toThrow(/^study\.yaml, perturbations\[2\]: [^\n]+$/);
  });

  test.each<[string, string]>([
    ['', 'kind is missing'],
    ['noise at', 'disturbance "noise at": "at" is no key=value'],
    ['noise at=', '"at=" is no key=value'],
    ['noise at=5 at=6', 'at is given twice'],
    ['noise kind=tone', 'kind is given twice'],
    ['silence at=5 length=5 lenght=6', 'silence has no key lenght; expected seed, at, length'],
  ])('%j', (line, message) => {
    expect(() => parsePerturbation(line, { seed: 1 })).toThrow(message);
  });
});
