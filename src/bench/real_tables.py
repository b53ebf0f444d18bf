#!/usr/bin/env python3
"""Writes real tables and series from packages of R and Python as CSV files, and what they are as tables.json.

Usage: src/bench/real_tables.py FOLDER
Needs (Debian): r-base-core r-cran-aer r-cran-cardata r-cran-earth r-cran-ggplot2 r-cran-kernlab r-cran-mass r-cran-mlbench
r-cran-modeldata r-cran-robustbase r-cran-rpart python3-sklearn python3-statsmodels

The tables belong to the packages, whose licences tables.json names; the repository holds none of them. Columns and blanks stay
as they come. Rows without a target are left out, and so are columns that tell the target or number the rows.
"""
import json, os, subprocess, sys

CLASS, NUMBER = True, False

# Name: package, object, target, whether that is a class, columns left out, most rows.
TABLES = {
    "wine": ("sklearn", "wine", "target", CLASS, [], None),
    "sonar": ("mlbench", "Sonar", "Class", CLASS, [], None),
    "glass": ("mlbench", "Glass", "Type", CLASS, [], None),
    "ionosphere": ("mlbench", "Ionosphere", "Class", CLASS, [], None),
    "votes": ("mlbench", "HouseVotes84", "Class", CLASS, [], None),
    "breast_cancer": ("sklearn", "breast_cancer", "target", CLASS, [], None),
    "soybean": ("mlbench", "Soybean", "Class", CLASS, [], None),
    "pima": ("mlbench", "PimaIndiansDiabetes2", "diabetes", CLASS, [], None),
    "vehicle": ("mlbench", "Vehicle", "Class", CLASS, [], None),
    "vowel": ("mlbench", "Vowel", "Class", CLASS, [], None),
    "titanic": ("carData", "TitanicSurvival", "survived", CLASS, [], None),
    "attrition": ("modeldata", "attrition", "Attrition", CLASS, [], None),
    "credit": ("modeldata", "credit_data", "Status", CLASS, [], None),
    "spam": ("kernlab", "spam", "type", CLASS, [], None),
    "churn": ("modeldata", "mlc_churn", "churn", CLASS, [], None),
    "satellite": ("mlbench", "Satellite", "classes", CLASS, [], None),
    "ozone": ("earth", "ozone1", "O3", NUMBER, [], None),
    "diabetes": ("sklearn", "diabetes", "target", NUMBER, [], None),
    "boston": ("MASS", "Boston", "medv", NUMBER, [], None),
    "wages": ("AER", "CPS1985", "wage", NUMBER, [], None),
    "car_prices": ("modeldata", "car_prices", "Price", NUMBER, [], None),
    "solder": ("rpart", "solder", "skips", NUMBER, [], None),
    "sacramento": ("modeldata", "Sacramento", "price", NUMBER, [], None),
    "concrete": ("modeldata", "concrete", "compressive_strength", NUMBER, [], None),
    "ames": ("modeldata", "ames", "Sale_Price", NUMBER, [], None),
    "slid": ("carData", "SLID", "wages", NUMBER, [], None),
    "fair": ("statsmodels", "fair", "affairs", NUMBER, [], None),
    "nox": ("robustbase", "NOxEmissions", "LNOx", NUMBER, [], None),
    "diamonds": ("ggplot2", "diamonds", "price", NUMBER, [], 10_000),
    "hotel_rates": ("modeldata", "hotel_rates", "avg_price_per_room", NUMBER, [], None),
}

# Of R's own datasets, all by month but UKgas, which is by quarter.
SERIES = {"passengers": "AirPassengers", "co2": "co2", "nottem": "nottem", "gas": "UKgas", "deaths": "ldeaths"}

EXPORT = """
options(digits = 17, scipen = 100)
folder <- commandArgs(TRUE)[1]
for (line in readLines(file("stdin"))) {
  part <- strsplit(line, " ")[[1]]
  if (part[2] == "datasets") {
    series <- get(part[3])
    table <- data.frame(value = as.numeric(series))
    season <- frequency(series)
  } else {
    place <- new.env()
    data(list = part[3], package = part[2], envir = place)
    table <- place[[part[3]]]
    season <- 0
  }
  write.csv(table, file.path(folder, paste0(part[1], ".csv")), na = "", row.names = FALSE)
  about <- packageDescription(part[2])
  cat(part[1], season, as.character(about$Version), about$License, sep = "\t")
  cat("\n")
}
"""


def of_r(folder, wanted):
    """Writes the objects of R as they are; season, version and licence by name."""
    lines = "".join(f"{name} {package} {item}\n" for name, (package, item) in wanted.items())
    told = subprocess.run(["Rscript", "--vanilla", "-e", EXPORT, folder], input=lines, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    return {name: (int(season), version, licence) for name, season, version, licence in
            (line.split("\t") for line in told.stdout.splitlines())}


def of_python(package, item):
    """A frame, and the version and licence of its package."""
    if package == "sklearn":
        import sklearn
        from sklearn import datasets
        loaded = getattr(datasets, "load_" + item)(as_frame=True)
        frame = loaded.frame
        if hasattr(loaded, "target_names"):
            frame["target"] = [str(loaded.target_names[each]) for each in frame["target"]]
        return frame, sklearn.__version__, "BSD-3-Clause"
    import statsmodels
    from statsmodels import datasets
    return getattr(datasets, item).load_pandas().data, statsmodels.__version__, "BSD-3-Clause"


def export(folder):
    import pandas
    os.makedirs(folder, exist_ok=True)
    of_python_too = ("sklearn", "statsmodels")
    known = of_r(folder, {**{name: table[:2] for name, table in TABLES.items() if table[0] not in of_python_too},
                          **{name: ("datasets", item) for name, item in SERIES.items()}})
    about = {"tables": {}, "series": {}}
    for name, (package, item, target, is_class, left_out, most) in TABLES.items():
        file = os.path.join(folder, name + ".csv")
        if package in of_python_too:
            frame, version, licence = of_python(package, item)
        else:
            # A first look: what R wrote is kept as text, so that nothing changes on its way.
            frame, (_, version, licence) = pandas.read_csv(file, dtype=str, keep_default_na=False), known[name]
        frame = frame[(frame[target].notna()) & (frame[target].astype(str) != "")].drop(columns=left_out)
        if most and len(frame) > most:
            frame = frame.sample(most, random_state=7)
        frame.to_csv(file, index=False)
        about["tables"][name] = {"file": name + ".csv", "target": target, "is_class": is_class, "rows": len(frame),
                                 "columns": frame.shape[1] - 1, "source": f"{package} {version}: {item}", "licence": licence}
    for name, item in SERIES.items():
        season, version, licence = known[name]
        about["series"][name] = {"file": name + ".csv", "target": "value", "season": season,
                                 "source": f"datasets {version}: {item}", "licence": licence}
    with open(os.path.join(folder, "tables.json"), "w") as f:
        json.dump(about, f, indent=1)
    return about


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    made = export(sys.argv[1])
    for name, each in {**made["tables"], **made["series"]}.items():
        print(f"{name:16} {each.get('rows', ''):>6} {each.get('columns', ''):>4}  {each['source']:40} {each['licence']}")
