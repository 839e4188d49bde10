// Damages as people write them; see schema.ts. Limits are what the methods can do and what still is a damage of its kind.

import * as z from 'zod';
import { LOSSY_CODECS, MP3_BITRATES, OPUS_BITRATES } from '../audio/lossy.js';
import { anywhere, kind, level, quantity, share, span, wholeFrom, written } from './fields.js';
import { parseLevel } from './parse.js';
import { NOISE_COLORS } from './terms.js';
import { parseBitrate, parseCents, parseDecibels, parseFactor, parseHertz, parseSemitones } from './units.js';

const part = share((value) => value >= 0 && value <= 1, 'expected from 0 to 1');
const color = z.enum(NOISE_COLORS).optional();
const cutoff = quantity(parseHertz, [0, 96_000], 'Hz');
const semitones = quantity(parseSemitones, [-24, 24], 'semitones');
const own = written((text) => (text === 'own' ? text : parseLevel(text))).default('match');
const otherClip = z.string().min(1, 'expected the name of a clip');

export const DAMAGE_KINDS = {
  clipping: z.strictObject({
    kind: kind('clipping'),
    share: share((value) => value >= 0 && value < 1, 'expected from 0 to less than 1'),
    ...anywhere,
  }),
  lowpass: z.strictObject({
    kind: kind('lowpass'),
    cutoff: cutoff.refine((value) => value >= 20, 'expected from 20 Hz on'),
    ...anywhere,
  }),
  highpass: z.strictObject({
    kind: kind('highpass'),
    cutoff: cutoff.refine((value) => value === 0 || value >= 20, 'expected 0 Hz, or from 20 Hz on'),
    ...anywhere,
  }),
  hiss: z.strictObject({
    kind: kind('hiss'),
    snr: quantity(parseDecibels, [-60, 120], 'dB'),
    color,
    ...anywhere,
  }),
  dropouts: z.strictObject({
    kind: kind('dropouts'),
    share: part,
    gap: span.default({ seconds: 0.02 }),
    ...anywhere,
  }),
  bursts: z.strictObject({
    kind: kind('bursts'),
    share: part,
    burst: span.default({ seconds: 0.1 }),
    color,
    level,
    ...anywhere,
  }),
  collage: z.strictObject({
    kind: kind('collage'),
    clip: otherClip,
    share: part.default(0.5),
    block: span.default({ seconds: 1 }),
    level: own,
    ...anywhere,
  }),
  wow: z.strictObject({
    kind: kind('wow'),
    depth: quantity(parseCents, [0, 1200], 'cents').refine(
      (value) => value < 1200,
      'expected below 1200 cents',
    ),
    rate: quantity(parseHertz, [0.05, 100], 'Hz').default(1),
    ...anywhere,
  }),
  lossy: z
    .strictObject({
      kind: kind('lossy'),
      codec: z.enum(LOSSY_CODECS),
      bitrate: quantity(parseBitrate, [OPUS_BITRATES.lowest, OPUS_BITRATES.highest], 'kbit/s'),
      ...anywhere,
    })
    .refine(({ codec, bitrate }) => codec !== 'mp3' || MP3_BITRATES.some((each) => each === bitrate), {
      path: ['bitrate'],
      error: `expected one of ${MP3_BITRATES.join(', ')} kbit/s for MP3`,
    }),
  generated: z.strictObject({
    kind: kind('generated'),
    temperature: quantity(parseFactor, [0.05, 20], 'times').optional(),
    topk: wholeFrom(1, 65_536).optional(),
    ...anywhere,
  }),
  clash: z.strictObject({
    kind: kind('clash'),
    semitones: semitones.default(1),
    mix: quantity(parseDecibels, [-120, 40], 'dB'),
    ...anywhere,
  }),
  transpose: z.strictObject({ kind: kind('transpose'), semitones, ...anywhere }),
  stretch: z.strictObject({
    kind: kind('stretch'),
    factor: quantity(parseFactor, [0.25, 4], 'times as long'),
    ...anywhere,
  }),
  gain: z.strictObject({ kind: kind('gain'), by: quantity(parseDecibels, [-60, 60], 'dB'), ...anywhere }),
  polarity: z.strictObject({ kind: kind('polarity'), ...anywhere }),
  delay: z.strictObject({ kind: kind('delay'), by: span.optional(), ...anywhere }),
  dither: z.strictObject({ kind: kind('dither'), bits: wholeFrom(2, 24).default(16), ...anywhere }),
  resample: z.strictObject({
    kind: kind('resample'),
    rate: quantity(parseHertz, [2000, 192_000], 'Hz').refine(Number.isInteger, 'expected whole Hz'),
    ...anywhere,
  }),
} as const;
