// Damages in words, as reports name them.

import { counted } from '../counted.js';
import type { Damage } from './damage.js';
import type { Span } from './terms.js';
import { shown } from './units.js';

/** "low-pass at 1200 Hz"; `lengthOf` says how a length reads. */
export function damageInWords(damage: Damage, lengthOf: (span: Span) => string): string {
  switch (damage.kind) {
    case 'clipping':
      return `loudest ${percent(damage.share)} of the samples clipped`;
    case 'lowpass':
      return `low-pass at ${shown(damage.cutoff)} Hz`;
    case 'highpass':
      return `high-pass at ${shown(damage.cutoff)} Hz`;
    case 'hiss':
      return `${damage.color ?? 'white'} hiss at ${shown(damage.snr)} dB SNR`;
    case 'dropouts':
      return `drop-outs of ${lengthOf(damage.gap)} in ${percent(damage.share)}`;
    case 'bursts':
      return `${damage.color ?? 'white'} noise bursts of ${lengthOf(damage.burst)} in ${percent(damage.share)}`;
    case 'collage':
      return `blocks of ${lengthOf(damage.block)} of ${damage.clip} in ${percent(damage.share)}`;
    case 'wow':
      return `wow of ${shown(damage.depth)} cents at ${shown(damage.rate)} Hz`;
    case 'lossy':
      return `${damage.codec === 'mp3' ? 'MP3' : 'Opus'} at ${shown(damage.bitrate)} kbit/s`;
    case 'generated':
      return `drawn by the model at temperature ${shown(damage.temperature ?? 1)}${damage.topk === undefined ? '' : `, of the top ${damage.topk}`}`;
    case 'clash':
      return `copy ${signed(damage.semitones)} semitones mixed in at ${signed(damage.mix)} dB`;
    case 'transpose':
      return `pitch moved by ${signed(damage.semitones)} semitones`;
    case 'stretch':
      return `stretched to ${shown(100 * damage.factor)}%`;
    case 'gain':
      return `gain of ${signed(damage.by)} dB`;
    case 'polarity':
      return 'polarity inverted';
    case 'delay':
      return `delayed by ${damage.by ? lengthOf(damage.by) : 'half a frame'}`;
    case 'dither':
      return `rounded to ${counted(damage.bits, 'bit')} with dither`;
    case 'resample':
      return `resampled to ${damage.rate} Hz and back`;
  }
}

/** Kinds of damage that draw something. */
export const DRAWING: readonly Damage['kind'][] = [
  'hiss',
  'dropouts',
  'bursts',
  'collage',
  'generated',
  'dither',
];

function percent(share: number): string {
  return `${shown(100 * share)}%`;
}

function signed(value: number): string {
  return `${value > 0 ? '+' : ''}${shown(value)}`;
}
