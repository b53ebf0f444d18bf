"""Writes scikit-learn's bundled data sets as CSV: iris as a sample, the others for tests."""

import csv
from pathlib import Path

from sklearn import datasets

ROOT = Path(__file__).resolve().parents[3]
TESTS = ROOT / "src/test/resources/data"
SAMPLES = ROOT / "src/main/resources/samples"


def name(column):
    for unit in (" (cm)",):
        column = column.replace(unit, "")
    return column.replace(" ", "_").replace("/", "_")


def write(path, loaded, label):
    with open(path, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([name(c) for c in loaded.feature_names] + [label])
        names = getattr(loaded, "target_names", None)
        for row, target in zip(loaded.data, loaded.target):
            shown = float(target) if names is None else names[target]
            out.writerow([repr(float(x)) for x in row] + [shown])


TESTS.mkdir(parents=True, exist_ok=True)
write(SAMPLES / "iris.csv", datasets.load_iris(), "species")
write(TESTS / "wine.csv", datasets.load_wine(), "cultivar")
write(TESTS / "breast_cancer.csv", datasets.load_breast_cancer(), "diagnosis")
write(TESTS / "diabetes.csv", datasets.load_diabetes(scaled=False), "progression")
