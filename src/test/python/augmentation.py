#!/usr/bin/env python3
"""Golden images for the augmentation layers, each with a factor that leaves nothing to chance.

Writes ../resources/golden/augmentation.json. SciPy computes the warps: its affine_transform shares
no code with libtorch.
"""

import math

import numpy as np
import scipy
import torch
from scipy.ndimage import affine_transform

from golden import tensor, write

SEED = 5
rng = np.random.default_rng(SEED)
cases = []
MODES = {"reflect": "reflect", "wrap": "grid-wrap", "nearest": "nearest", "constant": "grid-constant"}


def warp(images, matrix, shift, fill, value, order):
    """images: [rows, height, width, channels]; matrix and shift map (y, x) from the middle."""
    middle = (np.array(images.shape[1:3]) - 1) / 2
    offset = middle - matrix @ middle + shift
    out = np.empty_like(images)
    for row in range(images.shape[0]):
        for channel in range(images.shape[3]):
            out[row, :, :, channel] = affine_transform(
                images[row, :, :, channel], matrix, offset, order=order, mode=MODES[fill], cval=value)
    return out


def case(name, layer, x, y):
    cases.append({"name": name, "layer": layer, "x": tensor(torch.tensor(x, dtype=torch.float32)),
                  "y": tensor(torch.tensor(y, dtype=torch.float32))})


def images(height=7, width=9, channels=2, rows=2):
    return rng.normal(0, 1, (rows, height, width, channels)).astype(np.float32).astype(np.float64)


def rotation(turn):
    a = 2 * math.pi * turn
    return np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]])


for fill in MODES:
    value = 0.75 if fill == "constant" else 0.0
    more = {"fill_mode": fill, **({"fill_value": value} if value else {})}
    x = images()
    case(f"rotation, {fill}", {"type": "random_rotation", "factor": [0.07, 0.07], **more}, x,
         warp(x, rotation(0.07), 0, fill, value, 1))
    x = images(6, 5)
    case(f"translation, {fill}",
         {"type": "random_translation", "height_factor": [0.4, 0.4], "width_factor": [-0.3, -0.3],
          **more},
         x, warp(x, np.eye(2), np.array([-0.4 * 6, 0.3 * 5]), fill, value, 1))
    x = images(8, 6)
    case(f"zoom, {fill}",
         {"type": "random_zoom", "height_factor": [0.45, 0.45], "width_factor": [-0.3, -0.3], **more},
         x, warp(x, np.diag([1.45, 0.7]), 0, fill, value, 1))
x = images(5, 5, 3)
case("rotation to the nearest pixel",
     {"type": "random_rotation", "factor": [0.03, 0.03], "interpolation": "nearest"}, x,
     warp(x, rotation(0.03), 0, "reflect", 0, 0))
case("a zoom that keeps the aspect", {"type": "random_zoom", "height_factor": [0.2, 0.2]}, x,
     warp(x, np.diag([1.2, 1.2]), 0, "reflect", 0, 1))
case("a quarter of a turn", {"type": "random_rotation", "factor": [0.25, 0.25]}, x,
     np.rot90(x, 1, (1, 2)).copy())
case("contrast", {"type": "random_contrast", "factor": [0, 0]}, x, x)

write("augmentation.json", SEED, {"scipy": scipy.__version__, "cases": cases})
