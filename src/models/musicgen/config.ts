// MusicGen's config.json, checked: only what the graphs use, with the defaults that Hugging Face's configuration classes
// have, and within bounds that no real model comes near. The codec's part is checked by the codec's family.

import * as z from 'zod';
import { checkedConfig, count } from '../config.js';

const musicgenDecoderSchema = z.object({
  vocab_size: count(1_000_000).default(2048),
  num_codebooks: count(64).default(4),
  /** 2: stereo, the codebooks of left and right in turn. */
  audio_channels: z.union([z.literal(1), z.literal(2)]).default(1),
  hidden_size: count(65_536).default(1024),
  num_hidden_layers: count(512).default(24),
  num_attention_heads: count(1024).default(16),
  ffn_dim: count(1_000_000).default(4096),
  activation_function: z.literal('gelu').default('gelu'),
});

const textEncoderSchema = z.object({
  model_type: z.literal('t5'),
  vocab_size: count(10_000_000).default(32_128),
  d_model: count(65_536).default(512),
  d_kv: count(65_536).default(64),
  d_ff: count(1_000_000).default(2048),
  num_layers: count(512).default(6),
  num_heads: count(1024).default(8),
  relative_attention_num_buckets: z.number().int().min(4).max(65_536).default(32),
  relative_attention_max_distance: z.number().int().min(2).max(1_000_000).default(128),
  layer_norm_epsilon: z.number().positive().max(1).default(1e-6),
  feed_forward_proj: z.enum(['relu', 'gated-gelu']).default('relu'),
  pad_token_id: z.number().int().min(0).max(10_000_000).nullish(),
});

const melodySchema = z.object({
  /** Vectors that the melody takes before the first column. */
  chroma_length: count(100_000).default(235),
  num_chroma: z.literal(12).default(12),
});

/** MusicGen's decoder, from config.json (`decoder`). */
export type MusicgenConfig = z.infer<typeof musicgenDecoderSchema>;

/** T5's encoder, from config.json (`text_encoder`). */
export type TextEncoderConfig = z.infer<typeof textEncoderSchema>;

/** What a melody model has beside a MusicGen, from config.json. */
export type MelodyConfig = z.infer<typeof melodySchema>;

export interface WholeConfig {
  readonly decoder: MusicgenConfig;
  /** Absent where the configuration has none: such a model takes no prompt. */
  readonly text?: TextEncoderConfig;
  /** Only a melody model has it. */
  readonly melody?: MelodyConfig;
}

const wholeSchema = z.object({
  model_type: z.enum(['musicgen', 'musicgen_melody']),
  audio_encoder: z.unknown(),
  decoder: z.unknown(),
  text_encoder: z.unknown().optional(),
});

/** The codec's part of config.json, unchecked. */
export function audioEncoderOf(json: unknown, name: string): unknown {
  return checkedConfig(wholeSchema, json, { name }).audio_encoder;
}

/** Checks config.json but the codec's part; `name` is the folder, for errors. */
export function parseMusicgenConfig(json: unknown, name: string): WholeConfig {
  const whole = checkedConfig(wholeSchema, json, { name });
  const decoder = checkedConfig(musicgenDecoderSchema, whole.decoder, { name, path: ['decoder'] });
  if (decoder.hidden_size % decoder.num_attention_heads !== 0) {
    throw new Error(
      `${name}/config.json: hidden_size ${decoder.hidden_size} is not a multiple of num_attention_heads ${decoder.num_attention_heads}`,
    );
  }
  const text =
    whole.text_encoder === undefined
      ? undefined
      : checkedConfig(textEncoderSchema, whole.text_encoder, { name, path: ['text_encoder'] });
  const melody =
    whole.model_type === 'musicgen_melody' ? checkedConfig(melodySchema, json, { name }) : undefined;
  return { decoder, ...(text && { text }), ...(melody && { melody }) };
}
