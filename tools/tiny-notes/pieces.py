# The scores of the corpus as token ids, and passages of them for training.
#
#   pieces.py --scores SCRATCH/scores --out SCRATCH/notes.npz [--audio SCRATCH/audio]
#
# With --audio only pieces that were rendered there are taken: the same music for both models.
import argparse
import os
import sys

import numpy as np

sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'tiny'))
from corpus import is_held_out  # noqa: E402
from tokenizer import BEGIN, SEGMENT, tokenize  # noqa: E402


def load_pieces(path):
  """(training, held out): {name: ids [N] int64}."""
  stored = np.load(path)
  pieces = {name: stored[name].astype(np.int64) for name in sorted(stored.files)}
  held_out = {name: ids for name, ids in pieces.items() if is_held_out(name)}
  return {name: ids for name, ids in pieces.items() if name not in held_out}, held_out


def passage(ids, rng, length):
  """Up to `length` ids: the piece from its beginning, or (every second time) from a later segment of 5 s on, behind
  the same prefix."""
  head = int(np.argmax(ids == BEGIN)) + 1
  starts = np.flatnonzero(ids == SEGMENT) + 1
  if len(starts) == 0 or rng.random() < 0.5:
    return ids[:length]
  start = starts[rng.integers(len(starts))]
  return np.concatenate([ids[:head], ids[start:start + length - head]])


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--scores', required=True)
  parser.add_argument('--out', required=True)
  parser.add_argument('--audio')
  args = parser.parse_args()
  names = sorted(name[:-4] for name in os.listdir(args.scores) if name.endswith('.mid'))
  if args.audio:
    names = [name for name in names if os.path.exists(f'{args.audio}/{name}.wav')]
  pieces = {}
  for name in names:
    try:
      pieces[name] = np.array(tokenize(f'{args.scores}/{name}.mid'), np.int16)
    except ValueError as error:
      print(error)
  np.savez_compressed(args.out, **pieces)
  lengths = np.array([len(ids) for ids in pieces.values()])
  print(f'{len(pieces)} pieces, {lengths.sum()} tokens, {lengths.max()} at most, '
        f'{len(np.unique(np.concatenate(list(pieces.values()))))} different')


if __name__ == '__main__':
  main()
