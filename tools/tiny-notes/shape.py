# Sizes of `tiny-notes` and its config.json, in the published form of Aria's.
from tokenizer import END, PAD, VOCABULARY


def config(width=64, layers=8, heads=4, inner=256, vocabulary=VOCABULARY):
  return {
    'architectures': ['AriaForCausalLM'], 'model_type': 'aria', 'hidden_size': width, 'intermediate_size': inner,
    'num_attention_heads': heads, 'num_hidden_layers': layers, 'max_seq_len': 4096, 'vocab_size': vocabulary,
    'embedding_size': None, 'pad_token_id': PAD, 'eos_token_id': END, 'tie_word_embeddings': False,
    'use_cache': True, 'return_dict': False, 'torch_dtype': 'float16', 'transformers_version': '4.57.6',
  }
