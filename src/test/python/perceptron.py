#!/usr/bin/env python3
"""Golden curves of the perceptron rule, computed with NumPy in float64.

Writes ../resources/golden/perceptron.json: 12 epochs over rows that no line separates, in order. The loss of an
epoch is the row-weighted mean of the batches' losses as they were when trained on.
"""

import numpy as np
import torch

from golden import tensor, write

SEED = 17
EPOCHS = 12
rng = np.random.default_rng(SEED)
# what the service reads is float32
single = lambda a: a.astype(np.float32).astype(np.float64)
X = single(rng.normal(size=(37, 3)))
SIGNS = np.stack([X[:, 0] - X[:, 1] + 0.4 * rng.normal(size=37) > 0.2, X[:, 1] * X[:, 2] > 0], 1)
HIDDEN = {"h.weight": single(rng.normal(size=(5, 3))), "h.bias": single(rng.normal(size=5))}
START = {"p.weight": single(rng.normal(size=(2, 5))), "p.bias": single(rng.normal(size=2))}


def curve(x, low, weight, bias, loss, batch, learning_rate=1.0):
    """Rosenblatt 1958, as MATLAB's learnp: w += lr * sum((t - y) * x), and b += lr * sum(t - y)."""
    targets = np.where(SIGNS, 1.0, low)
    weight, bias, losses = weight.copy(), bias.copy(), []
    for _ in range(EPOCHS):
        total = 0.0
        for at in range(0, len(x), batch):
            rows, wanted = x[at:at + batch], targets[at:at + batch]
            given = np.where(rows @ weight.T + bias >= 0, 1.0, low)
            error = wanted - given
            total += (np.abs(error) if loss == "mae" else error * error).mean(1).sum()
            weight += learning_rate * error.T @ rows
            bias += learning_rate * error.sum(0)
        losses.append(float(f"{total / len(x):.9g}"))
    return losses


def net(loss, activation, layers, weights, curves):
    low = 0.0 if activation == "step" else -1.0
    return {
        "name": loss,
        "layers": [*layers, {"type": "dense", "name": "p", "units": 2, "activation": activation}],
        "x": tensor(torch.tensor(X)),
        "y": tensor(torch.tensor(np.where(SIGNS, 1.0, low))),
        "weights": {name: tensor(torch.tensor(value)) for name, value in weights.items()},
        "curves": {
            name: {
                "optimizer": optimizer,
                "precision": "float64",
                "batch_size": batch,
                "losses": curve(
                    np.tanh(X @ HIDDEN["h.weight"].T + HIDDEN["h.bias"]) if layers else X,
                    low, weights["p.weight"], weights["p.bias"], loss, batch, optimizer.get("learning_rate", 1.0)),
            }
            for name, optimizer, batch in curves
        },
    }


ZERO = {"p.weight": np.zeros((2, 3)), "p.bias": np.zeros(2)}
FROZEN = {"type": "dense", "name": "h", "units": 5, "activation": "tanh", "trainable": False}
write("perceptron.json", SEED, {"nets": [
    net("mae", "step", [], ZERO, [
        ("perceptron", {"type": "perceptron"}, 1),
        ("perceptron by batches", {"type": "perceptron", "learning_rate": 0.1}, 8),
    ]),
    net("mse", "hardlims", [FROZEN], {**HIDDEN, **START}, [
        ("perceptron over frozen units", {"type": "perceptron", "learning_rate": 0.3}, 1),
        ("perceptron over frozen units, all rows", {"type": "perceptron", "learning_rate": 0.01}, 37),
    ]),
]})
