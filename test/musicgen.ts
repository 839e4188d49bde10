// What tests of the MusicGen family look at beside the interfaces: its protocols, its decoder, its whole configuration.

import { type CodecConfig, parseCodecConfig } from '../src/models/encodec/config.js';
import type { LanguageModel } from '../src/models/language.js';
import { audioEncoderOf, parseMusicgenConfig, type WholeConfig } from '../src/models/musicgen/config.js';
import type { Decoder } from '../src/models/musicgen/decoder.js';
import type { MusicgenLanguage } from '../src/models/musicgen/language.js';

export const PROTOCOLS = ['delayed', 'undelayed', 'unshifted'] as const;

/** The decoder under a MusicGen's language model, which reads columns. */
export function decoderOf(language: LanguageModel | undefined): Decoder {
  if (!language || !('decoder' in language)) throw new Error('not the language model of a MusicGen');
  return (language as MusicgenLanguage).decoder;
}

/** Codec and decoder of a config.json, of a MusicGen or of a codec alone. */
export function parseConfig(
  json: unknown,
  name: string,
): { readonly codec: CodecConfig } & Partial<WholeConfig> {
  const isCodec =
    typeof json === 'object' && json !== null && 'model_type' in json && json.model_type === 'encodec';
  if (isCodec) return { codec: parseCodecConfig(json, name) };
  return {
    codec: parseCodecConfig(audioEncoderOf(json, name), name, ['audio_encoder']),
    ...parseMusicgenConfig(json, name),
  };
}
