"""Golden values for encodings of tables: robust and quantile scaling, indicators of missing values
and features of times, by numpy and scikit-learn, fitted on the first 60 of 80 rows."""

import datetime

import numpy as np
import sklearn
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import FunctionTransformer, QuantileTransformer

import golden

TRAINING = 60
rng = np.random.default_rng(33)
rows = 80
gaps = rng.normal(3, 2, rows)
gaps[[2, 5, 11, 61, 70]] = np.nan
wide = rng.lognormal(0, 3, rows)
ties = rng.integers(0, 5, rows).astype(float)
mostly = np.where(rng.random(rows) < 0.9, 7.0, rng.normal(0, 50, rows))
same = np.full(rows, 4.25)
names = ["gaps", "wide", "ties", "mostly", "same"]
numbers = np.column_stack([gaps, wide, ties, mostly, same])


class Robust(FunctionTransformer):
    """Subtracts the median, divides by the interquartile range, and bends."""

    def fit(self, x, y=None):
        self.median = np.median(x, axis=0)
        q25, q75 = np.percentile(x, [25, 75], axis=0)
        half = (x.max(axis=0) - x.min(axis=0)) / 2
        self.span = np.where(q75 > q25, q75 - q25, half)
        return self

    def transform(self, x):
        z = np.where(self.span > 0, (x - self.median) / np.where(self.span > 0, self.span, 1), 0)
        return z / np.sqrt(1 + (z / 3) ** 2)


def quantile():
    return QuantileTransformer(n_quantiles=1000, output_distribution="normal", subsample=10**9)


def encoded(scaler, impute, table):
    imputer = SimpleImputer(strategy=impute)
    filled = imputer.fit(numbers[:TRAINING]).transform(table)
    scaled = scaler.fit(imputer.transform(numbers[:TRAINING])).transform(filled)
    if isinstance(scaler, QuantileTransformer):
        scaled[:, -1] = 0  # scikit-learn's constant column becomes -5.2; here it becomes 0
    missing = np.isnan(table[:, :1]).astype(float)
    return np.hstack([scaled[:, :1], missing, scaled[:, 1:]]).tolist()


unseen = np.array([[np.nan, 1e-9, 2, 7, 4.25], [99.0, 1e9, 9, -1e6, 5], [3.1, 2.5, 1.5, 7.5, 4]])
cases = [
    {
        "scale": name,
        "impute": impute,
        "encoded": encoded(make(), impute, numbers),
        "unseen": encoded(make(), impute, unseen),
    }
    for name, make in [("robust", Robust), ("quantile", quantile)]
    for impute in ["mean", "median"]
]

# More rows than quantiles: 1,000 of them are kept.
many = np.random.default_rng(34).gamma(2.0, 3.0, 2500).round(2)
probes = np.array([-1.0, 0.05, 0.5, 1.234, 5.0, 5.005, 11.7, 30.0, 90.0])
ranked = quantile().fit(many[:, None]).transform(probes[:, None])[:, 0]

# Times, as texts that a dataset and a request may hold.
start = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
times = [start + datetime.timedelta(minutes=int(m)) for m in rng.integers(-20_000_000, 6_000_000, rows)]


def circle(place, period):
    angle = 2 * np.pi * np.asarray(place) / period
    return [np.sin(angle), np.cos(angle)]


seconds = np.array([t.timestamp() for t in times])
linear = (seconds - seconds[:TRAINING].mean()) / seconds[:TRAINING].std()
features = np.column_stack(
    circle([t.hour + t.minute / 60 for t in times], 24)
    + circle([t.weekday() for t in times], 7)
    + circle([t.month - 1 for t in times], 12)
    + [linear]
)

csv = [",".join(names + ["at", "y"])]
for i in range(rows):
    cells = ["" if np.isnan(x) else repr(float(x)) for x in numbers[i]]
    csv.append(",".join(cells + [times[i].strftime("%Y-%m-%dT%H:%M:%SZ"), str(i)]))

golden.write(
    "tables.json",
    33,
    {
        "sklearn": sklearn.__version__,
        "numpy": np.__version__,
        "training": TRAINING,
        "csv": "\n".join(csv) + "\n",
        "unseen": [
            {n: None if np.isnan(x) else float(x) for n, x in zip(names, row)} for row in unseen
        ],
        "cases": cases,
        "many": many.tolist(),
        "probes": probes.tolist(),
        "ranked": ranked.tolist(),
        "features": features.tolist(),
    },
)
