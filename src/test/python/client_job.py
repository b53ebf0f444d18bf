"""The main job by the Python client: upload, validate, job, events, wait, predict.

Usage: client_job.py URL NAME. Prints "done" when all of it went as it should.
"""

import os
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "src/clients/python"))
sys.dont_write_bytecode = True

import trainyard  # noqa: E402

try:
    import numpy
except ImportError:
    numpy = None

yard = trainyard.Trainyard(sys.argv[1])
name = sys.argv[2]
COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]

dataset = yard.upload(ROOT / "src/examples/iris/iris.csv", name)
assert dataset["rows"] == 150, dataset
assert [c["name"] for c in dataset["columns"]] == COLUMNS + ["species"], dataset
assert yard.dataset(name)["sha256"] == dataset["sha256"]
assert len(list(yard.rows(name))) == 150
assert name in [each["name"] for each in yard.datasets()]

model = {
    "name": name,
    "inputs": {"x": {"columns": COLUMNS, "scale": "standard"}},
    "targets": {"species": {"column": "species"}},
    "network": {
        "layers": [
            {"type": "dense", "units": 16, "activation": "relu"},
            {"type": "dense", "units": 3, "activation": "softmax"},
        ]
    },
}
job = {
    "model": model,
    "dataset": {"name": name, "split": {"validation": 0.2, "stratify": "species"}},
    "training": {"loss": "categorical_crossentropy", "epochs": 40, "batch_size": 16, "seed": 42},
    "on_success": {"alias": "production"},
}

checked = yard.validate(job)
assert checked["valid"] and checked["summary"]["parameters"] == 131, checked
wrong = {**job, "training": {"los": "mse"}}
assert not yard.validate(wrong)["valid"]
try:
    yard.submit(wrong)
    raise AssertionError("a wrong job was taken")
except trainyard.Invalid as e:
    assert "/training/los: " in str(e), e

started = yard.submit(job, idempotency_key=name)
assert yard.submit(job, idempotency_key=name)["id"] == started["id"]
first = next(yard.events(started["id"]))
assert (first.id, first.kind) == (1, "state"), first
rest = list(yard.events(started["id"], after=first.id))
epochs = [event.data["epoch"] for event in rest if event.kind == "epoch"]
assert epochs == list(range(1, 41)), epochs
assert [event.id for event in rest] == list(range(2, len(rest) + 2))
assert rest[-1].kind == "done"

ended = yard.wait(started["id"], 60)
assert ended["state"] == "succeeded" and ended["result"]["version"] == 1, ended
assert [record["epoch"] for record in yard.metrics(started["id"])] == epochs
assert started["id"] in [each["id"] for each in yard.jobs(model=name)]

flower = dict(zip(COLUMNS, [5.1, 3.5, 1.4, 0.2]))
answer = yard.predict(name, [flower])
assert answer["predictions"][0]["species"] == "setosa" and answer["version"] == 1, answer
lists = yard.predict_npy(name, [[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])
assert len(lists) == 2 and lists[0].index(max(lists[0])) == 0, lists
if numpy is not None:
    rows = numpy.array([[5.1, 3.5, 1.4, 0.2], [6.7, 3.0, 5.2, 2.3]])
    arrays = yard.predict_npy(name, rows, version=1)
    assert arrays.argmax(axis=1)[0] == 0 and numpy.allclose(arrays, lists, atol=1e-6), arrays
    cells = {column: rows[0][i] for i, column in enumerate(COLUMNS)}
    assert yard.predict(name, [cells])["predictions"][0]["species"] == "setosa"
try:
    yard.predict(name, [{**flower, "petal_widht": 1}])
    raise AssertionError("an unknown column was taken")
except trainyard.Invalid as e:
    assert "/instances/0" in str(e), e

again = {key: value for key, value in job.items() if key != "on_success"}
second = yard.train({**again, "model": name}, on_event=lambda event: None)
assert second["result"]["version"] == 2, second
assert [each["version"] for each in yard.versions(name)] == [2, 1]
assert yard.promote(name, 2)["previous_version"] == 1
assert yard.rollback(name)["version"] == 1
assert [each["alias"] for each in yard.aliases(name)] == ["production"]
with tempfile.TemporaryDirectory() as folder:
    file = yard.weights(name, 1, to=Path(folder, "w.safetensors"))
    assert file.read_bytes() == yard.weights(name, 1) and os.listdir(folder) == [file.name]

search = yard.sweep(
    {
        "job": again,
        "parameters": {"/model/network/layers/0/units": [2, 4]},
        "strategy": "grid",
        "objective": "val_loss",
    }
)
found = yard.wait_sweep(search["id"], 90)
assert len(found["trials"]) == 2 and found["best"], found

cancelled = yard.submit({**again, "training": {**job["training"], "epochs": 1_000_000}})
yard.cancel(cancelled["id"])
try:
    yard.wait(cancelled["id"], 60)
    raise AssertionError("a cancelled job counted as a success")
except trainyard.JobFailed as e:
    assert e.job["state"] == "cancelled", e
print("done")
