#!/usr/bin/env python3
"""Golden values of the layers for tables, of dense layers in the NTK parametrization and of learned activations:
output and gradients of sum(output * coefficients). Written out from the papers' formulas with PyTorch.

Writes ../resources/golden/tabular.json and ensembles.json.
"""

import math

import torch
import torch.nn.functional as F

from golden import tensor, write
from layer_cases import Cases

cases = Cases("tabular.json", 33)
case = cases.add
randn = torch.randn


def scale():
    w = {"s.weight": randn(3)}
    layers = [{"type": "feature_scale", "name": "s"}]
    case("feature_scale", layers, {"x": randn(5, 3)}, lambda w, x: x * w["s.weight"], w)
    case("feature_scale on two axes", layers, {"x": randn(4, 2, 3)}, lambda w, x: x * w["s.weight"], w)


def periodic():
    for name, features, frequencies, dim in (("periodic_embedding", 3, 5, 4), ("periodic_embedding of one", 1, 16, 2)):
        w = {
            "p.frequency": randn(features, frequencies),
            "p.phase": randn(features, frequencies),
            "p.weight": randn(features, dim - 1, frequencies),
            "p.bias": randn(features, dim - 1),
        }

        def embed(w, x):
            parts = []
            for i in range(x.shape[1]):
                waves = torch.cos(2 * math.pi * x[:, i : i + 1] * w["p.frequency"][i] + w["p.phase"][i])
                parts += [F.linear(waves, w["p.weight"][i], w["p.bias"][i]), x[:, i : i + 1]]
            return torch.cat(parts, 1)

        layer = {"type": "periodic_embedding", "name": "p", "frequencies": frequencies, "dim": dim}
        case(name, [layer], {"x": randn(6, features)}, embed, w)


def ensembles():
    members, inputs, units = 3, 4, 2
    shared = {
        "e.weight": randn(units, inputs), "e.r": randn(members, inputs), "e.s": randn(members, units),
        "e.bias": randn(members, units),
    }
    apart = {"e.weight": randn(members, units, inputs), "e.bias": randn(members, units)}
    row = lambda x, m: x[:, m] if x.dim() == 3 else x

    def batch(w, x):
        return torch.stack(
            [F.linear(row(x, m) * w["e.r"][m], w["e.weight"]) * w["e.s"][m] + w["e.bias"][m] for m in range(members)], 1)

    def each(w, x):
        return torch.stack([F.linear(row(x, m), w["e.weight"][m], w["e.bias"][m]) for m in range(members)], 1)

    layer = {"type": "ensemble_dense", "name": "e", "units": units, "members": members}
    for axes in ((5, inputs), (5, members, inputs)):
        x = {"x": randn(*axes)}
        case(f"ensemble_dense on {len(axes)} axes", [layer], x, batch, shared)
        case(f"ensemble_dense apart on {len(axes)} axes", [{**layer, "shared": False}], x, each, apart)
    case("ensemble_dense with relu", [{**layer, "activation": "relu"}], {"x": randn(5, inputs)},
         lambda w, x: F.relu(batch(w, x)), shared)


def average():
    layers = [{"type": "average_members"}]
    case("average_members", layers, {"x": randn(5, 3, 4)}, lambda w, x: x.mean(1))
    case("average_members of two axes", layers, {"x": randn(2, 3, 4, 2)}, lambda w, x: x.mean(1))


def curves():
    """Losses of an ensemble in training: the members' mean; after each epoch, the loss of the mean of their answers."""
    members, epochs, batch = 3, 3, 4
    x, labels, numbers = randn(10, 4), torch.randint(0, 3, (10,)), randn(10, 2)
    two = (labels > 0).long()
    made = []
    for name, units, weighted in (("classes", 3, False), ("numbers", 2, False), ("weighted numbers", 2, True),
                                  ("focal of classes", 3, True), ("focal of two", 1, False)):
        start = {
            "a.weight": randn(6, 4), "a.r": randn(members, 4), "a.s": torch.ones(members, 6), "a.bias": torch.zeros(members, 6),
            "b.weight": randn(members, units, 6) / 2, "b.bias": torch.zeros(members, units),
        }
        w = {n: t.clone().requires_grad_() for n, t in start.items()}
        optimizer = torch.optim.SGD(w.values(), lr=0.1)
        weights = torch.rand(10) if weighted else torch.ones(10)

        def answers(rows):
            h = F.relu(F.linear(rows.unsqueeze(1) * w["a.r"], w["a.weight"]) * w["a.s"] + w["a.bias"])
            return torch.einsum("nmi,moi->nmo", h, w["b.weight"]) + w["b.bias"]

        def probabilities(out):
            return torch.cat([1 - out.sigmoid(), out.sigmoid()], -1) if units == 1 else out.softmax(-1)

        def of_answers(p, at):
            """The loss of each row, from numbers or probabilities."""
            if "numbers" in name:
                return (p - numbers[at]).square().mean(1)
            y = (two if units == 1 else labels)[at]
            p = p[torch.arange(len(y)), y]
            alpha = torch.where(y == 1, 0.25, 0.75) if units == 1 else 0.25
            return -p.log() * (alpha * (1 - p) ** 2 if "focal" in name else 1)

        def of_rows(out, at):
            return of_answers(out if "numbers" in name else probabilities(out), at)

        losses, after = [], []
        for _ in range(epochs):
            total = 0.0
            for at in range(0, 10, batch):
                rows, some = slice(at, at + batch), weights[at : at + batch]
                out = answers(x[rows])
                each = sum((of_rows(out[:, m], rows) * some).sum() / some.sum() for m in range(members)) / members
                optimizer.zero_grad()
                each.backward()
                optimizer.step()
                total += each.item() * len(some)  # batches count by their rows
            losses.append(total / 10)
            with torch.no_grad():
                mean = (answers(x) if "numbers" in name else probabilities(answers(x))).mean(1)
                after.append((of_answers(mean, slice(0, 10)) * weights).sum().item() / weights.sum().item())
        made.append({
            "name": name, "units": units, "members": members, "batch": batch, "x": tensor(x),
            "y": tensor(numbers if "numbers" in name else two if units == 1 else labels), "row_weights": tensor(weights) if weighted else None,
            "weights": {n: tensor(t) for n, t in start.items()}, "losses": losses, "after": after,
        })
    return made


def dense():
    w = {"fc.weight": randn(4, 3), "fc.bias": randn(4)}
    layer = {"type": "dense", "name": "fc", "units": 4, "parametrization": "ntk"}
    ntk = lambda w, x: F.linear(x, w["fc.weight"]) / math.sqrt(3) + w["fc.bias"]
    case("dense ntk", [layer], {"x": randn(5, 3)}, ntk, w)
    case("dense ntk on two axes", [layer], {"x": randn(5, 2, 3)}, ntk, w)


def activations():
    mixed = lambda f: lambda w, x: x + w["a.a"] * (f(x) - x)
    x = torch.linspace(-4, 4, 24).reshape(6, 4) + 0.0137
    for name, f in (("relu", F.relu), ("selu", F.selu), ("mish", F.mish), ("tanh", torch.tanh), ("gelu", F.gelu)):
        case(f"learned {name}", [{"type": "activation", "name": "a", "function": {"function": name, "learned": True}}],
             {"x": x}, mixed(f), {"a.a": randn(4)})
    case("learned leaky_relu with alpha",
         [{"type": "activation", "name": "a", "function": "leaky_relu", "alpha": 0.3, "learned": True}],
         {"x": x}, mixed(lambda x: F.leaky_relu(x, 0.3)), {"a.a": randn(4)})
    learned = {"function": "selu", "learned": True}
    w = {"fc.weight": randn(4, 3), "fc.bias": randn(4), "fc.a": randn(4)}

    def dense(w, x):
        z = F.linear(x, w["fc.weight"], w["fc.bias"])
        return z + w["fc.a"] * (F.selu(z) - z)

    case("dense with a learned activation", [{"type": "dense", "name": "fc", "units": 4, "activation": learned}],
         {"x": randn(5, 3)}, dense, w)
    for layout in ("channels_last", "channels_first"):
        first = layout == "channels_first"

        def conv(w, x, first=first):
            z = F.conv2d(x if first else x.permute(0, 3, 1, 2), w["c.weight"], w["c.bias"])
            y = z + w["c.a"].view(-1, 1, 1) * (F.selu(z) - z)
            return y if first else y.permute(0, 2, 3, 1)

        case(f"conv2d with a learned activation, {layout}",
             [{"type": "conv2d", "name": "c", "filters": 3, "kernel_size": 2, "activation": learned, "data_format": layout}],
             {"x": randn(2, 2, 4, 5) if first else randn(2, 4, 5, 2)}, conv,
             {"c.weight": randn(3, 2, 2, 2), "c.bias": randn(3), "c.a": randn(3)})


scale()
periodic()
ensembles()
average()
dense()
activations()
cases.write()
write("ensembles.json", 33, {"curves": curves()})
