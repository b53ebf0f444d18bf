#!/usr/bin/env python3
"""Golden values of the core layers and the activations: output and gradients of sum(output * coefficients).

Each case is a network of the product's spec beside an independent PyTorch module. Run with
Debian's python3-torch; writes ../resources/golden/layers.json.
"""

import torch
from torch import nn
import torch.nn.functional as F

from layer_cases import Cases

cases = Cases("layers.json", 7)
case = cases.add


def core():
    x = torch.randn(5, 3)
    w = {"fc.weight": torch.randn(4, 3), "fc.bias": torch.randn(4)}
    dense = lambda w, x: F.linear(x, w["fc.weight"], w["fc.bias"])
    case("dense", [{"type": "dense", "name": "fc", "units": 4}], {"x": x}, dense, w)
    case(
        "dense without bias on three axes",
        [{"type": "dense", "name": "fc", "units": 4, "bias": False, "activation": "relu"}],
        {"x": torch.randn(2, 3, 4, 3)},
        lambda w, x: F.relu(F.linear(x, w["fc.weight"])),
        {"fc.weight": torch.randn(4, 3)},
    )
    case("flatten", [{"type": "flatten"}], {"x": torch.randn(2, 3, 4)}, lambda w, x: x.flatten(1))
    case("dropout predicts as identity", [{"type": "dropout", "rate": 0.4}], {"x": x}, lambda w, x: x * 1)
    for axes in ((5, 3), (4, 2, 3)):
        bn = {
            "n.weight": torch.randn(3),
            "n.bias": torch.randn(3),
            "n.running_mean": torch.randn(3),
            "n.running_var": torch.rand(3) + 0.5,
            "n.num_batches_tracked": torch.tensor(0),
        }
        for training in (False, True):
            def norm(w, x):
                flat = x.reshape(-1, 3)
                y = F.batch_norm(
                    flat, w["n.running_mean"], w["n.running_var"], w["n.weight"], w["n.bias"],
                    training, 0.2, 1e-4,
                )
                return y.reshape(x.shape)
            case(
                f"batch_norm {'trains' if training else 'predicts'} on {len(axes)} axes",
                [{"type": "batch_norm", "name": "n", "momentum": 0.2, "epsilon": 1e-4}],
                {"x": torch.randn(*axes)}, norm, bn, training=training,
            )


def activations():
    # no element on a corner, where one-sided gradients differ
    x = torch.linspace(-7, 7, 24).reshape(4, 6) + 0.0137
    functions = {
        "linear": lambda x: x * 1,
        "step": lambda x: (x >= 0).float(),
        "hardlims": lambda x: (x >= 0).float() * 2 - 1,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "relu": F.relu,
        "relu6": F.relu6,
        "leaky_relu": F.leaky_relu,
        "elu": F.elu,
        "selu": F.selu,
        "gelu": F.gelu,
        "silu": F.silu,
        "mish": F.mish,
        "softplus": F.softplus,
        "softsign": F.softsign,
        "softmax": lambda x: F.softmax(x, -1),
        "log_softmax": lambda x: F.log_softmax(x, -1),
        "hard_sigmoid": F.hardsigmoid,
        "hard_tanh": F.hardtanh,
        "satlin": lambda x: x.clamp(0, 1),
        "satlins": lambda x: x.clamp(-1, 1),
        "radbas": lambda x: torch.exp(-x * x),
        "exponential": torch.exp,
    }
    for name, function in functions.items():
        case(
            f"activation {name}",
            [{"type": "activation", "function": name}],
            {"x": x},
            lambda w, x, f=function: f(x),
        )
    case(
        "activation leaky_relu with alpha",
        [{"type": "activation", "function": {"function": "leaky_relu", "alpha": 0.3}}],
        {"x": x},
        lambda w, x: F.leaky_relu(x, 0.3),
    )


core()
activations()
cases.write()
