# The rendered corpus as arrays: which pieces are held out, random crops, random gain.
import os

import numpy as np
import torch

from checkpoint import read_wav

RATE = 32000  # Hz
HELD_OUT = 5  # the first pieces (index 000 to 004) of every style are never trained on


def piece_names(folder):
  """(training, held out), sorted."""
  names = sorted(name[:-4] for name in os.listdir(folder) if name.endswith('.wav'))
  held_out = [name for name in names if int(name.rsplit('-', 1)[1]) < HELD_OUT]
  return [name for name in names if name not in set(held_out)], held_out


class Audio:
  """Training pieces in memory, int16."""

  def __init__(self, folder):
    self.pieces = [read_wav(f'{folder}/{name}.wav') for name in piece_names(folder)[0]]

  def crops(self, rng, count, samples, gain_db=(-10, 6)):
    """[count, 1, samples] float, each with a random gain, turned down where it would clip."""
    out = np.empty((count, 1, samples), np.float32)
    for row in out:
      while True:
        piece = self.pieces[rng.integers(len(self.pieces))]
        start = rng.integers(len(piece) - samples)
        crop = piece[start:start + samples] / 32768
        if np.abs(crop).max() > 1e-3:
          break
      row[0] = crop * min(10 ** (rng.uniform(*gain_db) / 20), 1 / np.abs(crop).max())
    return torch.from_numpy(out)
