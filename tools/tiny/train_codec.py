# Trains the codec of `tiny`: multi-scale mel loss first, a little waveform L1, commitment; EMA codebooks.
#
#   train_codec.py --audio SCRATCH/audio --out SCRATCH/codec.pt [--steps 4500] [--threads 1] [--seed tiny-codec]
#
# A checkpoint a minute; a second run goes on from it, and one that is at --steps ends at once. The first
# --continuous steps run without the quantiser; then k-means on a fresh sample starts the codebooks. The
# learning rate falls along a cosine over --steps.
import argparse
import math
import os
import time
import zlib

import numpy as np
import torch

from codec import Codec
from corpus import RATE, Audio
from settings import codec_config

MEL_BANDS = {64: 12, 128: 20, 256: 32, 512: 48, 1024: 64, 2048: 80}  # FFT size -> bands
FLOOR = 1e-4  # added to magnitudes before the logarithm: -80 dB of full scale


def mel_filters(size, bands, low=20.0, high=RATE / 2):
  """Triangles on the HTK mel scale, [bands, size / 2 + 1]; each sums to 1."""
  def mel(frequency):
    return 2595 * math.log10(1 + frequency / 700)
  edges = 700 * (10 ** (np.linspace(mel(low), mel(high), bands + 2) / 2595) - 1)
  bins = np.arange(size // 2 + 1) * RATE / size
  width = RATE / size
  rise = (bins - edges[:-2, None]) / np.maximum(edges[1:-1] - edges[:-2], width)[:, None]
  fall = (edges[2:, None] - bins) / np.maximum(edges[2:] - edges[1:-1], width)[:, None]
  # At least one bin a band: a triangle narrower than a bin takes the nearest one.
  filters = np.maximum(0, np.minimum(rise, fall))
  nearest = np.abs(bins - edges[1:-1, None]).argmin(1)
  empty = filters.sum(1) < 1e-6
  filters[empty, nearest[empty]] = 1
  return torch.from_numpy((filters / filters.sum(1, keepdims=True)).astype(np.float32))


class MelLoss:
  def __init__(self, sizes):
    self.scales = [(size, torch.hann_window(size), mel_filters(size, MEL_BANDS[size])) for size in sizes]

  def spectra(self, signal):
    """[B, 1, samples] -> per scale the mel magnitudes [B, bands, frames]; a sinusoid gives its amplitude."""
    out = []
    for size, window, filters in self.scales:
      transform = torch.stft(signal[:, 0], size, size // 4, window=window, return_complex=True)
      power = transform.real.square() + transform.imag.square()
      out.append(filters @ (power + 1e-10).sqrt() * (2 / window.sum()))
    return out

  def __call__(self, decoded, target):
    """Mean over scales of L1 (relative to the crop's mean magnitude) + L2 of the logarithms."""
    loss = 0
    for a, b in zip(self.spectra(decoded), self.spectra(target)):
      level = b.mean((1, 2), keepdim=True) + 1e-5
      loss = loss + ((a - b).abs() / level).mean()
      loss = loss + (torch.log(a + FLOOR) - torch.log(b + FLOOR)).square().mean()
    return loss / len(self.scales)


def si_snr(decoded, target):
  """Scale-invariant signal-to-noise ratio of each row, dB."""
  a, b = decoded.flatten(1), target.flatten(1)
  a, b = a - a.mean(1, keepdim=True), b - b.mean(1, keepdim=True)
  projected = (a * b).sum(1, keepdim=True) / b.square().sum(1, keepdim=True) * b
  return 10 * torch.log10(projected.square().sum(1) / (a - projected).square().sum(1))


def train(args):
  seed = zlib.crc32(args.seed.encode())
  torch.manual_seed(seed)
  codec = Codec(codec_config(args.filters))
  optimiser = torch.optim.Adam(codec.parameters(), lr=args.rate, betas=(0.8, 0.99))
  step, spent = 0, 0.0
  if os.path.exists(args.out):
    state = torch.load(args.out)
    codec.load_state_dict(state['codec'])
    optimiser.load_state_dict(state['optimiser'])
    step, spent = state['step'], state['seconds']
  rng = np.random.default_rng([seed, step])
  generator = torch.Generator().manual_seed(seed + 1000 * step)
  audio, mel_loss = Audio(args.audio), MelLoss([int(size) for size in args.scales.split(',')])
  started = saved = time.process_time()
  size = sum(parameter.numel() for parameter in codec.parameters())
  print(f'{size} parameters, {len(audio.paths)} pieces, step {step} of {args.steps}', flush=True)

  def save():
    torch.save({'codec': codec.state_dict(), 'optimiser': optimiser.state_dict(), 'step': step,
                'seconds': spent + time.process_time() - started, 'filters': args.filters}, args.out + '.part')
    os.replace(args.out + '.part', args.out)
  running, norms = {}, {}
  while step < args.steps:
    cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * step / args.steps))
    for group in optimiser.param_groups:
      group['lr'] = args.rate * min(1, (step + 1) / 50) * cosine
    if step % 200 == 0:
      audio = Audio(args.audio)  # pieces may still be on their way
    target = audio.crops(rng, args.batch, RATE)
    if step == args.continuous:
      start_codebooks(codec, audio, rng, generator)
    embeddings, commitment = codec.encoder(target), torch.zeros(())
    if step >= args.continuous:
      embeddings, commitment = codec.quantizer(embeddings, generator)
    decoded = codec.decoder(embeddings)
    mel = mel_loss(decoded, target)
    wave = (decoded - target).abs().mean() / target.abs().mean()
    optimiser.zero_grad()
    balanced = balance({'mel': (mel, 1.0), 'wave': (wave, args.wave)}, decoded, norms)
    ((decoded * balanced).sum() + args.commitment * commitment).backward()
    norm = torch.nn.utils.clip_grad_norm_(codec.parameters(), args.clip)
    if torch.isfinite(norm):
      optimiser.step()
    step += 1
    snr = si_snr(decoded, target).mean()
    values = {'mel': mel, 'wave': wave, 'commit': commitment, 'snr': snr, 'norm': norm}
    for name, value in values.items():
      running[name] = 0.98 * running.get(name, float(value.detach())) + 0.02 * float(value.detach())
    if step % 50 == 0 or step < 4:
      text = ' '.join(f'{name} {value:.4f}' for name, value in running.items())
      print(f'step {step} {(time.process_time() - started + spent):.0f} CPU s {text}', flush=True)
    if time.process_time() - saved > 40 or step == args.steps:
      saved = time.process_time()
      save()


def balance(losses, output, norms, decay=0.99):
  """EnCodec's balancer: the gradient at the decoder's output [B, 1, samples], in which every loss has the
  share of its weight whatever its scale. `losses` is name -> (value, weight); `norms` keeps averages."""
  gradients = {name: torch.autograd.grad(value, output, retain_graph=True)[0]
               for name, (value, _) in losses.items()}
  measured = torch.stack([gradient.flatten(1).norm(dim=1).mean() for gradient in gradients.values()])
  balanced = torch.zeros_like(output)
  for (name, gradient), norm in zip(gradients.items(), measured):
    norms[name] = decay * norms.get(name, norm) + (1 - decay) * norm
    balanced += losses[name][1] * gradient / (norms[name] + 1e-12)
  return balanced / (sum(weight for _, weight in losses.values()) * len(output))


@torch.no_grad()
def start_codebooks(codec, audio, rng, generator):
  """k-means on what the encoder now gives for 192 s of audio."""
  embeddings = torch.cat([codec.encoder(audio.crops(rng, 16, RATE)) for _ in range(12)])
  residual = embeddings.transpose(1, 2).flatten(0, 1)
  for layer in codec.quantizer.layers:
    layer.codebook.initialise(residual, generator)
    residual = residual - layer.codebook.embed[layer.codebook.squared_distances(residual).argmin(1)]


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--audio', required=True)
  parser.add_argument('--out', required=True)
  parser.add_argument('--steps', type=int, default=4500)
  parser.add_argument('--seed', default='tiny-codec')
  parser.add_argument('--batch', type=int, default=8, help='crops of one second')
  parser.add_argument('--rate', type=float, default=1.5e-3)
  parser.add_argument('--continuous', type=int, default=150,
                      help='steps before the quantiser')
  parser.add_argument('--wave', type=float, default=0.1, help='weight of the waveform L1 (mel: 1)')
  parser.add_argument('--commitment', type=float, default=0.25)
  parser.add_argument('--clip', type=float, default=1.0, help='gradient norm')
  parser.add_argument('--scales', default='64,128,256,512,1024,2048')
  parser.add_argument('--filters', type=int, default=8)
  parser.add_argument('--threads', type=int, default=1)
  args = parser.parse_args()
  torch.set_num_threads(args.threads)
  torch.backends.nnpack.set_flags(False)
  train(args)


if __name__ == '__main__':
  main()
