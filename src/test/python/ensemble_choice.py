#!/usr/bin/env python3
"""Golden choices of ensembles: greedy, with replacement, after Caruana et al. 2004.

Writes ../resources/golden/ensemble_choice.json. Each candidate says probabilities of three classes,
or numbers, of rows that it has not seen. The best mean of all rounds counts; of equal ones the first.
"""

import json
import pathlib

import numpy as np

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "resources" / "golden"

SEED = 33


def chosen(value, candidates, most, rises):
    """The counts of the best mean of all rounds, its value, and the best candidate by itself."""
    sign = -1 if rises else 1
    picks, best = [], None
    for _ in range(most):
        tried = [value(picks + [i]) for i in range(candidates)]
        pick = int(np.argmin(sign * np.array(tried)))
        picks.append(pick)
        if best is None or sign * tried[pick] < sign * best[0]:
            best = (tried[pick], list(picks))
    single = [value([i]) for i in range(candidates)]
    first = int(np.argmin(sign * np.array(single)))
    counts = [best[1].count(i) for i in range(candidates)]
    return {"counts": counts, "value": best[0], "best": first, "best_value": single[first]}


def main():
    rng = np.random.default_rng(SEED)
    rows, candidates = 60, 7
    labels = rng.integers(0, 3, rows)
    logits = 1.2 * np.eye(3)[labels] + rng.normal(0, 1.3, (candidates, rows, 3))
    said = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    truth = rng.normal(0, 2, rows)
    numbers = truth + rng.normal(0, 1, (candidates, rows)) + rng.normal(0, 0.5, (candidates, 1))

    def log_loss(picks):
        return float(-np.log(said[picks].mean(0)[np.arange(rows), labels]).mean())

    def accuracy(picks):
        return float((said[picks].mean(0).argmax(-1) == labels).mean())

    def rmse(picks):
        return float(np.sqrt(((numbers[picks].mean(0) - truth) ** 2).mean()))

    cases = []
    for name, value, rises in (("log_loss", log_loss, False), ("accuracy", accuracy, True), ("rmse", rmse, False)):
        for most in (1, 3, 12):
            cases.append({"metric": name, "most": most, "rises": rises, **chosen(value, candidates, most, rises)})
    golden = {
        "made_by": "src/test/python",
        "numpy": np.__version__,
        "seed": SEED,
        "labels": labels.tolist(),
        "probabilities": said.tolist(),
        "truth": truth.tolist(),
        "numbers": numbers.tolist(),
        "cases": cases,
    }
    (GOLDEN / "ensemble_choice.json").write_text(json.dumps(golden, separators=(",", ":")) + "\n")


main()
