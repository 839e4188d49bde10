# Measures the exported model and prints the tables of the model card; numbers also go to --out as JSON.
#
#   evaluate.py --model models/tiny --audio SCRATCH/audio --tokens SCRATCH/tokens.npz --demo demo \
#     --out SCRATCH/evaluation.json
#
# Clips are seconds 0 to 15 of a piece, encoded alone (750 frames). Losses are nats per code, mean over
# codebooks and over the positions that have a target in training. Held-out pieces are told apart: loops are of the
# kind that the first `tiny` was trained on (and are the same 40), songs are new. What noise does to the loss is measured
# by losscope itself (probes.yaml).
import argparse
import json
import math
import subprocess

import numpy as np
import torch

from check_oracle import load
from checkpoint import read_wav
from corpus import piece_names, style_of
from lm import trained_positions
from parallel import pool
from train_codec import MelLoss, si_snr
from train_lm import load_tokens

FRAMES, HOP = 750, 640

models = {}


def prepare(folder):
  torch.set_num_threads(1)
  torch.backends.nnpack.set_flags(False)
  models['codec'], models['lm'] = load(folder)
  models['mel'] = MelLoss([64, 128, 256, 512, 1024, 2048])


def curve(signal):
  """signal [samples] -> codes [4, T], loss [4, T] with NaN where training has no target."""
  with torch.no_grad():
    codes = models['codec'].encode(torch.from_numpy(signal)[None, None])
    nll = models['lm'].nll_delayed(codes)[0]
    return codes[0].numpy(), nll.masked_fill(~trained_positions(nll), float('nan')).numpy()


def measure(job):
  name, signal = job
  codes, clean = curve(signal)
  with torch.no_grad():
    target = torch.from_numpy(signal)[None, None]
    decoded = models['codec'].decode(torch.from_numpy(codes)[None])[..., :len(signal)]
    a, b = models['mel'].spectra(decoded)[4], models['mel'].spectra(target)[4]  # 1024-point transform
    return {
      'name': name, 'codes': codes, 'loss': np.nanmean(clean, axis=1).tolist(),
      'mel': models['mel'](decoded, target).item(), 'snr': si_snr(decoded, target).item(),
      'mel_db': (20 * (torch.log10(a + 1e-4) - torch.log10(b + 1e-4)).abs()).mean().item()}


def measure_long(codes):
  """codes [4, 1500] of a whole piece -> mean loss of its first 15 s, of its second 15 s behind them, and of these
  alone, from position 0."""
  with torch.no_grad():
    nll = models['lm'].nll_delayed(torch.from_numpy(codes)[None])[0]
    alone = models['lm'].nll_delayed(torch.from_numpy(codes[None, :, FRAMES:]))[0]
  return nll[:, :FRAMES].mean().item(), nll[:, FRAMES:-3].mean().item(), alone[:, :-3].mean().item()


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


def kind_of(name):
  return 'songs' if style_of(name).startswith('song-') else 'loops'


def loss_table(groups, tokens, size):
  print('| loss, nats per code | mean | codebook 0 | 1 | 2 | 3 | below the unigram |\n|---|---|---|---|---|---|---|')
  print('| uniform, ln V |' + f' {math.log(size):.3f} |' * 5 + ' |')
  base = {}
  for group, rows in groups.items():
    base[group] = unigram(tokens, [row['codes'] for row in rows], size)
    print(f'| unigram of the training codes, {group} | {np.mean(base[group]):.3f} |' + cells(base[group], '.3f') + ' |')
    loss = np.mean([row['loss'] for row in rows], axis=0)
    print(f'| model, {group} ({len(rows)} clips) | {loss.mean():.3f} |' + cells(loss, '.3f')
          + f' {np.mean(base[group]) - loss.mean():.3f} |')
  return base


def style_table(groups):
  styles = sorted({style_of(row['name']) for group, rows in groups.items() if group != 'training' for row in rows})
  print('\n| held out, by style | clips | loss |\n|---|---|---|')
  for style in styles:
    losses = [np.mean(row['loss']) for group, rows in groups.items() if group != "training" for row in rows
              if style_of(row['name']) == style]
    print(f'| {style} | {len(losses)} | {np.mean(losses):.3f} |')


def codec_tables(groups, size):
  print('\n| reconstruction | mel loss | log-mel error, dB | SI-SNR, dB |\n|---|---|---|---|')
  for group, rows in groups.items():
    means = [np.mean([row[key] for row in rows]) for key in ('mel', 'mel_db', 'snr')]
    print(f'| {group} |' + cells(means, '.2f'))
  print('\n| codebook | entries in use (held out) | perplexity |\n|---|---|---|')
  held_out = [row for group, rows in groups.items() if group != 'training' for row in rows]
  for k in range(4):
    used, value = perplexity(np.concatenate([row['codes'][k] for row in held_out]), size)
    print(f'| {k} | {used} of {size} | {value:.0f} |')


def demo_table(demo, results):
  print('\n| demo clip | loss | log-mel error, dB | SI-SNR, dB |\n|---|---|---|---|')
  for name in demo:
    row = results[name]
    print(f'| {name} |' + cells([np.mean(row['loss'])], '.3f') + cells([row['mel_db'], row['snr']], '.2f'))


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
  jobs = [(name, signal(name)) for name in held_out + some_training]
  jobs += demo
  with pool(args.processes, prepare, (args.model,)) as workers:
    results = {result['name']: result for result in workers.imap(measure, jobs)}
    halves = {kind: np.mean(workers.map(measure_long, pieces), axis=0) for kind, pieces in held_out_tokens.items()}
  groups = {f'held out, {kind}': [results[name] for name in held_out if kind_of(name) == kind] for kind in halves}
  groups['training'] = [results[name] for name in some_training]
  groups = {group: rows for group, rows in groups.items() if rows}
  with open(f'{args.model}/config.json') as file:
    size = json.load(file)['decoder']['vocab_size']
  base = loss_table(groups, tokens, size)
  print('\n| whole held-out pieces of 30 s | first half | second half | second half alone, from position 0 |')
  print('|---|---|---|---|')
  for kind, values in halves.items():
    print(f'| {kind} |' + cells(values, '.3f'))
  style_table(groups)
  codec_tables(groups, size)
  demo_table(files, results)
  for result in results.values():
    del result['codes']
  with open(args.out, 'w') as file:
    json.dump({'unigram': base, 'clips': results}, file, default=float)


if __name__ == '__main__':
  main()
