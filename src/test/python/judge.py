#!/usr/bin/env python3
"""Judges the numbers that the service reports, from what it answers to predictions.

Without arguments: writes ../resources/golden/judge.json, random answers with the values of
scikit-learn and numpy. The judge in Java (io.trainyard.judge) must agree with them.

With a file: each line is a case as that judge saw it, with the value that the service reported;
prints every one that is off by more than 1e-5 of the value and 1e-6. The test writes the file with
-Djudge.cases=FILE.

A case: {"metric" or "loss": ..., "kind": ..., and its values}:
classes: count, truth, decided, scores (a row for each: one for each class), positive;
labels: truth, decided, scores (rows of yes-or-no labels); numbers: truth, predicted;
survival: time, event, risk; loss: truth and output in encoded units, activation.
"""

import json
import sys
import warnings

import numpy as np
from sklearn import metrics as sk

warnings.filterwarnings("ignore")
SEED = 26
UNDEFINED = float("nan")

FORMULAS = {
    "y_pred": lambda t, p: p,
    "abs(y_pred - y_true)": lambda t, p: np.abs(p - t),
    "mean((y_pred - y_true)^2)": lambda t, p: ((p - t) ** 2).mean(-1, keepdims=True),
    "sum(y_pred * y_true)": lambda t, p: (p * t).sum(-1, keepdims=True),
    "sqrt(1 + square(y_pred - y_true))": lambda t, p: np.sqrt(1 + (p - t) ** 2),
    "max(y_pred, y_true) - 0.25 * y_pred": lambda t, p: np.maximum(p, t) - 0.25 * p,
    "log1p(abs(y_true)) * y_pred^2": lambda t, p: np.log1p(np.abs(t)) * p**2,
    "norm(y_pred - y_true) + 1": lambda t, p: np.linalg.norm(p - t, axis=-1, keepdims=True) + 1,
    "exp(-y_pred) + 0.1 * y_true": lambda t, p: np.exp(-p) + 0.1 * t,
}


def formula(text, truth, predicted):
    return float(FORMULAS[text](truth, predicted).mean(-1).mean())


def areas(truth, scores, function, needs_both):
    """The mean over the columns where it is defined: truth and scores hold a column for each."""
    values = [
        function(truth[:, c], scores[:, c])
        for c in range(scores.shape[1])
        if truth[:, c].any() and not (needs_both and truth[:, c].all())
    ]
    return float(np.mean(values)) if values else UNDEFINED


AVERAGED = {"precision": sk.precision_score, "recall": sk.recall_score, "f1": sk.f1_score}
RANKED = {"auc": (sk.roc_auc_score, True), "pr_auc": (sk.average_precision_score, False)}


def averaged(kind, truth, decided, average, yes=None, said=None):
    """precision, recall or f1; undefined, not 0, where nothing at all is counted."""
    if yes is not None:
        counted = {"precision": said.any(), "recall": yes.any(), "f1": (yes | said).any()}
        if not counted[kind]:
            return UNDEFINED
    more = {"average": average} if isinstance(average, str) else {"pos_label": average}
    return float(AVERAGED[kind](truth, decided, zero_division=0, **more))


def of_classes(metric, case):
    kind = metric["type"]
    count, positive = case["count"], case["positive"]
    truth, decided = np.array(case["truth"]), np.array(case["decided"])
    scores = np.array(case["scores"], dtype=np.float64)
    if kind in AVERAGED:
        if count == 2 and "average" not in metric:
            return averaged(kind, truth, decided, positive, truth == positive, decided == positive)
        return averaged(kind, truth, decided, metric.get("average", "macro"))
    if kind in RANKED:
        one = np.eye(count)[truth]
        columns = [positive] if count == 2 else range(count)
        return areas(one[:, columns], scores[:, columns], *RANKED[kind])
    if kind == "accuracy":
        return sk.accuracy_score(truth, decided)
    if kind == "balanced_accuracy":
        return sk.balanced_accuracy_score(truth, decided)
    if kind == "mcc":
        return sk.matthews_corrcoef(truth, decided)
    if kind == "top_k_accuracy":
        return sk.top_k_accuracy_score(truth, scores, k=metric.get("k", 5), labels=range(count))
    if kind == "log_loss":
        if scores.min() < 0 or scores.max() > 1:
            return UNDEFINED
        return sk.log_loss(truth, scores, labels=range(count))
    if kind == "brier":
        one = np.eye(count)[truth]
        return float(((scores - one) ** 2)[:, positive].mean()) if count == 2 else float(
            ((scores - one) ** 2).sum(1).mean())
    # Formulas see what the network has units for: one unit is the second class's probability.
    wide = case.get("units", count) > 1
    one = np.eye(count)[truth] if wide else truth[:, None].astype(float)
    return formula(metric["expression"], one, scores if wide else scores[:, 1:2])


def of_labels(metric, case):
    kind = metric["type"]
    truth, decided = np.array(case["truth"]), np.array(case["decided"])
    scores = np.array(case["scores"], dtype=np.float64)
    if kind in AVERAGED:
        how = metric.get("average", "macro")
        if how == "macro":
            return averaged(kind, truth, decided, how)
        if how == "weighted":
            return averaged(kind, truth, decided, how) if truth.any() else UNDEFINED
        return averaged(kind, truth, decided, how, truth == 1, decided == 1)
    if kind in RANKED:
        return areas(truth, scores, *RANKED[kind])
    if kind == "accuracy":
        return float((truth == decided).mean())
    if kind == "log_loss":
        columns = range(truth.shape[1])
        return float(np.mean([sk.log_loss(truth[:, c], scores[:, c], labels=[0, 1]) for c in columns]))
    return of_numbers(metric, {"truth": truth, "predicted": scores})


def of_numbers(metric, case):
    kind = metric["type"]
    truth = np.array(case["truth"], dtype=np.float64)
    predicted = np.array(case["predicted"], dtype=np.float64)
    if kind == "expression":
        return formula(metric["expression"], truth, predicted)
    flat = truth.ravel(), predicted.ravel()
    if kind == "mape":
        if np.abs(flat[0]).min() < 1e-7:
            return UNDEFINED
        return float(100 * sk.mean_absolute_percentage_error(*flat))
    if kind == "r2":
        return sk.r2_score(truth, predicted) if np.ptp(truth, axis=0).any() else UNDEFINED
    return {
        "mse": sk.mean_squared_error,
        "rmse": sk.root_mean_squared_error,
        "mae": sk.mean_absolute_error,
    }[kind](*flat)


def of_survival(metric, case):
    """Harrell's index: of the pairs whose earlier time is an event, the share in order."""
    assert metric["type"] == "concordance"
    time, event = np.array(case["time"]), np.array(case["event"])
    risk = np.array(case["risk"], dtype=np.float64)
    first = (event[:, None] == 1) & (
        (time[:, None] < time) | ((time[:, None] == time) & (event == 0))
    )
    if not first.any():
        return UNDEFINED
    right = (risk[:, None] > risk) + 0.5 * (risk[:, None] == risk)
    return float(right[first].mean())


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def cox(time, event, risk):
    """-log of the partial likelihood with Efron's ties, divided by the number of events."""
    total = 0.0
    risk = risk - risk.max()
    for t in np.unique(time[event]):
        tied = event & (time == t)
        shares = np.arange(tied.sum()) / tied.sum()
        at_risk = np.exp(risk[time >= t]).sum() - shares * np.exp(risk[tied]).sum()
        total += np.log(at_risk).sum() - risk[tied].sum()
    return float(total / max(1, event.sum()))


def of_loss(loss, case):
    """The mean over rows of the loss of an output, in encoded units, before penalties."""
    kind = loss["type"]
    t = np.array(case["truth"], dtype=np.float64)
    o = np.array(case["output"], dtype=np.float64)
    e = o[:, : t.shape[1]] - t
    weights = np.array(case.get("weights", [1.0] * len(t)))

    def mean(elements):
        return float(np.average(elements.mean(-1), weights=weights))

    if kind == "cox":
        return cox(t[:, 0], t[:, 1] == 1, o[:, 0])
    if kind == "expression":
        return mean(FORMULAS[loss["expression"]](t, o))
    if kind == "mse":
        return mean(e**2)
    if kind == "mae":
        return mean(np.abs(e))
    if kind == "rmse":
        return float(np.sqrt(mean(e**2)))
    if kind == "sse":
        return mean((e**2).sum(-1, keepdims=True))
    if kind in ("huber", "smooth_l1"):
        limit = loss.get("delta", loss.get("beta", 1.0))
        value = np.where(np.abs(e) <= limit, e**2 / 2, limit * (np.abs(e) - limit / 2))
        return mean(value / (limit if kind == "smooth_l1" else 1))
    if kind == "log_cosh":
        return mean(np.log(np.cosh(e)))
    if kind == "mape":
        return mean(100 * np.abs(e) / np.maximum(np.abs(t), 1e-7))
    if kind == "msle":
        return mean((np.log1p(np.maximum(o, 1e-7)) - np.log1p(np.maximum(t, 1e-7))) ** 2)
    if kind == "quantile":
        return sk.mean_pinball_loss(t, o, alpha=loss.get("q", 0.5), sample_weight=weights)
    if kind == "poisson":
        return mean(o - t * np.log(o + 1e-7))
    if kind == "cosine":
        norms = np.linalg.norm(o, axis=-1) * np.linalg.norm(t, axis=-1)
        return mean(1 - (o * t).sum(-1, keepdims=True) / np.maximum(norms, 1e-8)[:, None])
    if kind == "gaussian_nll":
        v = o[:, t.shape[1] :]
        return mean((v + e**2 / np.exp(v)) / 2)
    if kind in ("hinge", "squared_hinge"):
        margins = np.maximum(0, 1 - (2 * t - 1) * o)
        return mean(margins if kind == "hinge" else margins**2)
    share = loss.get("label_smoothing", 0)
    wide = kind in ("categorical_crossentropy", "sparse_categorical_crossentropy", "kl_divergence",
                    "nll") or (kind == "focal" and case["activation"] == "softmax")
    logits = loss.get("from_logits", False)
    if kind == "focal" and logits and t.shape[1] > 1 and case.get("exclusive"):
        wide = True
    if wide:
        p = softmax(o) if logits else np.exp(o) if case["activation"] == "log_softmax" else o
        t = t * (1 - share) + share / t.shape[1]
        log = np.log(np.maximum(p, 1e-300))
        if kind == "focal":
            log = loss.get("alpha", 0.25) * (1 - p) ** loss.get("gamma", 2) * log
        entropy = np.where(t > 0, t * np.log(np.maximum(t, 1e-300)), 0) if kind == "kl_divergence" else 0
        return mean((entropy - t * log).sum(-1, keepdims=True))
    p = 1 / (1 + np.exp(-o)) if logits else o
    t = t * (1 - share) + share / 2
    yes, no = -np.log(np.maximum(p, 1e-300)), -np.log(np.maximum(1 - p, 1e-300))
    if kind == "focal":
        alpha, gamma = loss.get("alpha", 0.25), loss.get("gamma", 2)
        # torchvision's: the weight is of the probability of what is true.
        right = p * t + (1 - p) * (1 - t)
        return mean((alpha * t + (1 - alpha) * (1 - t)) * (1 - right) ** gamma * (t * yes + (1 - t) * no))
    assert kind == "binary_crossentropy", kind
    return mean(t * yes + (1 - t) * no)


JUDGES = {"classes": of_classes, "labels": of_labels, "numbers": of_numbers, "survival": of_survival,
          "loss": of_loss}


def value(case):
    return float(JUDGES[case["kind"]](case["metric"], case))


def metrics_of(kind, count=2):
    formulas = [{"type": "expression", "expression": text} for text in FORMULAS]
    if kind == "numbers":
        return [{"type": name} for name in ("mse", "rmse", "mae", "mape", "r2")] + formulas
    averaged = [
        {"type": name, **({"average": how} if how else {})}
        for name in AVERAGED
        for how in ("", "macro", "micro", "weighted")
    ]
    plain = ["accuracy", "auc", "pr_auc", "log_loss"]
    if kind == "classes":
        plain += ["balanced_accuracy", "mcc"]
    ks = [{"type": "top_k_accuracy", "k": 2}] if kind == "classes" and count > 2 else []
    return averaged + [{"type": name} for name in plain] + ks + formulas


def golden():
    rng = np.random.default_rng(SEED)
    cases = []

    def add(kind, metrics, **values):
        plain = {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in values.items()}
        case = {"name": f"{kind} {len(cases)}", "kind": kind, **plain, "values": []}
        for metric in metrics:
            judged = value({**case, "metric": metric})
            case["values"].append([metric, None if np.isnan(judged) else judged])
        cases.append(case)

    for i in range(24):
        count = 2 + i % 3
        rows = int(rng.integers(3, 30))
        truth = rng.integers(0, count if i % 7 else 1, rows)
        scores = softmax(rng.normal(0, 1 + i % 4, (rows, count)) + np.eye(count)[truth])
        scores = np.round(scores, 1 if i % 5 == 0 else 6) + 1e-9
        scores /= scores.sum(1, keepdims=True)
        positive = int(rng.integers(0, 2)) if count == 2 else 1
        threshold = float(rng.choice([0.5, 0.3, 0.8]))
        decided = scores.argmax(1)
        if count == 2:
            decided = np.where(scores[:, positive] >= threshold, positive, 1 - positive)
        for units in ([1, 2] if count == 2 else [count]):
            add("classes", metrics_of("classes", count), count=count, truth=truth,
                decided=decided, scores=scores, positive=positive, units=units)
    for i in range(8):
        shape = int(rng.integers(4, 30)), 2 + i % 2
        truth = rng.integers(0, 2, shape)
        if i % 4 == 0:
            truth[:, 0] = 0
        scores = np.round(rng.uniform(0.01, 0.99, shape), 2 if i % 2 else 6)
        add("labels", metrics_of("labels"), truth=truth, decided=(scores >= 0.5).astype(int),
            scores=scores)
    for i in range(12):
        shape = int(rng.integers(2, 30)), 1 + i % 3
        truth = rng.normal(5 * (i % 4), 1 + i, shape)
        if i % 5 == 0:
            truth[:, 0] = 2
        if i % 4 == 3:
            truth[-1, -1] = 0
        add("numbers", metrics_of("numbers"), truth=truth,
            predicted=truth + rng.normal(0, 1, shape))
    for i in range(10):
        rows = int(rng.integers(3, 30))
        add("survival", [{"type": "concordance"}], time=rng.integers(1, 12 if i % 2 else 99, rows),
            event=rng.integers(0, 2 if i else 1, rows), risk=np.round(rng.normal(0, 1, rows), 1))

    def losses(names, truth, output, activation="linear", **more):
        weights = rng.uniform(0.1, 3, len(truth))
        for weighted in (False, True):
            if weighted:
                more["weights"] = weights
            add("loss", names, truth=truth, output=output, activation=activation, **more)

    named = lambda *names: [{"type": name} for name in names]
    for width in (1, 3):
        rows = 17
        t = rng.normal(1, 2, (rows, width))
        o = t + rng.normal(0, 1, t.shape)
        losses(named("mse", "mae", "rmse", "sse", "huber", "log_cosh", "mape", "msle", "cosine",
                     "smooth_l1", "hinge", "squared_hinge")
               + [{"type": "huber", "delta": 0.5}, {"type": "smooth_l1", "beta": 0.5},
                  {"type": "quantile", "q": 0.9}]
               + [{"type": "expression", "expression": text} for text in FORMULAS], t, o)
        losses(named("poisson"), np.abs(t), np.abs(o))
        losses(named("gaussian_nll"), t, rng.normal(0, 1, (rows, 2 * width)))
        yes = rng.integers(0, 2, (rows, width))
        both = [{"type": "binary_crossentropy"}, {"type": "focal"},
                {"type": "binary_crossentropy", "label_smoothing": 0.1},
                {"type": "focal", "gamma": 1, "alpha": 0.5}]
        losses(both, yes, rng.uniform(0.05, 0.95, (rows, width)), "sigmoid")
        losses([{**loss, "from_logits": True} for loss in both], yes, rng.normal(0, 2, (rows, width)))
    for rows in (2, 9, 30):
        survived = np.stack([rng.integers(1, 9, rows), rng.integers(0, 3, rows) > 0], 1) * 1.0
        add("loss", named("cox"), truth=survived, output=rng.normal(0, 1, (rows, 1)),
            activation="linear")
    one = np.eye(4)[rng.integers(0, 4, 19)]
    z = rng.normal(0, 2, one.shape)
    wide = [{"type": "categorical_crossentropy"}, {"type": "kl_divergence"}, {"type": "focal"},
            {"type": "categorical_crossentropy", "label_smoothing": 0.1},
            {"type": "kl_divergence", "label_smoothing": 0.1}]
    losses(wide, one, softmax(z), "softmax", exclusive=True)
    losses([{**loss, "from_logits": True} for loss in wide], one, z, exclusive=True)
    losses(named("nll"), one, np.log(softmax(z)), "log_softmax", exclusive=True)
    from golden import write
    import sklearn

    write("judge.json", SEED, {"sklearn": sklearn.__version__, "numpy": np.__version__, "cases": cases})


def judge(file):
    wrong = count = 0
    with open(file) as lines:
        for line in lines:
            case = json.loads(line)
            expected, reported = value(case), case["reported"]
            count += 1
            limit = 1e-5 * abs(expected) + 1e-6
            if not (abs(reported - expected) <= limit) and not (np.isnan(expected)):
                wrong += 1
                print(f"{reported} is reported where {expected} is expected: {line[:400]}")
    print(f"{count} cases, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(1 if judge(sys.argv[1]) else 0)
    golden()
