# Writes the Hugging Face folder of `tiny`: model.safetensors, config.json, generation_config.json,
# preprocessor_config.json.
#
#   export.py --codec SCRATCH/codec.pt [--lm SCRATCH/lm.pt] --out models/tiny
#
# Weights are F16, codebooks F32. Without --lm the language model is untrained (the codec is what is wanted
# then). The T5 text encoder is random and the cross-attention zero: the model is meant to be scored without a
# text.
import argparse
import os
import zlib

import numpy as np
import torch

from checkpoint import write_json, write_safetensors
from lm import Lm
from settings import ENTRIES, codec_config, full, lm_config, text_config


def text_weights(width, rng):
  """A minimal T5 encoder and its projection, [outputs, inputs] each."""
  config = text_config()
  model, inner = config['d_model'], config['num_heads'] * config['d_kv']
  block = 'text_encoder.encoder.block.0.layer.'
  shapes = {
    'text_encoder.shared.weight': (config['vocab_size'], model),
    block + '0.SelfAttention.q.weight': (inner, model), block + '0.SelfAttention.k.weight': (inner, model),
    block + '0.SelfAttention.v.weight': (inner, model), block + '0.SelfAttention.o.weight': (model, inner),
    block + '0.SelfAttention.relative_attention_bias.weight':
      (config['relative_attention_num_buckets'], config['num_heads']),
    block + '1.DenseReluDense.wi.weight': (config['d_ff'], model),
    block + '1.DenseReluDense.wo.weight': (model, config['d_ff']),
    'enc_to_dec_proj.weight': (width, model),
  }
  weights = {name: rng.normal(0, shape[1] ** -0.5, shape) for name, shape in shapes.items()}
  for name in (block + '0.layer_norm.weight', block + '1.layer_norm.weight',
               'text_encoder.encoder.final_layer_norm.weight'):
    weights[name] = np.ones(model)
  weights['enc_to_dec_proj.bias'] = np.zeros(width)
  return weights


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--codec', required=True)
  parser.add_argument('--lm')
  parser.add_argument('--out', required=True)
  args = parser.parse_args()
  codec = torch.load(args.codec)
  decoder = lm_config()
  width = decoder['hidden_size']
  if args.lm:
    lm = torch.load(args.lm)
  else:
    untrained = Lm(decoder)
    untrained.initialise(torch.Generator().manual_seed(zlib.crc32(b'tiny-lm')))
    lm = {'lm': untrained.state_dict(), 'step': 0}
  weights = {f'audio_encoder.{name}': value.numpy() for name, value in codec['codec'].items()}
  weights.update({f'decoder.{name}': value.numpy() for name, value in lm['lm'].items()})
  for layer in range(decoder['num_hidden_layers']):
    prefix = f'decoder.model.decoder.layers.{layer}.encoder_attn'
    for projection in ('q', 'k', 'v', 'out'):
      weights[f'{prefix}.{projection}_proj.weight'] = np.zeros((width, width))
    weights[f'{prefix}_layer_norm.weight'] = np.ones(width)
    weights[f'{prefix}_layer_norm.bias'] = np.zeros(width)
  weights.update(text_weights(width, np.random.default_rng(zlib.crc32(b'tiny-text'))))
  for name, value in weights.items():
    kind = np.float32 if '.codebook.' in name else np.float16
    weights[name] = value.astype(kind)
    assert np.isfinite(weights[name]).all(), f'{name}: expected values that {kind.__name__} can hold'

  os.makedirs(args.out, exist_ok=True)
  write_json(f'{args.out}/config.json', {
    'architectures': ['MusicgenForConditionalGeneration'], 'model_type': 'musicgen',
    'is_encoder_decoder': True, 'torch_dtype': 'float16', 'transformers_version': '4.46.0',
    'audio_encoder': full(codec_config(codec['filters'])), 'decoder': full(decoder),
    'text_encoder': full(text_config())})
  write_json(f'{args.out}/generation_config.json', {
    'bos_token_id': ENTRIES, 'pad_token_id': ENTRIES, 'decoder_start_token_id': ENTRIES, 'do_sample': True,
    'guidance_scale': 1.0, 'max_length': 1500, 'transformers_version': '4.46.0'})
  write_json(f'{args.out}/preprocessor_config.json', {
    'feature_extractor_type': 'EncodecFeatureExtractor', 'feature_size': 1, 'sampling_rate': 32000,
    'padding_side': 'left', 'padding_value': 0.0, 'return_attention_mask': True, 'chunk_length_s': None,
    'overlap': None})
  write_safetensors(f'{args.out}/model.safetensors', weights, {
    'codec_steps': str(codec['step']), 'lm_steps': str(lm['step'])})
  print(f'{len(weights)} tensors, {os.path.getsize(args.out + "/model.safetensors")} bytes, '
        f'codec step {codec["step"]}, language model step {lm["step"]}')


if __name__ == '__main__':
  main()
