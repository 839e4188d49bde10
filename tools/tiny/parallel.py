# Work over many pieces: one process a core, one thread each.
import os

import torch

# One thread, and memory that is kept instead of given back and faulted in again for every tensor (glibc): large
# convolutions take two thirds of the time. Set the last two for the trainings as well.
ENVIRONMENT = {'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1', 'MALLOC_MMAP_THRESHOLD_': '4000000000',
               'MALLOC_TRIM_THRESHOLD_': '4000000000'}


def pool(count, initialiser=None, args=()):
  """A multiprocessing pool of processes with one thread each."""
  os.environ.update(ENVIRONMENT)
  return torch.multiprocessing.get_context('spawn').Pool(count, initialiser, args)
