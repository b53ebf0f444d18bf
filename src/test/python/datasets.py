"""Makes the samples, and the test data from scikit-learn's bundled datasets."""

import csv
import datetime
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
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


def write_rows(path, header, rows):
    with open(path, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def houses():
    """Prices that follow from area, age, distance and district, with noise: made up."""
    rng = np.random.default_rng(11)
    rows = []
    base = {"centre": 90, "north": 40, "south": 25, "harbour": 60}
    for _ in range(400):
        district = str(rng.choice(list(base)))
        area = float(np.round(rng.uniform(35, 220), 1))
        rooms = int(np.clip(round(area / 28 + rng.normal(0, 0.7)), 1, 9))
        age = int(rng.integers(0, 90))
        distance = float(np.round(rng.gamma(2, 2), 1))
        garden = "true" if rng.random() < 0.4 else "false"
        price = base[district] + 2.4 * area - 0.5 * age - 6 * distance + (25 if garden == "true" else 0)
        rows.append([area, rooms, age, distance, district, garden, float(np.round(price + rng.normal(0, 12), 1))])
    write_rows(
        SAMPLES / "houses.csv",
        ["area", "rooms", "age", "distance", "district", "garden", "price"],
        rows,
    )


def load():
    """Hourly load with a day's and a week's rhythm: made up."""
    rng = np.random.default_rng(12)
    rows = []
    for hour in range(24 * 60):
        at = datetime.datetime(2026, 1, 1) + datetime.timedelta(hours=hour)
        value = 50 + 15 * np.sin(2 * np.pi * (hour % 24 - 7) / 24) - (8 if at.weekday() > 4 else 0)
        rows.append([at.strftime("%Y-%m-%dT%H:%M:%SZ"), float(np.round(value + rng.normal(0, 1), 2))])
    write_rows(SAMPLES / "load.csv", ["at", "load"], rows)


def shops():
    """Daily sales of four shops, each on its own level and with its own trend: made up."""
    rng = np.random.default_rng(13)
    rows = []
    for day in range(200):
        for i, shop in enumerate(["amber", "birch", "coral", "delta"]):
            sales = 100 * (i + 1) + 0.3 * i * day + 20 * np.sin(2 * np.pi * day / 7) + rng.normal(0, 4)
            rows.append([shop, day, float(np.round(sales, 1))])
    write_rows(SAMPLES / "shops.csv", ["shop", "day", "sales"], rows)


def parcels():
    """Parcels and whether they came late: by hour, weekday, month, way and carrier. Made up.

    For private customers chance counts for more, and some values are missing.
    """
    rng = np.random.default_rng(14)
    carriers = {"atlas": 0.0, "comet": 0.9, "swift": -0.8}
    depots = {"east": 0.0, "harbour": 0.6, "north": -0.3, "south": -0.2, "west": 0.2}
    minutes = np.sort(rng.integers(0, 365 * 24 * 60, 2000))
    rows = []
    for minute in minutes:
        sent = datetime.datetime(2025, 1, 1) + datetime.timedelta(minutes=int(minute))
        sent = sent.replace(hour=int(np.clip(rng.normal(13, 3.5), 6, 21)))
        carrier = str(rng.choice(list(carriers), p=[0.5, 0.2, 0.3]))
        service = "express" if rng.random() < 0.3 else "standard"
        depot = str(rng.choice(list(depots)))
        distance = float(np.round(rng.gamma(2, 110), 0))
        weight = float(np.round(rng.lognormal(1, 0.8), 1))
        private = rng.random() < 0.4
        score = (
            -2.2 + carriers[carrier] + depots[depot] + 0.006 * distance
            + (1.6 if sent.hour >= 17 else 0) + (0.9 if sent.weekday() == 4 else 0)
            + (1.3 if sent.month == 12 else 0) - (1.5 if service == "express" else 0)
            + (0.8 if weight > 8 else 0)
        )
        late = rng.random() < 1 / (1 + np.exp(-score * (0.3 if private else 2)))
        rows.append([
            sent.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "" if rng.random() < 0.04 else carrier,
            service,
            depot,
            int(distance),
            "" if rng.random() < 0.08 else weight,
            "private" if private else "business",
            "yes" if late else "no",
        ])
    rows.sort(key=lambda row: row[0])
    write_rows(
        SAMPLES / "parcels.csv",
        ["sent", "carrier", "service", "depot", "distance", "weight", "customer", "late"],
        rows,
    )


def digits():
    """8 by 8 images of hand-written digits, a folder for each digit, 40 of each."""
    loaded = datasets.load_digits()
    counts = {}
    with zipfile.ZipFile(SAMPLES / "digits.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for pixels, label in zip(loaded.images, loaded.target):
            number = counts.get(label, 0)
            if number == 40:
                continue
            counts[label] = number + 1
            gray = np.round(pixels * 255 / 16).astype(np.uint8)
            info = zipfile.ZipInfo(f"{label}/{number:02d}.png", (2026, 1, 1, 0, 0, 0))
            archive.writestr(info, png(gray))


def png(gray):
    """An 8-bit gray PNG, written by hand."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width = gray.shape
    lines = b"".join(b"\0" + line.tobytes() for line in gray)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(lines, 9))
        + chunk(b"IEND", b"")
    )


houses()
load()
shops()
parcels()
digits()
write(SAMPLES / "tumours.csv", datasets.load_breast_cancer(), "diagnosis")
