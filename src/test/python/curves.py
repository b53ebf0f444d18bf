#!/usr/bin/env python3
"""Golden loss curves of every optimizer with every loss.

Writes ../resources/golden/curves.json: 12 epochs of 4-6-n with tanh, rows in order, from the same weights, all in
float64. Mini-batch optimizers take three batches an epoch; they are PyTorch's, Lion and the classical ones those of
the scripts beside. "float32": the reference's own curve in that precision stays within 1e-5, so the product may
compute in it. Another curve amplifies rounding, as those of methods that step by signs, and the product computes in
float64. A curve is left out where weights that differ by 1e-10 give another one. All take a quarter of an hour;
`curves.py adam radam` computes those of these types and keeps the others.
"""

import copy
import json
import sys

import numpy as np
import torch
from torch import nn

import classical
import losses
import optimizers
import searches
from golden import GOLDEN, tensor, write

SEED = 31
EPOCHS = 12
BATCH = 4
torch.manual_seed(SEED)
torch.set_num_threads(1)
X = losses.X
CLASSICAL = [
    ("gradient_descent", {"type": "gradient_descent"}, classical.Descent),
    ("traingdm", {"type": "traingdm"}, classical.Momentum),
    ("traingda", {"type": "traingda"}, classical.Adaptive),
    ("traingdx", {"type": "traingdx"}, lambda: classical.Adaptive(momentum=0.9)),
    ("delta_bar_delta", {"type": "delta_bar_delta"}, classical.DeltaBarDelta),
    ("trainrp", {"type": "trainrp"}, classical.Resilient),
]
SEARCHES = [
    ("traincgp", {"type": "traincgp"}, searches.Conjugate),
    ("trainbfg", {"type": "trainbfg"}, searches.Bfgs),
    ("trainscg", {"type": "trainscg"}, searches.ScaledConjugate),
]
# One of each type; the others differ in their parameters only.
MINI_BATCH = [o for o in optimizers.OPTIMIZERS
              if "everything" not in o[0] and "amsgrad" not in o[0] and o[0] not in ("rprop large", "lbfgs short")]


# Slopes that jump: a gradient is 0 or a rounding error, by the order in which rows are added up.
KINKED = [("quantile", "trainrp"), ("mape", "lbfgs strong wolfe")]


def net(units):
    module = nn.Sequential()
    module.add_module("a", nn.Linear(4, 6))
    module.add_module("tanh", nn.Tanh())
    module.add_module("b", nn.Linear(6, units))
    return module


def from_logits(z, y):
    """PyTorch clamps the gradient of binary_cross_entropy where a probability is near 0 or 1; here it doesn't."""
    y = y.double().unsqueeze(1) if y.dim() == 1 else y
    return nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")


class Loss:
    """The mean loss of rows, by a module's output."""

    def __init__(self, name, last, y, rows):
        if name.startswith("binary"):
            last, rows = "linear", from_logits
        self.last, self.rows, self.root = losses.ACTIVATIONS[last], rows, name == "rmse"
        self.y = y

    def __call__(self, module, part, dtype):
        y = self.y[part].double() if self.y.is_floating_point() else self.y[part]
        value = losses.by_row(self.rows(self.last(module(X[part].to(dtype)).double()), y)).mean()
        return value.sqrt() if self.root else value


def batched(module, loss, make, batch, dtype):
    module = copy.deepcopy(module).to(dtype)
    optimizer = make(module.parameters())
    curve = []
    for _ in range(EPOCHS):
        total = 0.0
        for at in range(0, len(X), batch):
            part = slice(at, min(at + batch, len(X)))

            def closure():
                optimizer.zero_grad()
                value = loss(module, part, dtype)
                value.backward()
                return value

            if isinstance(optimizer, torch.optim.LBFGS):
                value = optimizer.step(closure)
            else:
                value = closure()
                optimizer.step()
            total += value.item() * (part.stop - part.start)
        curve.append(total / len(X))
    return curve


class Flat:
    """A module's loss of all rows and its gradient, by one flat vector of weights."""

    def __init__(self, module, loss):
        self.module, self.loss = copy.deepcopy(module).double(), loss
        self.start = nn.utils.parameters_to_vector(self.module.parameters()).detach().numpy()

    def __call__(self, w):
        nn.utils.vector_to_parameters(torch.tensor(w), self.module.parameters())
        self.module.zero_grad()
        value = self.loss(self.module, slice(0, len(X)), torch.float64)
        value.backward()
        return value.item(), np.concatenate([p.grad.flatten().numpy() for p in self.module.parameters()])


def classical_curve(flat, make):
    # The rules there ask their module for the loss and its gradient.
    classical.loss = lambda w, x, y: flat(w)[0]
    classical.gradient = lambda w, x, y: flat(w)[1]
    classical.START = flat.start
    rule, w, curve = make(), flat.start, []
    for _ in range(EPOCHS):
        curve.append(flat(w)[0])
        w = rule.step(w, X, None)
    return curve


def searched(flat, make):
    rule, w, curve = make(), flat.start, []
    for _ in range(EPOCHS):
        w = rule.step(flat, w)
        curve.append(flat(w)[0])
    return curve


def golden(spec, precision, batch, curve):
    """Up to the first epoch in which nothing is left to learn."""
    ends = [i + 1 for i, value in enumerate(curve) if value == 0]
    return {"optimizer": spec, "precision": precision, "batch_size": batch,
            "losses": [float(f"{value:.7g}") for value in curve[:min(ends, default=EPOCHS)]]}


def steady(curve, other, share):
    return np.isfinite(curve).all() and all(abs(a - b) <= share * max(1e-3, abs(a)) for a, b in zip(curve, other))


def near(module):
    """The module with weights that differ in the tenth digit."""
    module = copy.deepcopy(module).double()
    with torch.no_grad():
        for p in module.parameters():
            p.mul_(1 + 1e-10 * torch.randn_like(p))
    return module


def search_ends(curve):
    """A line search that finds nothing lower ends the training."""
    return any(a == b for a, b in zip(curve, curve[1:]))


if __name__ == "__main__":
    only = sys.argv[1:]
    kept = {net["name"]: net["curves"] for net in json.loads((GOLDEN / "curves.json").read_text())["nets"]} if only else {}
    nets = []
    for name, units, last, y, spec, rows in losses.LOSSES:
        module, loss, curves = net(units), Loss(name, last, y, rows), {}
        other = near(module)

        def add(title, optimizer, precision, batch, curve_of, ends=lambda curve: False):
            if only and optimizer["type"] not in only:
                curves.update({title: kept[name][title]} if title in kept[name] else {})
                return
            curve = curve_of(module)
            if ends(curve):
                return
            if (name, title) not in KINKED and steady(curve, curve_of(other), 1e-5):
                curves[title] = golden(optimizer, precision(curve), batch, curve)
            else:
                print("left out, chaotic:", name, title)

        for title, optimizer, make, bits in MINI_BATCH:
            batch = len(X) if optimizer["type"] == "lbfgs" else BATCH
            of = lambda start, dtype=torch.float64: batched(start, loss, make, batch, dtype)
            stays = lambda curve: bits == 32 and steady(curve, of(module, torch.float32), 1e-5)
            precision = lambda curve: "float32" if stays(curve) else "float64"
            add(title, optimizer, precision, batch, of)
        for title, optimizer, make in CLASSICAL:
            add(title, optimizer, lambda _: "float64", len(X),
                lambda start: classical_curve(Flat(start, loss), make))
        for title, optimizer, make in SEARCHES:
            of = lambda start: searched(Flat(start, loss), make)
            add(title, optimizer, lambda _: "float64", len(X), of,
                lambda curve, title=title: title != "trainscg" and search_ends(curve))
        nets.append({
            "name": name,
            "loss": spec,
            "layers": [
                {"type": "dense", "name": "a", "units": 6, "activation": "tanh"},
                {"type": "dense", "name": "b", "units": units, "activation": last},
            ],
            "x": tensor(X),
            "y": tensor(y),
            "weights": {n: tensor(p) for n, p in module.state_dict().items()},
            "curves": curves,
        })
    write("curves.json", SEED, {"nets": nets})
