# Measures the exported `tiny-notes` and prints the tables of its card.
#
#   evaluate.py --model models/tiny-notes --pieces SCRATCH/notes.npz
#
# Losses are nats per token over whole pieces, scored from <S> on, by kind of token and by kind of piece. The baseline
# knows how often each token of a kind occurs in the training pieces (add-one over the tokens of that kind).
import argparse

import numpy as np
import torch

from check import load
from pieces import load_pieces
from tokenizer import KINDS, VOCABULARY, kind_of

KIND_OF = np.array([-1 if kind_of(token) is None else kind_of(token) for token in range(VOCABULARY)])
LATE = 1024  # position from which on a token counts as late


def unigram(training):
  """-log p [V] of every token among those of its kind."""
  count = np.bincount(np.concatenate(training), minlength=VOCABULARY) + 1.0
  out = np.zeros(VOCABULARY)
  for kind in range(len(KINDS)):
    members = KIND_OF == kind
    out[members] = -np.log(count[members] / count[members].sum())
  return out


@torch.no_grad()
def losses(model, ids):
  """(tokens, nll, positions) of the tokens of a piece that are scored."""
  nll = model.nll(torch.from_numpy(ids)[None])[0].numpy()
  scored = KIND_OF[ids[1:]] >= 0
  return ids[1:][scored], nll[scored], np.flatnonzero(scored)


def row(name, tokens, values):
  kinds = KIND_OF[tokens]
  cells = ' | '.join(f'{values[kinds == kind].mean():.3f}' for kind in range(len(KINDS)))
  print(f'| {name} | {values.mean():.3f} | {cells} |')


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--model', required=True)
  parser.add_argument('--pieces', required=True)
  args = parser.parse_args()
  torch.set_num_threads(1)
  model = load(args.model)
  training, held_out = load_pieces(args.pieces)
  base = unigram(list(training.values()))
  groups = {
    'held out, loops': [ids for name, ids in held_out.items() if not name.startswith('song-')],
    'held out, songs': [ids for name, ids in held_out.items() if name.startswith('song-')],
    'training': [ids for name, ids in training.items() if name.endswith(('-020', '-040'))],
  }
  print(f'| nats per token | all | {" | ".join(KINDS)} |\n' + '|---' * (len(KINDS) + 2) + '|')
  for name, pieces in groups.items():
    scored = [losses(model, ids) for ids in pieces]
    tokens, nll, positions = (np.concatenate(parts) for parts in zip(*scored))
    row(f'unigram of the kind, {name}', tokens, base[tokens])
    row(f'model, {name} ({len(pieces)} pieces, {len(tokens)} tokens)', tokens, nll)
    late = positions >= LATE
    print(f'| positions from {LATE} on, {name} | {nll[late].mean():.3f} |' + ' |' * len(KINDS))


if __name__ == '__main__':
  main()
