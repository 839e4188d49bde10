// EnCodec's part of config.json, checked: only what the graphs use, with the defaults that Hugging Face's configuration
// class has, and within bounds that no real model comes near.

import * as z from 'zod';
import { checkedConfig, count } from '../config.js';

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

/** EnCodec, from config.json (`audio_encoder` of a MusicGen). Names as Hugging Face has them. */
export type CodecConfig = z.infer<typeof codecSchema>;

/** Checks an EnCodec's configuration; `name` is the folder and `path` where it stands in config.json, for errors. */
export function parseCodecConfig(json: unknown, name: string, path: readonly string[] = []): CodecConfig {
  const codec = checkedConfig(codecSchema, json, { name, path });
  if ((codec.codebook_dim ?? codec.hidden_size) !== codec.hidden_size) {
    throw new Error(
      `${name}/config.json: codebook_dim ${codec.codebook_dim} is not hidden_size ${codec.hidden_size}`,
    );
  }
  return codec;
}
