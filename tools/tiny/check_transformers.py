# Opens an exported model in Hugging Face transformers and compares: check_transformers.py MODEL CLIP.flac
#
# No key may be missing or left over, the number of codebooks must be the model's own, codes must be equal and losses
# agree within 2e-5 nats on the first 10 s of the clip, with the delay pattern and the start token.
import sys

import numpy as np
import torch
import transformers
from transformers import MusicgenForConditionalGeneration

from check_oracle import load
from evaluate import flac
from lm import delay, trained_positions, undelay

SECONDS, TOLERANCE = 10, 2e-5


@torch.no_grad()
def main(folder, clip):
  codec, lm = load(folder)
  model, info = MusicgenForConditionalGeneration.from_pretrained(
    folder, dtype=torch.float32, attn_implementation='eager', output_loading_info=True)
  model.eval()
  # Tables of positions are computed, not stored.
  wrong = {name: [key for key in info[name] if 'embed_positions' not in key]
           for name in ('missing_keys', 'unexpected_keys', 'mismatched_keys')}
  assert not any(wrong.values()), f'{folder}: {wrong}'
  signal = torch.from_numpy(flac(clip).astype(np.float32)[:SECONDS * 32000] / 32768)[None, None]
  theirs = model.audio_encoder.encode(signal).audio_codes[0]
  ours = codec.encode(signal)
  assert theirs.shape == ours.shape, f'{folder}: codes {tuple(theirs.shape)}, expected {tuple(ours.shape)}'
  different = (theirs != ours).sum().item()
  count, frames = ours.shape[1:]
  columns = delay(ours, lm.config['vocab_size'])[..., :-1]
  logits = model.decoder(input_ids=columns.reshape(count, -1)).logits.view(1, count, -1, lm.config['vocab_size'])
  nll = torch.nn.functional.cross_entropy(
    undelay(logits, frames).permute(0, 3, 1, 2), ours, reduction='none')
  mask = trained_positions(nll[0])
  worst = (nll - lm.nll_delayed(ours))[0][mask].abs().max().item()
  print(f'transformers {transformers.__version__}: no key missing or left over, {different} of {ours.numel()} codes differ, '
        f'losses within {worst:.1e} (mean {nll[0][mask].mean():.4f})')
  assert different == 0 and worst < TOLERANCE, f'{folder}: outside tolerance'


if __name__ == '__main__':
  torch.backends.nnpack.set_flags(False)
  main(*sys.argv[1:3])
