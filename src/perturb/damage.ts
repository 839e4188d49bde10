// Damages with a severity, and edits that should do no harm. Each has one physical parameter that says how strong it is
// (severity.ts); the value at which it does nothing leaves every sample as it is. Without a window it is the whole clip.

import type { LossyCodec } from '../audio/lossy.js';
import type { Anywhere, Level, NoiseColor, Span } from './terms.js';

/** The loudest samples are cut off at one level; what lies below it keeps its bits. The level is not made up for. */
export interface ClippingDamage extends Anywhere {
  readonly kind: 'clipping';
  /** Share of the window's samples that are cut off, in [0, 1). */
  readonly share: number;
}

/** Zero phase, amplitude of a Butterworth filter of order 8: -3.01 dB at the cut-off, then 48 dB per octave. */
export interface FilterDamage extends Anywhere {
  readonly kind: 'lowpass' | 'highpass';
  /** Hz. A low-pass from half the sample rate up and a high-pass at 0 do nothing. */
  readonly cutoff: number;
}

/** White or coloured noise added. */
export interface HissDamage extends Anywhere {
  readonly kind: 'hiss';
  /** RMS of the clip in the window over RMS of the noise, dB. */
  readonly snr: number;
  /** Default white. */
  readonly color?: NoiseColor;
}

/** The window is divided into spots of one length, a share of which is drawn; a larger share holds a smaller one. */
interface Scattered extends Anywhere {
  /** Share of the spots that take part, in [0, 1]; above 0 at least one does. */
  readonly share: number;
}

/** Zeros in scattered gaps. */
export interface DropoutsDamage extends Scattered {
  readonly kind: 'dropouts';
  readonly gap: Span;
}

/** Noise in place of the music in scattered bursts; its level is the RMS over the bursts (`match`: of the window). */
export interface BurstsDamage extends Scattered {
  readonly kind: 'bursts';
  readonly burst: Span;
  readonly color?: NoiseColor;
  readonly level: Level;
}

/** Music of another clip, of the same time, in scattered blocks; level as of a foreign splice, over the window. */
export interface CollageDamage extends Scattered {
  readonly kind: 'collage';
  readonly block: Span;
  /** The other clip, as the study names it. */
  readonly clip: string;
  readonly level: Level | 'own';
}

/**
 * Wow (below about 4 Hz) and flutter (above): the speed swings as a sine between 1 + a and 1 - a with 2^(depth/1200) =
 * 1 + a. Begins and ends in time, over a whole number of swings: their rate is rounded so that they fit the window.
 */
export interface WowDamage extends Anywhere {
  readonly kind: 'wow';
  /** Largest rise of the pitch, cents. */
  readonly depth: number;
  /** Swings a second, Hz. */
  readonly rate: number;
}

/** The window as a lossy codec gives it back when the whole clip goes through it, in its own time. */
export interface LossyDamage extends Anywhere {
  readonly kind: 'lossy';
  readonly codec: LossyCodec;
  /** kbit/s of all channels together, constant. */
  readonly bitrate: number;
}

/** Music that the model itself draws, from nothing, as long as the clip: the window of it. */
export interface GeneratedDamage extends Anywhere {
  readonly kind: 'generated';
  /** Logits are divided by it; above 0. Default 1. */
  readonly temperature?: number;
  /** How many of the likeliest codes may be drawn. Default 250. */
  readonly topk?: number;
}

/** A copy of the music in another key, added to it. */
export interface ClashDamage extends Anywhere {
  readonly kind: 'clash';
  /** Of the copy, up or down; whole or not. */
  readonly semitones: number;
  /** RMS of the copy over RMS of the music in the window, dB. */
  readonly mix: number;
}

/** Another pitch at the same tempo. */
export interface TransposeDamage extends Anywhere {
  readonly kind: 'transpose';
  readonly semitones: number;
}

/** Another tempo at the same pitch: the window becomes so many times as long, and what follows moves. */
export interface StretchDamage extends Anywhere {
  readonly kind: 'stretch';
  readonly factor: number;
}

/** Every sample multiplied. */
export interface GainEdit extends Anywhere {
  readonly kind: 'gain';
  /** dB. */
  readonly by: number;
}

/** Every sample times -1. */
export interface PolarityEdit extends Anywhere {
  readonly kind: 'polarity';
}

/** The window's music comes later by less than a frame; before it stands what stood before the window (or zeros). */
export interface DelayEdit extends Anywhere {
  readonly kind: 'delay';
  /** Default: half a frame of the codec. */
  readonly by?: Span;
}

/** Rounded to whole numbers of so many bits, with triangular dither of two steps (TPDF), limited to full scale. */
export interface DitherEdit extends Anywhere {
  readonly kind: 'dither';
  readonly bits: number;
}

/** Resampled to another rate and back. */
export interface ResampleEdit extends Anywhere {
  readonly kind: 'resample';
  /** Hz. */
  readonly rate: number;
}

export type Damage =
  | ClippingDamage
  | FilterDamage
  | HissDamage
  | DropoutsDamage
  | BurstsDamage
  | CollageDamage
  | WowDamage
  | LossyDamage
  | GeneratedDamage
  | ClashDamage
  | TransposeDamage
  | StretchDamage
  | GainEdit
  | PolarityEdit
  | DelayEdit
  | DitherEdit
  | ResampleEdit;
