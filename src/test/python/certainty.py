#!/usr/bin/env python3
"""Golden calibrations and intervals, learned on some rows and applied to others.

Writes ../resources/golden/certainty.json: temperatures by scipy's bounded minimiser of the negative
log likelihood, isotonic curves by scikit-learn's IsotonicRegression, and the quantiles of split
conformal intervals and sets by numpy.
"""

import math

import numpy as np
import scipy
import sklearn
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.isotonic import IsotonicRegression

from golden import tensor, write

SEED = 33
rng = np.random.default_rng(SEED)
temperatures, isotonics, sets, numbers, pairs, decided = [], [], [], [], [], []


def drawn(rows, classes, sharpness):
    """Logits that are too sure, and the classes that they come from."""
    z = rng.normal(0, 1.5, (rows, classes))
    truth = np.array([rng.choice(classes, p=softmax(row)) for row in z])
    return (sharpness * z).astype(np.float32), truth


def outputs(z, kind):
    """The network's outputs for logits, and the logits that they stand for."""
    if kind == "softmax logits":
        return z, z.astype(np.float64)
    if kind == "softmax":
        p = softmax(z.astype(np.float64), axis=1).astype(np.float32)
        return p, np.log(p.astype(np.float64))
    unit = (z[:, 1] - z[:, 0]).astype(np.float32)[:, None]
    if kind == "sigmoid logits":
        return unit, np.hstack([np.zeros_like(unit), unit]).astype(np.float64)
    p = (1 / (1 + np.exp(-unit.astype(np.float64)))).astype(np.float32)
    rest = np.maximum(1 - p.astype(np.float64), 2.0 ** -25)
    return p, np.hstack([np.log(rest), np.log(p.astype(np.float64))])


def temperature(logits, truth):
    def nll(log_t):
        return -log_softmax(logits / math.exp(log_t), axis=1)[np.arange(len(truth)), truth].mean()
    found = minimize_scalar(nll, bounds=(math.log(0.01), math.log(100)), method="bounded",
                            options={"xatol": 1e-10})
    return math.exp(found.x)


for kind, classes in (("softmax", 4), ("softmax logits", 4), ("sigmoid", 2), ("sigmoid logits", 2),
                      ("softmax", 2)):
    for sharpness in (0.4, 2.5):
        z, truth = drawn(100, classes, sharpness)
        given, logits = outputs(z, kind)
        t = temperature(logits, truth)
        temperatures.append({
            "name": f"{kind}, {classes} classes, {sharpness} times too sure", "kind": kind,
            "output": tensor(torch.tensor(given)), "target": truth.tolist(), "temperature": t,
            "probabilities": np.round(softmax(logits / t, axis=1), 9).tolist()})

for kind, classes in (("sigmoid", 2), ("softmax", 3), ("softmax logits", 3)):
    z, truth = drawn(200, classes, 2.5)
    given, logits = outputs(z, kind)
    p = softmax(logits, axis=1).astype(np.float32)
    if kind == "sigmoid":
        p = np.hstack([np.float32(1) - given, given])
    p = np.round(p, 2).astype(np.float32) if kind == "softmax" else p
    given = p if kind == "softmax" else given
    risen = np.stack([
        IsotonicRegression(out_of_bounds="clip").fit(p[:, c].astype(np.float64), truth == c)
        .predict(p[:, c].astype(np.float64)) for c in range(classes)], 1)
    risen = np.clip(risen, 1 / 400, 1 - 1 / 400)
    isotonics.append({
        "name": f"{kind}, {classes} classes", "kind": kind, "output": tensor(torch.tensor(given)),
        "target": truth.tolist(), "probabilities": np.round(risen / risen.sum(1, keepdims=True), 9).tolist()})


def quantile(scores, coverage):
    """The ceil((n + 1)·coverage)-th smallest; None beyond n."""
    rank = math.ceil(round((len(scores) + 1) * coverage, 9))
    return None if rank > len(scores) else float(np.sort(scores)[rank - 1])


for rows, coverage in ((40, 0.9), (40, 0.5), (9, 0.9), (8, 0.9), (19, 0.95)):
    z, truth = drawn(rows, 3, 1.0)
    p, _ = outputs(z, "softmax")
    score = quantile(1 - p[np.arange(rows), truth].astype(np.float64), coverage)
    members = None
    if score is not None:
        members = 1 - p.astype(np.float64) <= score
        members[np.arange(rows), p.argmax(1)] = True
    sets.append({
        "name": f"{rows} rows, {coverage}", "coverage": coverage, "score": score,
        "output": tensor(torch.tensor(p)), "target": truth.tolist(),
        "members": None if members is None else members.astype(int).tolist(),
        "held": None if members is None else members[np.arange(rows), truth].mean(),
        "width": None if members is None else members.sum(1).mean()})

    y = rng.normal(0, 1, (rows, 2)).astype(np.float32)
    out = (y + rng.normal(0, 0.5, (rows, 2))).astype(np.float32)
    units, offsets = np.array([3.0, 0.5]), np.array([100.0, -2.0])
    scores = np.abs(y.astype(np.float64) - out) * units
    halves = [quantile(scores[:, i], coverage) for i in range(2)]
    halves = None if None in halves else halves
    numbers.append({
        "name": f"{rows} rows, {coverage}", "coverage": coverage, "half_widths": halves,
        "units": units.tolist(), "offsets": offsets.tolist(),
        "output": tensor(torch.tensor(out)), "target": tensor(torch.tensor(y)),
        "held": None if halves is None else (scores <= halves).mean(),
        "width": None if halves is None else 2 * np.mean(halves)})

    truth = rng.normal(0, 1, (rows, 1)).astype(np.float32)
    middle = truth + rng.normal(0, 0.5, (rows, 1))
    low, high = (middle - 0.4).astype(np.float32), (middle + 0.2).astype(np.float32)
    below = (low.astype(np.float64) - truth)[:, 0] * 3
    above = (truth - high.astype(np.float64))[:, 0] * 3
    margin = quantile(np.maximum(below, above), coverage)
    held = width = None
    if margin is not None:
        wide = [np.asarray(x, dtype=np.float64)[:, 0] * 3 for x in (low, high, truth)]
        ends = np.sort(np.stack([wide[0] - margin, wide[1] + margin]), axis=0)
        y3 = wide[2]
        held = float(((ends[0] <= y3 + 1e-9) & (y3 <= ends[1] + 1e-9)).mean())
        width = float((ends[1] - ends[0]).mean())
    pairs.append({
        "name": f"{rows} rows, {coverage}", "coverage": coverage, "margin": margin,
        "low": tensor(torch.tensor(low)), "high": tensor(torch.tensor(high)),
        "target": tensor(torch.tensor(truth)), "held": held, "width": width})

for coverage, threshold in ((0.6, 0.8), (0.6, 0.2), (0.9, 0.95)):
    z, truth = drawn(40, 2, 1.0)
    p, _ = outputs(z, "sigmoid")
    both = np.hstack([np.float32(1) - p, p])
    score = quantile(1 - both[np.arange(40), truth].astype(np.float64), coverage)
    members = 1 - both.astype(np.float64) <= score
    members[np.arange(40), (p[:, 0] >= np.float32(threshold)).astype(int)] = True
    decided.append({
        "name": f"decided at {threshold}, {coverage}", "kind": "sigmoid", "coverage": coverage,
        "threshold": threshold, "score": score, "output": tensor(torch.tensor(p)),
        "target": truth.tolist(), "members": members.astype(int).tolist(),
        "held": members[np.arange(40), truth].mean(), "width": members.sum(1).mean()})

write("certainty.json", SEED, {
    "sklearn": sklearn.__version__, "scipy": scipy.__version__, "numpy": np.__version__,
    "temperature": temperatures, "isotonic": isotonics, "sets": sets, "numbers": numbers,
    "pairs": pairs, "decided": decided})
