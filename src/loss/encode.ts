// Clip -> codes and back. A model takes sound only in its own form; `conform` in audio/ brings a clip to it.

import { type Clip, sampleCount } from '../audio/clip.js';
import type { Codes } from '../audio/codes.js';
import type { Model } from '../models/model.js';

/** Codes [K, ceil(samples / hop)] of a clip that has the model's sample rate and channels, or is mono. */
export async function encode(model: Model, clip: Clip): Promise<Codes> {
  requireEncodable(model, clip);
  return model.encode(clip.channels);
}

/** Throws one line unless a clip has the model's sample rate and channels, or is mono, and is not empty. */
export function requireEncodable(model: Model, clip: Clip): void {
  if (clip.sampleRate !== model.clock.sampleRate) {
    throw new Error(
      `${clip.name}: ${clip.sampleRate} Hz, ${model.name} takes ${model.clock.sampleRate} Hz; resample first`,
    );
  }
  if (clip.channels.length !== model.channels && clip.channels.length !== 1) {
    throw new Error(
      `${clip.name}: ${clip.channels.length} channels, ${model.name} takes ${model.channels}; down-mix first`,
    );
  }
  if (sampleCount(clip) === 0) throw new Error(`${clip.name}: no samples to encode`);
}

/** The sound of codes [K, T]: T * hop samples at the model's rate, called `name`. */
export async function decode(model: Model, codes: Codes, name: string): Promise<Clip> {
  return { name, sampleRate: model.clock.sampleRate, channels: await model.decode(codes) };
}
