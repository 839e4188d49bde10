// How strong a disturbance is: its own physical parameter as a number with a unit, the direction in which it gets worse,
// and the scale on which steps are alike. This is the axis of a grid of severities in figures and psychometric curves.

import type { FrameClock } from '../audio/codes.js';
import type { Perturbation } from './perturbation.js';
import { samplesOf } from './place.js';
import type { Span } from './terms.js';

/** What a parameter means as an axis. */
export interface SeverityAxis {
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
    | 'times';
  /** Whether the damage grows with the number or as it falls. */
  readonly worse: 'higher' | 'lower';
  readonly scale: 'log' | 'linear';
}

/** Axes by the name of the field that is asked for. */
export const SEVERITY_AXES = {
  length: { unit: 's', worse: 'higher', scale: 'log' },
  level: { unit: 'dBFS', worse: 'higher', scale: 'linear' },
  block: { unit: 's', worse: 'lower', scale: 'log' },
  grain: { unit: 's', worse: 'higher', scale: 'log' },
  share: { unit: '%', worse: 'higher', scale: 'log' },
  cutoff: { unit: 'Hz', worse: 'lower', scale: 'log' },
  floor: { unit: 'Hz', worse: 'higher', scale: 'log' },
  snr: { unit: 'dB', worse: 'lower', scale: 'linear' },
  depth: { unit: 'cents', worse: 'higher', scale: 'log' },
  bitrate: { unit: 'kbit/s', worse: 'lower', scale: 'log' },
  mix: { unit: 'dB', worse: 'higher', scale: 'linear' },
  semitones: { unit: 'semitones', worse: 'higher', scale: 'linear' },
  stretch: { unit: '%', worse: 'higher', scale: 'linear' },
  times: { unit: 'times', worse: 'higher', scale: 'log' },
  gain: { unit: 'dB', worse: 'higher', scale: 'linear' },
  by: { unit: 'ms', worse: 'higher', scale: 'linear' },
  bits: { unit: 'bits', worse: 'lower', scale: 'linear' },
  rate: { unit: 'Hz', worse: 'lower', scale: 'log' },
} as const satisfies Readonly<Record<string, SeverityAxis>>;
export type SeverityName = keyof typeof SEVERITY_AXES;

/** How strong one disturbance is, on its axis. */
export interface Severity {
  readonly name: SeverityName;
  readonly value: number;
}

/**
 * The severity of a disturbance; absent where nothing is done, where it has one strength only, and where its length is
 * its strength but not fixed by the spec (to the end of the clip). Lengths are in seconds, shares in percent.
 */
export function severityOf(perturbation: Perturbation, clock: FrameClock): Severity | undefined {
  const seconds = (span: Span): number => samplesOf(span, clock, 'length') / clock.sampleRate;
  const { kind, length } = perturbation;
  switch (kind) {
    case 'click':
      return { name: 'level', value: perturbation.level.dbfs };
    case 'shuffle':
      return { name: 'block', value: seconds(perturbation.block) };
    case 'reverse':
      if (perturbation.grain) return { name: 'grain', value: seconds(perturbation.grain) };
      break;
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
    case 'clash':
      return { name: 'mix', value: perturbation.mix };
    case 'transpose':
      return { name: 'semitones', value: Math.abs(perturbation.semitones) };
    case 'stretch': {
      const { factor } = perturbation;
      return { name: 'stretch', value: 100 * (Math.max(factor, 1 / factor) - 1) };
    }
    case 'reencode':
      return { name: 'times', value: perturbation.times ?? 1 };
    case 'gain':
      return { name: 'gain', value: Math.abs(perturbation.by) };
    case 'delay':
      return {
        name: 'by',
        value: 1000 * (perturbation.by ? seconds(perturbation.by) : clock.hop / 2 / clock.sampleRate),
      };
    case 'dither':
      return { name: 'bits', value: perturbation.bits };
    case 'resample':
      return { name: 'rate', value: perturbation.rate };
    case 'polarity':
    case 'identity':
      return undefined;
  }
  return length && { name: 'length', value: seconds(length) };
}

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
    case 'resample':
      return perturbation.rate >= clock.sampleRate;
    default:
      return false;
  }
}
