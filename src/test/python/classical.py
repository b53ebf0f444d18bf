#!/usr/bin/env python3
"""Golden loss curves of the classical optimizers, computed with NumPy in float64.

Writes ../resources/golden/classical.json: 12 epochs of 4-6-2 with tanh and mse, rows in order, from the same
weights. The curve of a rule of one gradient a step is the row-weighted mean of the batches' losses as they were
when trained on; that of Levenberg-Marquardt is the loss of the weights that each epoch accepts.
"""

import numpy as np
import torch

from golden import tensor, write

SEED = 13
EPOCHS = 12
rng = np.random.default_rng(SEED)
# what the service reads is float32
single = lambda a: a.astype(np.float32).astype(np.float64)
X = single(rng.normal(size=(40, 4)))
Y = single(np.stack([np.sin(X[:, 0]) + 0.5 * X[:, 1], X[:, 2] * X[:, 3]], 1))
NAMES = ["a.weight", "a.bias", "b.weight", "b.bias"]
SHAPES = [(6, 4), (6,), (2, 6), (2,)]
START = np.concatenate([single(rng.uniform(-0.5, 0.5, size=s)).ravel() for s in SHAPES])


def parts(w):
    ends = np.cumsum([int(np.prod(s)) for s in SHAPES])
    return [p.reshape(s) for p, s in zip(np.split(w, ends[:-1]), SHAPES)]


def errors(w, x, y):
    wa, ba, wb, bb = parts(w)
    return np.tanh(x @ wa.T + ba) @ wb.T + bb - y


def jacobian(w, x):
    """The derivatives of every row's outputs by the weights, written out: [rows * 2, weights]."""
    wa, ba, wb, bb = parts(w)
    h = np.tanh(x @ wa.T + ba)
    j = np.zeros((len(x), 2, len(w)))
    for k in range(2):
        d = wb[k] * (1 - h * h)
        j[:, k, :24] = (d[:, :, None] * x[:, None, :]).reshape(len(x), -1)
        j[:, k, 24:30] = d
        j[:, k, 30 + 6 * k:36 + 6 * k] = h
        j[:, k, 42 + k] = 1
    return j.reshape(-1, len(w))


def loss(w, x, y):
    return np.mean(errors(w, x, y) ** 2)


def gradient(w, x, y):
    e = errors(w, x, y).ravel()
    return 2 * jacobian(w, x).T @ e / len(e)


class Descent:
    def __init__(self, learning_rate=0.01):
        self.lr = learning_rate

    def step(self, w, x, y):
        return w - self.lr * gradient(w, x, y)


class Momentum(Descent):
    """MATLAB's traingdm."""

    def __init__(self, learning_rate=0.01, momentum=0.9):
        self.lr, self.mc, self.change = learning_rate, momentum, None

    def step(self, w, x, y):
        g = gradient(w, x, y)
        before = -self.lr * g if self.change is None else self.change
        self.change = self.mc * before - self.lr * (1 - self.mc) * g
        return w + self.change


class Adaptive(Momentum):
    """MATLAB's traingda and traingdx."""

    reports = ["learning_rate"]

    def __init__(self, learning_rate=0.01, momentum=0.0, lr_inc=1.05, lr_dec=0.7, max_perf_inc=1.04):
        super().__init__(learning_rate, momentum)
        self.inc, self.dec, self.most = lr_inc, lr_dec, max_perf_inc

    def step(self, w, x, y):
        self.learning_rate = self.lr
        g, now = gradient(w, x, y), loss(w, x, y)
        before = -self.lr * g if self.change is None else self.change
        change = self.mc * before - self.lr * (1 - self.mc) * g
        found = loss(w + change, x, y)
        if found / now > self.most:
            self.lr *= self.dec
            self.change = -self.lr * g
            return w
        if found < now:
            self.lr *= self.inc
        self.change = change
        return w + change


class DeltaBarDelta:
    """Jacobs 1988, equations 6 and 7."""

    def __init__(self, learning_rate=0.01, kappa=0.001, phi=0.1, theta=0.7):
        self.rates, self.bar = np.full(len(START), learning_rate), np.zeros(len(START))
        self.kappa, self.phi, self.theta = kappa, phi, theta

    def step(self, w, x, y):
        g = gradient(w, x, y)
        for i in range(len(w)):
            if self.bar[i] * g[i] > 0:
                self.rates[i] += self.kappa
            elif self.bar[i] * g[i] < 0:
                self.rates[i] -= self.phi * self.rates[i]
        self.bar = (1 - self.theta) * g + self.theta * self.bar
        return w - self.rates * g


class Resilient:
    """MATLAB's trainrp."""

    def __init__(self, delta0=0.07, delt_inc=1.2, delt_dec=0.5, deltamax=50):
        self.sizes, self.before = np.full(len(START), delta0), np.zeros(len(START))
        self.inc, self.dec, self.most = delt_inc, delt_dec, deltamax

    def step(self, w, x, y):
        g = gradient(w, x, y)
        for i in range(len(w)):
            product = g[i] * self.before[i]
            factor = self.inc if product > 0 else self.dec if product < 0 else 1
            self.sizes[i] = min(self.sizes[i] * factor, self.most)
        self.before = g
        return w - self.sizes * np.sign(g)


class Marquardt:
    """MATLAB's trainlm."""

    reports = ["mu"]

    def __init__(self, mu=0.001, mu_dec=0.1, mu_inc=10, mu_max=1e10):
        self.mu, self.dec, self.inc, self.most = mu, mu_dec, mu_inc, mu_max

    def step(self, w, x, y):
        j, e, now = jacobian(w, x), errors(w, x, y).ravel(), loss(w, x, y)
        while self.mu <= self.most:
            found = w - np.linalg.solve(j.T @ j + self.mu * np.eye(len(w)), j.T @ e)
            if loss(found, x, y) < now:
                self.mu = max(self.mu * self.dec, 1e-20)
                return found
            self.mu *= self.inc
        return w


RULES = [
    ("gradient_descent", {"type": "gradient_descent"}, Descent, 40),
    ("traingd by batches", {"type": "traingd", "learning_rate": 0.1}, Descent, 16),
    ("traingdm", {"type": "traingdm"}, Momentum, 40),
    ("momentum by batches", {"type": "gradient_descent_momentum", "learning_rate": 0.1, "momentum": 0.5}, Momentum, 16),
    ("traingda", {"type": "traingda"}, Adaptive, 40),
    ("adaptive, too fast",
     {"type": "gradient_descent_adaptive", "learning_rate": 2, "lr_inc": 1.2, "lr_dec": 0.4, "max_perf_inc": 1.01},
     Adaptive, 40),
    ("traingdx", {"type": "traingdx"}, lambda **o: Adaptive(**{"momentum": 0.9, **o}), 40),
    ("traingdx, too fast", {"type": "traingdx", "learning_rate": 5},
     lambda **o: Adaptive(**{"momentum": 0.9, **o}), 40),
    ("adaptive by batches", {"type": "traingda", "learning_rate": 1}, Adaptive, 16),
    ("delta_bar_delta", {"type": "delta_bar_delta"}, DeltaBarDelta, 40),
    ("delta_bar_delta by batches",
     {"type": "delta_bar_delta", "learning_rate": 0.1, "kappa": 0.02, "phi": 0.3, "theta": 0.5}, DeltaBarDelta, 16),
    ("trainrp", {"type": "trainrp"}, Resilient, 40),
    ("trainrp by batches",
     {"type": "trainrp", "delta0": 0.01, "delt_inc": 1.5, "delt_dec": 0.3, "deltamax": 0.03}, Resilient, 16),
    ("trainlm", {"type": "trainlm"}, Marquardt, 40),
    ("levenberg_marquardt",
     {"type": "levenberg_marquardt", "mu": 1e-6, "mu_dec": 0.3, "mu_inc": 4}, Marquardt, 40),
]


def curve(rule, batch):
    w, losses = START, []
    reported = {name: [] for name in getattr(rule, "reports", [])}
    for _ in range(EPOCHS):
        total = 0.0
        for at in range(0, len(X), batch):
            x, y = X[at:at + batch], Y[at:at + batch]
            found = rule.step(w, x, y)
            total += loss(found if isinstance(rule, Marquardt) else w, x, y) * len(x)
            w = found
        losses.append(float(f"{total / len(X):.9g}"))
        for name in reported:
            reported[name].append(float(f"{getattr(rule, name):.9g}"))
    return {"losses": losses, "reported": reported}


def options(spec):
    return {name: value for name, value in spec.items() if name != "type"}


if __name__ == "__main__":
    write("classical.json", SEED, {"nets": [{
        "name": "mse",
        "layers": [
            {"type": "dense", "name": "a", "units": 6, "activation": "tanh"},
            {"type": "dense", "name": "b", "units": 2, "activation": "linear"},
        ],
        "x": tensor(torch.tensor(X)),
        "y": tensor(torch.tensor(Y)),
        "weights": {name: tensor(torch.tensor(part)) for name, part in zip(NAMES, parts(START))},
        "curves": {
            name: {
                "optimizer": spec,
                "precision": "float64",
                "batch_size": batch,
                **curve(rule(**options(spec)), batch),
            }
            for name, spec, rule, batch in RULES
        },
    }]})
