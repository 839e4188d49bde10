# Checks the tokenizer and the model against what Aria's own code gives:
#
#   check.py --tokens ORACLE/aria-tokens.json --midi MIDI --model ORACLE/aria-a
#
# The first is {file: ids}, the files lie in MIDI; the last holds a checkpoint and expected.safetensors.
import argparse
import json
import os
import sys

import numpy as np
import torch

sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'tiny'))
from checkpoint import read_safetensors  # noqa: E402
from model import Notes  # noqa: E402
from tokenizer import tokenize  # noqa: E402

TOLERANCE = 2e-5  # nats


def load(folder, dtype=torch.float32):
  """The model of a folder with config.json and model.safetensors, in eval mode."""
  with open(f'{folder}/config.json') as file:
    model = Notes(json.load(file)).to(dtype)
  weights = read_safetensors(f'{folder}/model.safetensors')
  model.load_state_dict({name: torch.from_numpy(array).to(dtype) for name, array in weights.items()})
  return model.eval()


@torch.no_grad()
def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--tokens', required=True)
  parser.add_argument('--midi', required=True)
  parser.add_argument('--model', required=True)
  args = parser.parse_args()
  with open(args.tokens) as file:
    expected = json.load(file)
  for name, ids in expected.items():
    assert tokenize(f'{args.midi}/{name}') == ids, f'{name}: other token ids'
  print(f'{len(expected)} files: token ids equal')
  model, tensors = load(args.model), read_safetensors(f'{args.model}/expected.safetensors')
  for name in sorted(tensors):
    if name.endswith('.ids'):
      nll = model.nll(torch.from_numpy(tensors[name].astype(np.int64))[None])[0].numpy()
      worst = np.abs(nll - tensors[name[:-4] + '.nll']).max()
      print(f'{name[:-4]}: losses within {worst:.1e}')
      assert worst < TOLERANCE, f'{name}: outside {TOLERANCE}'


if __name__ == '__main__':
  main()
