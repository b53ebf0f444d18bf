"""Data frames and estimators by the Python client: pandas, NumPy and scikit-learn against a service.

Usage: client_frames.py URL NAME. Prints "done" when all of it went as it should.
"""

import contextlib
import copy
import gc
import io
import pickle
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "src/clients/python"))
sys.dont_write_bytecode = True

import numpy  # noqa: E402
import pandas  # noqa: E402
from sklearn.base import clone, is_classifier, is_regressor  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import trainyard  # noqa: E402
from trainyard import TrainyardClassifier, TrainyardRegressor  # noqa: E402

warnings.simplefilter("error", FutureWarning)
yard = trainyard.Trainyard(sys.argv[1])
name = sys.argv[2]

# Every type there and back.
table = pandas.DataFrame(
    {
        "whole": [1, 2, -3],
        "gaps": pandas.array([1, None, 3], dtype="Int64"),
        "number": [0.1, numpy.nan, 1e300],
        "single": numpy.array([0.5, numpy.nan, 2], dtype="float32"),
        "text": ["a,b", 'say "x"', "line\nbreak"],
        "blank": ["NA", "", None],
        "zip": ["007", "  8 ", None],
        "flag": [True, False, True],
        "maybe": [True, None, False],
        "kind": pandas.Categorical(["x", None, "y"]),
        "code": pandas.Categorical([10, 20, 10]),
        "day": pandas.to_datetime(["2026-01-01", None, "2026-01-03"]),
        "at": pandas.to_datetime(["2026-01-01 10:00:00.5"] * 3).tz_localize("Europe/Zurich"),
        "none": [None, None, None],
    }
)
uploaded = yard.upload(table, name)
found = {column["name"]: (column["type"], column["nulls"]) for column in uploaded["columns"]}
assert found == {
    "whole": ("integer", 0),
    "gaps": ("integer", 1),
    "number": ("number", 1),
    "single": ("number", 1),
    "text": ("string", 0),
    "blank": ("string", 2),
    "zip": ("string", 1),
    "flag": ("boolean", 0),
    "maybe": ("boolean", 1),
    "kind": ("string", 1),
    "code": ("string", 0),
    "day": ("timestamp", 1),
    "at": ("timestamp", 0),
    "none": ("string", 3),
}, found
back = yard.frame(name)
assert back["whole"].dtype == "int64" and back["gaps"].dtype == "Int64", back.dtypes
assert back["flag"].dtype == "bool" and back["maybe"].dtype == "boolean", back.dtypes
assert back["number"].tolist()[::2] == [0.1, 1e300] and back["number"].isna()[1]
assert back["text"].tolist() == table["text"].tolist(), back["text"]
assert back["zip"].tolist()[:2] == ["007", "  8 "], back["zip"]
assert back["blank"].tolist()[0] == "NA" and back["blank"].isna().sum() == 2
assert (back["at"] == table["at"]).all() and str(back["at"].dt.tz) == "UTC"
assert back["code"].tolist() == ["10", "20", "10"]
assert yard.upload(back, name)["version"] == (1 if uploaded["format"] == "csv" else 2)
wide = pandas.DataFrame(numpy.arange(600.0).reshape(1, 600)).add_prefix("a_rather_long_name_of_a_column_")
assert len(yard.upload(wide, name)["columns"]) == 600
tensors = pandas.DataFrame({"x": list(numpy.arange(8.0).reshape(2, 2, 2)), "y": [1.5, None]})
assert yard.upload(tensors, name)["columns"][0]["shape"] == [2, 2]
assert (yard.frame(name)["x"][1] == [[4, 5], [6, 7]]).all()
own = {"delimiter": ";", "null_values": "NA", "on_error": "skip", "types": {"a": "integer"}}
yard.upload(b"a;b\n1;NA\nx;y\n2;z\n", name, **own)
assert yard.frame(name).fillna("-").values.tolist() == [[1, "-"], [2, "z"]]

# A table as it comes: categories, blanks, dates, a named index.
draw = numpy.random.default_rng(1)
n = 240
flats = pandas.DataFrame(
    {
        "area": draw.normal(90, 25, n).round(1),
        "district": draw.choice(["north", "south", "harbour"], n),
        "lift": draw.choice([True, False], n),
        "sold": pandas.Timestamp("2025-01-01") + pandas.to_timedelta(draw.integers(0, 300, n), "D"),
    },
    index=pandas.RangeIndex(n, name="flat"),
)
flats["price"] = 4000 * flats["area"] + 90_000 * (flats["district"] == "harbour") + 1000.0
flats.loc[::17, "area"] = None
flats.loc[::23, "district"] = None
assert yard.upload(flats, name)["rows"] == n
job = {
    "model": {
        "name": name,
        "inputs": {
            "x": {
                "columns": ["area", "district", "lift"],
                "scale": "standard",
                "impute": {"area": "mean"},
                "unknown": "zeros",
            }
        },
        "targets": {"price": {"column": "price", "scale": "standard"}},
        "network": {"layers": [{"type": "dense", "units": 1}]},
    },
    "dataset": {"name": name, "split": {"validation": 0.2}},
    "training": {"loss": "mse", "epochs": 30, "seed": 1, "optimizer": {"type": "adam", "learning_rate": 0.05}},
}
printed = io.StringIO()
with contextlib.redirect_stdout(printed):
    ended = yard.train(job, progress=True)
assert f"{name} version 1  loss " in printed.getvalue(), printed.getvalue()
assert yard.plot(ended["id"], "curves")._repr_svg_().startswith("<"), "no picture"
rows = flats.drop(columns=["price", "sold"])
predicted = yard.predict_frame(name, rows)
assert predicted.index.equals(flats.index) and list(predicted) == ["predicted_price"]
error = (predicted["predicted_price"] - flats["price"]).abs().median()
assert error < 20_000, error
bare = yard.predict(name, rows[:2])["predictions"][1]["price"]
assert abs(bare - predicted["predicted_price"].iloc[1]) < 1, bare
try:
    yard.predict_frame(name, rows.assign(aera=1).head(1))
    raise AssertionError("an unknown column was taken")
except trainyard.Invalid as e:
    assert "/instances/0/aera" in str(e), e

# Estimators.
X, y = flats.drop(columns=["price", "sold"]), (flats["price"] > 370_000).map({True: "dear", False: "cheap"})
quick = {"yard": yard, "epochs": 15, "learning_rate": 0.02, "random_state": 1}
cheap = TrainyardClassifier(hidden_layer_sizes=(8,), **quick)
assert is_classifier(cheap) and is_regressor(TrainyardRegressor())
assert cheap.fit(X, y) is cheap and cheap.score(X, y) > 0.85, cheap.score(X, y)
assert cheap.classes_.tolist() == ["cheap", "dear"] and cheap.n_features_in_ == 3
assert cheap.feature_names_in_.tolist() == list(X) and 0 < cheap.n_iter_ <= 15
chances = cheap.predict_proba(X)
assert chances.shape == (n, 2) and numpy.allclose(chances.sum(axis=1), 1, atol=1e-6)
assert (cheap.classes_[chances.argmax(axis=1)] == cheap.predict(X)).all()
assert cheap.plot("confusion").svg.startswith("<")
for wrong in (X.rename(columns={"area": "size"}), X[["area"]]):
    try:
        cheap.predict(wrong)
        raise AssertionError("other features were taken")
    except ValueError as e:
        assert "feature names should match" in str(e), e
copied = clone(cheap).set_params(epochs=3)
assert copied.get_params()["epochs"] == 3 and not hasattr(copied, "classes_")
numbers = numpy.column_stack([flats["area"].fillna(90), flats["lift"]])
labels = (flats["area"].fillna(90) > 90).astype(int)
search = GridSearchCV(
    TrainyardClassifier(**quick), {"hidden_layer_sizes": [(4,), (8,)]}, cv=2
).fit(numbers, labels)
assert search.best_score_ > 0.8 and set(search.predict(numbers)) == {0, 1}, search.best_score_
scores = cross_val_score(
    make_pipeline(StandardScaler(), TrainyardRegressor(**quick)), numbers, flats["price"], cv=2
)
assert scores.mean() > 0.6, scores
both = TrainyardRegressor(**quick).fit(X, flats[["price", "area"]].fillna(90.0), sample_weight=numpy.ones(n))
assert both.predict(X[:5]).shape == (5, 2)
try:
    TrainyardRegressor(yard, activation="rleu").fit(X, flats["price"])
    raise AssertionError("a wrong activation was taken")
except ValueError as e:
    assert "/model/network/layers/0/activation" in str(e) and "relu" in str(e), e
days = (flats["sold"] - flats["sold"].min()).dt.days
dates = flats[["sold"]].where(days > 20)
timed = TrainyardRegressor(**{**quick, "epochs": 40}).fit(dates, days)
assert timed.score(dates[days > 20], days[days > 20]) > 0.8, timed.score(dates[days > 20], days[days > 20])
try:
    TrainyardRegressor(yard).fit(pandas.DataFrame({"x": [[1, 2]] * 3}), [1, 2, 3])
    raise AssertionError("arrays were taken")
except ValueError as e:
    assert "'x' holds arrays" in str(e), e
truths = pandas.Series(flats["price"] > 370_000, dtype="boolean", name="std")
comma = X.assign(comma=[f"{i % 7},5" for i in range(n)])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    told = TrainyardClassifier(**{**quick, "hidden_layer_sizes": 4}).fit(comma, truths)
assert told.classes_.dtype == bool and told.predict(comma).dtype == bool
assert ["write a decimal point" in str(each.message) for each in caught] == [True], caught

# What has no name of its own lives as long as its estimator and its copies.
made, copied = both.model_, pickle.loads(pickle.dumps(cheap))
kept = copy.deepcopy(cheap)
del both, cheap, search
gc.collect()
left = {model["name"] for model in yard.models()}
assert made not in left and made not in {dataset["name"] for dataset in yard.datasets()}
assert copied.model_ in left and (copied.predict(X) == kept.predict(X)).all()
assert not [job for job in yard.jobs(model=made)]
named = TrainyardClassifier(model=name + "-named", **quick)
assert [named.fit(X, y).version_, named.fit(X, y).version_] == [1, 2]
named.model = None
del named
gc.collect()
assert len(list(yard.versions(name + "-named"))) == 2
print("done")
