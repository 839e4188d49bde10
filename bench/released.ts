// How the published MusicGens look on disk: configurations, number types, and how their weights are divided among
// files. Facts from the repositories facebook/musicgen-* on the Hugging Face Hub. Medium and Large have safetensors
// files only in pull requests (refs/pr/10 and refs/pr/18); the main branch holds pickles of the same sizes.

/** A repository's name without `musicgen-`. */
export const SIZES = [
  'small',
  'medium',
  'large',
  'melody',
  'melody-large',
  'stereo-small',
  'stereo-medium',
  'stereo-large',
  'stereo-melody',
  'stereo-melody-large',
] as const;
export type Size = (typeof SIZES)[number];

export interface Released {
  /** config.json. */
  readonly config: unknown;
  readonly dtype: 'F32' | 'F16';
  /** Most bytes of tensors in one file. */
  readonly shardBytes: number;
  /** Whether there is also what no graph reads: the table of positions, and what training kept of the codebooks. */
  readonly unread: boolean;
}

const CODEC = {
  model_type: 'encodec',
  audio_channels: 1,
  sampling_rate: 32_000,
  upsampling_ratios: [8, 5, 4, 4],
  num_filters: 64,
  hidden_size: 128,
  codebook_size: 2048,
  codebook_dim: 128,
  num_lstm_layers: 2,
  use_causal_conv: false,
  use_conv_shortcut: false,
  target_bandwidths: [2.2],
};

/** t5-base. */
const TEXT = {
  model_type: 't5',
  vocab_size: 32_128,
  d_model: 768,
  d_kv: 64,
  d_ff: 3072,
  num_layers: 12,
  num_heads: 12,
  relative_attention_num_buckets: 32,
  relative_attention_max_distance: 128,
  layer_norm_epsilon: 1e-6,
  feed_forward_proj: 'relu',
  pad_token_id: 0,
};

const DECODERS = {
  small: { hidden_size: 1024, num_hidden_layers: 24, num_attention_heads: 16, ffn_dim: 4096 },
  medium: { hidden_size: 1536, num_hidden_layers: 48, num_attention_heads: 24, ffn_dim: 6144 },
  large: { hidden_size: 2048, num_hidden_layers: 48, num_attention_heads: 32, ffn_dim: 8192 },
};

/** MusicGen Small without what only a prompt needs. */
export const BARE_SMALL = {
  model_type: 'musicgen',
  audio_encoder: CODEC,
  decoder: { num_codebooks: 4, vocab_size: 2048, ...DECODERS.small },
};

/** What the repository of a size holds. */
export function released(size: Size): Released {
  const stereo = size.startsWith('stereo-');
  const melody = size.includes('melody');
  const decoder = size.endsWith('large') ? 'large' : size.endsWith('small') ? 'small' : 'medium';
  return {
    config: {
      model_type: melody ? 'musicgen_melody' : 'musicgen',
      audio_encoder: CODEC,
      text_encoder: TEXT,
      decoder: {
        num_codebooks: stereo ? 8 : 4,
        audio_channels: stereo ? 2 : 1,
        vocab_size: 2048,
        ...DECODERS[decoder],
        activation_function: 'gelu',
      },
      ...(melody ? { chroma_length: 235, num_chroma: 12 } : {}),
    },
    dtype: stereo && !melody ? 'F16' : 'F32',
    // The defaults of the versions of transformers that saved them.
    shardBytes: stereo || melody ? 5e9 : 10e9,
    unread: true,
  };
}
