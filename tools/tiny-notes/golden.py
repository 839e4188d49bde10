# Expected tensors for the product's engine: test/golden/tiny-notes.safetensors, from the exported weights in float64.
#
#   golden.py --model models/tiny-notes --midi studies/codec-or-lm/Notes/funk-001.mid --out test/golden/tiny-notes.safetensors
#
# Tensors: ids [N] I32, the first tokens of the file; nll [N - 1] F64, natural log, of every token given those before it.
import argparse
import os
import sys

import numpy as np
import torch

sys.path.append(os.path.join(os.path.dirname(__file__), '..', 'tiny'))
from check import load  # noqa: E402
from checkpoint import write_safetensors  # noqa: E402
from tokenizer import tokenize  # noqa: E402


@torch.no_grad()
def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--model', required=True)
  parser.add_argument('--midi', required=True)
  parser.add_argument('--out', required=True)
  parser.add_argument('--tokens', type=int, default=1000)
  args = parser.parse_args()
  ids = np.array(tokenize(args.midi)[:args.tokens])
  nll = load(args.model, torch.float64).nll(torch.from_numpy(ids)[None])[0].numpy()
  write_safetensors(args.out, {'ids': ids.astype(np.int32), 'nll': nll})
  print(f'{len(ids)} tokens, mean loss {nll.mean():.4f}')


if __name__ == '__main__':
  main()
