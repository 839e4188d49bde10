# Encodes the corpus with the exported codec (its F16-rounded weights): SCRATCH/tokens.npz, name -> [4, T]
# int16.
#
#   tokens.py --audio SCRATCH/audio --model models/tiny --out SCRATCH/tokens.npz [--copies 2]
#
# Copy 0 is the piece as it is. Further copies (training pieces only, named NAME+1 ...) have another loudness
# and start up to one frame later: other codes for the same music.
# Codes that --out already holds are kept, so that a run that was stopped goes on and a further copy can be added
# later. They are those of one codec: give another --out where the codec has changed.
import argparse
import os
import zlib

import numpy as np
import torch

from check_oracle import load
from checkpoint import read_wav
from corpus import piece_names
from parallel import pool


def copy_name(name, copy):
  return f'{name}+{copy}' if copy > 0 else name


models = {}


def prepare(folder):
  torch.set_num_threads(1)
  torch.backends.nnpack.set_flags(False)
  models['codec'], _ = load(folder)


def encode(job):
  path, name, copy = job
  signal = read_wav(path).astype(np.float32) / 32768
  if copy > 0:
    rng = np.random.default_rng(zlib.crc32(copy_name(name, copy).encode()))
    signal = signal[rng.integers(1, 640):]
    signal = signal * min(10 ** (rng.uniform(-9, 5) / 20), 1 / np.abs(signal).max())
  with torch.no_grad():
    codes = models['codec'].encode(torch.from_numpy(signal.astype(np.float32))[None, None])[0]
  return copy_name(name, copy), codes.numpy().astype(np.int16)


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--audio', required=True)
  parser.add_argument('--model', required=True)
  parser.add_argument('--out', required=True)
  parser.add_argument('--copies', type=int, default=2)
  parser.add_argument('--processes', type=int, default=2)
  args = parser.parse_args()
  training, held_out = piece_names(args.audio)
  codes = dict(np.load(args.out)) if os.path.exists(args.out) else {}
  jobs = [(f'{args.audio}/{name}.wav', name, copy)
          for copy in range(args.copies) for name in (training + held_out if copy == 0 else training)
          if copy_name(name, copy) not in codes]
  with pool(args.processes, prepare, (args.model,)) as workers:
    for done, (name, values) in enumerate(workers.imap_unordered(encode, jobs, chunksize=4), 1):
      codes[name] = values
      if done % 200 == 0 or done == len(jobs):
        np.savez(args.out + '.part.npz', **codes)
        os.replace(args.out + '.part.npz', args.out)
        print(f'{done} of {len(jobs)} encoded', flush=True)
  print(f'{len(codes)} pieces, {sum(value.shape[1] for value in codes.values())} frames')


if __name__ == '__main__':
  main()
