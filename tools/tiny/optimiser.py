# Muon for the matrices inside the layers (PyTorch's own), AdamW for everything else, one schedule for both.
import torch


class Optimiser:
  """`inner` are matrices for Muon, `tables` embeddings and heads, `vectors` what has no weight decay."""

  def __init__(self, inner, tables, vectors, rate, table_rate, decay):
    self.parts = [
      torch.optim.Muon(inner, lr=rate, weight_decay=decay, adjust_lr_fn='match_rms_adamw'),
      torch.optim.AdamW([{'params': tables, 'weight_decay': 0.01}, {'params': vectors, 'weight_decay': 0}],
                        lr=table_rate, betas=(0.9, 0.98), eps=1e-10)]
    self.rates = [rate, table_rate]
    self.parameters = [*inner, *tables, *vectors]

  def step(self, factor, clip=1.0):
    """One step at `factor` times the full rates; returns the gradient norm. A norm that is not finite: no step."""
    norm = torch.nn.utils.clip_grad_norm_(self.parameters, clip)
    if torch.isfinite(norm):
      for part, rate in zip(self.parts, self.rates):
        for group in part.param_groups:
          group['lr'] = rate * factor
        part.step()
    for part in self.parts:
      part.zero_grad()
    return norm

  def state(self):
    return [part.state_dict() for part in self.parts]

  def load(self, state):
    for part, values in zip(self.parts, state):
      part.load_state_dict(values)


def factor(step, steps, warm_up=100, fall=0.5):
  """The learning rate rises over `warm_up` steps, stays, and falls in a line to zero over the last `fall`. As long
  as the fall has not begun, a training may be given more steps."""
  return min(1, (step + 1) / warm_up, (steps - step) / (steps * fall))
