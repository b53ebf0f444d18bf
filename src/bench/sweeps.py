"""How many trainings of a sweep a machine does, against those that it would do one after the other."""
import json, math, os, random, shutil, statistics, tempfile, time

from service import Caller, Service, moment, run_job

TRIALS, FOLDS, ROWS, EPOCHS = 60, 5, 300, 200


def rows():
    draw = random.Random(5)
    points = [(draw.uniform(-1, 1), draw.uniform(-1, 1)) for _ in range(ROWS)]
    return "a,b,y\n" + "".join(f"{a},{b},{math.sin(3 * a) * b}\n" for a, b in points)


def job():
    return {
        "model": {"name": "bench-sweep", "inputs": {"x": {"columns": ["a", "b"]}}, "targets": {"y": {"column": "y"}},
                  "network": {"layers": [{"type": "dense", "units": 8, "activation": "tanh"}, {"type": "dense", "units": 1}]}},
        "dataset": {"name": "bench-sweep"},
        "training": {"loss": "mse", "epochs": EPOCHS, "batch_size": 32, "seed": 1,
                     "optimizer": {"type": "adam", "learning_rate": 0.01}}}


def bench():
    data = tempfile.mkdtemp()
    service = Service(data)
    caller = Caller(service, timeout=120)
    assert service.call("POST", "/v1/datasets?name=bench-sweep", rows(), "text/csv")[0] in (200, 201)
    alone = []
    for number in range(15):
        one = job()
        one["dataset"]["split"] = {"fold": {"number": 1 + number % FOLDS, "of": FOLDS}}
        one["resources"] = {"threads": 1}
        _, done = run_job(caller, one)
        alone.append(moment(done["finished_at"]) - moment(done["started_at"]))
    rates = [0.001 * 1.08 ** i for i in range(TRIALS)]
    body = {"job": job(), "cross_validation": FOLDS, "parameters": {"/training/optimizer/learning_rate": rates}}
    begin = time.monotonic()
    status, headers, answer = caller.call("POST", "/v1/sweeps", json.dumps(body))
    assert status == 202, answer
    submitted = time.monotonic() - begin
    path = headers["Location"]
    while True:
        sweep = json.loads(caller.call("GET", path + "?wait=60")[2])
        if sweep["done"]:
            break
    assert sweep["state"] == "succeeded", sweep["error"]
    seconds = moment(sweep["finished_at"]) - moment(sweep["started_at"])
    usual = statistics.median(alone[5:])
    trainings = TRIALS * FOLDS + 1
    cores = os.cpu_count()
    print(f"one training alone {usual * 1000:.0f} ms; sweep of {TRIALS} x {FOLDS}: submit {submitted * 1000:.0f} ms, "
          f"{seconds:.1f} s, {trainings / seconds:.1f} trainings/s = {trainings * usual / seconds / cores:.2f} x {cores} cores x alone")
    service.stop()
    shutil.rmtree(data)
