# Checks codec.py and lm.py against tensors computed by Hugging Face's own code: check_oracle.py ORACLE/mono-a
# ...
import json
import sys

import numpy as np
import torch

from checkpoint import read_safetensors
from codec import Codec
from lm import Lm, delay


def load(folder, dtype=torch.float32):
  """(codec, lm) of a MusicGen folder, in eval mode."""
  with open(f'{folder}/config.json') as file:
    config = json.load(file)
  new_names = (('parametrizations.weight.original0', 'weight_g'),
               ('parametrizations.weight.original1', 'weight_v'))
  weights = {name: torch.from_numpy(array).to(dtype)
             for name, array in read_safetensors(f'{folder}/model.safetensors').items()}
  for new, old in new_names:
    weights = {name.replace(new, old): value for name, value in weights.items()}
  codec, lm = Codec(config['audio_encoder']).to(dtype), Lm(config['decoder']).to(dtype)
  for module, prefix in ((codec, 'audio_encoder.'), (lm, 'decoder.')):
    part = {name[len(prefix):]: value for name, value in weights.items() if name.startswith(prefix)}
    missing, unexpected = module.load_state_dict(part, strict=False)
    unexpected = [name for name in unexpected if 'encoder_attn' not in name and 'embed_positions' not in name]
    assert not missing and not unexpected, f'{folder}: missing {missing}, unexpected {unexpected}'
  # A table of positions in the checkpoint is what it was trained with: exp() differs between builds of PyTorch.
  lm.table = weights.get('decoder.model.decoder.embed_positions.weights')
  return codec.eval(), lm.eval()


@torch.no_grad()
def check(folder):
  codec, lm = load(folder)
  expected = {name: torch.from_numpy(array)
              for name, array in read_safetensors(f'{folder}/expected.safetensors').items()}
  worst = {}

  def compare(what, actual, name):
    difference = (actual.double() - expected[name].double()).abs().max().item()
    worst[what] = max(worst.get(what, 0), difference)
  for prefix in ('', 'odd.', 'short.'):
    codes = expected[prefix + 'codes'].long()[None]
    compare('codes', codec.encode(expected[prefix + 'wav'][None])[0], prefix + 'codes')
    compare('audio', codec.decode(codes)[0], prefix + 'audio_decoded')
    compare('delayed ids', delay(codes, lm.config['vocab_size'])[0], prefix + 'delayed_input_ids')
    compare('nll delayed', lm.nll_delayed(codes)[0], prefix + 'nll_delayed')
    if prefix + 'nll_undelayed' in expected and codes.shape[-1] > 1:
      compare('nll undelayed', lm.nll_undelayed(codes)[0], prefix + 'nll_undelayed')
  if 'long.codes' in expected:
    codes = expected['long.codes'].long()[None]
    compare('nll long', lm.nll_delayed(codes)[0], 'long.nll_delayed')
  compare('margin', codec.quantizer.margins(codec.encoder(expected['wav'][None]))[0], 'codes_margin')
  print(folder, {what: float(f'{value:.2g}') for what, value in worst.items()})
  limits = {'codes': 0, 'delayed ids': 0, 'audio': 2e-5}
  bad = [what for what, value in worst.items() if value > limits.get(what, 2e-5)]
  assert not bad, f'{folder}: outside tolerance: {bad}'


if __name__ == '__main__':
  torch.set_num_threads(2)
  torch.backends.nnpack.set_flags(False)
  np.seterr(all='raise')
  for path in sys.argv[1:]:
    check(path)
