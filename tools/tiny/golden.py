# Expected tensors for the product's engine: test/golden/tiny.safetensors, from the exported weights in
# float64.
#
#   golden.py --model models/tiny --clip demo/heldout-funk-band.flac --out test/golden/tiny.safetensors
#
# Takes the first excerpt of the clip (in steps of 1000 samples) whose smallest code margin is large enough
# that float32 rounding cannot change a code. Tensors: wav [1, N] F32, start_sample [1] I32, codes [4, T] I32,
# codes_margin [4, T] F32, audio_decoded [1, 640 T] F32, nll_delayed [4, T] F64, nll_undelayed [4, T-1] F64;
# natural log, every position.
import argparse

import numpy as np
import torch

from check_oracle import load
from checkpoint import write_safetensors
from corpus import RATE
from evaluate import flac


@torch.no_grad()
def main():
  parser = argparse.ArgumentParser()
  parser.add_argument('--model', required=True)
  parser.add_argument('--clip', required=True)
  parser.add_argument('--out', required=True)
  parser.add_argument('--seconds', type=float, default=6)
  parser.add_argument('--margin', type=float, default=1e-4)
  args = parser.parse_args()
  torch.set_num_threads(2)
  codec, lm = load(args.model, torch.float64)
  signal, length = flac(args.clip).astype(np.float32) / 32768, round(args.seconds * RATE)
  for start in range(0, len(signal) - length + 1, 1000):
    wav = torch.from_numpy(signal[start:start + length])[None]
    embeddings = codec.encoder(wav.double()[None])
    margin = codec.quantizer.margins(embeddings)[0]
    print(f'start {start}: smallest margin {margin.min():.2e}', flush=True)
    if margin.min() > args.margin:
      break
  else:
    raise SystemExit(f'golden: no excerpt of {args.clip} has a smallest margin above {args.margin}')
  codes = codec.quantizer.encode(embeddings)
  write_safetensors(args.out, {
    'wav': wav.numpy(), 'start_sample': np.array([start], np.int32), 'codes': codes[0].int().numpy(),
    'codes_margin': margin.float().numpy(), 'audio_decoded': codec.decode(codes)[0].float().numpy(),
    'nll_delayed': lm.nll_delayed(codes)[0].numpy(), 'nll_undelayed': lm.nll_undelayed(codes)[0].numpy()},
    {'clip': args.clip.rsplit('/', 1)[-1], 'smallest_margin': f'{margin.min():.3e}'})


if __name__ == '__main__':
  main()
