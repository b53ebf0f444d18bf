"""A job with nothing but a table and its target, beside boosted trees and a linear model that nobody tuned either.

Real tables (real_tables.py), three outer folds, the same for all. A line is one table: log-loss or RMSE of each, the mean over the
folds; lower is better. Then wins and losses beyond 1 %, ranks, coverage, calibration, forecasts of series, and time.

TABLES=wine,boston chooses tables, `small` those of at most 2,000 rows; MINUTES=90 begins no table after that time. WAYS names jobs:
`default` has nothing but dataset and target; `sure` also asks for calibration and 90 % intervals or sets; `raw` has no calibration;
`folds` is an ensemble of 8 folds, as sure as `sure`; `mlp`, `realmlp` and `tabm` name the recipe; `sweep` is the weighted ensemble of
a sweep of 20 trials of the recipe tabm, and brings XGBoost tuned by as many trials with the same folds. PEERS=no leaves the others out.
TABLES_FOLDER has tables that real_tables.py wrote; without it they are written. PARTS=series,time,tables chooses parts.

XGBClassifier and XGBRegressor are untouched but for enable_categorical, with which they take texts as they come (pandas categories),
and one thread; HistGradientBoosting reads categories from the same frame. The linear model is LogisticRegressionCV by log-loss or
RidgeCV, over medians, an indicator of blanks, standard scaling and one-hot columns.
"""
import json, math, os, shutil, statistics, tempfile, time
from concurrent.futures import ThreadPoolExecutor

import real_tables
from service import Service, moment

FOLDS, SMALL, BEYOND, TRIALS = 3, 2_000, 0.01, 20
PEERS = ["xgboost", "hist", "linear"]
SURE = {"calibration": "temperature", "intervals": {"coverage": 0.9}}

# The network and the training of a job that is no default.
WAYS = {"default": (None, {}), "raw": (None, {"calibration": "none"}), "sure": (None, SURE), "folds": (None, {**SURE, "ensemble": {"folds": 8}}),
        **{recipe: ({"recipe": recipe}, {}) for recipe in ("mlp", "realmlp", "tabm")}, "sweep": ({"recipe": "tabm"}, {"optimizer": {}})}

# What the trials of a sweep differ in; a sweep sets members of an optimizer that is there.
SWEPT = {"/model/network/units": [64, 128], "/model/network/depth": [1, 2, 3], "/model/network/frequencies": [0, 16],
         "/model/network/sigma": {"min": 0.01, "max": 1, "scale": "log"}, "/model/network/dropout": {"min": 0, "max": 0.5},
         "/training/optimizer/learning_rate": {"min": 0.0005, "max": 0.005, "scale": "log"},
         "/training/optimizer/weight_decay": {"min": 0.0001, "max": 0.3, "scale": "log"}}


def words(name, default):
    return os.environ.get(name, default).split(",")


class Table:
    """A table of the folder: the file as text for the service, and as a frame of numbers and categories for the others."""

    def __init__(self, folder, name, about):
        import pandas
        self.name, self.target, self.is_class = name, about["target"], about["is_class"]
        file = os.path.join(folder, about["file"])
        self.text = pandas.read_csv(file, dtype=str, keep_default_na=False)
        frame = pandas.read_csv(file, keep_default_na=False, na_values=[""])
        self.y = frame.pop(self.target)
        if self.is_class:
            self.labels, self.y = sorted(set(self.text[self.target])), self.text[self.target]
        # A row as the service is asked for it.
        self.rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
        for column in frame:
            if frame[column].dtype == object:
                times = pandas.to_datetime(frame[column], format="%Y-%m-%d", errors="coerce")
                is_time = times.notna().sum() == frame[column].notna().sum()
                frame[column] = (times - times.min()).dt.days if is_time else frame[column].astype("category")
        self.x = frame

    def folds(self):
        from sklearn.model_selection import KFold, StratifiedKFold
        return list((StratifiedKFold if self.is_class else KFold)(FOLDS, shuffle=True, random_state=7).split(self.x, self.y))

    def loss(self, rows, predicted):
        """Log-loss of probabilities by label, or RMSE."""
        import numpy as np
        if not self.is_class:
            return float(np.sqrt(np.mean((np.asarray(predicted) - self.y.iloc[rows].to_numpy()) ** 2)))
        truth = [self.labels.index(label) for label in self.y.iloc[rows]]
        likely = np.clip(np.asarray(predicted, dtype=float), 1e-15, 1)
        likely /= likely.sum(1, keepdims=True)
        return float(-np.mean(np.log(likely[np.arange(len(rows)), truth])))

    def ece(self, rows, predicted):
        """
        15 equal bins of the top class: how far its probability is from how often it is right. And the mean of that, were each
        probability exactly right: few rows in a bin are never right as often as they should be.
        """
        import numpy as np
        predicted = np.asarray(predicted)
        truth = np.asarray([self.labels.index(label) for label in self.y.iloc[rows]])
        top, sure = predicted.argmax(1), predicted.max(1)
        bins = np.minimum((sure * 15).astype(int), 14)

        def error(right):
            return sum(abs(right[bins == each].mean() - sure[bins == each].mean()) * (bins == each).mean() for each in set(bins))

        chance = np.random.default_rng(1)
        return float(error(top == truth)), float(np.mean([error(chance.random(len(sure)) < sure) for _ in range(50)]))


def linear(table):
    import numpy as np
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegressionCV, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    texts = list(table.x.select_dtypes("category"))
    numbers = [column for column in table.x if column not in texts]
    columns = ColumnTransformer([("numbers", make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()), numbers),
                                 ("texts", OneHotEncoder(handle_unknown="ignore"), texts)], sparse_threshold=0)
    return make_pipeline(columns, LogisticRegressionCV(Cs=8, cv=3, scoring="neg_log_loss", max_iter=1000) if table.is_class
                         else RidgeCV(np.logspace(-2, 4, 13)))


def peer(name, table, train, test):
    """What a peer predicts for the test rows."""
    import numpy as np
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from xgboost import XGBClassifier, XGBRegressor
    if name == "linear":
        model = linear(table)
    elif name == "hist":
        model = (HistGradientBoostingClassifier if table.is_class else HistGradientBoostingRegressor)(categorical_features="from_dtype")
    else:
        model = (XGBClassifier if table.is_class else XGBRegressor)(n_jobs=1, enable_categorical=True)
    if name == "tuned":
        from scipy.stats import loguniform, randint, uniform
        from sklearn.model_selection import RandomizedSearchCV
        model = RandomizedSearchCV(model, {
            "learning_rate": loguniform(0.01, 0.3), "max_depth": randint(2, 9), "n_estimators": randint(50, 600), "subsample": uniform(0.5, 0.5),
            "colsample_bytree": uniform(0.4, 0.6), "min_child_weight": loguniform(0.5, 20), "reg_lambda": loguniform(0.1, 20)},
            n_iter=TRIALS, cv=3, random_state=1, scoring="neg_log_loss" if table.is_class else "neg_root_mean_squared_error")
    y = table.y.iloc[train]
    if not table.is_class:
        return model.fit(table.x.iloc[train], y).predict(table.x.iloc[test])
    seen = sorted(set(y))
    model.fit(table.x.iloc[train], [seen.index(label) for label in y])
    answer = np.zeros((len(test), len(table.labels)))
    answer[:, [table.labels.index(label) for label in seen]] = model.predict_proba(table.x.iloc[test])
    return answer


class Trained:
    """A job or a sweep that has ended, its model, and the seconds it ran."""

    def __init__(self, call, body, path="/v1/jobs"):
        status, _, answer = call("POST", path, json.dumps(body))
        assert status == 202, answer
        done = json.loads(answer)
        while not done["done"]:
            done = json.loads(call("GET", f"{path}/{done['id']}?wait=30")[2])
        assert done["state"] == "succeeded", done["error"]
        self.call, self.name, self.done = call, body.get("job", body)["model"]["name"], done
        self.seconds = moment(done["finished_at"]) - moment(done["started_at"])

    def predict(self, instances, rows=500):
        answers = []
        for at in range(0, len(instances), rows):
            # A default job leaves out columns of one value.
            status, _, answer = self.call("POST", f"/v1/models/{self.name}/predict?ignore_unknown=true",
                                          json.dumps({"instances": instances[at:at + rows]}))
            assert status == 200, answer
            answers += json.loads(answer)["predictions"]
        return answers


def ours(call, way, table, number, train, test):
    """Trains a way on a fold's rows; predictions for the test rows, how many their sets or intervals cover, and seconds."""
    name = f"{table.name.replace('_', '-')}-{number}"
    status, _, answer = call("POST", f"/v1/datasets?name={name}", table.text.iloc[train].to_csv(index=False), "text/csv")
    assert status in (200, 201), answer
    network, training = WAYS[way]
    options = {key: value for key, value in training.items() if table.is_class or key != "calibration"}
    body = {"model": {"name": f"{name}-{way}", "targets": {"y": {"column": table.target, **({"type": "class"} if table.is_class else {})}},
                      **({"network": network} if network else {})},
            "dataset": {"name": name}, "resources": {"threads": 1}, "training": {"seed": 1, **options}}
    if way == "sweep":
        sweep = {"job": body, "parameters": SWEPT, "strategy": "random", "trials": TRIALS, "seed": 1, "cross_validation": 3, "ensemble": {"size": 10}}
        trained = Trained(call, sweep, "/v1/sweeps")
    else:
        trained = Trained(call, body)
    predictions = trained.predict([table.rows[row] for row in test])
    truth = table.y.iloc[test]
    if table.is_class:
        answer = [[each["probabilities"].get(label, 0) for label in table.labels] for each in predictions]
        covered = [label in map(str, each["set"]["y"]) for each, label in zip(predictions, truth) if "set" in each]
    else:
        answer = [each["y"] for each in predictions]
        bounds = [(each["interval"]["y"], value) for each, value in zip(predictions, truth) if each.get("interval", {}).get("y")]
        covered = [low <= value <= high for (low, high), value in bounds]
    return answer, covered, trained.seconds


class Results:
    """The mean loss of each way and peer by table, and what belongs to all of them together."""

    def __init__(self, ways, peers):
        self.ways, self.all = ways, ways + peers
        self.losses, self.covered, self.ece, self.seconds = {}, {way: {} for way in ways}, {who: {} for who in self.all}, {way: 0 for way in ways}

    def add(self, table, answers):
        """Prints the line of a table, of which each answered (loss, the two of ece, covered, seconds) by fold."""
        mean = {who: statistics.mean(each[0] for each in folds) for who, folds in answers.items()}
        self.losses[table.name] = mean
        for who, folds in answers.items():
            if table.is_class:
                self.ece[who][table.name] = [statistics.mean(each) for each in zip(*(each[1] for each in folds))]
            if who in self.ways:
                self.covered[who].setdefault(table.is_class, []).extend(one for each in folds for one in each[2])
                self.seconds[who] += sum(each[3] for each in folds)
        print(f"{table.name:14} {len(table.x):6} x {table.x.shape[1]:3}  "
              + "  ".join(f"{mean[who]:10.4f}" for who in self.all)
              + "   " + "  ".join(f"{way} {sum(each[3] for each in answers[way]) / FOLDS:.1f} s" for way in self.ways), flush=True)

    def against(self, way, peer, factor=BEYOND):
        """Tables that a way wins, that are even, and that it loses."""
        won = [mean[way] < (1 - factor) * mean[peer] for mean in self.losses.values()]
        lost = [mean[peer] < (1 - factor) * mean[way] for mean in self.losses.values()]
        return sum(won), len(won) - sum(won) - sum(lost), sum(lost)

    @staticmethod
    def rank(mean, who, beside):
        """Of the lowest loss 1; those that are equal share theirs."""
        return (1 + sum(mean[other] < mean[who] for other in beside) + sum(mean[other] <= mean[who] for other in beside)) / 2

    def report(self):
        print(f"\n{len(self.losses)} tables; wins and losses beyond {BEYOND:.0%}")
        for way in self.ways:
            for peer in self.all:
                if peer not in self.ways:
                    print(f"{way:8} against {peer:8} {'%d wins, %d even, %d losses' % self.against(way, peer)}")
            worse = sorted(name for name, mean in self.losses.items() if "linear" in mean and mean[way] > 1.05 * mean["linear"])
            if "linear" in self.all:
                print(f"{way:8} worse than linear by more than 5 %: {len(worse)} {' '.join(worse)}")
        for way in self.ways:
            beside = [way, *(who for who in self.all if who not in self.ways)]
            ranks = {who: statistics.mean(self.rank(mean, who, beside) for mean in self.losses.values()) for who in beside}
            print("mean rank  " + "  ".join(f"{who} {rank:.2f}" for who, rank in ranks.items()))
        for way in self.ways:
            every = [one for each in self.covered[way].values() for one in each]
            if every:
                print(f"{way:8} 90 % intervals and sets cover {statistics.mean(every):.1%} of {len(every)} test rows ("
                      + ", ".join(f"{'sets' if kind else 'intervals'} {statistics.mean(each):.1%}" for kind, each in self.covered[way].items() if each) + ")")
        if "raw" in self.ways and "sure" in self.ways and self.ece["raw"]:
            self.report_calibration()
        print("seconds of all jobs  " + "  ".join(f"{way} {each:.0f}" for way, each in self.seconds.items()), flush=True)

    def report_calibration(self):
        loss = {way: statistics.mean(self.losses[name][way] for name in self.ece[way]) for way in ("raw", "sure")}
        print(f"calibration: mean log-loss {loss['raw']:.4f} without, {loss['sure']:.4f} with")
        high = [name for name, (ece, _) in self.ece["raw"].items() if ece > 0.05]
        if high:
            mean = lambda way, at: statistics.mean(self.ece[way][name][at] for name in high)
            print(f"ECE of the {len(high)} tables above 0.05: {mean('raw', 0):.4f} without, {mean('sure', 0):.4f} with, "
                  f"{mean('raw', 1):.4f} if the probabilities without were exactly right")


def measure(call, folder, about, ways):
    wanted, begin = os.environ.get("TABLES", ""), time.monotonic()
    names = [name for name, each in about.items() if each["rows"] <= SMALL] if wanted == "small" else wanted.split(",") if wanted else list(about)
    peers = [] if os.environ.get("PEERS") == "no" else PEERS + ["tuned"] * ("sweep" in ways)
    results = Results(ways, peers)
    print(f"{'':28}" + "  ".join(f"{who:>10}" for who in results.all))
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for at, name in enumerate(names):
            if time.monotonic() - begin > 60 * float(os.environ.get("MINUTES", "90")):
                print("no time was left for " + " ".join(names[at:]))
                break
            table = Table(folder, name, about[name])

            def one(task):
                who, number, (train, test) = task
                answer, covered, seconds = ours(call, who, table, number, train, test) if who in ways else (peer(who, table, train, test), [], 0)
                return who, (table.loss(test, answer), table.ece(test, answer) if table.is_class else None, covered, seconds)

            answers = {}
            for who, fold in threads.map(one, [(who, number, fold) for number, fold in enumerate(table.folds()) for who in results.all]):
                answers.setdefault(who, []).append(fold)
            results.add(table, answers)
    results.report()


def series(call, folder, about):
    """The recipe series, trained on the first three quarters, beside the value of a season ago; RMSE of the rest."""
    import numpy as np
    begin = time.monotonic()
    won = {}
    for name, each in about.items():
        season = each["season"]
        with open(os.path.join(folder, each["file"])) as f:
            values = [float(line) for line in f.read().split()[1:]]
        first = len(values) * 3 // 4
        text = "value\n" + "".join(f"{value}\n" for value in values[:first])
        assert call("POST", f"/v1/datasets?name=s-{name}", text, "text/csv")[0] in (200, 201)
        for horizon in (1, season):
            body = {"model": {"name": f"s-{name}-{horizon}", "targets": {"value": {"column": "value"}},
                              "network": {"recipe": "series", "window": season, "horizon": horizon}},
                    "dataset": {"name": f"s-{name}"}, "training": {"seed": 1}, "resources": {"threads": 1}}
            trained = Trained(call, body)
            due = range(first, len(values))
            answer = trained.predict([{"value": values[at - horizon - season + 1:at - horizon + 1]} for at in due])
            rmse = lambda predicted: math.sqrt(np.mean([(values[at] - value) ** 2 for at, value in zip(due, predicted)]))
            ours, naive = rmse([row["value"] for row in answer]), rmse([values[at - season] for at in due])
            won.setdefault("1" if horizon == 1 else "a season", []).append(ours < naive)
            print(f"series {name:12} {len(values):4} rows, {horizon:2} ahead: series {ours:10.4f}  seasonal naive {naive:10.4f}"
                  f"  ({trained.seconds:.1f} s)", flush=True)
    print("series better than seasonal naive: " + ", ".join(f"{sum(each)} of {len(each)} {ahead} ahead" for ahead, each in won.items())
          + f" ({time.monotonic() - begin:.0f} s)\n", flush=True)


def epochs(call):
    """The default job on 1,000 x 20 beside MLPClassifier, which trains as many epochs; one thread each."""
    from sklearn.datasets import make_classification
    from sklearn.neural_network import MLPClassifier
    from threadpoolctl import threadpool_limits
    x, y = make_classification(1000, 20, n_informative=8, random_state=3)
    columns = [f"c{i}" for i in range(20)]
    text = ",".join(columns) + ",y\n" + "".join(",".join(map(str, row)) + f",{'no yes'.split()[label]}\n" for row, label in zip(x, y))
    assert call("POST", "/v1/datasets?name=epochs", text, "text/csv")[0] in (200, 201)
    seconds, theirs = [], []
    for run in range(4):
        trained = Trained(call, {"model": {"name": f"epochs-{run}", "targets": {"y": {"column": "y"}}}, "dataset": {"name": "epochs"},
                                 "training": {"seed": 1}, "resources": {"threads": 1}})
        count = trained.done["metrics"]["epoch"]
        with threadpool_limits(1):
            begin = time.monotonic()
            MLPClassifier(max_iter=count, n_iter_no_change=count, tol=0, random_state=1).fit(x, y)
        # The first warms both up.
        if run:
            seconds.append(trained.seconds)
            theirs.append(time.monotonic() - begin)
    ours, peer = statistics.median(seconds), statistics.median(theirs)
    print(f"1,000 x 20, {count} epochs: default job {ours:.2f} s, MLPClassifier {peer:.2f} s: {ours / peer:.1f} times (goal: at most 5)\n", flush=True)


def bench():
    data = tempfile.mkdtemp()
    folder = os.environ.get("TABLES_FOLDER")
    if folder:
        with open(os.path.join(folder, "tables.json")) as f:
            about = json.load(f)
    else:
        folder = os.path.join(data, "tables")
        about = real_tables.export(folder)
    service = Service(os.path.join(data, "service"), f"--trainyard.jobs.pools.cpu.slots={os.cpu_count()}", "--trainyard.jobs.pools.cpu.threads=1")
    parts = words("PARTS", "series,time,tables")
    if "series" in parts:
        series(service.call, folder, about["series"])
    if "time" in parts:
        epochs(service.call)
    if "tables" in parts:
        measure(service.call, folder, about["tables"], words("WAYS", "default,raw,sure,folds"))
    service.stop()
    shutil.rmtree(data)
