#!/usr/bin/env python3
"""Golden baselines, and the folds of groups.

Writes ../resources/golden/baselines.json: the metrics of scikit-learn's DummyClassifier with the
strategy "prior", which answers the largest class and the shares as probabilities, and of
DummyRegressor with the strategy "mean"; and the rows of GroupKFold's folds.
"""

import numpy as np
import sklearn
import torch
from sklearn import metrics as sk
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.model_selection import GroupKFold

from golden import tensor, write

SEED = 19
rng = np.random.default_rng(SEED)
cases = []


def binary_or_macro(metric, truth, decided, classes):
    average = "binary" if classes == 2 else "macro"
    return float(metric(truth, decided, average=average, zero_division=0))


def classes(name, loss, activation, width, shares, rows):
    train = rng.choice(len(shares), 90, p=shares)
    test = rng.choice(len(shares), rows, p=shares)
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((90, 1)), train)
    decided = dummy.predict(np.zeros((rows, 1)))
    scores = dummy.predict_proba(np.zeros((rows, 1)))
    values = {
        "accuracy": sk.accuracy_score(test, decided),
        "balanced_accuracy": sk.balanced_accuracy_score(test, decided),
        "recall": binary_or_macro(sk.recall_score, test, decided, len(shares)),
        "log_loss": sk.log_loss(test, scores, labels=range(len(shares))),
        "auc": sk.roc_auc_score(test, scores[:, 1]) if len(shares) == 2
        else sk.roc_auc_score(test, scores, multi_class="ovr", average="macro"),
    }
    cases.append({
        "name": name, "loss": loss, "activation": activation, "width": width, "classes": True,
        "train": tensor(torch.tensor(train)), "test": tensor(torch.tensor(test)),
        "units": [1.0], "offsets": [0.0],
        "metrics": {key: float(number) for key, number in values.items()},
    })


def numbers(name, width, unit, offset):
    train = rng.normal(size=(70, width)).astype(np.float32)
    test = rng.normal(0.5, 2, size=(40, width)).astype(np.float32)
    dummy = DummyRegressor(strategy="mean").fit(np.zeros((70, 1)), train * unit + offset)
    predicted = dummy.predict(np.zeros((40, 1))).reshape(40, width)
    truth = test * unit + offset
    mse = sk.mean_squared_error(truth, predicted)
    cases.append({
        "name": name, "loss": "mse", "activation": "linear", "width": width, "classes": False,
        "train": tensor(torch.tensor(train)), "test": tensor(torch.tensor(test)),
        "units": [float(unit)] * width, "offsets": [float(offset)] * width,
        "metrics": {"mse": float(mse), "rmse": float(np.sqrt(mse)),
                    "mae": float(sk.mean_absolute_error(truth, predicted)),
                    **({"r2": float(sk.r2_score(truth, predicted))} if width == 1 else {})},
    })


classes("three classes", "categorical_crossentropy", "softmax", 3, [0.2, 0.5, 0.3], 60)
classes("three classes, logits", "{'type':'categorical_crossentropy','from_logits':true}", "linear", 3,
        [0.6, 0.1, 0.3], 50)
classes("two classes", "binary_crossentropy", "sigmoid", 1, [0.35, 0.65], 40)
classes("two classes, logits", "{'type':'binary_crossentropy','from_logits':true}", "linear", 1,
        [0.7, 0.3], 40)
classes("two classes, softmax", "categorical_crossentropy", "softmax", 2, [0.7, 0.3], 33)
numbers("a number", 1, 3.5, 20)
numbers("a vector", 3, 0.25, -1)

groups = np.repeat(np.arange(23), rng.integers(1, 30, 23))
rng.shuffle(groups)
folds = [
    sorted(len(test) for _, test in GroupKFold(count).split(groups, groups=groups))
    for count in (2, 3, 5)
]
write("baselines.json", SEED, {
    "sklearn": sklearn.__version__, "numpy": np.__version__, "cases": cases,
    "groups": groups.tolist(), "folds": folds,
})
