# Trains the language model of `tiny` on the codes of tokens.py, with MusicGen's delay pattern and start
# token.
#
#   train_lm.py --tokens SCRATCH/tokens.npz --out SCRATCH/lm.pt --until 09:48 [--seed tiny-lm]
#
# Every crop stands at position 0 behind the start token. Lengths are mixed: short crops make steps cheap
# early on, 15 s and 30 s crops train the positions that are scored. Resumes from --out. The loss is the mean
# over codebooks and over the positions that have a target (the last k frames of codebook k have none).
import argparse
import json
import math
import os
import time
import zlib

import numpy as np
import torch

from corpus import HELD_OUT
from lm import Lm, trained_positions
from parallel import agree, mean, mean_gradients, run
from settings import lm_config
from train_codec import seconds_until

# (share of the training time, {frames of a crop: probability})
STAGES = [
  (0.25, {250: 0.7, 750: 0.3}),
  (0.6, {250: 0.25, 750: 0.65, 1500: 0.1}),
  (1.0, {750: 0.75, 1500: 0.25}),
]


def load_tokens(path):
  """(training, held out): lists of [4, T] int64; held-out pieces sorted by name, copy 0 only."""
  codes = np.load(path)
  names = sorted(codes.files)
  held_out = [name for name in names if int(name.split('+')[0].rsplit('-', 1)[1]) < HELD_OUT]
  training = [codes[name].astype(np.int64) for name in names if name not in set(held_out)]
  return training, [codes[name].astype(np.int64) for name in held_out]


def crop(pieces, rng, count, frames):
  """[count, 4, frames]"""
  out = []
  while len(out) < count:
    piece = pieces[rng.integers(len(pieces))]
    if piece.shape[1] >= frames:
      start = rng.integers(piece.shape[1] - frames + 1)
      out.append(piece[:, start:start + frames])
  return torch.from_numpy(np.stack(out))


def loss_of(lm, codes):
  """Mean per codebook [K], nats."""
  nll = lm.nll_delayed(codes)
  mask = trained_positions(nll)
  return (nll * mask).sum((0, 2)) / (mask.sum(1) * len(codes))


def evaluate(lm, pieces, rank, count, frames=750):
  """Held-out loss per codebook [K]: seconds 5 to 20 of every piece, shared between the processes."""
  lm.eval()
  with torch.no_grad():
    rows = [loss_of(lm, torch.from_numpy(piece[None, :, 250:250 + frames])) for piece in pieces[rank::count]]
  lm.train()
  total = torch.stack(rows).sum(0)
  number = torch.tensor([float(len(rows))])
  mean([total, number])
  return total / number


def summary(held):
  per_codebook = [round(value, 4) for value in held.tolist()]
  return {'held out': round(held.mean().item(), 4), 'per codebook': per_codebook}


def train(rank, count, args):
  seed = zlib.crc32(args.seed.encode())
  torch.manual_seed(seed + rank)
  lm = Lm(lm_config())
  lm.initialise(torch.Generator().manual_seed(seed))
  matrices = [p for p in lm.parameters() if p.dim() > 1]
  vectors = [p for p in lm.parameters() if p.dim() == 1]
  optimiser = torch.optim.AdamW(
    [{'params': matrices, 'weight_decay': args.decay}, {'params': vectors, 'weight_decay': 0}],
    lr=args.rate, betas=(0.9, 0.95))
  step, spent = 0, 0.0
  if os.path.exists(args.out):
    state = torch.load(args.out)
    lm.load_state_dict(state['lm'])
    optimiser.load_state_dict(state['optimiser'])
    step, spent = state['step'], state['seconds']
  rng = np.random.default_rng([seed, step, rank])
  shared = np.random.default_rng([seed, step])  # the same crop length in every process
  training, held_out = load_tokens(args.tokens)
  started, total = time.time(), seconds_until(args.until)
  saved, evaluated = started, started
  log = open(args.out + '.jsonl', 'a') if rank == 0 else None
  if rank == 0:
    size = sum(parameter.numel() for parameter in lm.parameters())
    print(f'{size} parameters, {len(training)} pieces and copies, step {step}, {total:.0f} s', flush=True)

  def save():
    torch.save({'lm': lm.state_dict(), 'optimiser': optimiser.state_dict(), 'step': step,
                'seconds': spent + time.time() - started}, args.out + '.part')
    os.replace(args.out + '.part', args.out)

  def report(values):
    text = json.dumps(dict({'step': step, 'seconds': round(spent + time.time() - started)}, **values))
    print(text, flush=True)
    log.write(text + '\n')
    log.flush()
  average = None
  while agree(time.time() - started < total):
    progress = min(1.0, (time.time() - started + spent) / (total + spent))
    stage = torch.tensor([progress])
    mean([stage])
    lengths = next(table for end, table in STAGES if stage.item() <= end)
    frames = int(shared.choice(list(lengths), p=list(lengths.values())))
    warm = min(1, (step + 1) / args.warm_up)
    for group in optimiser.param_groups:
      group['lr'] = args.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
    codes = crop(training, rng, max(1, args.frames // count // frames), frames)
    per_codebook = loss_of(lm, codes)
    optimiser.zero_grad()
    per_codebook.mean().backward()
    mean_gradients(list(lm.parameters()))
    norm = torch.nn.utils.clip_grad_norm_(lm.parameters(), 1.0)
    if torch.isfinite(norm):
      optimiser.step()
    step += 1
    value = per_codebook.detach().mean().item()
    average = value if average is None else 0.98 * average + 0.02 * value
    if rank == 0 and step % 20 == 0:
      report({'train': round(average, 4), 'frames': frames, 'norm': round(float(norm), 3)})
    if agree(time.time() - evaluated > args.evaluate_every):
      evaluated = time.time()
      held = evaluate(lm, held_out, rank, count)
      if rank == 0:
        report(summary(held))
    if rank == 0 and time.time() - saved > 60:
      saved = time.time()
      save()
  held = evaluate(lm, held_out, rank, count)
  if rank == 0:
    report(summary(held))
    save()


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--tokens', required=True)
  parser.add_argument('--out', required=True)
  parser.add_argument('--until', required=True, help='local time HH:MM at which training ends')
  parser.add_argument('--seed', default='tiny-lm')
  parser.add_argument('--frames', type=int, default=2000, help='frames a step, over all processes')
  parser.add_argument('--rate', type=float, default=2e-3)
  parser.add_argument('--decay', type=float, default=0.05)
  parser.add_argument('--warm-up', type=int, default=60, help='steps')
  parser.add_argument('--evaluate-every', type=float, default=480, help='seconds')
  parser.add_argument('--processes', type=int, default=2)
  args = parser.parse_args()
  run(train, args, args.processes)


if __name__ == '__main__':
  main()
