#!/usr/bin/env python3
"""Golden loss curves of the methods that search by the loss of all rows, computed with NumPy in float64.

Writes ../resources/golden/searches.json: 12 epochs of 4-6-n with tanh, from the same weights. A curve has the loss
of the weights that each epoch accepts.
"""

import numpy as np
import torch
from torch.optim.lbfgs import _strong_wolfe

from golden import tensor, write

SEED = 14
EPOCHS = 12
rng = np.random.default_rng(SEED)
# what the service reads is float32
single = lambda a: a.astype(np.float32).astype(np.float64)
X = single(rng.normal(size=(40, 4)))
NUMBERS = single(np.stack([np.sin(X[:, 0]) + 0.5 * X[:, 1], X[:, 2] * X[:, 3]], 1))
LABELS = rng.integers(0, 3, size=40)
BITS = (X[:, 0] * X[:, 1] > 0).astype(np.int64)


class Mse:
    targets, units, last = NUMBERS, 2, "linear"

    def of(self, z):
        e = z - self.targets
        return np.mean(e * e), 2 * e / e.size


class Sse(Mse):
    def of(self, z):
        value, d = super().of(z)
        return value * self.units, d * self.units


class CategoricalCrossentropy:
    targets, units, last = LABELS, 3, "softmax"

    def of(self, z):
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        rows = np.arange(len(z))
        d = p.copy()
        d[rows, self.targets] -= 1
        return -np.mean(np.log(p[rows, self.targets])), d / len(z)


class BinaryCrossentropy:
    targets, units, last = BITS, 1, "sigmoid"

    def of(self, z):
        y = self.targets[:, None]
        return np.mean(np.logaddexp(0, z) - y * z), (1 / (1 + np.exp(-z)) - y) / len(z)


class Net:
    """The loss of all rows and its gradient, written out, by one flat vector of weights."""

    names = ["a.weight", "a.bias", "b.weight", "b.bias"]

    def __init__(self, loss):
        self.loss = loss
        self.shapes = [(6, 4), (6,), (loss.units, 6), (loss.units,)]
        self.start = np.concatenate([single(rng.uniform(-0.5, 0.5, size=s)).ravel() for s in self.shapes])

    def parts(self, w):
        ends = np.cumsum([int(np.prod(s)) for s in self.shapes])
        return [p.reshape(s) for p, s in zip(np.split(w, ends[:-1]), self.shapes)]

    def __call__(self, w):
        wa, ba, wb, bb = self.parts(w)
        h = np.tanh(X @ wa.T + ba)
        value, d = self.loss.of(h @ wb.T + bb)
        inner = (d @ wb) * (1 - h * h)
        return value, np.concatenate([(inner.T @ X).ravel(), inner.sum(0), (d.T @ h).ravel(), d.sum(0)])


    def errors(self, w):
        wa, ba, wb, bb = self.parts(w)
        return (np.tanh(X @ wa.T + ba) @ wb.T + bb - self.loss.targets).ravel()

    def jacobian(self, w):
        """By PyTorch, not written out."""
        def errors(v):
            ends = [0, *np.cumsum([int(np.prod(s)) for s in self.shapes])]
            wa, ba, wb, bb = [v[a:b].reshape(s) for a, b, s in zip(ends, ends[1:], self.shapes)]
            return (torch.tanh(torch.tensor(X) @ wa.T + ba) @ wb.T + bb).ravel()

        return torch.autograd.functional.jacobian(errors, torch.tensor(w)).numpy()


class ScaledConjugate:
    """Møller 1993, the algorithm on page 529, with MATLAB's restarts and parameters."""

    def __init__(self, sigma=5e-5, **rest):
        self.sigma, self.lam = sigma, rest.get("lambda", 5e-7)
        self.bar, self.k, self.success = 0.0, 0, True

    def step(self, f, w):
        now, g = f(w)
        r = -g
        if self.k == 0:
            self.p = r
        self.k += 1
        p, size = self.p, self.p @ self.p
        if self.success:
            sigma = self.sigma / np.sqrt(size)
            self.delta = p @ ((f(w + sigma * p)[1] - g) / sigma)
        self.delta += (self.lam - self.bar) * size
        if self.delta <= 0:
            self.bar = 2 * (self.lam - self.delta / size)
            self.delta = -self.delta + self.lam * size
            self.lam = self.bar
        mu = p @ r
        alpha = mu / self.delta
        found, g_found = f(w + alpha * p)
        comparison = 2 * self.delta * (now - found) / mu ** 2
        if comparison >= 0:
            after = w + alpha * p
            self.bar, self.success = 0.0, True
            if self.k % len(w) == 0:
                self.p = -g_found
            else:
                beta = (g_found @ g_found + g_found @ r) / mu
                self.p = -g_found + beta * p
            if comparison >= 0.75:
                self.lam /= 4
        else:
            after = w
            self.bar, self.success = self.lam, False
        if comparison < 0.25:
            self.lam += self.delta * (1 - comparison) / size
        return after


class LineSearched:
    """Directions that lead down, searched by PyTorch's line search for strong Wolfe conditions."""

    def __init__(self, wolfe):
        self.wolfe, self.length, self.promised = wolfe, 0.0, 0.0
        self.restart()

    def step(self, f, w):
        now, g = f(w)
        d = self.turn(w, g)
        if self.length and g @ d >= 0:
            self.restart()
            d = self.turn(w, g)
        slope = g @ d
        first = self.first(slope) if self.length else min(1, 1 / np.abs(g).sum())

        def at(x, t, d):
            value, gradient = f((x + t * d).numpy())
            return value, torch.tensor(gradient)

        found, _, length, _ = _strong_wolfe(
            at, torch.tensor(w), first, torch.tensor(d), now, torch.tensor(g), torch.tensor(slope),
            c2=self.wolfe, tolerance_change=1e-12)
        self.length, self.promised = float(length), slope
        if found >= now:
            self.restart()
        return w + self.length * d


class Conjugate(LineSearched):
    """Nocedal and Wright, algorithm 5.4, with equation 3.59 for the first length; β by name."""

    def __init__(self, update="polak_ribiere"):
        self.update = update
        super().__init__(0.1)

    def restart(self):
        self.d, self.length = None, 0.0

    def turn(self, w, g):
        if self.d is None:
            self.turns = 0
        if self.turns % len(w) == 0:
            self.d = -g
        else:
            change = g - self.before if self.update == "polak_ribiere" else g
            self.d = -g + (g @ change) / (self.before @ self.before) * self.d
        self.turns += 1
        self.before = g
        return self.d

    def first(self, slope):
        return self.length * self.promised / slope


class Bfgs(LineSearched):
    """The direct update of B, which approximates the Hessian: Nocedal and Wright, equation 6.19."""

    def __init__(self):
        super().__init__(0.9)

    def restart(self):
        self.b, self.last, self.length = None, None, 0.0

    def turn(self, w, g):
        if self.last is not None:
            s, y = w - self.last[0], g - self.last[1]
            assert s @ y > 0
            if self.b is None:
                self.b = np.eye(len(w)) * (y @ y) / (y @ s)
            bs = self.b @ s
            self.b = self.b - np.outer(bs, bs) / (s @ bs) + np.outer(y, y) / (y @ s)
        self.last = w, g
        return -g if self.b is None else -np.linalg.solve(self.b, g)

    def first(self, slope):
        return 1.0


class Bayes:
    """Foresee and Hagan 1997, with MATLAB's mu; γ by the eigenvalues of JᵀJ."""

    def __init__(self, mu=0.005, mu_dec=0.1, mu_inc=10, mu_max=1e10):
        self.mu, self.dec, self.inc, self.most = mu, mu_dec, mu_inc, mu_max
        self.alpha = None
        self.reported = {"effective_parameters": [], "alpha": [], "beta": []}

    def step(self, f, w):
        e, j = f.errors(w), f.jacobian(w)
        gamma = len(w)
        if self.alpha is not None:
            curved = self.beta * np.linalg.eigvalsh(j.T @ j)
            gamma = np.sum(curved / (curved + self.alpha))
        self.alpha, self.beta = gamma / (2 * w @ w), (len(e) - gamma) / (2 * e @ e)
        for name, value in zip(self.reported, [gamma, self.alpha, self.beta]):
            self.reported[name].append(float(f"{value:.9g}"))
        objective = lambda v: self.beta * np.sum(f.errors(v) ** 2) + self.alpha * v @ v
        hessian = self.beta * j.T @ j + self.alpha * np.eye(len(w))
        while self.mu <= self.most:
            step = np.linalg.solve(hessian + self.mu * np.eye(len(w)), self.beta * j.T @ e + self.alpha * w)
            if objective(w - step) < objective(w):
                self.mu = max(self.mu * self.dec, 1e-20)
                return w - step
            self.mu *= self.inc
        return w


SQUARES = [
    ("trainbr", {"type": "trainbr"}, Bayes),
    ("bayesian_regularization", {"type": "bayesian_regularization", "mu": 2, "mu_dec": 0.3, "mu_inc": 4}, Bayes),
]
METHODS = [
    ("traincgp", {"type": "traincgp"}, Conjugate),
    ("traincgf", {"type": "traincgf"}, lambda: Conjugate("fletcher_reeves")),
    ("conjugate_gradient", {"type": "conjugate_gradient", "update": "fletcher_reeves"}, Conjugate),
    ("bfgs", {"type": "trainbfg"}, Bfgs),
    ("trainscg", {"type": "trainscg"}, ScaledConjugate),
    ("scaled_conjugate_gradient", {"type": "scaled_conjugate_gradient", "sigma": 1e-3, "lambda": 0.5}, ScaledConjugate),
    # the first steps are too long, and undone
    ("scaled, without lambda", {"type": "scaled_conjugate_gradient", "sigma": 2, "lambda": 0}, ScaledConjugate),
]


def curve(net, method):
    w, losses = net.start, []
    for _ in range(EPOCHS):
        w = method.step(net, w)
        losses.append(float(f"{net(w)[0]:.9g}"))
    return losses


def options(spec):
    return {name: value for name, value in spec.items() if name != "type"}


def golden(name, loss, methods):
    net = Net(loss)
    made = {title: (spec, method(**options(spec))) for title, spec, method in methods}
    return {
        "name": name,
        "layers": [
            {"type": "dense", "name": "a", "units": 6, "activation": "tanh"},
            {"type": "dense", "name": "b", "units": loss.units, "activation": loss.last},
        ],
        "x": tensor(torch.tensor(X)),
        "y": tensor(torch.tensor(loss.targets)),
        "weights": {part: tensor(torch.tensor(value)) for part, value in zip(net.names, net.parts(net.start))},
        "curves": {
            title: {
                "optimizer": spec,
                "precision": "float64",
                "batch_size": len(X),
                "losses": curve(net, method),
                "reported": getattr(method, "reported", {}),
            }
            for title, (spec, method) in made.items()
        },
    }


if __name__ == "__main__":
    write("searches.json", SEED, {"nets": [
        golden("mse", Mse(), METHODS + SQUARES),
        golden("categorical_crossentropy", CategoricalCrossentropy(), METHODS),
        golden("binary_crossentropy", BinaryCrossentropy(), METHODS),
        golden("sse", Sse(), METHODS + SQUARES),
    ]})
