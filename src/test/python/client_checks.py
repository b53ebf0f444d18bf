"""scikit-learn's own checks of what an estimator must do, on the estimators of the Python client.

Usage: client_checks.py URL. Prints "done" when all of them pass, but those that the estimators
name as expected failures. Made for scikit-learn 1.4 and newer.
"""

import sys
import unittest
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "src/clients/python"))
sys.dont_write_bytecode = True

from sklearn.utils import estimator_checks  # noqa: E402

from trainyard import Trainyard, TrainyardClassifier, TrainyardRegressor  # noqa: E402

warnings.simplefilter("ignore")
yard = Trainyard(sys.argv[1])
quick = {"epochs": 60, "learning_rate": 0.01, "batch_size": 16}
estimators = [TrainyardClassifier(yard, **quick), TrainyardRegressor(yard, **quick)]
failed = []
passed = 0


def checks(estimator):
    if hasattr(estimator_checks, "estimator_checks_generator"):  # since 1.6
        return estimator_checks.estimator_checks_generator(estimator)
    return estimator_checks.check_estimator(estimator, generate_only=True)


for estimator, check in (pair for estimator in estimators for pair in checks(estimator)):
    name = f"{type(estimator).__name__} {check.func.__name__}"
    if check.func.__name__ in estimator._more_tags()["_xfail_checks"]:
        continue
    try:
        check(estimator)
        passed += 1
    except unittest.SkipTest:
        pass
    except Exception as e:
        failed.append(f"{name}: {type(e).__name__}: {str(e)[:500]}")
assert not failed, "\n".join(failed)
assert passed > 80, passed
print("done")
