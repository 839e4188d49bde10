# Checks mixed.py: losses and gradients inside `mixed()` against those in float32, on random weights and inputs.
import torch
import torch.nn.functional as F

from lm import Lm, trained_positions
from mixed import attend, mixed
from settings import lm_config


def alike(name, value, expected, least=0.999):
  cosine = F.cosine_similarity(value.flatten(), expected.flatten(), 0).item()
  ratio = (value.norm() / expected.norm()).item()
  print(f'{name}: cosine {cosine:.5f}, ratio of norms {ratio:.5f}')
  assert cosine > least and abs(ratio - 1) < 0.01, f'{name}: not the gradient of float32'


def gradients(parameters, loss):
  for parameter in parameters:
    parameter.grad = None
  loss.backward()
  return [parameter.grad.clone() for parameter in parameters]


def main():
  torch.manual_seed(0)
  for shape in ((2, 4, 333, 16), (1, 2, 1503, 64)):
    parts, weight = [torch.randn(shape).requires_grad_() for _ in range(3)], torch.randn(shape)
    expected = gradients(parts, (attend(*parts) * weight).sum())
    with mixed():
      got = gradients(parts, (attend(*parts) * weight).sum())
    for name, value, right in zip(('query', 'key', 'value'), got, expected):
      alike(f'attention {shape}, {name}', value, right)
  lm = Lm(lm_config())
  lm.initialise(torch.Generator().manual_seed(1))
  for head in lm.lm_heads:
    head.weight.data *= 20
  codes = torch.randint(0, 512, (2, 4, 600))
  exact, loss = lm.nll_delayed(codes), lm.training_loss(codes)
  mask = trained_positions(exact)
  torch.testing.assert_close(loss, (exact * mask).sum((0, 2)) / (mask.sum(1) * len(codes)), rtol=1e-5, atol=0)
  parameters = list(lm.parameters())
  expected = gradients(parameters, loss.mean())
  with mixed():
    got = lm.training_loss(codes)
  torch.testing.assert_close(got, loss, rtol=1e-3, atol=0)
  for (name, _), value, right in zip(lm.named_parameters(), gradients(parameters, got.mean()), expected):
    alike(name, value, right, 0.995)


if __name__ == '__main__':
  main()
