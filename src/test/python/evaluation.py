#!/usr/bin/env python3
"""Golden evaluations: counts, reports per class, ROC curves, errors of numbers.

Writes ../resources/golden/evaluation.json from scikit-learn. Scores are rounded, so that some tie.
"""

import numpy as np
import sklearn
import torch
from sklearn import metrics as sk

from golden import tensor, write

SEED = 11
rng = np.random.default_rng(SEED)
cases = []


def curve(truth, scores):
    """As scikit-learn draws it; the first threshold is infinite."""
    rates = sk.roc_curve(truth, scores, drop_intermediate=True)
    return {
        "auc": sk.roc_auc_score(truth, scores),
        "points": [[float(f), float(t), None if np.isinf(h) else float(h)] for f, t, h in zip(*rates)],
    }


def report(truth, decided, labels):
    values = sk.precision_recall_fscore_support(
        truth, decided, labels=range(len(labels)), zero_division=0
    )
    return {
        label: [float(part[i]) for part in values] for i, label in enumerate(labels)
    }


def classes(name, loss, activation, output, scores, truth, labels):
    output = np.asarray(output, dtype=np.float32)
    decided = scores.argmax(1) if scores.shape[1] > 1 else (scores[:, 0] >= 0.5).astype(int)
    rest = {labels[1]: 0 if scores.shape[1] == 1 else 1} if len(labels) == 2 else {
        label: i for i, label in enumerate(labels)
    }
    cases.append({
        "name": name, "loss": loss, "activation": activation, "labels": labels,
        "output": tensor(torch.tensor(output)), "target": tensor(torch.tensor(truth)),
        "confusion": sk.confusion_matrix(truth, decided, labels=range(len(labels))).tolist(),
        "per_class": report(truth, decided, labels),
        "roc": {
            label: curve(truth == labels.index(label), scores[:, column])
            for label, column in rest.items()
        },
    })


def numbers(name, output, truth):
    output = np.asarray(output, dtype=np.float32)
    truth = np.asarray(truth, dtype=np.float32)
    o, t = output.astype(np.float64), truth.astype(np.float64)
    cases.append({
        "name": name, "loss": "mse", "activation": "linear",
        "output": tensor(torch.tensor(output)), "target": tensor(torch.tensor(truth)),
        "numbers": {
            "mae": sk.mean_absolute_error(t.ravel(), o.ravel()),
            "rmse": sk.mean_squared_error(t.ravel(), o.ravel()) ** 0.5,
            "r2": sk.r2_score(t.ravel(), o.ravel()),
            "mean_residual": float((t - o).mean()),
            "std_residual": float((t - o).std()),
        },
    })


truth = rng.integers(0, 2, 60)
p = np.round(np.clip(0.5 + 0.3 * (truth - 0.5) + rng.normal(0, 0.25, 60), 0.01, 0.99), 1)
p = p.astype(np.float32)
classes("one unit", "binary_crossentropy", "sigmoid", p.reshape(-1, 1), p.reshape(-1, 1), truth,
        ["no", "yes"])
both = np.stack([1 - p, p], 1).astype(np.float32)
classes("two units", "categorical_crossentropy", "softmax", both, both, truth, ["no", "yes"])
logits = rng.normal(0, 1, (80, 4)).astype(np.float32)
truth4 = rng.integers(0, 3, 80)
logits[np.arange(80), truth4] += 1
classes("three units",
        "categorical_crossentropy", "softmax",
        torch.softmax(torch.tensor(logits[:, :3]), 1).numpy(),
        torch.softmax(torch.tensor(logits[:, :3]), 1).numpy(), truth4, ["a", "b", "c"])
numbers("one number", rng.normal(3, 2, (50, 1)), rng.normal(3, 2, (50, 1)))
numbers("far from 0", 1e4 + rng.normal(0, 1, (40, 2)), 1e4 + rng.normal(0, 1, (40, 2)))

write("evaluation.json", SEED, {"sklearn": sklearn.__version__, "cases": cases})
