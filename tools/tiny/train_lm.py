# Trains the language model of `tiny` on the codes of tokens.py, with MusicGen's delay pattern and start token.
#
#   train_lm.py --tokens SCRATCH/tokens.npz --out SCRATCH/lm.pt [--steps 17750] [--threads 2] [--seed tiny-lm]
#
# A checkpoint a minute; a second run goes on from it, and one that is at --steps ends at once. Every crop stands at
# position 0 behind the start token. A step is --frames frames in crops of one length; half of all frames stand in
# crops of 30 s, so that the positions up to 1500 are all trained. The loss is the mean over codebooks and over the
# positions that have a target (the last k frames of codebook k have none). Data order and rates depend on the step
# alone: a run that was stopped gives what one that was not would give, up to rounding.
import argparse
import json
import os
import time
import zlib

import numpy as np
import torch

from corpus import is_held_out, style_of
from lm import Lm
from mixed import mixed
from optimiser import Optimiser, factor
from settings import lm_config

# Of the frames in training: {frames of a crop: share}. Short crops are cheap, and useful early on.
EARLY, LATER = {250: 0.5, 750: 0.35, 1500: 0.15}, {250: 0.1, 750: 0.3, 1500: 0.6}
EARLY_PART = 0.3  # of the steps


def load_tokens(path):
  """(training, held out): a list of [4, T] int64, and {'loops' | 'songs': such a list} by name, copy 0 only."""
  codes = np.load(path)
  names = sorted(codes.files)
  held_out = [name for name in names if is_held_out(name)]
  training = [codes[name].astype(np.int64) for name in names if name not in set(held_out)]
  kinds = {}
  for name in held_out:
    kind = 'songs' if style_of(name).startswith('song-') else 'loops'
    kinds.setdefault(kind, []).append(codes[name].astype(np.int64))
  return training, kinds


def crop(pieces, rng, count, frames):
  """[count, 4, frames]"""
  out = []
  while len(out) < count:
    piece = pieces[rng.integers(len(pieces))]
    if piece.shape[1] >= frames:
      start = rng.integers(piece.shape[1] - frames + 1)
      out.append(piece[:, start:start + frames])
  return torch.from_numpy(np.stack(out))


@torch.no_grad()
def evaluate(lm, pieces, frames=750):
  """Held-out loss per codebook [K]: seconds 5 to 20 of every piece."""
  lm.eval()
  rows = [lm.training_loss(torch.from_numpy(piece[None, :, 250:250 + frames])) for piece in pieces]
  lm.train()
  return torch.stack(rows).mean(0)


def summary(held):
  """`held` is {kind of piece: loss per codebook}."""
  return {name: {'mean': round(loss.mean().item(), 4), 'per codebook': [round(value, 4) for value in loss.tolist()]}
          for name, loss in held.items()}


def make_optimiser(lm, args):
  named = dict(lm.named_parameters())
  inner = [value for name, value in named.items() if value.dim() > 1 and '.layers.' in name]
  tables = [value for name, value in named.items() if value.dim() > 1 and '.layers.' not in name]
  vectors = [value for value in named.values() if value.dim() == 1]
  return Optimiser(inner, tables, vectors, args.rate, args.table_rate, args.decay)


def train(args):
  seed = zlib.crc32(args.seed.encode())
  lm = Lm(lm_config())
  lm.initialise(torch.Generator().manual_seed(seed))
  optimiser = make_optimiser(lm, args)
  step, spent, average = 0, 0.0, None
  if os.path.exists(args.out):
    state = torch.load(args.out)
    lm.load_state_dict(state['lm'])
    optimiser.load(state['optimiser'])
    step, spent, average = state['step'], state['seconds'], state['average']
  training, held_out = load_tokens(args.tokens)
  started = saved = evaluated = time.time()
  log = open(args.out + '.jsonl', 'a')
  size = sum(parameter.numel() for parameter in lm.parameters())
  print(f'{size} parameters, {len(training)} pieces and copies, step {step} of {args.steps}', flush=True)

  def seconds():
    return spent + time.time() - started

  def save():
    torch.save({'lm': lm.state_dict(), 'optimiser': optimiser.state(), 'step': step, 'seconds': seconds(),
                'average': average, 'frames': step * args.frames}, args.out + '.part')
    os.replace(args.out + '.part', args.out)

  def report(values):
    text = json.dumps({'step': step, 'seconds': round(seconds()), **values})
    print(text, flush=True)
    log.write(text + '\n')
    log.flush()
  while step < args.steps:
    rng = np.random.default_rng([seed, step])
    shares = EARLY if step < EARLY_PART * args.steps else LATER
    frames = int(rng.choice(list(shares), p=list(shares.values())))
    codes = crop(training, rng, max(1, args.frames // frames), frames)
    with mixed():
      per_codebook = lm.training_loss(codes)
    per_codebook.mean().backward()
    norm = optimiser.step(factor(step, args.steps))
    step += 1
    value = per_codebook.detach().mean().item()
    average = value if average is None else 0.98 * average + 0.02 * value
    if step % 50 == 0:
      report({'train': round(average, 4), 'frames': frames, 'norm': round(float(norm), 3)})
    if time.time() - evaluated > args.evaluate_every or step == args.steps:
      evaluated = time.time()
      report(summary({kind: evaluate(lm, pieces[::args.every]) for kind, pieces in held_out.items()}))
    if time.time() - saved > 60 or step == args.steps:
      saved = time.time()
      save()


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--tokens', required=True)
  parser.add_argument('--out', required=True)
  parser.add_argument('--steps', type=int, default=17750)
  parser.add_argument('--seed', default='tiny-lm')
  parser.add_argument('--frames', type=int, default=3000, help='frames a step')
  parser.add_argument('--rate', type=float, default=2e-3, help='Muon, at the scale of AdamW')
  parser.add_argument('--table-rate', type=float, default=2e-3)
  parser.add_argument('--decay', type=float, default=0.02)
  parser.add_argument('--evaluate-every', type=float, default=900, help='seconds')
  parser.add_argument('--every', type=int, default=2, help='evaluate every n-th held-out piece on the way')
  parser.add_argument('--threads', type=int, default=1)
  args = parser.parse_args()
  torch.set_num_threads(args.threads)
  train(args)


if __name__ == '__main__':
  main()
