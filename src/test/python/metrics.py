#!/usr/bin/env python3
"""Golden metrics on small outputs, with ties and with classes that do not occur.

Writes ../resources/golden/metrics.json. A case lists the metrics as a job would, the values that
scikit-learn computes, and the metrics that are not defined and so null.
"""

import warnings

import numpy as np
import sklearn
import torch
from sklearn import metrics as sk

from golden import tensor, write

warnings.filterwarnings("ignore")
SEED = 7
rng = np.random.default_rng(SEED)
cases = []


def case(name, loss, output, target, values, activation="linear", classes=False, absent=()):
    output = np.asarray(output, dtype=np.float32)
    cases.append(
        {
            "name": name,
            "loss": loss,
            "activation": activation,
            "classes": classes,
            "output": tensor(torch.tensor(output)),
            "target": tensor(torch.tensor(target)),
            "values": [[metric, float(value)] for metric, value in values],
            "absent": list(absent),
        }
    )


def averages(kind, function, truth, decided):
    return [
        ({"type": kind, "average": average, "name": f"{kind}_{average}"},
         function(truth, decided, average=average, zero_division=0))
        for average in ("macro", "micro", "weighted")
    ]


def calibration_error(confidence, right, bins=15):
    """Guo et al. 2017: bins without their lower end."""
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    return sum(abs(right[place == b].mean() - confidence[place == b].mean()) * (place == b).mean()
               for b in range(bins) if (place == b).any())


def one_class_of_two(name, p, truth, loss="binary_crossentropy", scores=None, absent=(), **more):
    """p: probabilities of the second class, as float32; scores: what the network gives."""
    p = np.asarray(p, dtype=np.float32)
    decided = (p >= 0.5).astype(int)
    defined = [
        ("accuracy", sk.accuracy_score(truth, decided)),
        ("balanced_accuracy", sk.balanced_accuracy_score(truth, decided)),
        ("precision", sk.precision_score(truth, decided, zero_division=np.nan)),
        ("recall", sk.recall_score(truth, decided, zero_division=np.nan)),
        ("f1", sk.f1_score(truth, decided, zero_division=np.nan)),
        ("mcc", sk.matthews_corrcoef(truth, decided)),
        ("log_loss", sk.log_loss(truth, p.astype(np.float64), labels=[0, 1])),
        ("brier", np.mean((p.astype(np.float64) - truth) ** 2)),
        ("ece", calibration_error(np.maximum(p, 1 - p).astype(np.float64), decided == truth)),
    ]
    for kind, function in (("precision", sk.precision_score), ("recall", sk.recall_score),
                           ("f1", sk.f1_score)):
        defined += averages(kind, function, truth, decided)
    if "auc" not in absent:
        defined.append(("auc", sk.roc_auc_score(truth, p)))
    if "pr_auc" not in absent:
        defined.append(("pr_auc", sk.average_precision_score(truth, p)))
    absent = list(absent) + [metric for metric, value in defined if np.isnan(value)]
    defined = [(metric, value) for metric, value in defined if not np.isnan(value)]
    output = p if scores is None else scores
    case(name, loss, np.asarray(output).reshape(-1, 1), np.asarray(truth), defined, classes=True,
         absent=absent, **more)


truth = rng.integers(0, 2, 40)
p = np.round(np.clip(0.5 + 0.35 * (truth - 0.5) + rng.normal(0, 0.25, 40), 0.01, 0.99), 1)
one_class_of_two("two classes with ties", p, truth, activation="sigmoid")
logits = rng.normal(0, 2, 40).astype(np.float32)
one_class_of_two("two classes as logits", 1 / (1 + np.exp(-logits.astype(np.float64))), truth,
                 loss={"type": "binary_crossentropy", "from_logits": True}, scores=logits)
one_class_of_two("nothing is positive", [0.1, 0.2, 0.4, 0.3], [0, 1, 0, 1], activation="sigmoid")
one_class_of_two("all rows are of the first class", [0.1, 0.7, 0.4], [0, 0, 0],
                 activation="sigmoid", absent=("auc", "pr_auc"))
one_class_of_two("all rows are of the second class", [0.1, 0.7, 0.4], [1, 1, 1],
                 activation="sigmoid", absent=("auc",))


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def several(name, scores, truth, loss, p, ks, activation="linear", target=None, classes=True):
    count = p.shape[-1]
    flat = np.asarray(truth).reshape(-1)
    rows = p.reshape(-1, count)
    decided = rows.argmax(1)
    present = [c for c in range(count) if (flat == c).any()]
    ranked = [c for c in present if (flat != c).any()]
    one = np.eye(count)[flat]
    second = present == [0, 1] and count == 2
    rocs = [sk.roc_auc_score(one[:, c], rows[:, c]) for c in ([1] if second else ranked)]
    areas = [sk.average_precision_score(one[:, c], rows[:, c]) for c in ([1] if second else present)]
    binary = {"average": "binary"} if count == 2 else {"average": "macro"}
    values = [
        ("accuracy", sk.accuracy_score(flat, decided)),
        ("balanced_accuracy", sk.balanced_accuracy_score(flat, decided)),
        ("precision", sk.precision_score(flat, decided, zero_division=0, **binary)),
        ("recall", sk.recall_score(flat, decided, zero_division=0, **binary)),
        ("f1", sk.f1_score(flat, decided, zero_division=0, **binary)),
        ("mcc", sk.matthews_corrcoef(flat, decided)),
        ("log_loss", sk.log_loss(flat, rows.astype(np.float64), labels=range(count))),
        ("brier", np.mean(np.sum((rows.astype(np.float64) - one) ** 2, 1)) / (2 if count == 2 else 1)),
        ("ece", calibration_error(rows.max(1).astype(np.float64), decided == flat)),
        ("auc", np.mean(rocs)),
        ("pr_auc", np.mean(areas)),
    ]
    for kind, function in (("precision", sk.precision_score), ("recall", sk.recall_score),
                           ("f1", sk.f1_score)):
        values += averages(kind, function, flat, decided)
    for k in ks:
        values.append(({"type": "top_k_accuracy", "k": k, "name": f"top_{k}"},
                       sk.top_k_accuracy_score(flat, rows, k=k, labels=range(count))))
    case(name, loss, scores, np.asarray(truth) if target is None else target, values,
         activation=activation, classes=classes)


truth = rng.integers(0, 4, 60)
z = rng.normal(0, 1, (60, 4)) + 1.2 * np.eye(4)[truth]
p = softmax(z).astype(np.float32)
several("four classes", p, truth, "categorical_crossentropy", p, (2, 3), "softmax")
several("four classes as one-hot numbers", p, truth, "categorical_crossentropy", p, (2,),
        "softmax", target=np.eye(4, dtype=np.float32)[truth], classes=False)
logits = z.astype(np.float32)
several("four classes as logits", logits, truth,
        {"type": "categorical_crossentropy", "from_logits": True},
        softmax(logits.astype(np.float64)), (2,))
rounded = np.round(p, 1) + np.float32(0.05)
rounded = (rounded / rounded.sum(1, keepdims=True)).astype(np.float32)
rounded[0] = 0.25
several("four classes with ties", rounded, truth, "categorical_crossentropy", rounded, (1, 2, 3),
        "softmax")
rare = np.array([0, 0, 3, 3, 0, 3, 3, 0, 0, 3])
several("a class that does not occur is decided for", p[:10], rare, "categorical_crossentropy",
        p[:10], (2,), "softmax")
two = p[:, :2] / p[:, :2].sum(1, keepdims=True)
several("two classes of two units", two, (truth > 1).astype(int), "categorical_crossentropy", two,
        (), "softmax")
steps = softmax(rng.normal(0, 1, (6, 5, 3))).astype(np.float32)
several("steps of a sequence", steps, rng.integers(0, 3, (6, 5)), "categorical_crossentropy",
        steps, (2,), "softmax")

labels = rng.integers(0, 2, (30, 3)).astype(np.float32)
labels[:, 2] = 0
p = np.round(np.clip(0.5 + 0.3 * (labels - 0.5) + rng.normal(0, 0.25, (30, 3)), 0.02, 0.98), 2)
p = p.astype(np.float32)
decided = (p >= 0.5).astype(int)
values = [
    ("accuracy", (decided == labels).mean()),
    ("precision", sk.precision_score(labels, decided, average="macro", zero_division=0)),
    ("recall", sk.recall_score(labels, decided, average="macro", zero_division=0)),
    ("f1", sk.f1_score(labels, decided, average="macro", zero_division=0)),
    ("log_loss", np.mean([sk.log_loss(labels[:, i], p[:, i].astype(np.float64), labels=[0, 1]) for i in range(3)])),
    ("brier", np.mean([sk.brier_score_loss(labels[:, i], p[:, i].astype(np.float64)) for i in range(2)]
                      + [np.mean(p[:, 2].astype(np.float64) ** 2)])),
    ("ece", calibration_error(np.maximum(p, 1 - p).astype(np.float64).ravel(),
                              (decided == labels).ravel())),
    ("auc", np.mean([sk.roc_auc_score(labels[:, i], p[:, i]) for i in range(2)])),
    ("pr_auc", np.mean([sk.average_precision_score(labels[:, i], p[:, i]) for i in range(2)])),
]
for kind, function in (("precision", sk.precision_score), ("recall", sk.recall_score),
                       ("f1", sk.f1_score)):
    values += averages(kind, function, labels, decided)
case("separate labels, one without rows", "binary_crossentropy", p, labels, values, "sigmoid")


def numbers(name, output, target):
    output = np.asarray(output, dtype=np.float32).astype(np.float64)
    target = np.asarray(target, dtype=np.float32)
    t = target.astype(np.float64)
    flat_t, flat_o = t.reshape(-1), output.reshape(-1)
    case(name, "mse", output, target, [
        ("mse", sk.mean_squared_error(flat_t, flat_o)),
        ("rmse", sk.root_mean_squared_error(flat_t, flat_o)),
        ("mae", sk.mean_absolute_error(flat_t, flat_o)),
        ("mape", 100 * sk.mean_absolute_percentage_error(flat_t, flat_o)),
        ("r2", sk.r2_score(t.reshape(len(t), -1), output.reshape(len(t), -1))),
        ({"type": "expression", "name": "largest", "expression": "mean(abs(y_pred - y_true)^3)"},
         np.mean(np.abs(output - t) ** 3)),
    ])


y = rng.normal(5, 3, (50, 1))
numbers("one number", y + rng.normal(0, 1, (50, 1)), y)
y = rng.normal(1000, 3, (25, 2, 3))
numbers("a tensor of numbers far from 0", y + rng.normal(0, 1, (25, 2, 3)), y)
y = np.stack([np.full(8, 2.0), rng.normal(0, 1, 8)], 1)
numbers("a number that does not vary", y + rng.normal(0, 1, (8, 2)), y)

write("metrics.json", SEED, {"sklearn": sklearn.__version__, "cases": cases})
