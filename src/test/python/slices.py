#!/usr/bin/env python3
"""Golden metrics of groups of rows, their bootstrap intervals, and permutation importances.

Writes ../resources/golden/slices.json: the rows of a table, the weights of two models, and for each
way to group the rows what scikit-learn measures of each group. The groups of numbers are those of
pandas.qcut. Rows are drawn, and columns permuted, by the generator of java.util.Random, so that the
service draws the same ones: intervals and importances are then the same numbers, not about the same.
"""

import math

import numpy as np
import pandas
import sklearn
import torch
from scipy import stats
from sklearn import metrics as skm

from golden import write

SEED = 7
ROWS = 240
RESAMPLES = 1000
LEVEL = 0.95
MOST_TEXTS = 20
REPEATS = 6
PERMUTATION_SEED = 4


class JavaRandom:
    """java.util.Random, as its documentation defines it."""

    def __init__(self, seed):
        self.seed = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def next(self, bits):
        self.seed = (self.seed * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        return self.seed >> (48 - bits)

    def next_int(self, bound):
        drawn = self.next(31)
        if bound & (bound - 1) == 0:
            return (bound * drawn) >> 31
        while drawn - drawn % bound + bound - 1 >= 1 << 31:
            drawn = self.next(31)
        return drawn % bound


def draws(rows):
    """For each resample the places of the rows that are drawn."""
    random = JavaRandom(0)
    return np.array([[random.next_int(rows) for _ in range(rows)] for _ in range(RESAMPLES)])


def order(rows, random):
    """The row whose value each row gets: the inside-out shuffle."""
    places = [0] * rows
    for i in range(rows):
        j = random.next_int(i + 1)
        places[i] = places[j]
        places[j] = i
    return np.array(places)


rng = np.random.default_rng(SEED)
a = np.round(rng.normal(0, 1, ROWS), 5)
b = np.round(rng.normal(0, 2, ROWS), 5)
sex = rng.choice(["f", "m"], ROWS).astype(object)
sex[rng.choice(ROWS, 12, replace=False)] = None
member = rng.random(ROWS) < 0.5
age = rng.integers(18, 90, ROWS)
score = np.round(rng.gamma(2, 3, ROWS), 2)
score[rng.choice(ROWS, 40, replace=False)] = np.nan
visits = rng.integers(0, 4, ROWS)
at = pandas.Timestamp("2025-01-01") + pandas.to_timedelta(np.sort(rng.integers(0, 365 * 24, ROWS)), "h")
# A few towns are frequent, and many are not.
town = np.array([f"t{int(each):02d}" for each in np.minimum(rng.geometric(0.09, ROWS), 30)])

number_weights, number_bias = [1.5, -0.5], 0.25
class_weights, class_bias = [1.0, -0.5], 0.25
noise = np.where(sex == "m", 1.2, 0.4)
y = np.round(a * 1.5 - b * 0.5 + 0.25 + rng.normal(0, noise), 3)
chance = 1 / (1 + np.exp(-(a * 2 - b + 0.5) * np.where(sex == "m", 0.4, 1.5)))
k = np.where(rng.random(ROWS) < chance, "yes", "no").astype(object)
# A town of one class has no auc.
k[town == "t05"] = "no"


def outputs(weights, bias):
    """Of a dense layer, as the service computes it: equal numbers must stay equal for auc."""
    x = torch.tensor(np.stack([a, b], 1), dtype=torch.float32)
    return torch.nn.functional.linear(x, torch.tensor([weights]), torch.tensor([bias]))[:, 0]


predicted = outputs(number_weights, number_bias).double().numpy()
probability = torch.sigmoid(outputs(class_weights, class_bias)).double().numpy()
yes = k == "yes"

NUMBERS = {
    "mse": lambda i: skm.mean_squared_error(y[i], predicted[i]),
    "mae": lambda i: skm.mean_absolute_error(y[i], predicted[i]),
    "r2": lambda i: skm.r2_score(y[i], predicted[i]) if len(set(y[i])) > 1 else None,
}
CLASSES = {
    "accuracy": lambda i: skm.accuracy_score(yes[i], probability[i] >= 0.5),
    "auc": lambda i: skm.roc_auc_score(yes[i], probability[i]) if 0 < yes[i].sum() < len(i) else None,
    "log_loss": lambda i: skm.log_loss(yes[i], probability[i], labels=[False, True]),
}


def measured(places, formulas):
    found = {name: formula(places) for name, formula in formulas.items()}
    intervals = {name: None for name in formulas}
    if len(places) >= 10:
        drawn = [places[each] for each in draws(len(places))]
        for name, formula in formulas.items():
            if found[name] is None:
                continue
            values = [value for value in map(formula, drawn) if value is not None]
            if len(values) >= 0.9 * RESAMPLES:
                ends = np.quantile(values, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
                intervals[name] = [float(end) for end in ends]
    return {
        "metrics": {name: None if value is None else float(value) for name, value in found.items()},
        "metric_intervals": intervals,
    }


def by_value(column, names, pooled=()):
    missing = pandas.isna(column)
    groups = [(str(name), np.flatnonzero(~missing & (column == name))) for name in names]
    return [*groups, *pooled] + ([(None, np.flatnonzero(missing))] if missing.any() else [])


def by_quartile(column):
    bins = pandas.qcut(column, 4, labels=False, duplicates="drop")
    groups = [(None, np.flatnonzero(bins == each)) for each in sorted(set(bins[~pandas.isna(bins)]))]
    missing = np.flatnonzero(pandas.isna(bins))
    return groups + ([(None, missing)] if len(missing) else [])


def by_frequency(column):
    missing = pandas.isna(column)
    counts = pandas.Series(column[~missing]).value_counts()
    names = sorted(counts.index, key=lambda name: (-counts[name], name))
    shown = names if len(names) <= MOST_TEXTS else names[: MOST_TEXTS - 1]
    rest = [name for name in names if name not in shown]
    pooled = [("other", np.flatnonzero(np.isin(column, rest)))] if rest else []
    return by_value(column, shown, pooled)


COLUMNS = {
    "sex": by_frequency(sex),
    "member": by_frequency(np.where(member, "true", "false")),
    "visits": by_value(visits, sorted(set(visits))),
    "age": by_quartile(age),
    "score": by_quartile(score),
    "at": by_quartile(at.to_numpy().astype("datetime64[us]").astype(np.int64).astype(np.float64)),
    "town": by_frequency(town),
}


def slices(formulas, columns):
    return {
        "all": measured(np.arange(ROWS), formulas),
        "columns": {
            column: [
                {"group": name, "rows": len(places), **measured(places, formulas)}
                for name, places in COLUMNS[column]
            ]
            for column in columns
        },
    }


def importances():
    """By the same permutations, of the mean squared error; and the interval of their mean."""
    x = np.stack([a, b], 1)
    found = {}
    for i, column in enumerate(["a", "b"]):
        random = JavaRandom(PERMUTATION_SEED)
        grown = []
        for _ in range(REPEATS):
            permuted = x.copy()
            permuted[:, i] = x[order(ROWS, random), i]
            guess = permuted @ np.array(number_weights) + number_bias
            grown.append(skm.mean_squared_error(y, guess) - skm.mean_squared_error(y, predicted))
        mean = float(np.mean(grown))
        half = stats.t.ppf((1 + LEVEL) / 2, REPEATS - 1) * np.std(grown, ddof=1) / math.sqrt(REPEATS)
        found[column] = {"mean": mean, "std": float(np.std(grown)), "interval": [mean - half, mean + half]}
    return found


def cell(value):
    return "" if value is None or pandas.isna(value) else str(value)


table = [
    [cell(each) for each in row]
    for row in zip(
        a, b, sex, np.where(member, "true", "false"), age, score, visits,
        at.strftime("%Y-%m-%dT%H:%M:%SZ"), town, y, k,
    )
]
write("slices.json", SEED, {
    "sklearn": sklearn.__version__, "pandas": pandas.__version__,
    "header": ["a", "b", "sex", "member", "age", "score", "visits", "at", "town", "y", "k"],
    "rows": table,
    "number": {"weights": number_weights, "bias": number_bias},
    "class": {"weights": class_weights, "bias": class_bias},
    "numbers": slices(NUMBERS, ["sex", "member", "visits", "age", "score", "at"]),
    "classes": slices(CLASSES, ["sex", "town"]),
    "importance": {"repeats": REPEATS, "seed": PERMUTATION_SEED, "columns": importances()},
    "student_t": [
        {"share": share, "degrees": degrees, "t": float(stats.t.ppf((1 + share) / 2, degrees))}
        for degrees in [1, 2, 3, 4, 5, 9, 28, 99]
        for share in [0.5, 0.95, 0.99]
    ],
})
