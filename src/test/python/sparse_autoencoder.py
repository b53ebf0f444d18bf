#!/usr/bin/env python3
"""Golden costs of sparse autoencoders, as MATLAB's trainAutoencoder defines them.

Writes ../resources/golden/sparse_autoencoder.json. For N rows x, codes h = sigmoid(W1·x + b1) and
reconstructions W2·h + b2 the cost is the mean over the rows of the squared errors' sum, plus
lambda/2 times the sum of all squared weights, plus beta times the sum over the units of the
Kullback-Leibler divergence of rho from the unit's mean activation. The gradient is written by hand,
and steps of gradient descent on all rows follow it, in float64.
Source: MATLAB documentation, trainAutoencoder, "Sparse Autoencoders".
"""

import numpy
import torch

from golden import tensor, write

SEED = 29
ROWS, COLUMNS, CODES, EPOCHS, RATE = 20, 5, 3, 12, 0.05


def divergence(rho, mean):
    return rho * numpy.log(rho / mean) + (1 - rho) * numpy.log((1 - rho) / (1 - mean))


def train(x, start, l2, beta, rho):
    """The cost before each step, and after the last."""
    w1, b1, w2, b2 = (part.copy() for part in start)
    costs = []
    for _ in range(EPOCHS + 1):
        h = 1 / (1 + numpy.exp(-(x @ w1.T + b1)))
        error = h @ w2.T + b2 - x
        mean = h.mean(0)
        costs.append((error ** 2).sum() / ROWS + l2 / 2 * ((w1 ** 2).sum() + (w2 ** 2).sum())
                     + beta * divergence(rho, mean).sum())
        if len(costs) > EPOCHS:
            return costs
        by_output = 2 * error / ROWS
        by_code = by_output @ w2 + beta / ROWS * ((1 - rho) / (1 - mean) - rho / mean)
        by_sum = by_code * h * (1 - h)
        w2 = w2 - RATE * (by_output.T @ h + l2 * w2)
        b2 = b2 - RATE * by_output.sum(0)
        w1 = w1 - RATE * (by_sum.T @ x + l2 * w1)
        b1 = b1 - RATE * by_sum.sum(0)


random = numpy.random.default_rng(SEED)
x = random.normal(size=(ROWS, COLUMNS))
start = [random.normal(size=shape) * 0.7
         for shape in ((CODES, COLUMNS), (CODES,), (COLUMNS, CODES), (COLUMNS,))]
cases = []
for l2, beta, rho in ((0.001, 4, 0.05), (0.1, 0.5, 0.3), (0.05, 0, 0.5)):
    costs = train(x, start, l2, beta, rho)
    cases.append({"lambda": l2, "beta": beta, "rho": rho, "costs": [float(c) for c in costs]})

write(
    "sparse_autoencoder.json",
    SEED,
    {
        "rate": RATE,
        "x": tensor(torch.from_numpy(x).float()),
        "weights": {name: tensor(torch.from_numpy(part).float())
                    for name, part in zip(("h.weight", "h.bias", "o.weight", "o.bias"), start)},
        "cases": cases,
    },
)
