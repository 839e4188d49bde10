# Data-parallel training on CPU cores: one process a core, one thread each (faster here than one process with
# two threads: the small convolutions and the LSTM steps lose more to thread barriers than they gain).
import os
import tempfile

import torch
import torch.distributed as dist

ONE_THREAD = {'OMP_NUM_THREADS': '1', 'OPENBLAS_NUM_THREADS': '1'}  # environment of the children


def entry(rank, count, store, train, args):
  torch.set_num_threads(1)
  dist.init_process_group('gloo', init_method=f'file://{store}', rank=rank, world_size=count)
  train(rank, count, args)


def run(train, args, count):
  """Runs train(rank, count, args) in `count` processes."""
  store = tempfile.mktemp(prefix='tiny-store-')
  os.environ.update(ONE_THREAD)
  try:
    torch.multiprocessing.spawn(entry, (count, store, train, args), nprocs=count)
  finally:
    if os.path.exists(store):
      os.remove(store)


def pool(count, initialiser=None, args=()):
  """A multiprocessing pool of processes with one thread each."""
  os.environ.update(ONE_THREAD)
  return torch.multiprocessing.get_context('spawn').Pool(count, initialiser, args)


def mean(tensors):
  """Replaces every tensor by its mean over the processes."""
  flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
  dist.all_reduce(flat)
  flat /= dist.get_world_size()
  start = 0
  for tensor in tensors:
    tensor.copy_(flat[start:start + tensor.numel()].view_as(tensor))
    start += tensor.numel()


def mean_gradients(parameters):
  mean([parameter.grad for parameter in parameters if parameter.grad is not None])


def broadcast(tensors):
  """Everyone takes the tensors of process 0."""
  for tensor in tensors:
    dist.broadcast(tensor, 0)


def agree(flag):
  """What process 0 thinks of a yes/no question (the clock, say)."""
  answer = torch.tensor([1.0 if flag else 0.0])
  dist.broadcast(answer, 0)
  return bool(answer.item())
