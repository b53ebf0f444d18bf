#!/usr/bin/env python3
"""Golden values of convolutions, pools and norms: output and gradients of sum(output * coefficients).

Run with Debian's python3-torch; writes ../resources/golden/convolutions.json. TensorFlow's rule for
strided `same` padding, which PyTorch lacks, is written out here by itself.
"""

import torch
import torch.nn.functional as F

from layer_cases import Cases

cases = Cases("convolutions.json", 11)


def first(x):
    return x.movedim(-1, 1)


def last(x):
    return x.movedim(1, -1)


def same(lengths, size, strides, dilation):
    """Pads for F.pad: last axis first."""
    pads = []
    for n, k, s, d in zip(lengths, size, strides, dilation):
        out = -(-n // s)
        total = max((out - 1) * s + d * (k - 1) + 1 - n, 0)
        pads = [total // 2, total - total // 2] + pads
    return pads


CONV = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def conv(name, row, filters, size, spec, fmt="channels_last", activation=None):
    axes = len(size)
    strides = spec.get("strides", [1] * axes)
    dilation = spec.get("dilation", [1] * axes)
    groups = spec.get("groups", 1)
    bias = spec.get("bias", True)
    lengths = row[:-1] if fmt == "channels_last" else row[1:]
    channels = row[-1] if fmt == "channels_last" else row[0]
    padding = spec.get("padding", "valid")
    if padding == "same":
        pads = same(lengths, size, strides, dilation)
    elif padding == "causal":
        pads = [dilation[0] * (size[0] - 1), 0]
    elif padding == "valid":
        pads = [0, 0] * axes
    elif isinstance(padding, int):
        pads = [padding, padding] * axes
    else:
        pads = [p for pair in reversed(padding) for p in (pair if isinstance(pair, list) else [pair] * 2)]
    weights = {"c.weight": torch.randn(filters, channels // groups, *size)}
    if bias:
        weights["c.bias"] = torch.randn(filters)

    def function(w, x):
        x = first(x) if fmt == "channels_last" else x
        y = CONV[axes](
            F.pad(x, pads), w["c.weight"], w.get("c.bias"), strides, 0, dilation, groups
        )
        y = last(y) if fmt == "channels_last" else y
        return torch.tanh(y) if activation else y

    layer = {"type": f"conv{axes}d", "name": "c", "filters": filters, "kernel_size": size, **spec}
    if activation:
        layer["activation"] = activation
    if fmt != "channels_last":
        layer["data_format"] = fmt
    cases.add(name, [layer], {"x": torch.randn(2, *row)}, function, weights, tolerance=2e-5)


conv("conv1d", [7, 3], 4, [3], {})
conv("conv1d same", [8, 3], 4, [4], {"padding": "same"}, activation="tanh")
conv("conv1d causal dilated", [9, 2], 3, [3], {"padding": "causal", "dilation": [2]})
conv("conv1d strided same", [10, 2], 3, [3], {"padding": "same", "strides": [4]})
conv("conv1d channels first", [3, 7], 4, [3], {"padding": 1, "bias": False}, "channels_first")
conv("conv2d one channel", [6, 5, 1], 3, [3, 3], {"padding": "same"})
conv("conv2d even same", [5, 8, 2], 3, [2, 4], {"padding": "same"})
conv("conv2d strided same", [7, 6, 2], 3, [3, 3], {"padding": "same", "strides": [2, 3]})
conv("conv2d dilated groups", [7, 7, 4], 6, [3, 2], {"dilation": [2, 1], "groups": 2})
conv("conv2d padding by axis", [5, 5, 2], 3, [3, 3], {"padding": [1, 2]})
conv("conv2d padding by side", [5, 5, 2], 3, [3, 3], {"padding": [[0, 2], [1, 0]], "strides": [2, 1]})
conv("conv2d channels first", [2, 6, 5], 3, [3, 3], {"padding": "same"}, "channels_first", "tanh")
conv("conv3d", [4, 5, 3, 2], 3, [2, 3, 2], {"padding": "same"})
conv("conv3d channels first", [2, 4, 5, 3], 3, [2, 3, 2], {"strides": [1, 2, 1]}, "channels_first")


def transposed(name, row, filters, spec, function, fmt="channels_last", groups=1):
    channels = row[-1] if fmt == "channels_last" else row[0]
    size = spec["kernel_size"]
    weights = {
        "c.weight": torch.randn(channels, filters // groups, *size),
        "c.bias": torch.randn(filters),
    }
    layer = {"type": "conv2d_transpose", "name": "c", "filters": filters, "data_format": fmt, **spec}
    if groups > 1:
        layer["groups"] = groups
    cases.add(
        name,
        [layer],
        {"x": torch.randn(2, *row)},
        lambda w, x: last(function(w, first(x))) if fmt == "channels_last" else function(w, x),
        weights,
        tolerance=2e-5,
    )


transposed(
    "conv2d_transpose",
    [4, 3, 2],
    3,
    {"kernel_size": [3, 2], "strides": 2},
    lambda w, x: F.conv_transpose2d(x, w["c.weight"], w["c.bias"], 2),
)
transposed(
    "conv2d_transpose padded",
    [2, 4, 4],
    4,
    {"kernel_size": [3, 3], "strides": [2, 3], "padding": [1, 2], "output_padding": [1, 2], "dilation": [2, 1]},
    lambda w, x: F.conv_transpose2d(
        x, w["c.weight"], w["c.bias"], (2, 3), (1, 2), (1, 2), 2, (2, 1)
    ),
    "channels_first",
    2,
)
transposed(
    "conv2d_transpose same",
    [4, 3, 2],
    3,
    {"kernel_size": [4, 3], "strides": 2, "padding": "same"},
    # The whole is 10 x 7; one of two surplus rows and none of one surplus column go in front.
    lambda w, x: F.conv_transpose2d(x, w["c.weight"], w["c.bias"], 2)[:, :, 1:9, 0:6],
)
transposed(
    "conv2d_transpose same with small kernel",
    [3, 2, 2],
    2,
    {"kernel_size": [1, 2], "strides": 3, "padding": "same"},
    lambda w, x: F.conv_transpose2d(x, w["c.weight"], w["c.bias"], 3, 0, (2, 1)),
)

cases.add(
    "depthwise_conv2d",
    [{"type": "depthwise_conv2d", "name": "c", "kernel_size": 3, "depth_multiplier": 2, "padding": "same"}],
    {"x": torch.randn(2, 5, 4, 3)},
    lambda w, x: last(F.conv2d(first(x), w["c.weight"], w["c.bias"], padding=1, groups=3)),
    {"c.weight": torch.randn(6, 1, 3, 3), "c.bias": torch.randn(6)},
    tolerance=2e-5,
)
cases.add(
    "separable_conv2d",
    [{"type": "separable_conv2d", "name": "c", "filters": 4, "kernel_size": [3, 2], "strides": 2}],
    {"x": torch.randn(2, 6, 5, 3)},
    lambda w, x: last(
        F.conv2d(
            F.conv2d(first(x), w["c.depthwise.weight"], None, 2, groups=3),
            w["c.pointwise.weight"],
            w["c.pointwise.bias"],
        )
    ),
    {
        "c.depthwise.weight": torch.randn(3, 1, 3, 2),
        "c.pointwise.weight": torch.randn(4, 3, 1, 1),
        "c.pointwise.bias": torch.randn(4),
    },
    tolerance=2e-5,
)


def pool(name, spec, row, function, fmt="channels_last"):
    layer = {"name": "p", "data_format": fmt, **spec}
    cases.add(
        name,
        [layer],
        {"x": torch.randn(2, *row)},
        lambda w, x: last(function(first(x))) if fmt == "channels_last" else function(x),
    )


pool("max_pool1d", {"type": "max_pool1d", "pool_size": 2}, [7, 3], lambda x: F.max_pool1d(x, 2))
pool(
    "max_pool1d strided same",
    {"type": "max_pool1d", "pool_size": 3, "strides": 2, "padding": "same"},
    [6, 2],
    lambda x: F.max_pool1d(F.pad(x, (0, 1), value=float("-inf")), 3, 2),
)
pool("max_pool2d", {"type": "max_pool2d", "pool_size": [2, 3]}, [6, 7, 2], lambda x: F.max_pool2d(x, (2, 3)))
pool(
    "max_pool2d padded",
    {"type": "max_pool2d", "pool_size": 3, "strides": [1, 2], "padding": 1},
    [2, 5, 6],
    lambda x: F.max_pool2d(x, 3, (1, 2), 1),
    "channels_first",
)
pool("max_pool3d", {"type": "max_pool3d", "pool_size": 2}, [4, 4, 5, 2], lambda x: F.max_pool3d(x, 2))
pool("avg_pool1d", {"type": "avg_pool1d", "pool_size": 3, "strides": 1}, [7, 3], lambda x: F.avg_pool1d(x, 3, 1))
pool(
    "avg_pool2d counts explicit padding",
    {"type": "avg_pool2d", "pool_size": 3, "strides": 2, "padding": 1},
    [5, 6, 2],
    lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=True),
)
pool(
    "avg_pool2d leaves same padding out",
    {"type": "avg_pool2d", "pool_size": 3, "strides": 1, "padding": "same"},
    [5, 6, 2],
    lambda x: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False),
)
pool(
    "avg_pool2d leaves uneven same padding out",
    {"type": "avg_pool2d", "pool_size": 2, "strides": [1, 2], "padding": "same"},
    [3, 5, 2],
    lambda x: F.avg_pool2d(F.pad(x, (0, 1, 0, 1)), 2, (1, 2))
    / F.avg_pool2d(F.pad(torch.ones(1, 1, 3, 5), (0, 1, 0, 1)), 2, (1, 2)),
)
pool(
    "avg_pool2d counts uneven explicit padding",
    {"type": "avg_pool2d", "pool_size": 2, "strides": 1, "padding": [[1, 0], [0, 1]]},
    [2, 3, 4],
    lambda x: F.avg_pool2d(F.pad(x, (0, 1, 1, 0)), 2, 1),
    "channels_first",
)
pool("avg_pool3d", {"type": "avg_pool3d", "pool_size": 2}, [4, 4, 5, 2], lambda x: F.avg_pool3d(x, 2))
for fmt, axes in (("channels_last", (1, 2)), ("channels_first", (2, 3))):
    for kind, function in (("max", torch.amax), ("avg", torch.mean)):
        cases.add(
            f"global_{kind}_pool {fmt}",
            [{"type": f"global_{kind}_pool", "data_format": fmt}],
            {"x": torch.randn(2, 3, 4, 5)},
            lambda w, x, f=function, a=axes: f(x, a),
        )

cases.add(
    "layer_norm",
    [{"type": "layer_norm", "name": "n", "epsilon": 1e-3}],
    {"x": torch.randn(2, 3, 5)},
    lambda w, x: F.layer_norm(x, (5,), w["n.weight"], w["n.bias"], 1e-3),
    {"n.weight": torch.randn(5), "n.bias": torch.randn(5)},
)
for fmt in ("channels_last", "channels_first"):
    moved = (lambda f, x: last(f(first(x)))) if fmt == "channels_last" else (lambda f, x: f(x))
    channels = 6
    row = (4, 5, 6) if fmt == "channels_last" else (6, 4, 5)
    cases.add(
        f"group_norm {fmt}",
        [{"type": "group_norm", "name": "n", "groups": 3}],
        {"x": torch.randn(2, *row)},
        lambda w, x, m=moved: m(lambda t: F.group_norm(t, 3, w["n.weight"], w["n.bias"]), x),
        {"n.weight": torch.randn(6), "n.bias": torch.randn(6)},
        data_format=fmt,
    )
cases.add(
    "batch_norm channels first",
    [{"type": "batch_norm", "name": "n"}],
    {"x": torch.randn(3, 2, 4, 5)},
    lambda w, x: F.batch_norm(
        x, w["n.running_mean"], w["n.running_var"], w["n.weight"], w["n.bias"], True, 0.1, 1e-5
    ),
    {
        "n.weight": torch.randn(2),
        "n.bias": torch.randn(2),
        "n.running_mean": torch.randn(2),
        "n.running_var": torch.rand(2) + 0.5,
        "n.num_batches_tracked": torch.tensor(0),
    },
    training=True,
    data_format="channels_first",
)

cases.write()
