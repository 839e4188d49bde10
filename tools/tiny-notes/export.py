# Writes the folder of `tiny-notes` in Aria's published layout: config.json and model.safetensors (F16).
#
#   export.py --notes SCRATCH/notes.pt --out models/tiny-notes
#
# Every token that does not occur in the training pieces gets the row that stood for all of them (see train.py).
import argparse
import os
import sys

import numpy as np
import torch

sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'tiny'))
from checkpoint import write_json, write_safetensors  # noqa: E402
from shape import config  # noqa: E402
from tokenizer import VOCABULARY  # noqa: E402


def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--notes', required=True)
  parser.add_argument('--out', required=True)
  args = parser.parse_args()
  state = torch.load(args.notes)
  rows = np.full(VOCABULARY, len(state['ids']))
  rows[state['ids'].numpy()] = np.arange(len(state['ids']))
  weights = {name: value.numpy() for name, value in state['model'].items()}
  for name in ('model.tok_embeddings.weight', 'lm_head.weight'):
    weights[name] = weights[name][rows]
  weights = {name: value.astype(np.float16) for name, value in weights.items()}
  for name, value in weights.items():
    assert np.isfinite(value).all(), f'{name}: expected values that float16 can hold'
  os.makedirs(args.out, exist_ok=True)
  write_json(f'{args.out}/config.json', config())
  write_safetensors(f'{args.out}/model.safetensors', weights, {'steps': str(state['step'])})
  print(f'{len(weights)} tensors, {os.path.getsize(args.out + "/model.safetensors")} bytes, step {state["step"]}')


if __name__ == '__main__':
  main()
