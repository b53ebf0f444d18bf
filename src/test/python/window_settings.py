#!/usr/bin/env python3
"""300 random settings of convolutions and pools: the shapes, counts and refusals of PyTorch's modules.

Run with Debian's python3-torch; writes ../resources/golden/window_settings.json. PyTorch has no
strided `same`: there the output is TensorFlow's, the length over the stride rounded up.
"""

import random
import warnings

import torch
from torch import nn

from golden import write

SEED = 29
random.seed(SEED)
warnings.simplefilter("ignore")

CONV = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
MAX = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
AVG = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}


def per_axis(axes, low, high):
    return [random.randint(low, high) for _ in range(axes)]


def attempt(make, row):
    """The output's row shape and the parameter count, or None where PyTorch refuses."""
    try:
        module = make()
        output = module(torch.zeros(1, *row))
    except (RuntimeError, ValueError):
        return None
    # The product refuses an output without elements; PyTorch allows a transposed one.
    if output.numel() == 0:
        return None
    return list(output.shape[1:]), sum(p.numel() for p in module.parameters())


def conv(axes):
    channels, filters, groups = random.choice([1, 2, 3, 4, 6]), random.choice([1, 2, 4, 6]), random.choice([1, 1, 1, 2, 3])
    size, strides, dilation = per_axis(axes, 1, 5), per_axis(axes, 1, 3), per_axis(axes, 1, 2)
    lengths = per_axis(axes, 1, 9)
    bias = random.random() < 0.7
    padding = random.choice(["valid", "same", per_axis(axes, 0, 3)])
    layer = {
        "type": f"conv{axes}d", "filters": filters, "kernel_size": size, "strides": strides,
        "dilation": dilation, "groups": groups, "bias": bias, "padding": padding,
    }
    row = [channels, *lengths]
    if padding == "same":
        found = attempt(lambda: CONV[axes](channels, filters, size, 1, "same", dilation, groups, bias), row)
        if found:
            found = [filters] + [-(-n // s) for n, s in zip(lengths, strides)], found[1]
    else:
        pads = [0] * axes if padding == "valid" else padding
        found = attempt(lambda: CONV[axes](channels, filters, size, strides, pads, dilation, groups, bias), row)
    return layer, row, found


def pool(axes):
    kind = random.choice(["max", "avg"])
    size, strides, lengths = per_axis(axes, 1, 4), per_axis(axes, 1, 3), per_axis(axes, 1, 8)
    padding = random.choice(["valid", "same", per_axis(axes, 0, 2)])
    layer = {"type": f"{kind}_pool{axes}d", "pool_size": size, "strides": strides, "padding": padding}
    row = [random.randint(1, 3), *lengths]
    if padding == "same":
        return layer, row, ([row[0]] + [-(-n // s) for n, s in zip(lengths, strides)], 0)
    pads = [0] * axes if padding == "valid" else padding
    make = (MAX if kind == "max" else AVG)[axes]
    return layer, row, attempt(lambda: make(size, strides, pads), row)


def transposed():
    channels, filters, groups = random.choice([1, 2, 4]), random.choice([1, 2, 4]), random.choice([1, 1, 2])
    size, strides, dilation = per_axis(2, 1, 4), per_axis(2, 1, 3), per_axis(2, 1, 2)
    padding, extra, lengths = per_axis(2, 0, 3), per_axis(2, 0, 2), per_axis(2, 1, 5)
    layer = {
        "type": "conv2d_transpose", "filters": filters, "kernel_size": size, "strides": strides,
        "dilation": dilation, "groups": groups, "padding": padding, "output_padding": extra,
    }
    row = [channels, *lengths]
    return layer, row, attempt(
        lambda: nn.ConvTranspose2d(channels, filters, size, strides, padding, extra, groups, True, dilation), row
    )


settings = []
while len(settings) < 300:
    kind = len(settings) % 7
    axes = 1 + kind % 3
    layer, row, found = conv(axes) if kind < 3 else pool(axes) if kind < 6 else transposed()
    settings.append(
        {"name": f"{len(settings)}", "layer": layer, "row": row}
        | ({"output": found[0], "parameters": found[1]} if found else {"refused": True})
    )
print(sum("refused" in s for s in settings), "refused")
write("window_settings.json", SEED, {"settings": settings})
