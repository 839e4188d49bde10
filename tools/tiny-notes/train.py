# Trains `tiny-notes` on the scores of the corpus.
#
#   train.py --pieces SCRATCH/notes.npz --out SCRATCH/notes.pt [--steps 3000] [--threads 1] [--seed tiny-notes]
#
# A checkpoint a minute; a second run goes on from it, and one that is at --steps ends at once. A batch is --batch
# passages of one length, 512 to 2048 tokens, at position 0.
#
# Of the 17,727 tokens some 5,000 occur. The others have one row between them, in the embedding and in the head, that
# counts as often as there are of them: the loss is exactly that of the whole vocabulary, at a third of the work.
import argparse
import json
import math
import os
import sys
import time
import zlib

import numpy as np
import torch

sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'tiny'))
from mixed import head_loss, mixed  # noqa: E402
from model import Notes  # noqa: E402
from optimiser import Optimiser, factor  # noqa: E402
from pieces import load_pieces, passage  # noqa: E402
from shape import config  # noqa: E402
from tokenizer import KINDS, VOCABULARY, kind_of  # noqa: E402

LENGTHS = {512: 0.4, 1024: 0.4, 2048: 0.2}  # tokens of a passage: probability
IGNORED = -100


class Vocabulary:
  """Token ids <-> rows of the model in training. The last row stands for all ids that do not occur."""

  def __init__(self, pieces):
    self.ids = np.unique(np.concatenate(list(pieces)))
    self.rows = np.full(VOCABULARY, len(self.ids))
    self.rows[self.ids] = np.arange(len(self.ids))
    self.others = VOCABULARY - len(self.ids)

  def offset(self):
    """What the logits want so that the last row counts `others` times: [rows]."""
    offset = torch.zeros(len(self.ids) + 1)
    offset[-1] = math.log(self.others)
    return offset


def batch_of(pieces, rng, vocabulary, count, length):
  """(rows [count, length], targets): where a piece has ended there is no target."""
  rows = np.zeros((count, length), np.int64)
  targets = np.full((count, length), IGNORED)
  for row, target in zip(rows, targets):
    for _ in range(20):  # a passage that fills its row, if one is found soon
      ids = passage(pieces[rng.integers(len(pieces))], rng, length)
      if len(ids) > 0.9 * length:
        break
    row[:len(ids)] = vocabulary.rows[ids]
    target[:len(ids)] = row[:len(ids)]
    target[:int(np.argmax(ids == 0)) + 1] = IGNORED  # prefixes and <S> are given
  return torch.from_numpy(rows), torch.from_numpy(targets)


def loss_of(model, rows, targets):
  """Mean over the tokens that have a target, nats; the head sees only those."""
  kept = targets[:, 1:] != IGNORED
  return head_loss(model.lm_head, model.model(rows[:, :-1])[kept], targets[:, 1:][kept], model.offset)


@torch.no_grad()
def evaluate(model, pieces, vocabulary, length=1024):
  """Held-out loss by kind of token, and over all of them: the beginnings of the pieces."""
  total, count = np.zeros(4), np.zeros(4)
  for ids in pieces:
    ids = ids[:length]
    nll = model.nll(torch.from_numpy(vocabulary.rows[ids])[None])[0].double().numpy()
    nll += np.where(vocabulary.rows[ids[1:]] == len(vocabulary.ids), math.log(vocabulary.others), 0)
    for token, value in zip(ids[1:], nll):
      kind = kind_of(token)
      if kind is not None:
        total[kind] += value
        count[kind] += 1
  by_kind = {name: round(value, 4) for name, value in zip(KINDS, total / count)}
  return {'held out': round(total.sum() / count.sum(), 4), **by_kind}


def train(args):
  seed = zlib.crc32(args.seed.encode())
  training, held_out = load_pieces(args.pieces)
  vocabulary = Vocabulary(training.values())
  model = Notes(config(vocabulary=len(vocabulary.ids) + 1))
  model.initialise(torch.Generator().manual_seed(seed))
  model.offset = vocabulary.offset()
  named = dict(model.named_parameters())
  tables = [named['model.tok_embeddings.weight'], named['lm_head.weight']]
  inner = [value for name, value in named.items() if value.dim() > 1 and 'encode_layers' in name]
  vectors = [value for value in named.values() if value.dim() == 1]
  optimiser = Optimiser(inner, tables, vectors, args.rate, args.table_rate, args.decay)
  step, spent, average = 0, 0.0, None
  if os.path.exists(args.out):
    state = torch.load(args.out)
    model.load_state_dict(state['model'])
    optimiser.load(state['optimiser'])
    step, spent, average = state['step'], state['seconds'], state['average']
  pieces, some = list(training.values()), [ids for i, ids in enumerate(held_out.values()) if i % 2 == 0]
  started = saved = time.process_time()
  log = open(args.out + '.jsonl', 'a')
  print(f'{sum(value.numel() for value in named.values())} parameters, {len(vocabulary.ids)} tokens in use, '
        f'{len(pieces)} pieces, step {step} of {args.steps}', flush=True)

  def seconds():
    return spent + time.process_time() - started

  def save():
    torch.save({'model': model.state_dict(), 'ids': torch.from_numpy(vocabulary.ids),
                'optimiser': optimiser.state(), 'step': step, 'seconds': seconds(),
                'average': average, 'seed': args.seed}, args.out + '.part')
    os.replace(args.out + '.part', args.out)

  def report(values):
    text = json.dumps({'step': step, 'CPU seconds': round(seconds()), **values})
    print(text, flush=True)
    log.write(text + '\n')
    log.flush()
  while step < args.steps:
    rng = np.random.default_rng([seed, step])
    length = int(rng.choice(list(LENGTHS), p=list(LENGTHS.values())))
    batch = batch_of(pieces, rng, vocabulary, max(1, args.tokens // length), length)
    with mixed():
      loss = loss_of(model, *batch)
    loss.backward()
    norm = optimiser.step(factor(step, args.steps))
    step += 1
    average = loss.item() if average is None else 0.98 * average + 0.02 * loss.item()
    if step % 50 == 0:
      report({'train': round(average, 4), 'norm': round(float(norm), 3)})
    if step % args.evaluate_every == 0 or step == args.steps:
      report(evaluate(model, some, vocabulary))
    if time.process_time() - saved > 40 or step == args.steps:
      saved = time.process_time()
      save()


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--pieces', required=True)
  parser.add_argument('--out', required=True)
  parser.add_argument('--steps', type=int, default=3000)
  parser.add_argument('--tokens', type=int, default=4096, help='tokens a step')
  parser.add_argument('--rate', type=float, default=4e-3, help='Muon, at the scale of AdamW')
  parser.add_argument('--table-rate', type=float, default=4e-3)
  parser.add_argument('--decay', type=float, default=0.02)
  parser.add_argument('--evaluate-every', type=int, default=500, help='steps')
  parser.add_argument('--threads', type=int, default=1)
  parser.add_argument('--seed', default='tiny-notes')
  args = parser.parse_args()
  torch.set_num_threads(args.threads)
  train(args)


if __name__ == '__main__':
  main()
