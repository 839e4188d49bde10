// What is computed once for a clip and used again for its versions: codec and language model keep each their own.

import type { Clip } from '../audio/clip.js';
import type { Codes } from '../audio/codes.js';
import type { KeptEncoding } from '../models/codec.js';
import type { KeptScoring } from '../models/language.js';
import { codecOf, languageOf, type Model } from '../models/model.js';
import { requireEncodable } from './encode.js';
import type { ScoreOptions } from './loss.js';

export type { KeptEncoding } from '../models/codec.js';
export type { KeptScoring } from '../models/language.js';

/** Encodes a clip, which must be as the codec takes it (see `conform`), for versions of it. */
export async function keepEncoding(model: Model, clip: Clip): Promise<KeptEncoding> {
  requireEncodable(model, clip);
  return codecOf(model).keep(clip.channels);
}

/** Scores codes for versions of them. */
export async function keepScoring(
  model: Model,
  codes: Codes,
  { condition, ...form }: ScoreOptions = {},
): Promise<KeptScoring> {
  return (await languageOf(model, condition)).keep(codes, form);
}
