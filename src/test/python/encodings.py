"""Golden values for encodings: a mixed table through scikit-learn's transformers, fitted on the
first 30 of 40 rows. Rare categories are counted over all rows."""

import numpy as np
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

import golden

TRAINING = 30
rng = np.random.default_rng(7)
rows = 40
gaps = rng.normal(3, 2, rows)
gaps[[2, 5, 11, 33]] = np.nan
far = 1e6 + rng.normal(0, 0.5, rows)
wide = rng.lognormal(0, 3, rows)
whole = rng.integers(-50, 50, rows)
color = rng.choice(["red", "green", "blue", "ärger"], rows)
flag = rng.choice(["true", "false"], rows)
color[:4] = ["red", "green", "blue", "ärger"]
flag[:2] = ["true", "false"]


def cell(x):
    return "" if isinstance(x, float) and np.isnan(x) else str(x)


lines = ["gaps,far,wide,whole,color,flag"]
for i in range(rows):
    lines.append(
        ",".join(
            [cell(float(gaps[i])), repr(float(far[i])), repr(float(wide[i])), str(whole[i]), color[i], flag[i]]
        )
    )

numbers = np.column_stack([gaps, far, wide, whole.astype(float)])
one_hot = OneHotEncoder(sparse_output=False, handle_unknown="ignore").fit(np.column_stack([color, flag]))
categories = one_hot.transform(np.column_stack([color, flag]))

# Unseen rows: an unknown colour, missing values, numbers far out of range.
unseen = [
    {"gaps": None, "far": 1e6, "wide": 0.5, "whole": 7, "color": "violet", "flag": "true"},
    {"gaps": -40.0, "far": 0.0, "wide": None, "whole": -900, "color": "ärger", "flag": "false"},
    {"gaps": 3.25, "far": None, "wide": 1e4, "whole": None, "color": "red", "flag": "true"},
]
unseen_numbers = np.array(
    [[np.nan if row[c] is None else row[c] for c in ("gaps", "far", "wide", "whole")] for row in unseen]
)
unseen_categories = one_hot.transform(np.array([[row["color"], row["flag"]] for row in unseen]))
for row in unseen:
    row["flag"] = row["flag"] == "true"

cases = []
for scale, scaler in [
    ("standard", StandardScaler()),
    ("minmax", MinMaxScaler((-1, 1))),
    ("unit", MinMaxScaler()),
]:
    for impute, imputer in [
        ("mean", SimpleImputer(strategy="mean")),
        ("median", SimpleImputer(strategy="median")),
        ("most_frequent", SimpleImputer(strategy="most_frequent")),
        ({"constant": -1.5}, SimpleImputer(strategy="constant", fill_value=-1.5)),
    ]:
        pipeline = make_pipeline(imputer, scaler).fit(numbers[:TRAINING])
        cases.append(
            {
                "scale": scale,
                "impute": impute,
                "encoded": np.hstack([pipeline.transform(numbers), categories]).tolist(),
                "unseen": np.hstack([pipeline.transform(unseen_numbers), unseen_categories]).tolist(),
            }
        )

# Rare categories: those in fewer than 3 rows share the last place.
rare = np.random.default_rng(11)
zips = np.where(rare.random(rows) < 0.8, rare.choice([10, 9, 200], rows), rare.integers(300, 340, rows))
towns = np.where(rare.random(rows) < 0.8, rare.choice(["oslo", "rom", "bonn"], rows), rare.choice(list("abcdefghij"), rows))
table = np.column_stack([zips.astype(object), towns.astype(object)])
new = np.array([[10, "rom"], [77, "rom"], [200, "paris"], [int(zips.max()), "oslo"]], dtype=object)
hot = OneHotEncoder(sparse_output=False, min_frequency=3, handle_unknown="infrequent_if_exist").fit(table)
ordinal = OrdinalEncoder(min_frequency=3).fit(table)
rare_lines = ["zip,town"] + [f"{z},{t}" for z, t in table]

# Another scaling and imputation for each column.
by_column = ColumnTransformer(
    [
        ("gaps", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), [0]),
        ("far", MinMaxScaler(), [1]),
        ("wide", "passthrough", [2]),
        ("whole", MinMaxScaler((-1, 1)), [3]),
    ]
).fit(numbers[:TRAINING])

golden.write(
    "rare_categories.json",
    11,
    {
        "sklearn": sklearn.__version__,
        "csv": "\n".join(rare_lines) + "\n",
        "new": [{"zip": z, "town": t} for z, t in new],
        "one_hot": hot.transform(table).tolist(),
        "one_hot_new": hot.transform(new).tolist(),
        "index": ordinal.transform(table).tolist(),
        "by_column": {"csv": "\n".join(lines) + "\n", "encoded": by_column.transform(numbers).tolist()},
    },
)
golden.write("encodings.json", 7, {"sklearn": sklearn.__version__, "csv": "\n".join(lines) + "\n", "training": TRAINING, "unseen": unseen, "cases": cases})
