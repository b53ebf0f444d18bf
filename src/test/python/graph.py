#!/usr/bin/env python3
"""Golden values of merges, small graphs and layers that rearrange elements.

Run with Debian's python3-torch; writes ../resources/golden/graph.json.
"""

import torch
import torch.nn.functional as F

from layer_cases import Cases

cases = Cases("graph.json", 13)


x34 = torch.randn(2, 3, 4)
cases.add("reshape", [{"type": "reshape", "shape": [2, -1, 3]}], {"x": x34}, lambda w, x: x.reshape(2, 2, 2, 3))
cases.add("permute", [{"type": "permute", "axes": [-1, 0]}], {"x": x34}, lambda w, x: x.permute(0, 2, 1))
cases.add(
    "permute then flatten",
    [{"type": "permute", "axes": [1, 0]}, {"type": "flatten"}],
    {"x": x34},
    lambda w, x: x.permute(0, 2, 1).flatten(1),
)
cases.add(
    "repeat",
    [{"type": "repeat", "n": 3}],
    {"x": torch.randn(2, 4)},
    lambda w, x: x.unsqueeze(1).repeat(1, 3, 1),
)
cases.add(
    "repeat then dense",
    [{"type": "repeat", "n": 3}, {"type": "dense", "name": "d", "units": 2}],
    {"x": torch.randn(2, 4)},
    lambda w, x: F.linear(x.unsqueeze(1).repeat(1, 3, 1), w["d.weight"], w["d.bias"]),
    {"d.weight": torch.randn(2, 4), "d.bias": torch.randn(2)},
)
image = torch.randn(2, 4, 5, 3)
cases.add(
    "crop",
    [{"type": "crop", "cropping": [[1, 0], [1, 2]]}],
    {"x": image},
    lambda w, x: x[:, 1:, 1:3],
)
cases.add(
    "crop alike, channels first",
    [{"type": "crop", "cropping": 1, "data_format": "channels_first"}],
    {"x": image},
    lambda w, x: x[:, :, 1:-1, 1:-1],
)
cases.add(
    "zero_pad",
    [{"type": "zero_pad", "padding": [[1, 0], [2, 1]]}],
    {"x": image},
    lambda w, x: F.pad(x, (0, 0, 2, 1, 1, 0)),
)
cases.add(
    "zero_pad one axis",
    [{"type": "zero_pad", "padding": [1]}],
    {"x": x34},
    lambda w, x: F.pad(x, (0, 0, 1, 1)),
)
cases.add(
    "upsample",
    [{"type": "upsample", "size": [2, 3]}],
    {"x": image},
    lambda w, x: F.interpolate(x.movedim(-1, 1), scale_factor=(2, 3), mode="nearest").movedim(1, -1),
)
cases.add(
    "upsample channels first",
    [{"type": "upsample", "size": 2, "data_format": "channels_first"}],
    {"x": image},
    lambda w, x: F.interpolate(x, scale_factor=2, mode="nearest"),
)
cases.add("slice", [{"type": "slice", "axis": -1, "start": 1, "end": -1}], {"x": x34}, lambda w, x: x[:, :, 1:-1])
cases.add("slice to the end", [{"type": "slice", "axis": 0, "start": -2}], {"x": x34}, lambda w, x: x[:, -2:])
cases.add("last_step", [{"type": "last_step"}], {"x": x34}, lambda w, x: x[:, -1])

cases.add(
    "prelu",
    [{"type": "prelu", "name": "p"}],
    {"x": x34},
    lambda w, x: F.prelu(x, w["p.weight"]),
    {"p.weight": torch.tensor([0.3])},
)
cases.add(
    "prelu per channel",
    [{"type": "prelu", "name": "p", "per_channel": True}],
    {"x": x34},
    lambda w, x: F.prelu(x.movedim(-1, 1), w["p.weight"]).movedim(1, -1),
    {"p.weight": torch.tensor([0.3, -0.5, 0.0, 2.0])},
)
cases.add(
    "prelu per channel first",
    [{"type": "prelu", "name": "p", "per_channel": True, "data_format": "channels_first"}],
    {"x": x34},
    lambda w, x: F.prelu(x, w["p.weight"]),
    {"p.weight": torch.tensor([0.3, -0.5, 2.0])},
)
cases.add(
    "normalize",
    [{"type": "normalize", "mean": [1.0, -2.0, 0.5, 0.0], "std": 2.0}],
    {"x": x34},
    lambda w, x: (x - torch.tensor([1.0, -2.0, 0.5, 0.0])) / 2,
)
cases.add(
    "normalize channels first",
    [{"type": "normalize", "mean": 1.5, "std": [1.0, 2.0, 4.0], "data_format": "channels_first"}],
    {"x": x34},
    lambda w, x: (x - 1.5) / torch.tensor([1.0, 2.0, 4.0]).reshape(3, 1),
)
a, b, c = torch.randn(2, 3, 4), torch.randn(2, 3, 4), torch.randn(2, 3, 4)
for kind, function in (
    ("add", lambda w, a, b, c: a + b + c),
    ("multiply", lambda w, a, b, c: a * b * c),
    ("average", lambda w, a, b, c: (a + b + c) / 3),
    ("maximum", lambda w, a, b, c: torch.maximum(torch.maximum(a, b), c)),
):
    cases.add(kind, [{"type": kind, "inputs": ["a", "b", "c"]}], {"a": a, "b": b, "c": c}, function)
cases.add("subtract", [{"type": "subtract", "inputs": ["a", "b"]}], {"a": a, "b": b}, lambda w, a, b: a - b)
cases.add(
    "concat",
    [{"type": "concat", "inputs": ["a", "b"]}],
    {"a": a, "b": torch.randn(2, 3, 2)},
    lambda w, a, b: torch.cat([a, b], -1),
)
cases.add(
    "concat along the first axis",
    [{"type": "concat", "axis": 0, "inputs": ["a", "b", "a"]}],
    {"a": a, "b": torch.randn(2, 5, 4)},
    lambda w, a, b: torch.cat([a, b, a], 1),
)
cases.add(
    "matmul",
    [{"type": "matmul", "inputs": ["a", "b"]}],
    {"a": torch.randn(2, 5, 3, 4), "b": torch.randn(2, 5, 4, 2)},
    lambda w, a, b: a @ b,
)

# Two dense layers on one input, the second transposed, multiplied, flattened to one number.
cases.add(
    "branched graph",
    [
        {"type": "dense", "name": "a", "units": 4, "inputs": ["x"]},
        {"type": "dense", "name": "b", "units": 4, "inputs": ["x"]},
        {"type": "permute", "name": "bt", "axes": [1, 0], "inputs": ["b"]},
        {"type": "matmul", "name": "m", "inputs": ["a", "bt"]},
        {"type": "flatten", "name": "f", "inputs": ["m"]},
        {"type": "dense", "name": "out", "units": 1, "inputs": ["f"]},
    ],
    {"x": x34},
    lambda w, x: F.linear(
        (
            F.linear(x, w["a.weight"], w["a.bias"])
            @ F.linear(x, w["b.weight"], w["b.bias"]).transpose(1, 2)
        ).flatten(1),
        w["out.weight"],
        w["out.bias"],
    ),
    {
        "a.weight": torch.randn(4, 4),
        "a.bias": torch.randn(4),
        "b.weight": torch.randn(4, 4),
        "b.bias": torch.randn(4),
        "out.weight": torch.randn(1, 9),
        "out.bias": torch.randn(1),
    },
    tolerance=2e-5,
)
cases.add(
    "shared weights",
    [
        {"type": "dense", "name": "a", "units": 4, "activation": "tanh"},
        {"type": "dense", "name": "b", "units": 4, "share": "a"},
    ],
    {"x": torch.randn(3, 4)},
    lambda w, x: F.linear(torch.tanh(F.linear(x, w["a.weight"], w["a.bias"])), w["a.weight"], w["a.bias"]),
    {"a.weight": torch.randn(4, 4), "a.bias": torch.randn(4)},
)

cases.write()
