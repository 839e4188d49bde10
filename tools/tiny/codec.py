# EnCodec (Defossez et al. 2022, arXiv 2210.13438) as Hugging Face names and computes it: SEANet encoder and
# decoder with LSTM, residual vector quantiser. Signals are [B, 1, samples], embeddings [B, dim, T], codes [B,
# K, T] with T = ceil(samples / hop). Parameter names equal those of a transformers EncodecModel (weight_g /
# weight_v).
import math

import torch
import torch.nn.functional as F
from torch import nn


class WeightNormConv(nn.Module):
  """weight = g * v / |v|, norm over all but dimension 0 (of a transposed convolution: the input channel)."""

  def __init__(self, shape, outputs):
    super().__init__()
    self.weight_v = nn.Parameter(torch.empty(shape))
    nn.init.kaiming_uniform_(self.weight_v, a=math.sqrt(5))
    self.weight_g = nn.Parameter(self.weight_v.detach().flatten(1).norm(dim=1).view(-1, 1, 1))
    self.bias = nn.Parameter(torch.zeros(outputs))

  def weight(self):
    return self.weight_v * (self.weight_g / self.weight_v.flatten(1).norm(dim=1).view(-1, 1, 1))


class Conv(nn.Module):
  def __init__(self, inputs, outputs, kernel, stride=1, dilation=1, pad_mode='reflect'):
    super().__init__()
    self.conv = WeightNormConv((outputs, inputs, kernel), outputs)
    self.stride, self.dilation, self.pad_mode = stride, dilation, pad_mode
    self.span = (kernel - 1) * dilation + 1  # effective kernel, samples

  def forward(self, x):
    length, total = x.shape[-1], self.span - self.stride
    frames = math.ceil((length - self.span + total) / self.stride + 1)
    extra = (frames - 1) * self.stride + self.span - total - length
    right = total // 2
    left, right = total - right, right + extra
    # A reflection needs more samples than it pads: a very short input is extended by zeros first.
    short = max(left, right) - length + 1 if self.pad_mode == 'reflect' and length <= max(left, right) else 0
    x = F.pad(F.pad(x, (0, short)), (left, right), self.pad_mode)
    x = x[..., :x.shape[-1] - short]
    return F.conv1d(x, self.conv.weight(), self.conv.bias, self.stride, 0, self.dilation)


class TransposedConv(nn.Module):
  def __init__(self, inputs, outputs, kernel, stride):
    super().__init__()
    self.conv = WeightNormConv((inputs, outputs, kernel), outputs)
    self.stride, self.unpad = stride, kernel - stride

  def forward(self, x):
    y = F.conv_transpose1d(x, self.conv.weight(), self.conv.bias, self.stride)
    right = self.unpad // 2
    return y[..., self.unpad - right:y.shape[-1] - right]


class Lstm(nn.Module):
  """One skip around the whole stack."""

  def __init__(self, width, layers):
    super().__init__()
    self.lstm = nn.LSTM(width, width, layers)

  def forward(self, x):
    y = x.permute(2, 0, 1)
    return (self.lstm(y)[0] + y).permute(1, 2, 0)


class Residual(nn.Module):
  def __init__(self, width, dilation, config):
    super().__init__()
    hidden, mode = width // config['compress'], config['pad_mode']
    self.block = nn.ModuleList([
      nn.ELU(), Conv(width, hidden, config['residual_kernel_size'], dilation=dilation, pad_mode=mode),
      nn.ELU(), Conv(hidden, width, 1, pad_mode=mode)])

  def forward(self, x):
    y = x
    for layer in self.block:
      y = layer(y)
    return x + y


class Stack(nn.Module):
  def __init__(self, layers):
    super().__init__()
    self.layers = nn.ModuleList(layers)

  def forward(self, x):
    for layer in self.layers:
      x = layer(x)
    return x


def residuals(width, config):
  growth = config['dilation_growth_rate']
  return [Residual(width, growth ** j, config) for j in range(config['num_residual_layers'])]


def make_encoder(config):
  width, mode = config['num_filters'], config['pad_mode']
  layers = [Conv(1, width, config['kernel_size'], pad_mode=mode)]
  for ratio in reversed(config['upsampling_ratios']):
    layers += residuals(width, config)
    layers += [nn.ELU(), Conv(width, 2 * width, 2 * ratio, ratio, pad_mode=mode)]
    width *= 2
  layers += [Lstm(width, config['num_lstm_layers']), nn.ELU(),
             Conv(width, config['hidden_size'], config['last_kernel_size'], pad_mode=mode)]
  return Stack(layers)


def make_decoder(config):
  mode = config['pad_mode']
  width = config['num_filters'] * 2 ** len(config['upsampling_ratios'])
  layers = [Conv(config['hidden_size'], width, config['kernel_size'], pad_mode=mode),
            Lstm(width, config['num_lstm_layers'])]
  for ratio in config['upsampling_ratios']:
    layers += [nn.ELU(), TransposedConv(width, width // 2, 2 * ratio, ratio)]
    width //= 2
    layers += residuals(width, config)
  layers += [nn.ELU(), Conv(width, 1, config['last_kernel_size'], pad_mode=mode)]
  return Stack(layers)


class Codebook(nn.Module):
  """Entries [V, dim], kept as exponential moving averages of the vectors that chose them."""

  def __init__(self, size, width):
    super().__init__()
    self.register_buffer('inited', torch.zeros(1))
    self.register_buffer('cluster_size', torch.zeros(size))
    self.register_buffer('embed', torch.zeros(size, width))
    self.register_buffer('embed_avg', torch.zeros(size, width))

  def squared_distances(self, x):
    """x [N, dim] -> [N, V], up to |x|^2."""
    return self.embed.pow(2).sum(1) - 2 * x @ self.embed.t()

  def initialise(self, x, generator, rounds=15):
    """k-means on x [N, dim], N >> V."""
    size = len(self.embed)
    self.embed.copy_(x[torch.randperm(len(x), generator=generator)[:size]])
    for _ in range(rounds):
      code = self.squared_distances(x).argmin(1)
      count = torch.bincount(code, minlength=size).float()
      total = torch.zeros_like(self.embed).index_add_(0, code, x)
      mean = total / count.clamp(min=1).unsqueeze(1)
      spare = x[torch.randint(len(x), (size,), generator=generator)]
      self.embed.copy_(torch.where((count > 0).unsqueeze(1), mean, spare))
    self.cluster_size.copy_(count.clamp(min=1))
    self.embed_avg.copy_(self.embed * self.cluster_size.unsqueeze(1))
    self.inited.fill_(1)

  def update(self, x, code, generator, decay=0.99, dead=0.1):
    """One moving-average step. An entry used less than `dead` times a batch becomes a random vector of the
    batch."""
    count = torch.bincount(code, minlength=len(self.embed)).float()
    total = torch.zeros_like(self.embed).index_add_(0, code, x)
    self.cluster_size.mul_(decay).add_(count, alpha=1 - decay)
    self.embed_avg.mul_(decay).add_(total, alpha=1 - decay)
    lost = self.cluster_size < dead
    if lost.any():
      self.embed_avg[lost] = x[torch.randint(len(x), (int(lost.sum()),), generator=generator)]
      self.cluster_size[lost] = 1
    self.embed.copy_(self.embed_avg / self.cluster_size.clamp(min=1e-5).unsqueeze(1))


class QuantiserLayer(nn.Module):
  def __init__(self, size, width):
    super().__init__()
    self.codebook = Codebook(size, width)


class Quantiser(nn.Module):
  def __init__(self, config):
    super().__init__()
    frame_rate = math.ceil(config['sampling_rate'] / math.prod(config['upsampling_ratios']))
    count = int(1000 * config['target_bandwidths'][-1] // (10 * frame_rate))
    self.layers = nn.ModuleList(
      QuantiserLayer(config['codebook_size'], config['hidden_size']) for _ in range(count))

  def encode(self, embeddings):
    """[B, dim, T] -> codes [B, K, T]."""
    residual, codes = embeddings.transpose(1, 2), []
    for layer in self.layers:
      code = layer.codebook.squared_distances(residual.flatten(0, 1)).argmin(1).view(residual.shape[:2])
      residual = residual - F.embedding(code, layer.codebook.embed)
      codes.append(code)
    return torch.stack(codes, 1)

  def decode(self, codes):
    """[B, K, T] -> [B, dim, T], the sum of the entries."""
    return sum(F.embedding(codes[:, k], layer.codebook.embed)
               for k, layer in enumerate(self.layers)).transpose(1, 2)

  def margins(self, embeddings):
    """Smallest relative gap between best and second best entry, [B, K, T] (see the oracle's codes_margin)."""
    residual, out = embeddings.transpose(1, 2), []
    for layer in self.layers:
      entries = layer.codebook.embed
      flat = residual.flatten(0, 1)
      best, code = (flat.pow(2).sum(1, keepdim=True) + layer.codebook.squared_distances(flat)).topk(
        2, dim=1, largest=False)
      chosen = entries[code[:, 0]]
      gap = (best[:, 1] - best[:, 0]) / (flat.pow(2).sum(1) + chosen.pow(2).sum(1))
      out.append(gap.view(residual.shape[:2]))
      residual = residual - chosen.view(residual.shape)
    return torch.stack(out, 1)

  def forward(self, embeddings, generator):
    """Training: straight-through quantised embeddings [B, dim, T], commitment loss; updates the codebooks."""
    residual, total, loss = embeddings.transpose(1, 2), 0, 0
    for layer in self.layers:
      flat = residual.detach().flatten(0, 1)
      with torch.no_grad():
        code = layer.codebook.squared_distances(flat).argmin(1)
        entry = layer.codebook.embed[code].view(residual.shape)
        layer.codebook.update(flat, code, generator)
      loss = loss + F.mse_loss(residual, entry)
      total = total + entry
      residual = residual - entry
    x = embeddings.transpose(1, 2)
    return (x + (total - x).detach()).transpose(1, 2), loss / len(self.layers)


class Codec(nn.Module):
  def __init__(self, config):
    """`config` is the audio_encoder part of a MusicGen config.json."""
    super().__init__()
    self.config = config
    self.hop = math.prod(config['upsampling_ratios'])
    self.encoder, self.decoder = make_encoder(config), make_decoder(config)
    self.quantizer = Quantiser(config)

  def encode(self, signal):
    return self.quantizer.encode(self.encoder(signal))

  def decode(self, codes):
    return self.decoder(self.quantizer.decode(codes))
