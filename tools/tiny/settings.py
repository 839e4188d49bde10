# Sizes of `tiny` and its config.json, in the full form of a MusicgenForConditionalGeneration.
CODEBOOKS = 4
ENTRIES = 512  # V, entries of a codebook = vocabulary of the decoder; V itself is the start and pad token


def codec_config(filters=8):
  """audio_encoder: 32 kHz mono, hop 640, 50 frames a second. transformers 4 counts int(1000 * 2 // (50 * 10)) = 4
  codebooks, transformers 5 int(1000 * 2 // (50 * log2 V)) = 4: the same model in both."""
  return {
    'model_type': 'encodec', 'architectures': ['EncodecModel'], 'sampling_rate': 32000, 'audio_channels': 1,
    'upsampling_ratios': [8, 5, 4, 4], 'num_filters': filters, 'hidden_size': 64, 'codebook_dim': 64,
    'codebook_size': ENTRIES, 'num_residual_layers': 1, 'num_lstm_layers': 2, 'kernel_size': 7,
    'last_kernel_size': 7,
    'residual_kernel_size': 3, 'dilation_growth_rate': 2, 'compress': 2, 'pad_mode': 'reflect',
    'norm_type': 'weight_norm', 'normalize': False, 'use_causal_conv': False, 'use_conv_shortcut': False,
    'trim_right_ratio': 1.0, 'target_bandwidths': [2.0], 'chunk_length_s': None, 'overlap': None,
  }


def lm_config(width=256, layers=4, heads=4, inner=1024):
  """decoder. Heads are 64 wide, as in the released MusicGen models."""
  return {
    'model_type': 'musicgen_decoder', 'hidden_size': width, 'num_hidden_layers': layers,
    'num_attention_heads': heads,
    'ffn_dim': inner, 'vocab_size': ENTRIES, 'num_codebooks': CODEBOOKS, 'audio_channels': 1,
    'activation_function': 'gelu', 'max_position_embeddings': 2048, 'scale_embedding': False, 'layerdrop':
    0.0,
    'dropout': 0.0, 'attention_dropout': 0.0, 'activation_dropout': 0.0, 'initializer_factor': 0.02,
    'bos_token_id': ENTRIES, 'pad_token_id': ENTRIES, 'tie_word_embeddings': False, 'use_cache': True,
  }


def text_config():
  """text_encoder: the smallest T5; random, never used for an unconditional score."""
  return {
    'model_type': 't5', 'architectures': ['T5ForConditionalGeneration'], 'd_model': 8, 'd_kv': 4, 'd_ff': 16,
    'num_heads': 2, 'num_layers': 1, 'num_decoder_layers': 1, 'vocab_size': 32, 'n_positions': 512,
    'relative_attention_num_buckets': 32, 'relative_attention_max_distance': 128, 'layer_norm_epsilon': 1e-06,
    'feed_forward_proj': 'relu', 'dense_act_fn': 'relu', 'is_gated_act': False, 'dropout_rate': 0.1,
    'decoder_start_token_id': 0, 'eos_token_id': 1, 'pad_token_id': 0, 'is_encoder_decoder': True,
    'tie_word_embeddings': True, 'use_cache': True,
  }


def full(config):
  """`config` in the form transformers 4 writes: with the generic fields at their defaults."""
  generic = dict.fromkeys([
    'bad_words_ids', 'begin_suppress_tokens', 'bos_token_id', 'cross_attention_hidden_size',
    'decoder_start_token_id', 'eos_token_id', 'exponential_decay_length_penalty', 'finetuning_task',
    'forced_bos_token_id', 'forced_eos_token_id', 'pad_token_id', 'prefix', 'problem_type',
    'sep_token_id', 'suppress_tokens', 'task_specific_params', 'tokenizer_class', 'torch_dtype',
    'architectures'])
  generic.update(dict.fromkeys([
    'add_cross_attention', 'do_sample', 'early_stopping', 'is_decoder', 'is_encoder_decoder',
    'output_attentions', 'output_hidden_states', 'output_scores', 'remove_invalid_values',
    'return_dict_in_generate', 'tf_legacy_loss', 'tie_encoder_decoder', 'torchscript', 'use_bfloat16'],
    False))
  generic.update({
    '_name_or_path': '', 'chunk_size_feed_forward': 0, 'diversity_penalty': 0.0,
    'encoder_no_repeat_ngram_size': 0, 'id2label': {'0': 'LABEL_0', '1': 'LABEL_1'}, 'label2id':
    {'LABEL_0': 0, 'LABEL_1': 1}, 'length_penalty': 1.0, 'max_length': 20, 'min_length': 0,
    'no_repeat_ngram_size': 0, 'num_beam_groups': 1, 'num_beams': 1, 'num_return_sequences': 1,
    'pruned_heads': {}, 'repetition_penalty': 1.0, 'return_dict': True, 'temperature': 1.0,
    'tie_word_embeddings': True, 'top_k': 50, 'top_p': 1.0, 'typical_p': 1.0})
  return {**generic, **config}
