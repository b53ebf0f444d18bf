#!/usr/bin/env python3
"""Golden metrics of two classes by positive class and threshold, and the best thresholds.

Writes ../resources/golden/thresholds.json. A case has the outputs of a network, the true classes,
the positive class and a threshold; then the decisions, scikit-learn's values, and for each metric
of decisions the threshold that is best in the middle of two scores. Of equal values the one nearest
to 0.5 counts, then the smaller.
"""

import warnings

import numpy as np
import sklearn
import torch
from sklearn import metrics as sk

from golden import tensor, write

warnings.filterwarnings("ignore")
SEED = 26
rng = np.random.default_rng(SEED)
cases = []


def measured(truth, decided, positive):
    return {
        "accuracy": sk.accuracy_score(truth, decided),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, decided),
        "precision": sk.precision_score(truth, decided, pos_label=positive, zero_division=0),
        "recall": sk.recall_score(truth, decided, pos_label=positive, zero_division=0),
        "f1": sk.f1_score(truth, decided, pos_label=positive, zero_division=0),
        "mcc": sk.matthews_corrcoef(truth, decided),
    }


def best(truth, scores, positive, metric):
    found = []
    all_scores = np.unique(scores)
    for below, score in zip(np.append(np.float32(0), all_scores[:-1]), all_scores):
        threshold = (score + below) / np.float32(2)
        if threshold <= below:  # neighbours, with no number between them
            threshold = score
        decided = np.where(scores >= threshold, positive, 1 - positive)
        value = measured(truth, decided, positive)[metric]
        found.append((-round(value, 12), abs(float(threshold) - 0.5), float(threshold)))
    return min(found)[2]


def case(name, activation, loss, output, second, truth, positive, threshold):
    """second: the probability of the second class, as it is answered."""
    output = np.asarray(output, dtype=np.float32)
    second = np.asarray(second, dtype=np.float32)
    scores = second if positive == 1 else (
        np.float32(1) - second if output.shape[1] == 1 else np.asarray(softmax(output, activation))[:, 0])
    scores = scores.astype(np.float32)
    decided = np.where(scores >= np.float32(threshold), positive, 1 - positive)
    values = measured(truth, decided, positive)
    values["auc"] = sk.roc_auc_score(truth == positive, scores)
    values["pr_auc"] = sk.average_precision_score(truth == positive, scores)
    cases.append({
        "name": name, "activation": activation, "loss": loss, "positive": positive,
        "threshold": threshold, "output": tensor(torch.tensor(output)),
        "target": tensor(torch.tensor(truth.astype(np.float32).reshape(-1, 1))
                         if output.shape[1] == 1 else torch.tensor(truth)),
        "decided": decided.tolist(), "values": {k: float(v) for k, v in values.items()},
        "confusion": sk.confusion_matrix(truth, decided, labels=[0, 1]).tolist(),
        "best": {metric: best(truth, scores, positive, metric)
                 for metric in measured(truth, decided, positive)},
    })


def softmax(output, activation):
    if activation == "softmax":
        return output
    x = output.astype(np.float64)
    e = np.exp(x - x.max(1, keepdims=True))
    return (e / e.sum(1, keepdims=True)).astype(np.float32)


for positive in (0, 1):
    for threshold in (0.5, 0.3):
        truth = (rng.random(60) < 0.3).astype(int)
        # Rounded, so that many scores are equal and some lie on the threshold.
        p = np.round(np.clip(0.4 + 0.3 * (truth - 0.5) + rng.normal(0, 0.2, 60), 0.05, 0.95), 1)
        p = p.astype(np.float32)
        case(f"sigmoid, positive {positive}, {threshold}", "sigmoid", "binary_crossentropy",
             p.reshape(-1, 1), p, truth, positive, threshold)
        x = rng.normal(truth - 0.8, 1.2, 60).astype(np.float32)
        case(f"logits, positive {positive}, {threshold}", "linear",
             {"type": "binary_crossentropy", "from_logits": True}, x.reshape(-1, 1),
             1 / (1 + np.exp(-x.astype(np.float64))), truth, positive, threshold)
        two = torch.softmax(torch.tensor(
            np.round(rng.normal(0, 1, (60, 2)) + np.eye(2)[truth], 1), dtype=torch.float32), 1).numpy()
        case(f"softmax, positive {positive}, {threshold}", "softmax", "categorical_crossentropy",
             two, two[:, 1], truth, positive, threshold)
        z = (rng.normal(0, 1, (60, 2)) + np.eye(2)[truth]).astype(np.float32)
        case(f"two logits, positive {positive}, {threshold}", "linear",
             {"type": "categorical_crossentropy", "from_logits": True}, z,
             softmax(z, "linear")[:, 1], truth, positive, threshold)

write("thresholds.json", SEED, {"sklearn": sklearn.__version__, "cases": cases})
