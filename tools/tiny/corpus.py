# The rendered corpus as arrays: which pieces are held out, random crops, random gain.
import os

import numpy as np
import torch

RATE = 32000  # Hz
HELD_OUT = 5  # the first pieces (index 000 to 004) of every style are never trained on
WAV_HEADER = 44  # bytes; wav.ts writes no other


def piece_names(folder):
  """(training, held out), sorted."""
  names = sorted(name[:-4] for name in os.listdir(folder) if name.endswith('.wav'))
  held_out = [name for name in names if is_held_out(name)]
  return [name for name in names if name not in set(held_out)], held_out


def is_held_out(name):
  """`name` is STYLE-INDEX, with +COPY where it is another encoding."""
  return int(name.split('+')[0].rsplit('-', 1)[1]) < HELD_OUT


def style_of(name):
  return name.split('+')[0].rsplit('-', 1)[0]


class Audio:
  """Training pieces, read from disk where they are wanted: 26 hours are 6 GB."""

  def __init__(self, folder):
    self.paths = [f'{folder}/{name}.wav' for name in piece_names(folder)[0]]

  def crops(self, rng, count, samples, gain_db=(-10, 6)):
    """[count, 1, samples] float, each with a random gain, turned down where it would clip."""
    out = np.empty((count, 1, samples), np.float32)
    for row in out:
      while True:
        piece = np.memmap(self.paths[rng.integers(len(self.paths))], '<i2', 'r', WAV_HEADER)
        start = rng.integers(len(piece) - samples)
        crop = piece[start:start + samples] / 32768
        if np.abs(crop).max() > 1e-3:
          break
      row[0] = crop * min(10 ** (rng.uniform(*gain_db) / 20), 1 / np.abs(crop).max())
    return torch.from_numpy(out)
