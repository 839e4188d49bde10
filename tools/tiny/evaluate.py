# Measures the exported model and prints the tables of the model card; numbers also go to --out as JSON.
#
#   evaluate.py --model models/tiny --audio SCRATCH/audio --tokens SCRATCH/tokens.npz --demo demo \
#     --out SCRATCH/evaluation.json
#
# Clips are seconds 0 to 15 of a piece, encoded alone (750 frames). Losses are nats per code, mean over
# codebooks and over the positions that have a target in training. Noise probes: white Gaussian noise replaces
# the signal from frame 250 on, at the RMS of what it replaces, and the whole clip is encoded again.
import argparse
import json
import math
import subprocess
import zlib

import numpy as np
import torch

from check_oracle import load
from checkpoint import read_wav
from corpus import piece_names
from lm import trained_positions
from parallel import pool
from train_codec import MelLoss, si_snr
from train_lm import load_tokens

FRAMES, HOP = 750, 640
START, LENGTHS = 250, (5, 10, 50, 100, 150, 200)  # frames
PEAK, REBOUND = 5, 10  # frames at the start of the window, and just after its end

models = {}


def prepare(folder):
  torch.set_num_threads(1)
  models['codec'], models['lm'] = load(folder)
  models['mel'] = MelLoss([64, 128, 256, 512, 1024, 2048])


def curve(signal):
  """signal [samples] -> codes [4, T], loss [4, T] with NaN where training has no target."""
  with torch.no_grad():
    codes = models['codec'].encode(torch.from_numpy(signal)[None, None])
    nll = models['lm'].nll_delayed(codes)[0]
    return codes[0].numpy(), nll.masked_fill(~trained_positions(nll), float('nan')).numpy()


def with_noise(signal, name, length):
  first, last = START * HOP, (START + length) * HOP
  noise = np.random.default_rng(zlib.crc32(f'{name}/white/{length}'.encode())).standard_normal(last - first)
  level = np.sqrt(np.mean(signal[first:last] ** 2)) / np.sqrt(np.mean(noise ** 2))
  out = signal.copy()
  out[first:last] = level * noise
  return out


def regions(delta, length):
  """delta [4, T] -> means over frames and codebooks of the regions around the window."""
  end = START + length
  mean = np.nanmean(delta, axis=0)
  return {
    'peak': mean[START:START + min(PEAK, length)].mean(),
    'peak3': mean[START:START + 3].mean(),
    'inside': mean[START + PEAK:end].mean() if length > PEAK else float('nan'),
    'rebound': mean[end:end + REBOUND].mean(),
    'clip': np.nanmean(delta),
  }


def measure(job):
  name, signal = job
  codes, clean = curve(signal)
  with torch.no_grad():
    target = torch.from_numpy(signal)[None, None]
    decoded = models['codec'].decode(torch.from_numpy(codes)[None])[..., :len(signal)]
    a, b = models['mel'].spectra(decoded)[4], models['mel'].spectra(target)[4]  # 1024-point transform
    result = {
      'name': name, 'codes': codes, 'loss': np.nanmean(clean, axis=1).tolist(),
      'mel': models['mel'](decoded, target).item(), 'snr': si_snr(decoded, target).item(),
      'mel_db': (20 * (torch.log10(a + 1e-4) - torch.log10(b + 1e-4)).abs()).mean().item(), 'probes': {}}
  for length in LENGTHS:
    _, noisy = curve(with_noise(signal, name, length))
    probe = regions(noisy - clean, length)
    window = slice(START, START + length)
    probe.update(clean_window=np.nanmean(clean[:, window]), noisy_window=np.nanmean(noisy[:, window]))
    if length == LENGTHS[-1]:
      probe['per_codebook'] = np.nanmean((noisy - clean)[:, START + PEAK:START + length], axis=1).tolist()
      probe['profile'] = np.nanmean(noisy - clean, axis=0)[START - 10:START + length + 30].tolist()
    result['probes'][length] = probe
  return result


def measure_long(codes):
  """codes [4, 1500] of a whole piece -> mean loss of its first and of its second 15 s."""
  with torch.no_grad():
    nll = models['lm'].nll_delayed(torch.from_numpy(codes)[None])[0]
  return nll[:, :FRAMES].mean().item(), nll[:, FRAMES:-3].mean().item()


def spread(values):
  """'mean ± standard deviation over clips'"""
  return f'{np.mean(values):+.3f} ± {np.std(values, ddof=1):.3f}' if len(values) > 1 else f'{values[0]:+.3f}'


def cells(values, form):
  return ''.join(f' {value:{form}} |' for value in values)


def unigram(training, held_out, size):
  """Loss [4] on `held_out` of the code frequencies of `training` (add-one)."""
  out = []
  for k in range(4):
    count = np.bincount(np.concatenate([piece[k] for piece in training]), minlength=size) + 1.0
    log_p = np.log(count / count.sum())
    out.append(-np.mean(np.concatenate([log_p[piece[k]] for piece in held_out])))
  return out


def perplexity(codes, size):
  count = np.bincount(codes, minlength=size)
  p = count[count > 0] / count.sum()
  return int((count > 0).sum()), float(np.exp(-np.sum(p * np.log(p))))


def flac(path):
  raw = subprocess.run(['flac', '--decode', '--stdout', '--silent', '--force-raw-format', '--endian=little',
                        '--sign=signed', path], check=True, capture_output=True).stdout
  return np.frombuffer(raw, '<i2')


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--model', required=True)
  parser.add_argument('--audio', required=True)
  parser.add_argument('--tokens', required=True)
  parser.add_argument('--demo', required=True)
  parser.add_argument('--out', required=True)
  parser.add_argument('--processes', type=int, default=2)
  args = parser.parse_args()
  training, held_out = piece_names(args.audio)
  some_training = [name for name in training if int(name.rsplit('-', 1)[1]) in (20, 40)]

  def signal(name):
    return (read_wav(f'{args.audio}/{name}.wav')[:FRAMES * HOP] / 32768).astype(np.float32)
  with open(f'{args.demo}/clips.json') as file:
    files = [clip['file'] for clip in json.load(file)]
  demo = [(name, (flac(f'{args.demo}/{name}') / 32768).astype(np.float32)) for name in files]
  tokens, held_out_tokens = load_tokens(args.tokens)
  jobs = [(name, signal(name)) for name in held_out + some_training] + demo
  with pool(args.processes, prepare, (args.model,)) as workers:
    results = {result['name']: result for result in workers.imap(measure, jobs)}
    halves = np.mean(workers.map(measure_long, held_out_tokens), axis=0)
  groups = {'held out': [results[name] for name in held_out],
            'training': [results[name] for name in some_training]}
  with open(f'{args.model}/config.json') as file:
    size = json.load(file)['decoder']['vocab_size']
  base = unigram(tokens, [result['codes'] for result in groups['held out']], size)

  print('| loss, nats per code | mean | codebook 0 | 1 | 2 | 3 |\n|---|---|---|---|---|---|')
  print('| uniform, ln V |' + f' {math.log(size):.3f} |' * 5)
  print(f'| unigram of the training codes | {np.mean(base):.3f} |' + cells(base, '.3f'))
  for group, rows in groups.items():
    loss = np.mean([row['loss'] for row in rows], axis=0)
    print(f'| model, {group} ({len(rows)} clips) | {loss.mean():.3f} |' + cells(loss, '.3f'))
  print(f'\nWhole held-out pieces of 30 s: first half {halves[0]:.3f}, second half {halves[1]:.3f}')
  print('\n| reconstruction | mel loss | log-mel error, dB | SI-SNR, dB |\n|---|---|---|---|')
  for group, rows in groups.items():
    means = [np.mean([row[key] for row in rows]) for key in ('mel', 'mel_db', 'snr')]
    print(f'| {group} |' + cells(means, '.2f'))
  print('\n| codebook | entries in use (held out) | perplexity |\n|---|---|---|')
  for k in range(4):
    used, value = perplexity(np.concatenate([row['codes'][k] for row in groups['held out']]), size)
    print(f'| {k} | {used} of {size} | {value:.0f} |')
  for group, rows in groups.items():
    print(f'\nWhite noise, {group}, {len(rows)} clips: loss difference, nats per code, mean ± s.d.\n')
    print('| frames | Peak (first 5) | inside, after the Peak | Rebound (10 after) | whole clip '
          '| clean loss in the window | noisy |')
    print('|---|---|---|---|---|---|---|')
    for length in LENGTHS:
      probes = [row['probes'][length] for row in rows]
      inside = spread([probe['inside'] for probe in probes]) if length > PEAK else '-'
      print(f'| {length} | {spread([probe["peak"] for probe in probes])} | {inside} | '
            f'{spread([probe["rebound"] for probe in probes])} | '
            f'{spread([probe["clip"] for probe in probes])} | '
            f'{np.mean([probe["clean_window"] for probe in probes]):.3f} | '
            f'{np.mean([probe["noisy_window"] for probe in probes]):.3f} |')
    inside = np.mean([row['probes'][LENGTHS[-1]]['per_codebook'] for row in rows], axis=0)
    print('\nInside, 200 frames, by codebook: ' + ', '.join(f'{value:+.3f}' for value in inside))
  print('\n| demo clip | loss | log-mel error, dB | SI-SNR, dB | Peak 200 | inside 200 | Rebound 200 |')
  print('|---' * 7 + '|')
  for name, _ in demo:
    row, probe = results[name], results[name]['probes'][LENGTHS[-1]]
    print(f'| {name} |' + cells([np.mean(row['loss'])], '.3f') + cells([row['mel_db'], row['snr']], '.2f')
          + cells([probe['peak'], probe['inside'], probe['rebound']], '+.3f'))
  for result in results.values():
    del result['codes']
  with open(args.out, 'w') as file:
    json.dump({'unigram': base, 'clips': results}, file, default=float)


if __name__ == '__main__':
  main()
