#!/usr/bin/env python3
"""Golden cross-validation of a linear net with an l2 penalty, which is a ridge regression.

Writes ../resources/golden/sweeps.json: the rows as CSV, and by penalty the mean squared error of
each fold of KFold, as scikit-learn computes it from the closed form. The net's loss is the mean of
the squares plus l2 times the sum of the squared weights, so alpha is l2 times the training rows.
"""

import numpy as np
import sklearn
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import KFold

from golden import write

SEED = 20
ROWS, COLUMNS, FOLDS = 62, 5, 5
PENALTIES = [3.0, 0.001, 0.1, 1.0, 0.01, 0.3, 0.03]

rng = np.random.default_rng(SEED)
x = rng.normal(size=(ROWS, COLUMNS)).round(4)
y = (x @ [1.5, -2.0, 0.5, 0.0, 0.1] + 0.7 + 3 * rng.normal(size=ROWS)).round(4)
trials = []
for penalty in PENALTIES:
    folds = []
    for train, held in KFold(FOLDS).split(x):
        ridge = Ridge(alpha=penalty * len(train)).fit(x[train], y[train])
        folds.append(mean_squared_error(y[held], ridge.predict(x[held])))
    trials.append(
        {"l2": penalty, "folds": folds, "mean": float(np.mean(folds)), "std": float(np.std(folds))}
    )
best = min(trials, key=lambda trial: trial["mean"])
refit = Ridge(alpha=best["l2"] * ROWS).fit(x, y)
names = [f"x{i}" for i in range(COLUMNS)]
lines = [",".join(names + ["y"])]
lines += [",".join(map(str, [*row, target])) for row, target in zip(x.tolist(), y.tolist())]
write(
    "sweeps.json",
    SEED,
    {
        "scikit_learn": sklearn.__version__,
        "csv": "\n".join(lines) + "\n",
        "trials": trials,
        "weights": refit.coef_.tolist(),
        "bias": float(refit.intercept_),
    },
)
