#!/usr/bin/env python3
"""Golden importances of a linear model's columns, by scikit-learn's permutation_importance.

Writes ../resources/golden/importance.json: rows, weights, and how much the mean squared error grows
when a column is permuted. Many repeats: other permutations then give nearly the same means.
"""

import numpy as np
import sklearn
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression

from golden import write

SEED = 3
rng = np.random.default_rng(SEED)
x = np.round(rng.normal(0, 1, (200, 3)) * [1, 2, 5], 3)
weights = np.array([1.5, -0.5, 0.0])
y = np.round(x @ weights + 0.25 + rng.normal(0, 0.3, 200), 3)
model = LinearRegression()
model.coef_, model.intercept_ = weights, 0.25
found = permutation_importance(
    model, x, y, n_repeats=300, random_state=SEED, scoring="neg_mean_squared_error"
)
write("importance.json", SEED, {
    "sklearn": sklearn.__version__, "rows": np.column_stack([x, y]).tolist(),
    "weights": weights.tolist(), "bias": 0.25,
    "loss": float(((model.predict(x) - y) ** 2).mean()),
    "importances": found.importances_mean.tolist(),
})
