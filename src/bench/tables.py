"""A job with nothing but a table and its target, beside boosted trees that nobody tuned either.

Three outer folds, the same for all. A row is one table: log-loss or RMSE of each, as the mean over the folds; lower is better.
Needs scikit-learn and xgboost for the interpreter that runs it. TABLES=wine,diabetes and RECIPES=auto,mlp choose others.
"""
import io, json, os, shutil, sys, tempfile, time

from service import Service

FOLDS = 3


def tables():
    """By name: columns, target, and whether it is a class."""
    import numpy as np
    from sklearn import datasets

    def frame(loaded):
        return np.asarray(loaded.data, dtype=float), np.asarray(loaded.target)

    made = {"friedman": datasets.make_friedman1(1500, 10, noise=1.0, random_state=3),
            "moons": datasets.make_moons(800, noise=0.3, random_state=3),
            "blobs": datasets.make_classification(1500, 20, n_informative=8, n_classes=3, random_state=3)}
    found = {"breast_cancer": (*frame(datasets.load_breast_cancer()), True), "wine": (*frame(datasets.load_wine()), True),
             "diabetes": (*frame(datasets.load_diabetes()), False), "digits": (*frame(datasets.load_digits()), True),
             "friedman": (*made["friedman"], False), "moons": (*made["moons"], True), "blobs": (*made["blobs"], True)}
    chosen = os.environ.get("TABLES")
    return {name: found[name] for name in (chosen.split(",") if chosen else found)}


def loss(is_class, labels, truth, predicted):
    import numpy as np
    from sklearn.metrics import log_loss
    if is_class:
        return log_loss(truth, predicted, labels=labels)
    return float(np.sqrt(np.mean((np.asarray(predicted) - truth) ** 2)))


def peers(is_class, x, y, test):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegressionCV, RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    models = {"hist": HistGradientBoostingClassifier() if is_class else HistGradientBoostingRegressor(),
              "linear": make_pipeline(StandardScaler(), LogisticRegressionCV(max_iter=2000) if is_class else RidgeCV())}
    try:
        from xgboost import XGBClassifier, XGBRegressor
        models["xgboost"] = XGBClassifier(n_jobs=1) if is_class else XGBRegressor(n_jobs=1)
    except ImportError:
        pass
    answers = {}
    for name, model in models.items():
        model.fit(x, y)
        answers[name] = model.predict_proba(test) if is_class else model.predict(test)
    return answers


def ours(call, name, recipe, is_class, x, y, test):
    """Trains the recipe on a fold's rows, and predicts the others."""
    columns = [f"c{i}" for i in range(x.shape[1])]
    text = io.StringIO()
    text.write(",".join(columns) + ",y\n")
    for row, target in zip(x, y):
        text.write(",".join(repr(float(each)) for each in row) + f",{int(target) if is_class else repr(float(target))}\n")
    assert call("POST", f"/v1/datasets?name={name}", text.getvalue(), "text/csv")[0] in (200, 201)
    target = {"column": "y", **({"type": "class"} if is_class else {})}
    job = {"model": {"name": name, "targets": {"y": target}, "network": {"recipe": recipe}}, "dataset": {"name": name},
           "training": {"seed": 1}, "resources": {"threads": 1}}
    status, _, answer = call("POST", "/v1/jobs", json.dumps(job))
    assert status == 202, answer
    done = json.loads(answer)
    while not done["done"]:
        done = json.loads(call("GET", f"/v1/jobs/{done['id']}?wait=30")[2])
    assert done["state"] == "succeeded", done["error"]
    instances = [{column: float(each) for column, each in zip(columns, row)} for row in test]
    status, _, answer = call("POST", f"/v1/models/{name}/predict", json.dumps({"instances": instances}))
    assert status == 200, answer
    predictions = json.loads(answer)["predictions"]
    if is_class:
        return [[each["probabilities"][str(int(label))] for label in sorted(set(y))] for each in predictions]
    return [each["y"] for each in predictions]


def measure(call, recipes):
    import numpy as np
    from sklearn.model_selection import KFold, StratifiedKFold
    score = {}
    for name, (x, y, is_class) in tables().items():
        folds = (StratifiedKFold if is_class else KFold)(FOLDS, shuffle=True, random_state=7).split(x, y)
        losses, begin = {}, time.monotonic()
        for number, (train, test) in enumerate(folds):
            answers = peers(is_class, x[train], y[train], x[test])
            for recipe in recipes:
                answers[recipe] = ours(call, f"t-{name.replace('_', '-')}-{number}-{recipe}", recipe, is_class, x[train], y[train], x[test])
            for who, answer in answers.items():
                losses.setdefault(who, []).append(loss(is_class, np.unique(y), y[test], answer))
        means = {who: sum(each) / FOLDS for who, each in losses.items()}
        print(f"{name:16} {len(x):6} x {x.shape[1]:3}  " + "  ".join(f"{who} {mean:.4f}" for who, mean in means.items())
              + f"  ({time.monotonic() - begin:.0f} s)", flush=True)
        for recipe in recipes:
            for peer in means.keys() - set(recipes):
                won = score.setdefault((recipe, peer), [0, 0, 0])
                won[0 if means[recipe] < 0.99 * means[peer] else 2 if means[peer] < 0.99 * means[recipe] else 1] += 1
    for (recipe, peer), (wins, ties, losses) in sorted(score.items()):
        print(f"{recipe} against {peer}: {wins} wins, {ties} within 1 %, {losses} losses", flush=True)


def bench():
    data = tempfile.mkdtemp()
    service = Service(data)
    measure(service.call, os.environ.get("RECIPES", "auto").split(","))
    service.stop()
    shutil.rmtree(data)
