# MusicGen's decoder (Copet et al. 2023, arXiv 2306.05284) without a text condition, as Hugging Face names and
# computes it. Codes are [B, K, T] in 0..V-1; V is also the start and pad token. Names equal those of
# `decoder.` in a transformers MusicgenForConditionalGeneration; the cross-attention, which adds nothing
# without a condition, is left out here.
import math

import torch
import torch.nn.functional as F
from torch import nn

from mixed import attend, head_loss, linear


def delay(codes, special):
  """[B, K, T] -> [B, K, 1 + T + K - 1]: one start column, codebook k lags k columns.

  K=4, T=5     column  0 1 2 3 4 5 6 7 8       S = special
  codebook 0           S 0 1 2 3 4 S S S
  codebook 1           S S 0 1 2 3 4 S S
  codebook 2           S S S 0 1 2 3 4 S
  codebook 3           S S S S 0 1 2 3 4
  """
  batch, count, frames = codes.shape
  out = codes.new_full((batch, count, frames + count), special)
  for k in range(count):
    out[:, k, 1 + k:1 + k + frames] = codes[:, k]
  return out


def undelay(columns, frames):
  """Logits by column [B, K, S, V] -> by frame [B, K, T, V]: those of code (k, t) stand at column t + k."""
  return torch.stack([columns[:, k, k:k + frames] for k in range(columns.shape[1])], 1)


def sinusoids(length, width, dtype=torch.float32):
  """[length, width]: cosines, then sines, angles in float32."""
  half = width // 2
  frequency = torch.exp(torch.arange(half, dtype=torch.int64).float() * -(math.log(10000) / (half - 1)))
  angle = torch.arange(length, dtype=torch.int64).float().unsqueeze(1) * frequency.unsqueeze(0)
  table = torch.cat([torch.cos(angle), torch.sin(angle)], 1)
  return F.pad(table, (0, width - 2 * half)).to(dtype)


class Attention(nn.Module):
  """Causal self-attention."""

  def __init__(self, width, heads):
    super().__init__()
    self.heads = heads
    self.q_proj, self.k_proj = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)
    self.v_proj, self.out_proj = nn.Linear(width, width, bias=False), nn.Linear(width, width, bias=False)

  def forward(self, x):
    batch, length, width = x.shape

    def split(y):
      return y.view(batch, length, self.heads, -1).transpose(1, 2)
    mixed = attend(split(linear(self.q_proj, x)), split(linear(self.k_proj, x)), split(linear(self.v_proj, x)))
    return linear(self.out_proj, mixed.transpose(1, 2).reshape(batch, length, width))


class Layer(nn.Module):
  def __init__(self, width, heads, inner, dropout):
    super().__init__()
    self.self_attn = Attention(width, heads)
    self.self_attn_layer_norm = nn.LayerNorm(width, eps=1e-5)
    self.fc1, self.fc2 = nn.Linear(width, inner, bias=False), nn.Linear(inner, width, bias=False)
    self.final_layer_norm = nn.LayerNorm(width, eps=1e-5)
    self.dropout = nn.Dropout(dropout)

  def forward(self, x):
    x = x + self.dropout(self.self_attn(self.self_attn_layer_norm(x)))
    inner = F.gelu(linear(self.fc1, self.final_layer_norm(x)))
    return x + self.dropout(linear(self.fc2, inner))


class Decoder(nn.Module):
  def __init__(self, config):
    super().__init__()
    width, size = config['hidden_size'], config['vocab_size']
    self.embed_tokens = nn.ModuleList(nn.Embedding(size + 1, width) for _ in range(config['num_codebooks']))
    self.layers = nn.ModuleList(
      Layer(width, config['num_attention_heads'], config['ffn_dim'], config['dropout'])
      for _ in range(config['num_hidden_layers']))
    self.layer_norm = nn.LayerNorm(width, eps=1e-5)
    self.dropout = nn.Dropout(config['dropout'])


class Model(nn.Module):
  def __init__(self, config):
    super().__init__()
    self.decoder = Decoder(config)


class Lm(nn.Module):
  def __init__(self, config):
    """`config` is the decoder part of a MusicGen config.json."""
    super().__init__()
    self.config = config
    self.model = Model(config)
    self.table = None  # of positions, [length, width], where a checkpoint holds one
    self.lm_heads = nn.ModuleList(
      nn.Linear(config['hidden_size'], config['vocab_size'], bias=False)
      for _ in range(config['num_codebooks']))

  def initialise(self, generator):
    """Normal weights. Token embeddings are as large as the sinusoids they are added to: at 0.02 they drown,
    and hundreds of steps go into digging them out. Output projections shrink with depth."""
    depth = self.config['num_hidden_layers']
    for name, parameter in self.named_parameters():
      if parameter.dim() < 2:
        continue
      spread = parameter.shape[1] ** -0.5
      if 'embed_tokens' in name:
        spread = 0.4
      elif 'lm_heads' in name:
        spread = 0.02
      elif 'out_proj' in name or 'fc2' in name:
        spread /= math.sqrt(2 * depth)
      parameter.data.normal_(0, spread, generator=generator)

  def hidden(self, ids):
    """Token columns [B, K, S] -> what the heads see, [B, S, width]; the position of a column is its index, from 0."""
    decoder = self.model.decoder
    length = ids.shape[-1]
    x = sum(table(ids[:, k]) for k, table in enumerate(decoder.embed_tokens))
    stored = self.table is not None and length <= len(self.table)
    x = decoder.dropout(x + (self.table[:length] if stored else sinusoids(length, x.shape[-1], x.dtype)))
    for layer in decoder.layers:
      x = layer(x)
    return decoder.layer_norm(x)

  def columns(self, ids):
    """Token columns [B, K, S] -> logits [B, K, S, V]."""
    x = self.hidden(ids)
    return torch.stack([head(x) for head in self.lm_heads], 1)

  def training_loss(self, codes):
    """Mean per codebook [K] of nll_delayed over the positions that are trained; heads see only those."""
    x, width = self.hidden(delay(codes, self.config['vocab_size'])[..., :-1]), self.config['hidden_size']
    frames, losses = codes.shape[-1], []
    for k, head in enumerate(self.lm_heads):  # code (k, t) stands behind column t + k
      losses.append(head_loss(head, x[:, k:frames].reshape(-1, width), codes[:, k, :frames - k].reshape(-1)))
    return torch.stack(losses)

  def nll_delayed(self, codes):
    """-log p of every code given the columns before it, [B, K, T] nats; start token and delay pattern."""
    logits = undelay(self.columns(delay(codes, self.config['vocab_size'])[..., :-1]), codes.shape[-1])
    return F.cross_entropy(logits.permute(0, 3, 1, 2), codes, reduction='none')

  def nll_undelayed(self, codes):
    """[B, K, T-1]: raw codes in, entry (k, t) scores code (k, t+1). No start token, no delay."""
    logits = self.columns(codes[..., :-1])
    return F.cross_entropy(logits.permute(0, 3, 1, 2), codes[..., 1:], reduction='none')


def trained_positions(nll):
  """Mask [K, T]: the last k frames of codebook k are never predicted in training."""
  count, frames = nll.shape[-2:]
  return torch.arange(frames).unsqueeze(0) < (frames - torch.arange(count)).unsqueeze(1)
