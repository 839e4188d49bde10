// Clip -> codes and back. A codec takes sound only in its own form; `conform` in audio/ brings a clip to it.

import { type Clip, sampleCount } from '../audio/clip.js';
import type { Codes } from '../audio/codes.js';
import type { ClipFormat } from '../audio/resample.js';
import { counted } from '../counted.js';
import { codecOf, type Model } from '../models/model.js';

/** The form in which a model's codec takes sound. */
export function formatOf(model: Model): ClipFormat & { readonly channels: 1 | 2 } {
  const { clock, channels } = codecOf(model);
  return { sampleRate: clock.sampleRate, channels };
}

/** Codes [K, ceil(samples / hop)] of a clip that has the codec's sample rate and channels, or is mono. */
export async function encode(model: Model, clip: Clip): Promise<Codes> {
  requireEncodable(model, clip);
  return codecOf(model).encode(clip.channels);
}

/** Throws one line unless a clip has the codec's sample rate and channels, or is mono, and is not empty. */
export function requireEncodable(model: Model, clip: Clip): void {
  const { sampleRate, channels } = formatOf(model);
  if (clip.sampleRate !== sampleRate) {
    throw new Error(
      `${clip.name}: ${clip.sampleRate} Hz, ${model.name} takes ${sampleRate} Hz; resample first`,
    );
  }
  if (clip.channels.length !== channels && clip.channels.length !== 1) {
    throw new Error(
      `${clip.name}: ${counted(clip.channels.length, 'channel')}, ${model.name} takes ${channels}; down-mix first`,
    );
  }
  if (sampleCount(clip) === 0) throw new Error(`${clip.name}: no samples to encode`);
}

/** The sound of codes [K, T]: T * hop samples at the codec's rate, called `name`. */
export async function decode(model: Model, codes: Codes, name: string): Promise<Clip> {
  const codec = codecOf(model);
  return { name, sampleRate: codec.clock.sampleRate, channels: await codec.decode(codes) };
}
