// How strong a disturbance is: its own physical parameter as a number with a unit, the direction in which it gets worse,
// and the scale on which steps are alike. This is the axis of a grid of severities in figures and psychometric curves.

import type { FrameClock } from '../audio/codes.js';
import type { StretchDamage } from './damage.js';
import type { Perturbation } from './perturbation.js';
import { samplesOf } from './place.js';
import type { Span } from './terms.js';

/** What a parameter means as an axis. */
export interface SeverityAxis {
  /** The field of the disturbance that it is read from, as a grid lists it. */
  readonly field: string;
  /** What figures write along it. */
  readonly words: string;
  readonly unit:
    | 's'
    | 'ms'
    | 'Hz'
    | 'dB'
    | 'dBFS'
    | '%'
    | 'cents'
    | 'semitones'
    | 'kbit/s'
    | 'bits'
    | 'codes'
    | 'times';
  /** Whether the damage grows with the number or as it falls. */
  readonly worse: 'higher' | 'lower';
  readonly scale: 'log' | 'linear';
}

/** Axes by name; most are called by their field. `jitter` and `tempo` are those of an edited score. */
export const SEVERITY_AXES = {
  length: { field: 'length', words: 'length of the disturbance', unit: 's', worse: 'higher', scale: 'log' },
  level: { field: 'level', words: 'level', unit: 'dBFS', worse: 'higher', scale: 'linear' },
  block: { field: 'block', words: 'length of a block', unit: 's', worse: 'lower', scale: 'log' },
  grain: { field: 'grain', words: 'length of a grain', unit: 's', worse: 'higher', scale: 'log' },
  share: { field: 'share', words: 'share', unit: '%', worse: 'higher', scale: 'log' },
  cutoff: { field: 'cutoff', words: 'cut-off of the low-pass', unit: 'Hz', worse: 'lower', scale: 'log' },
  floor: { field: 'cutoff', words: 'cut-off of the high-pass', unit: 'Hz', worse: 'higher', scale: 'log' },
  snr: { field: 'snr', words: 'signal to noise', unit: 'dB', worse: 'lower', scale: 'linear' },
  depth: { field: 'depth', words: 'depth of the swing', unit: 'cents', worse: 'higher', scale: 'log' },
  bitrate: { field: 'bitrate', words: 'bit rate', unit: 'kbit/s', worse: 'lower', scale: 'log' },
  temperature: {
    field: 'temperature',
    words: 'temperature',
    unit: 'times',
    worse: 'higher',
    scale: 'linear',
  },
  topk: { field: 'topk', words: 'codes that may be drawn', unit: 'codes', worse: 'lower', scale: 'log' },
  mix: { field: 'mix', words: 'level of the copy', unit: 'dB', worse: 'higher', scale: 'linear' },
  semitones: {
    field: 'semitones',
    words: 'change of pitch',
    unit: 'semitones',
    worse: 'higher',
    scale: 'linear',
  },
  stretch: { field: 'factor', words: 'change of length', unit: '%', worse: 'higher', scale: 'linear' },
  times: { field: 'times', words: 'round trips', unit: 'times', worse: 'higher', scale: 'log' },
  gain: { field: 'by', words: 'gain', unit: 'dB', worse: 'higher', scale: 'linear' },
  by: { field: 'by', words: 'delay', unit: 'ms', worse: 'higher', scale: 'linear' },
  bits: { field: 'bits', words: 'bits', unit: 'bits', worse: 'lower', scale: 'linear' },
  shift: { field: 'by', words: 'largest shift of a note', unit: 'ms', worse: 'higher', scale: 'log' },
  jitter: { field: 'amount', words: 'largest shift of a note', unit: 'ms', worse: 'higher', scale: 'log' },
  tempo: { field: 'amount', words: 'change of tempo', unit: '%', worse: 'higher', scale: 'linear' },
  rate: { field: 'rate', words: 'sample rate', unit: 'Hz', worse: 'lower', scale: 'log' },
} as const satisfies Readonly<Record<string, SeverityAxis>>;
export type SeverityName = keyof typeof SEVERITY_AXES;

/** How strong one disturbance is, on its axis. */
export interface Severity {
  readonly name: SeverityName;
  readonly value: number;
}

/**
 * The severity of a disturbance; absent where nothing is done, where it has one strength only, and where its length is
 * its strength but not fixed by the spec (to the end of the clip). Lengths are in seconds, shares in percent. Without a
 * clock, of notes, a number of tokens has no length in seconds.
 */
export function severityOf(perturbation: Perturbation, clock: FrameClock | undefined): Severity | undefined {
  const seconds = (span: Span): number => {
    if (clock) return samplesOf(span, clock, 'length') / clock.sampleRate;
    return 'seconds' in span ? span.seconds : Number.NaN;
  };
  const long = (span?: Span): Severity | undefined => {
    const value = span ? seconds(span) : Number.NaN;
    return Number.isNaN(value) ? undefined : { name: 'length', value };
  };
  const { kind, length } = perturbation;
  switch (kind) {
    case 'click':
      return { name: 'level', value: perturbation.level.dbfs };
    case 'shuffle':
      return { name: 'block', value: seconds(perturbation.block) };
    case 'reverse':
      if (perturbation.grain) return { name: 'grain', value: seconds(perturbation.grain) };
      return long(length);
    case 'clipping':
    case 'dropouts':
    case 'bursts':
    case 'collage':
      return { name: 'share', value: 100 * perturbation.share };
    case 'lowpass':
      return { name: 'cutoff', value: perturbation.cutoff };
    case 'highpass':
      return { name: 'floor', value: perturbation.cutoff };
    case 'hiss':
      return { name: 'snr', value: perturbation.snr };
    case 'wow':
      return { name: 'depth', value: perturbation.depth };
    case 'lossy':
      return { name: 'bitrate', value: perturbation.bitrate };
    case 'generated': {
      const { temperature, topk } = perturbation;
      if (temperature === undefined && topk !== undefined) return { name: 'topk', value: topk };
      return { name: 'temperature', value: temperature ?? 1 };
    }
    case 'clash':
      return { name: 'mix', value: perturbation.mix };
    case 'transpose':
      return { name: 'semitones', value: Math.abs(perturbation.semitones) };
    case 'stretch':
      return { name: 'stretch', value: 100 * (ratioOf(perturbation) - 1) };
    case 'reencode':
      return { name: 'times', value: perturbation.times ?? 1 };
    case 'gain':
      return { name: 'gain', value: Math.abs(perturbation.by) };
    case 'delay':
      return {
        name: 'by',
        value: 1000 * (perturbation.by ? seconds(perturbation.by) : halfFrame(clock)),
      };
    case 'dither':
      return { name: 'bits', value: perturbation.bits };
    case 'resample':
      return { name: 'rate', value: perturbation.rate };
    case 'noise':
    case 'tone':
    case 'silence':
    case 'foreign':
    case 'delete':
    case 'repeat':
      return long(length);
    case 'jitter':
      return { name: 'shift', value: 1000 * seconds(perturbation.by) };
    case 'wrong':
    case 'missing':
      return { name: 'share', value: 100 * perturbation.share };
    case 'nonsense':
    case 'bars':
    case 'dynamics':
      return { name: 'share', value: 100 * (perturbation.share ?? 1) };
    case 'polarity':
    case 'identity':
      return undefined;
  }
}

/** From 1 on, whether longer or shorter. */
function ratioOf({ factor }: Pick<StretchDamage, 'factor'>): number {
  return Math.max(factor, 1 / factor);
}

/** Seconds. */
function halfFrame(clock: FrameClock | undefined): number {
  return clock ? clock.hop / 2 / clock.sampleRate : Number.NaN;
}

/** kbit/s from which a lossy codec should not be heard. */
const HARMLESS_BITRATE = 320;
/** Up to which nobody hears another tempo (2% is heard at best; Drake and Botte 1993), and a little for 1 / factor. */
const HARMLESS_TEMPO = 1.0102;

/** Whether an edit should do no harm: a score that moves under it listens to something else than quality. */
export function isHarmless(perturbation: Perturbation, clock: FrameClock): boolean {
  switch (perturbation.kind) {
    case 'identity':
    case 'gain':
    case 'polarity':
    case 'delay':
      return true;
    case 'dither':
      return perturbation.bits >= 16;
    case 'lossy':
      return perturbation.bitrate >= HARMLESS_BITRATE;
    case 'resample':
      return perturbation.rate >= clock.sampleRate;
    case 'stretch':
      // Of sound it passes through a vocoder, which can be heard.
      return clock.times !== undefined && ratioOf(perturbation) <= HARMLESS_TEMPO;
    default:
      return false;
  }
}
