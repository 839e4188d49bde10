// config.json, checked: only what the graphs use, with the defaults that Hugging Face's configuration classes
// have, and within bounds that no real model comes near.

import { z } from 'zod';

const count = (max: number) => z.number().int().min(1).max(max);

const codecSchema = z.object({
  model_type: z.literal('encodec'),
  /** Channels of the codec itself; a stereo MusicGen runs a mono codec twice. */
  audio_channels: z.literal(1).default(1),
  sampling_rate: z.number().int().min(1000).max(1_000_000).default(24_000),
  /** As the decoder uses them; the encoder goes the other way. */
  upsampling_ratios: z.array(z.number().int().min(1).max(64)).min(1).max(12).default([8, 5, 4, 2]),
  num_filters: count(4096).default(32),
  hidden_size: count(65_536).default(128),
  codebook_size: count(1_000_000).default(1024),
  codebook_dim: count(65_536).nullish(),
  kernel_size: count(255).default(7),
  last_kernel_size: count(255).default(7),
  residual_kernel_size: count(255).default(3),
  num_residual_layers: z.number().int().min(0).max(64).default(1),
  dilation_growth_rate: count(64).default(2),
  compress: count(4096).default(2),
  num_lstm_layers: z.number().int().min(0).max(64).default(2),
  use_causal_conv: z.boolean().default(true),
  use_conv_shortcut: z.boolean().default(true),
  pad_mode: z.enum(['reflect', 'constant']).default('reflect'),
  trim_right_ratio: z.number().min(0).max(1).default(1),
  target_bandwidths: z.array(z.number().positive().max(10_000)).min(1).max(64).default([1.5, 3, 6, 12, 24]),
  norm_type: z.literal('weight_norm').default('weight_norm'),
  normalize: z.literal(false).default(false),
  chunk_length_s: z.null().default(null),
});

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

/** EnCodec, from config.json (`audio_encoder` of a MusicGen). Names as Hugging Face has them. */
export type CodecConfig = z.infer<typeof codecSchema>;
/** MusicGen's decoder, from config.json (`decoder`). */
export type MusicgenConfig = z.infer<typeof musicgenDecoderSchema>;

/** T5's encoder, from config.json (`text_encoder`). */
export type TextEncoderConfig = z.infer<typeof textEncoderSchema>;

const melodySchema = z.object({
  /** Vectors that the melody takes before the first column. */
  chroma_length: count(100_000).default(235),
  num_chroma: z.literal(12).default(12),
});

/** What a melody model has beside a MusicGen, from config.json. */
export type MelodyConfig = z.infer<typeof melodySchema>;

export interface ModelConfig {
  readonly codec: CodecConfig;
  /** Absent for a codec alone. */
  readonly decoder?: MusicgenConfig;
  /** Absent where the configuration has none: such a model takes no prompt. */
  readonly text?: TextEncoderConfig;
  /** Only a melody model has it. */
  readonly melody?: MelodyConfig;
}

/** What `model_type` may be. */
export const MODEL_TYPES: readonly string[] = ['musicgen', 'musicgen_melody', 'encodec'];

/** Checks config.json; `name` is the folder, for errors. */
export function parseConfig(json: unknown, name: string): ModelConfig {
  const { model_type: type } = check(z.object({ model_type: z.string() }), json, name);
  if (type === 'encodec') return { codec: checkedCodec(json, name) };
  if (!MODEL_TYPES.includes(type)) {
    throw new Error(
      `${name}: model_type ${JSON.stringify(type.slice(0, 80))} is not supported; ` +
        'expected "musicgen", "musicgen_melody" or "encodec"',
    );
  }
  const whole = check(
    z.object({ audio_encoder: z.unknown(), decoder: z.unknown(), text_encoder: z.unknown().optional() }),
    json,
    name,
  );
  const codec = checkedCodec(whole.audio_encoder, name, ['audio_encoder']);
  const decoder = check(musicgenDecoderSchema, whole.decoder, name, ['decoder']);
  if (decoder.hidden_size % decoder.num_attention_heads !== 0) {
    throw new Error(
      `${name}/config.json: hidden_size ${decoder.hidden_size} is not a multiple of num_attention_heads ${decoder.num_attention_heads}`,
    );
  }
  if (decoder.vocab_size !== codec.codebook_size) {
    throw new Error(
      `${name}/config.json: the decoder's vocab_size ${decoder.vocab_size} is not the codec's codebook_size ${codec.codebook_size}`,
    );
  }
  const text =
    whole.text_encoder === undefined
      ? undefined
      : check(textEncoderSchema, whole.text_encoder, name, ['text_encoder']);
  const melody = type === 'musicgen_melody' ? check(melodySchema, json, name) : undefined;
  return { codec, decoder, ...(text && { text }), ...(melody && { melody }) };
}

function checkedCodec(json: unknown, name: string, path: readonly string[] = []): CodecConfig {
  const codec = check(codecSchema, json, name, path);
  if ((codec.codebook_dim ?? codec.hidden_size) !== codec.hidden_size) {
    throw new Error(
      `${name}/config.json: codebook_dim ${codec.codebook_dim} is not hidden_size ${codec.hidden_size}`,
    );
  }
  return codec;
}

function check<T>(schema: z.ZodType<T>, json: unknown, name: string, path: readonly string[] = []): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues
    .slice(0, 5)
    .map((issue) => `${[...path, ...issue.path].map(String).join('.') || 'the whole'}: ${issue.message}`);
  throw new Error(`${name}/config.json: ${problems.join('; ')}`);
}
