#!/usr/bin/env python3
"""Golden losses of two alternating phases, each with its own optimizer over the same weights.

Writes ../resources/golden/phases.json. Phase "head" trains the batch norm and the last layer, phase
"body" the first one: what a phase does not train has no gradient, counts no penalty and is in eval
mode. Optimizers keep their state from visit to visit.
"""

import torch
from torch import nn
import torch.nn.functional as F

from golden import tensor, write

SEED = 23
REPEATS = 3
L2 = 0.01
torch.manual_seed(SEED)

module = nn.Sequential()
module.add_module("a", nn.Linear(4, 6))
module.add_module("tanh", nn.Tanh())
module.add_module("n", nn.BatchNorm1d(6))
module.add_module("b", nn.Linear(6, 2))
x, y = torch.randn(10, 4), torch.randn(10, 2)
weights = {name: tensor(t) for name, t in module.state_dict().items()
           if not name.endswith("num_batches_tracked")}

head = torch.optim.SGD([*module.n.parameters(), *module.b.parameters()], lr=0.1, momentum=0.9)
body = torch.optim.Adam(module.a.parameters(), lr=0.02)
losses = []


def visit(optimizer, trained, kernel, epochs, loss):
    for name, child in module.named_children():
        child.train(name in trained)
        for parameter in child.parameters():
            parameter.requires_grad_(name in trained)
    for _ in range(epochs):
        optimizer.zero_grad()
        value = loss(module(x), y) + L2 * kernel.square().sum()
        losses.append(float(f"{value.item():.9g}"))
        value.backward()
        optimizer.step()


for _ in range(REPEATS):
    visit(head, ["n", "b"], module.b.weight, 3, F.mse_loss)
    visit(body, ["a"], module.a.weight, 2, F.l1_loss)

write(
    "phases.json",
    SEED,
    {
        "repeats": REPEATS,
        "l2": L2,
        "x": tensor(x),
        "y": tensor(y),
        "weights": weights,
        "losses": losses,
        "after": {name: tensor(t) for name, t in module.state_dict().items()
                  if not name.endswith("num_batches_tracked")},
    },
)
