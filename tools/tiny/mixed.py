# Training in two precisions: matrix products in bfloat16 on the weights in float32, everything between them in float32.
# Outside `mixed()` these are PyTorch's own. On a CPU with bfloat16 instructions (AVX-512 BF16) such a product is five
# times as fast, and a whole step of the language model costs 0.35 of what it does in float32 (0.4 with two threads); on one
# without them it is slower. check_mixed.py compares losses and gradients.
from contextlib import contextmanager

import torch
import torch.nn.functional as F

BLOCK = 128  # queries of a block
ROWS = 128  # of logits at once
_on = False


@contextmanager
def mixed():
  global _on
  before, _on = _on, True
  try:
    yield
  finally:
    _on = before


def linear(layer, x):
  """`layer` without a bias on x [..., in]; bfloat16 inside `mixed()`."""
  return F.linear(x.bfloat16(), layer.weight.bfloat16()) if _on else layer(x)


def attend(query, key, value):
  """Causal attention of [B, heads, N, width]."""
  if not _on:
    return F.scaled_dot_product_attention(query, key, value, is_causal=True)
  return _Attention.apply(query, key, value)


class _Attention(torch.autograd.Function):
  """A block of queries at a time, and only the keys up to its end."""

  @staticmethod
  def forward(ctx, query, key, value):
    shape, scale = query.shape, query.shape[-1] ** -0.5
    query, key, value = ((part.bfloat16() * factor).reshape(-1, *shape[2:])
                         for part, factor in ((query, scale), (key, 1), (value, 1)))
    future = torch.full((BLOCK, BLOCK), float('-inf'), dtype=query.dtype).triu(1)
    out, weights = torch.empty_like(value), []
    for start, end in _blocks(shape[2]):
      scores = query[:, start:end] @ key[:, :end].mT
      scores[..., start:] += future[:end - start, :end - start]
      weights.append(scores.softmax(-1))
      out[:, start:end] = weights[-1] @ value[:, :end]
    ctx.save_for_backward(query, key, value, *weights)
    ctx.scale = scale
    return out.view(shape)

  @staticmethod
  def backward(ctx, grad):
    query, key, value, *weights = ctx.saved_tensors
    shape, grad = grad.shape, grad.reshape(query.shape)
    grad_query, grad_key, grad_value = torch.empty_like(query), *(torch.zeros(query.shape) for _ in range(2))
    for (start, end), weight in zip(_blocks(shape[2]), weights):
      rows = grad[:, start:end]
      grad_value[:, :end] += weight.mT @ rows
      slope = torch._softmax_backward_data(rows @ value[:, :end].mT, weight, -1, weight.dtype)
      grad_query[:, start:end] = slope @ key[:, :end]
      grad_key[:, :end] += slope.mT @ query[:, start:end]
    return (grad_query * ctx.scale).view(shape), grad_key.view(shape), grad_value.view(shape)


def _blocks(length):
  return [(start, min(length, start + BLOCK)) for start in range(0, length, BLOCK)]


class _HeadLoss(torch.autograd.Function):
  """Mean cross-entropy of x [N, in] @ weight [V, in]^T + offset against targets [N], in rows that fit the cache: the
  logits are never held at once, and the gradients are made where they are (x and weight get theirs)."""

  @staticmethod
  def forward(ctx, x, weight, targets, offset):
    x16, weight16 = x.bfloat16(), weight.bfloat16()
    total, grad_x, grad_weight = 0.0, torch.empty_like(x16), torch.zeros_like(weight)
    for start in range(0, len(x), ROWS):
      rows = slice(start, start + ROWS)
      logits = (x16[rows] @ weight16.T).float()
      if offset is not None:
        logits += offset
      target = targets[rows, None]
      log_p = logits.log_softmax(1)
      total -= log_p.gather(1, target).sum()
      slope = log_p.exp_().scatter_add_(1, target, torch.full_like(target, -1, dtype=torch.float32)).bfloat16()
      grad_x[rows] = slope @ weight16
      grad_weight += slope.T @ x16[rows]
    ctx.save_for_backward(grad_x, grad_weight)
    ctx.count = len(x)
    return total / len(x)

  @staticmethod
  def backward(ctx, grad):
    grad_x, grad_weight = ctx.saved_tensors
    scale = grad / ctx.count
    return grad_x.float() * scale, grad_weight * scale, None, None


def head_loss(layer, x, targets, offset=None):
  """Mean -log p of targets [N] under softmax(layer(x) + offset), x [N, in]; bfloat16 products inside `mixed()`."""
  if _on:
    return _HeadLoss.apply(x, layer.weight, targets, offset)
  logits = layer(x)
  return F.cross_entropy(logits if offset is None else logits + offset, targets)
