"""Levenberg-Marquardt of the service beside SciPy's least_squares, on 13-20-1 with 500 rows.

As a program, `squares.py ROWS.csv SEED` is the peer: it prints the seconds of an iteration of method trf with an
analytic Jacobian in NumPy. The caller sets the threads: OPENBLAS_NUM_THREADS.
"""
import json, os, random, shutil, statistics, subprocess, sys, tempfile, time

INPUTS, UNITS, ROWS, ITERATIONS = 13, 20, 500, 60


def peer(path, seed):
    import numpy as np
    from scipy.optimize import least_squares

    rows = np.loadtxt(path, delimiter=",", skiprows=1)
    x, y = rows[:, :INPUTS], rows[:, INPUTS]
    ends = np.cumsum([UNITS * INPUTS, UNITS, UNITS])

    def hidden(w):
        kernel, bias, last, offset = np.split(w, ends)
        h = np.tanh(x @ kernel.reshape(UNITS, INPUTS).T + bias)
        return h, last, offset

    def errors(w):
        h, last, offset = hidden(w)
        return h @ last + offset - y

    jacobian = np.empty((ROWS, ends[-1] + 1))
    jacobian[:, -1] = 1

    def derivatives(w):
        h, last, _ = hidden(w)
        d = last * (1 - h * h)
        np.multiply(d[:, :, None], x[:, None, :], out=jacobian[:, :ends[0]].reshape(ROWS, UNITS, INPUTS))
        jacobian[:, ends[0]:ends[1]] = d
        jacobian[:, ends[1]:ends[2]] = h
        return jacobian

    start = np.random.default_rng(seed).uniform(-0.3, 0.3, ends[-1] + 1)
    begin = time.perf_counter()
    found = least_squares(errors, start, derivatives, method="trf", ftol=None, xtol=None, gtol=1e-15, max_nfev=ITERATIONS)
    print((time.perf_counter() - begin) / found.njev)


def bench(rounds=5):
    from service import Caller, Service, run_job

    data = tempfile.mkdtemp()
    path = os.path.join(data, "rows.csv")
    draw = random.Random(1)
    with open(path, "w") as csv:
        csv.write(",".join([f"a{i}" for i in range(INPUTS)] + ["y"]) + "\n")
        for _ in range(ROWS):
            csv.write(",".join(f"{draw.gauss(0, 1):.6f}" for _ in range(INPUTS + 1)) + "\n")
    service = Service(os.path.join(data, "service"))
    service.upload("rows", path)
    caller = Caller(service, timeout=600)
    interpreter = os.environ.get("PEER_PYTHON", "/usr/bin/python3")
    ours, theirs = {}, {}
    for seed in range(rounds):
        for threads in (1, 2):
            job = {"model": {"name": "squares", "inputs": {"x": {"columns": [f"a{i}" for i in range(INPUTS)]}},
                             "targets": {"y": {"column": "y", "type": "number"}},
                             "network": {"layers": [{"type": "dense", "units": UNITS, "activation": "tanh"},
                                                    {"type": "dense", "units": 1}]}},
                   "dataset": {"name": "rows"}, "resources": {"threads": threads},
                   "training": {"loss": "mse", "optimizer": "trainlm", "epochs": ITERATIONS, "seed": seed, "min_gradient": 0}}
            _, done = run_job(caller, job, pause=0.2)
            epochs = json.loads(caller.call("GET", f"/v1/jobs/{done['id']}/metrics")[2])["epochs"]
            ours.setdefault(threads, []).append(statistics.mean(epoch["seconds"] for epoch in epochs))
            peers = subprocess.run([interpreter, os.path.abspath(__file__), path, str(seed)], capture_output=True, text=True,
                                   check=True, env={**os.environ, "OPENBLAS_NUM_THREADS": str(threads)})
            theirs.setdefault(threads, []).append(float(peers.stdout))
    for name, times in (("service", ours), ("SciPy", theirs)):
        for threads, seconds in times.items():
            print(f"{f'an iteration, {name}, {threads} threads':44} median {statistics.median(seconds) * 1e3:9.2f} ms")
    best = [min(statistics.median(seconds) for seconds in times.values()) for times in (ours, theirs)]
    print(f"{'service of SciPy, each at its best (goal: at most 2)':54} {best[0] / best[1]:6.2f}")
    service.stop()
    shutil.rmtree(data)


if __name__ == "__main__":
    peer(sys.argv[1], int(sys.argv[2]))
