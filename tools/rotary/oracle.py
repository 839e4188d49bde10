# Small random checkpoints of rotary decoders, and what transformers computes with them: test/golden/oracle/{aria,llama-*}.
#   pip install torch transformers safetensors;  python tools/rotary/oracle.py test/golden/oracle
# Aria is transformers' StableLM with its tensors renamed: the same sums as EleutherAI's code (they agree to 8e-7). Losses are
# of a float64 run.
import json
import pathlib
import sys

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM, StableLmConfig, StableLmForCausalLM

out = pathlib.Path(sys.argv[1])


def scores(model, ids):
  """-log p of each token but the first, and the entropy of what predicted it, nats."""
  with torch.no_grad():
    logs = torch.log_softmax(model.double()(ids[None]).logits[0, :-1], -1)
  return -logs.gather(1, ids[1:, None])[:, 0], -(logs.exp() * logs).sum(-1)


def write(name, config, tensors, model, ids):
  folder = out / name
  folder.mkdir(parents=True, exist_ok=True)
  (folder / 'config.json').write_text(json.dumps(config, indent=1) + '\n')
  save_file({key: value.contiguous() for key, value in tensors.items()}, folder / 'model.safetensors')
  nll, entropy = scores(model, ids)
  save_file({'ids': ids.int(), 'nll': nll, 'entropy': entropy}, folder / 'expected.safetensors')


def drawn(config, model_type):
  """A model whose weights are large enough for losses to differ, in float16 where a file would be large."""
  torch.manual_seed(7)
  model = model_type(config)
  with torch.no_grad():
    for name, tensor in model.named_parameters():
      if tensor.dim() == 1:
        tensor.add_(0.2 * torch.randn_like(tensor))
      else:
        tensor.copy_(torch.randn_like(tensor) * 0.9 / tensor.shape[1] ** 0.5)
  return model.eval()


def llama(name, **options):
  config = LlamaConfig(vocab_size=150, intermediate_size=40, rms_norm_eps=1e-5, max_position_embeddings=256, **options)
  model = drawn(config, LlamaForCausalLM)
  tensors = {key: value.clone() for key, value in model.state_dict().items()}
  if config.tie_word_embeddings:
    del tensors['lm_head.weight']
  generator = torch.Generator().manual_seed(3)
  ids = torch.randint(0, 150, (200,), generator=generator)
  write(name, {**config.to_dict(), 'architectures': ['LlamaForCausalLM']}, tensors, model, ids)


def aria():
  hidden, heads, layers, inner, vocabulary = 8, 2, 2, 24, 17727
  config = StableLmConfig(
    vocab_size=vocabulary, hidden_size=hidden, intermediate_size=inner, num_hidden_layers=layers, num_attention_heads=heads,
    num_key_value_heads=heads, max_position_embeddings=1024, layer_norm_eps=1e-5, use_qkv_bias=False, qk_layernorm=False,
    use_parallel_residual=False, partial_rotary_factor=1.0, tie_word_embeddings=False, hidden_act='silu',
    rope_parameters={'rope_type': 'default', 'rope_theta': 500000.0, 'partial_rotary_factor': 1.0})
  model = drawn(config, StableLmForCausalLM)
  with torch.no_grad():
    for tensor in model.parameters():
      tensor.copy_(tensor.half().float())
  own = model.state_dict()
  tensors = {'model.tok_embeddings.weight': own['model.embed_tokens.weight'], 'lm_head.weight': own['lm_head.weight']}
  for kind in ('weight', 'bias'):
    tensors[f'model.out_layer_norm.{kind}'] = own[f'model.norm.{kind}']
  for i in range(layers):
    there, here = f'model.layers.{i}.', f'model.encode_layers.{i}.'
    tensors[here + 'mixed_qkv.weight'] = torch.cat([own[f'{there}self_attn.{p}_proj.weight'] for p in 'qkv'])
    tensors[here + 'att_proj_linear.weight'] = own[there + 'self_attn.o_proj.weight']
    for part in ('gate', 'up', 'down'):
      tensors[here + f'ff_{part}_proj.weight'] = own[there + f'mlp.{part}_proj.weight']
    for kind in ('weight', 'bias'):
      tensors[here + f'norm1.{kind}'] = own[there + f'input_layernorm.{kind}']
      tensors[here + f'norm2.{kind}'] = own[there + f'post_attention_layernorm.{kind}']
  published = {
    'architectures': ['AriaForCausalLM'], 'eos_token_id': 1, 'hidden_size': hidden, 'intermediate_size': inner,
    'max_seq_len': 1024, 'model_type': 'aria', 'num_attention_heads': heads, 'num_hidden_layers': layers, 'pad_token_id': 2,
    'tie_word_embeddings': False, 'vocab_size': vocabulary}
  # A piano and drums: (note, onset, duration), a drum without, <T> before each further 5 s.
  generator = torch.Generator().manual_seed(5)
  draw = lambda most: int(torch.randint(0, most, (1,), generator=generator))
  ids, step = [6, 16, 0], 0
  for i in range(120):
    before, step = step, step + (0 if i == 0 else draw(30))
    ids += [5] * (step // 500 - before // 500)
    if i % 7 == 3:
      ids += [16679 + draw(47), 17227 + step % 500]
      continue
    ids += [39 + (40 + draw(40)) * 13 + 1 + draw(12), 17227 + step % 500, 16726 + 1 + draw(500)]
  write('aria', published, {key: value.half() for key, value in tensors.items()}, model, torch.tensor(ids))


llama('llama-grouped', hidden_size=32, num_hidden_layers=3, num_attention_heads=8, num_key_value_heads=2, head_dim=6,
      tie_word_embeddings=False)
llama('llama-tied', hidden_size=24, num_hidden_layers=2, num_attention_heads=3, num_key_value_heads=3,
      tie_word_embeddings=True, rope_parameters={'rope_type': 'default', 'rope_theta': 500.0})
aria()
