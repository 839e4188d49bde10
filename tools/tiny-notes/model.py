# The decoder of Aria, named and computed as in its published checkpoints: token embeddings, layers of LayerNorm,
# attention with rotary positions and SwiGLU, a last LayerNorm and an untied head. Ids are [B, N].
import math
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'tiny'))
from mixed import attend, linear  # noqa: E402

EPS, THETA = 1e-5, 500000.0


def rotation(length, width):
  """(cos, sin) [length, width / 2] of the angles position * theta^(-2i / width)."""
  frequency = THETA ** (-torch.arange(0, width, 2, dtype=torch.float32) / width)
  angle = torch.arange(length, dtype=torch.float32)[:, None] * frequency
  return angle.cos(), angle.sin()


def rotate(x, cos, sin):
  """x [B, heads, N, width]: entry i of a head turns with entry i + width / 2."""
  first, second = x.chunk(2, -1)
  return torch.cat([first * cos - second * sin, second * cos + first * sin], -1)


class Layer(nn.Module):
  def __init__(self, config):
    super().__init__()
    width, inner = config['hidden_size'], config['intermediate_size']
    self.heads = config['num_attention_heads']
    self.norm1, self.norm2 = nn.LayerNorm(width, eps=EPS), nn.LayerNorm(width, eps=EPS)
    self.mixed_qkv = nn.Linear(width, 3 * width, bias=False)
    self.att_proj_linear = nn.Linear(width, width, bias=False)
    self.ff_gate_proj = nn.Linear(width, inner, bias=False)
    self.ff_up_proj = nn.Linear(width, inner, bias=False)
    self.ff_down_proj = nn.Linear(inner, width, bias=False)

  def forward(self, x, cos, sin):
    batch, length, width = x.shape
    query, key, value = (part.view(batch, length, self.heads, -1).transpose(1, 2)
                         for part in linear(self.mixed_qkv, self.norm1(x)).chunk(3, -1))
    mixed = attend(rotate(query, cos, sin), rotate(key, cos, sin), value)
    x = x + linear(self.att_proj_linear, mixed.transpose(1, 2).reshape(batch, length, width))
    y = self.norm2(x)
    return x + linear(self.ff_down_proj, F.silu(linear(self.ff_gate_proj, y)) * linear(self.ff_up_proj, y))


class Decoder(nn.Module):
  def __init__(self, config):
    super().__init__()
    self.head_width = config['hidden_size'] // config['num_attention_heads']
    self.tok_embeddings = nn.Embedding(config['vocab_size'], config['hidden_size'])
    self.encode_layers = nn.ModuleList(Layer(config) for _ in range(config['num_hidden_layers']))
    self.out_layer_norm = nn.LayerNorm(config['hidden_size'], eps=EPS)

  def forward(self, ids):
    cos, sin = rotation(ids.shape[1], self.head_width)
    x = self.tok_embeddings(ids)
    for layer in self.encode_layers:
      x = layer(x, cos.to(x.dtype), sin.to(x.dtype))
    return self.out_layer_norm(x)


class Notes(nn.Module):
  def __init__(self, config):
    super().__init__()
    self.model = Decoder(config)
    self.lm_head = nn.Linear(config['hidden_size'], config['vocab_size'], bias=False)
    self.register_buffer('offset', None, persistent=False)

  def initialise(self, generator):
    for name, parameter in self.named_parameters():
      if parameter.dim() < 2:
        continue
      spread = parameter.shape[1] ** -0.5
      if 'tok_embeddings' in name:
        spread = 1.0
      elif 'lm_head' in name:
        spread = 0.02
      elif 'att_proj' in name or 'down_proj' in name:
        spread /= math.sqrt(2 * len(self.model.encode_layers))
      parameter.data.normal_(0, spread, generator=generator)

  def nll(self, ids):
    """-log p of every token but the first, given those before it: [B, N - 1] nats. `offset` [V], where set, is
    added to the logits."""
    logits = self.lm_head(self.model(ids[:, :-1]))
    if self.offset is not None:
      logits = logits + self.offset
    return F.cross_entropy(logits.transpose(1, 2), ids[:, 1:], reduction='none')
