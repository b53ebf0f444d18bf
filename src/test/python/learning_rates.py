#!/usr/bin/env python3
"""Golden values of the range test and of the diagnostics.

Writes ../resources/golden/learning_rates.json: the smoothed losses and the suggestion of PyTorch Lightning's
learning rate finder (its formulas, over PyTorch's steps), and for three epochs of SGD the norms of each layer's
gradients, weights and updates. Rows in order, batches of 4, from the same weights.
"""

import copy

import numpy as np
import torch
from torch import nn

from golden import tensor, write

SEED = 21
torch.manual_seed(SEED)
torch.set_num_threads(1)

X = torch.randn(10, 3)
Y = (X[:, :1] * 2 - X[:, 1:2] + 0.3 * torch.randn(10, 1)).contiguous()
NET = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 1))
NAMES = {"0": "dense_1", "2": "dense_2"}
BATCH = 4


def batches():
    while True:
        for at in range(0, len(X), BATCH):
            yield X[at:at + BATCH], Y[at:at + BATCH]


def suggestion(losses, rates, begin=10, end=1):
    """lightning.pytorch.tuner.lr_finder._LRFinder.suggestion."""
    kept = np.array(losses[begin:-end])
    return rates[int(np.gradient(kept).argmin()) + begin]


def range_test(low, high, steps):
    net = copy.deepcopy(NET)
    rows = batches()
    mean, losses, rates = 0.0, [], []
    for i in range(steps):
        rate = low * (high / low) ** (i / (steps - 1))
        optimizer = torch.optim.SGD(net.parameters(), lr=rate)
        x, y = next(rows)
        loss = nn.functional.mse_loss(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean = 0.98 * mean + 0.02 * loss.item()
        losses.append(mean / (1 - 0.98 ** (i + 1)))
        rates.append(rate)
        if losses[-1] > 4 * min(losses):
            break
    return {"min": low, "max": high, "steps": steps, "losses": losses, "suggestion": suggestion(losses, rates)}


def diagnostics():
    net = copy.deepcopy(NET)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    layers = {NAMES[name]: list(module.parameters()) for name, module in net.named_children() if name in NAMES}
    norm = lambda tensors: torch.cat([t.detach().flatten() for t in tensors]).norm().item()
    epochs = []
    for _ in range(3):
        gradients = {layer: [] for layer in layers}
        ratios = {layer: [] for layer in layers}
        for at in range(0, len(X), BATCH):
            before = {layer: [w.detach().clone() for w in weights] for layer, weights in layers.items()}
            optimizer.zero_grad()
            nn.functional.mse_loss(net(X[at:at + BATCH]), Y[at:at + BATCH]).backward()
            for layer, weights in layers.items():
                gradients[layer].append(norm([w.grad for w in weights]))
            optimizer.step()
            for layer, weights in layers.items():
                change = norm([w - b for w, b in zip(weights, before[layer])])
                ratios[layer].append(change / norm(before[layer]))
        with torch.no_grad():
            flat = (net[:2](X).abs() > 0.97).double().mean().item()
        epochs.append({
            layer: {"gradient_norm": float(np.mean(gradients[layer])), "weight_norm": norm(weights),
                    "update_ratio": float(np.mean(ratios[layer]))} for layer, weights in layers.items()})
        epochs[-1]["dense_1"]["saturation"] = flat
    return epochs


write("learning_rates.json", SEED, {
    "x": tensor(X), "y": tensor(Y),
    "weights": {f"{NAMES[name.split('.')[0]]}.{name.split('.')[1]}": tensor(w) for name, w in NET.state_dict().items()},
    "searches": [range_test(1e-4, 10, 60), range_test(1e-3, 1, 25)],
    "epochs": diagnostics(),
})
