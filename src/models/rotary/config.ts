// Configurations of rotary decoders, checked: LLaMA (Touvron et al. 2023, arXiv 2302.13971) as Hugging Face writes it, and
// Aria (EleutherAI), a model of notes in another layout of the same parts. Both become one form, which the graph is built from.

import { z } from 'zod';
import { counted } from '../../counted.js';
import { checkedConfig, count } from '../config.js';

/** What a rotary decoder is made of. */
export interface RotaryForm {
  readonly vocabulary: number;
  readonly hidden: number;
  readonly inner: number;
  readonly layers: number;
  readonly heads: number;
  /** Heads of keys and values; each serves heads / keyHeads queries. */
  readonly keyHeads: number;
  /** Of one head. */
  readonly size: number;
  /** Base of the rotary frequencies. */
  readonly theta: number;
  /** `rms`: x / sqrt(mean x^2 + eps), scaled. `layer`: with mean and bias. */
  readonly norm: { readonly kind: 'rms' | 'layer'; readonly epsilon: number };
  /** Tokens that training reads at once, at most. */
  readonly context: number;
  /** Whether the heads are the embeddings. */
  readonly tied: boolean;
  readonly names: WeightNames;
}

/** Names of tensors, without `.weight` and `.bias`. */
export interface WeightNames {
  readonly embedding: string;
  readonly head: string;
  readonly norm: string;
  readonly layer: (index: number) => string;
  readonly attentionNorm: string;
  readonly feedForwardNorm: string;
  /** Queries, keys and values; one name: all in one tensor, in that order. */
  readonly projections: readonly [string] | readonly [string, string, string];
  readonly output: string;
  readonly gate: string;
  readonly up: string;
  readonly down: string;
}

const LLAMA: WeightNames = {
  embedding: 'model.embed_tokens',
  head: 'lm_head',
  norm: 'model.norm',
  layer: (index) => `model.layers.${index}.`,
  attentionNorm: 'input_layernorm',
  feedForwardNorm: 'post_attention_layernorm',
  projections: ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj'],
  output: 'self_attn.o_proj',
  gate: 'mlp.gate_proj',
  up: 'mlp.up_proj',
  down: 'mlp.down_proj',
};

const ARIA: WeightNames = {
  embedding: 'model.tok_embeddings',
  head: 'lm_head',
  norm: 'model.out_layer_norm',
  layer: (index) => `model.encode_layers.${index}.`,
  attentionNorm: 'norm1',
  feedForwardNorm: 'norm2',
  projections: ['mixed_qkv'],
  output: 'att_proj_linear',
  gate: 'ff_gate_proj',
  up: 'ff_up_proj',
  down: 'ff_down_proj',
};

const rope = z.object({
  rope_type: z.literal('default').default('default'),
  rope_theta: z.number().positive(),
});
const llamaSchema = z.object({
  vocab_size: count(1_000_000),
  hidden_size: count(65_536),
  intermediate_size: count(1_000_000),
  num_hidden_layers: count(512),
  num_attention_heads: count(1024),
  num_key_value_heads: count(1024).nullish(),
  head_dim: count(65_536).nullish(),
  max_position_embeddings: count(10_000_000).default(2048),
  rms_norm_eps: z.number().positive().max(1).default(1e-6),
  /** Since transformers 5; before, `rope_theta` and `rope_scaling`. */
  rope_parameters: rope.nullish(),
  rope_theta: z.number().positive().default(10_000),
  rope_scaling: z.null().default(null),
  hidden_act: z.literal('silu').default('silu'),
  attention_bias: z.literal(false).default(false),
  mlp_bias: z.literal(false).default(false),
  tie_word_embeddings: z.boolean().default(false),
});

const ariaSchema = z.object({
  vocab_size: z.literal(17_727),
  hidden_size: count(65_536),
  intermediate_size: count(1_000_000),
  num_hidden_layers: count(512),
  num_attention_heads: count(1024),
  max_seq_len: count(1_000_000),
  tie_word_embeddings: z.boolean().default(false),
});

/** LayerNorm's epsilon and the rotary base are no part of Aria's config.json: they are constants of its code. */
const ARIA_EPSILON = 1e-5;
const ARIA_THETA = 500_000;

/** Checks config.json of a LLaMA; `name` is the folder, for errors. */
export function llamaForm(json: unknown, name: string): RotaryForm {
  const config = checkedConfig(llamaSchema, json, { name });
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  const size = config.head_dim ?? sizeOf(hidden, heads, name);
  const keyHeads = config.num_key_value_heads ?? heads;
  if (heads % keyHeads !== 0) {
    throw new Error(
      `${name}/config.json: num_attention_heads ${heads} is not a multiple of num_key_value_heads ${keyHeads}`,
    );
  }
  return {
    ...{ vocabulary: config.vocab_size, hidden, inner: config.intermediate_size },
    ...{ layers: config.num_hidden_layers, heads, keyHeads, size: evenSize(size, name) },
    theta: config.rope_parameters?.rope_theta ?? config.rope_theta,
    norm: { kind: 'rms', epsilon: config.rms_norm_eps },
    context: config.max_position_embeddings,
    tied: config.tie_word_embeddings,
    names: LLAMA,
  };
}

/** Checks config.json of EleutherAI's Aria. Transformers' own `aria` reads pictures: it is refused by name. */
export function ariaForm(json: unknown, name: string): RotaryForm {
  const { success } = z.object({ max_seq_len: z.number() }).safeParse(json);
  if (!success) {
    throw new Error(
      `${name}/config.json: model_type "aria" without max_seq_len is transformers' Aria, which reads pictures and text; ` +
        "EleutherAI's Aria of notes is expected",
    );
  }
  const config = checkedConfig(ariaSchema, json, { name });
  const { hidden_size: hidden, num_attention_heads: heads } = config;
  return {
    ...{ vocabulary: config.vocab_size, hidden, inner: config.intermediate_size },
    ...{ layers: config.num_hidden_layers, heads, keyHeads: heads },
    size: evenSize(sizeOf(hidden, heads, name), name),
    theta: ARIA_THETA,
    norm: { kind: 'layer', epsilon: ARIA_EPSILON },
    context: config.max_seq_len,
    tied: config.tie_word_embeddings,
    names: ARIA,
  };
}

function sizeOf(hidden: number, heads: number, name: string): number {
  if (hidden % heads === 0) return hidden / heads;
  throw new Error(
    `${name}/config.json: hidden_size ${hidden} is not a multiple of num_attention_heads ${heads}`,
  );
}

/** Rotary positions turn pairs: the first half of a head with the second. */
function evenSize(size: number, name: string): number {
  if (size % 2 === 0) return size;
  throw new Error(
    `${name}/config.json: heads of ${counted(size, 'number')} cannot be turned in pairs; even is expected`,
  );
}
