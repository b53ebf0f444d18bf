"""Training steps of the service in its two set-ups, beside PyTorch and the roofline; predictions beside a training."""
import json, math, os, shutil, statistics, subprocess, sys, tempfile, time

from nets import COMPARED, NETS, TINY
from service import ONE_PROCESS, XOR, Caller, Postgres, Service, paced, percentile, run_job, upload_xor

FOLDER = os.path.dirname(os.path.abspath(__file__))

# Threads of PyTorch and of OpenBLAS.
SETTINGS = [(1, 1), (2, 1), (1, 2)]


class Peer:
    """PyTorch at one setting of its threads, in an interpreter that has it: Debian's, or that of PEER_PYTHON."""

    PYTHON = os.environ.get("PEER_PYTHON", "/usr/bin/python3")

    def __init__(self, data, threads, blas_threads):
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(blas_threads)}
        environment.pop("OPENBLAS_CORETYPE", None)
        self.process = subprocess.Popen([self.PYTHON, "-B", os.path.join(FOLDER, "peer.py"), data], env=environment,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question):
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)


def job(name, steps):
    """At least this many steps of a net."""
    net = NETS[name]
    scored = net.target == "class"
    target = {"input": "x"} if net.target == "input" else {"column": "y", "type": "class" if scored else "number"}
    return {"model": {"name": f"net-{name}", "inputs": {"x": {"column": "x", "shape": net.shape}}, "targets": {"y": target},
                      "network": {"layers": net.layers}},
            "dataset": {"name": f"net-{name}"},
            "training": {"loss": net.loss, "epochs": max(3, math.ceil(steps / net.steps)), "batch_size": net.batch, "seed": 1,
                         "publish": "last", "precision": net.precision, "optimizer": {"type": "adam", "learning_rate": 0.0001}}}


def upload(service, folder, name):
    """The arrays that the peer reads, as one dataset."""
    path = os.path.join(folder, name, "both")
    with open(path, "wb") as both:
        for array in ("x", "y"):
            both.write(f'--part\r\nContent-Disposition: form-data; name="{array}"; filename="{array}.npy"\r\n'
                       "Content-Type: application/x-npy\r\n\r\n".encode())
            with open(os.path.join(folder, name, array + ".npy"), "rb") as npy:
                shutil.copyfileobj(npy, both)
            both.write(b"\r\n")
        both.write(b"--part--\r\n")
    service.upload(f"net-{name}", path, content_type="multipart/form-data; boundary=part")


def steps_of(service, name, steps):
    """Seconds a step of each epoch."""
    caller = Caller(service, timeout=600)
    # Questions take time from the training: 500 a second doubled a step.
    _, done = run_job(caller, job(name, steps), pause=0.5)
    metrics = json.loads(caller.call("GET", f"/v1/jobs/{done['id']}/metrics")[2])
    return [epoch["seconds"] / NETS[name].steps for epoch in metrics["epochs"]]


def start_both(data):
    """The default set-up, and a process that only trains beside one that only answers; and what to stop at the end."""
    database = Postgres()
    shared = os.path.join(data, "shared")
    answering = Service(shared, *database.options, "--trainyard.roles=api", ONE_PROCESS)
    training = Service(shared, *database.options, "--trainyard.roles=worker")
    default = Service(os.path.join(data, "default"))
    return {"pure worker": answering, "default set-up": default}, [training, answering, default, database]


def round_of(services, peers, name, steps, seconds):
    """Seconds a step of each set-up and of PyTorch's best setting, the roofline, and that setting."""
    times = {}
    for kind, service in services.items():
        epochs = steps_of(service, name, steps)
        times[kind] = statistics.median(epochs[len(epochs) // 3:])
    times["torch"], times["setting"] = min((peer.ask(f"{name} train {seconds}"), "%d/%d" % setting)
                                           for setting, peer in peers.items())
    times["roofline"] = min(peer.ask(f"{name} roofline") for peer in peers.values())
    return times


def compare(names, rounds=4, short=300, seconds=1):
    """In turns: each net in both set-ups and at each setting of PyTorch. Prints medians and ratios; gives the ratios."""
    data = tempfile.mkdtemp()
    arrays = os.path.join(data, "arrays")
    subprocess.run([Peer.PYTHON, "-B", os.path.join(FOLDER, "peer.py"), "data", arrays], check=True)
    peers = {setting: Peer(arrays, *setting) for setting in SETTINGS}
    services, running = start_both(data)
    ratios = {}
    print(f"{'ms a step':14} {'pure':>8} {'default':>8} {'torch':>8} {'roofline':>9} {'torch/pure':>11} {'torch/default':>14} "
          f"{'pure/roofline':>14} {'default/roofline':>17}   first {short} steps, torch's best setting", flush=True)
    for name in names:
        for service in services.values():
            upload(service, arrays, name)
        first = {kind: statistics.mean(steps_of(service, name, short)) for kind, service in services.items()}
        warm = steps_of(services["pure worker"], name, seconds / first["pure worker"])
        steps_of(services["default set-up"], name, seconds / first["default set-up"])
        steps = seconds / statistics.median(warm[len(warm) // 3:])
        # By round; a round's times are compared with each other, because the machine's speed changes.
        measured = [round_of(services, peers, name, steps, seconds / 2) for _ in range(rounds)]
        pure, default, torch, limit = (statistics.median(times[kind] for times in measured)
                                       for kind in ("pure worker", "default set-up", "torch", "roofline"))
        ratios[name] = tuple(statistics.median(times[a] / times[b] for times in measured)
                             for a, b in (("torch", "pure worker"), ("torch", "default set-up"),
                                          ("pure worker", "roofline"), ("default set-up", "roofline")))
        print(f"{name:14} {pure * 1e3:8.3f} {default * 1e3:8.3f} {torch * 1e3:8.3f} {limit * 1e3:9.3f} "
              f"{ratios[name][0]:11.2f} {ratios[name][1]:14.2f} {ratios[name][2]:14.2f} {ratios[name][3]:17.2f}   "
              + " ".join(f"{value * 1e3:.3f}" for value in first.values())
              + ", " + " ".join(sorted({times["setting"] for times in measured})), flush=True)
    for each in [*peers.values(), *running]:
        each.stop()
    shutil.rmtree(data)
    return ratios


def train(names):
    """
    Without names, quality.md's row and its goals. With "wide" and "wide-bfloat16", what bfloat16 gains.
    """
    ratios = compare(names or COMPARED)
    for index, kind in enumerate(("pure worker", "default set-up")):
        for name, of in ratios.items():
            goal = 8 if name in TINY else 1.3
            most = NETS[name].most
            reached = of[index] >= goal or of[index + 2] <= 1.25
            if name in COMPARED and not (reached and (most is None or of[index + 2] <= most)):
                print(f"{kind}: {name} misses its goal: {of[index]:.2f} x PyTorch (at least {goal}), "
                      f"{of[index + 2]:.2f} x the roofline" + (f" (at most {most})" if most else ""))
        compared = [of[index] for name, of in ratios.items() if name in COMPARED]
        if compared:
            print(f"{f'{kind}: geometric mean (goal: 2.5 at least)':54} {statistics.geometric_mean(compared):6.2f}")


def beside():
    """Latencies of predictions at rest and beside a training with all threads, in the default set-up."""
    data = tempfile.mkdtemp()
    arrays = os.path.join(data, "arrays")
    subprocess.run([Peer.PYTHON, "-B", os.path.join(FOLDER, "peer.py"), "data", arrays], check=True)
    service = Service(os.path.join(data, "default"))
    upload(service, arrays, "mlp")
    upload_xor(service)
    run_job(Caller(service), XOR)
    row = json.dumps({"instances": [{"a": 0, "b": 1}]})
    paced(service, 5, 200, "/v1/models/xor/predict", row)
    rest, _ = paced(service, 20, 200, "/v1/models/xor/predict", row)
    training = {**job("mlp", 1e7), "resources": {"threads": 2}}
    status, _, answer = Caller(service).call("POST", "/v1/jobs", json.dumps(training))
    assert status == 202, answer
    time.sleep(5)
    busy, refused = paced(service, 20, 200, "/v1/models/xor/predict", row)
    service.call("POST", f"/v1/jobs/{json.loads(answer)['id']}/cancel")
    for name, times in (("at rest", rest), ("beside a training on 2 threads", busy)):
        print(f"predict {name:36} p50 {percentile(times, .5) * 1000:8.2f} ms   p99 {percentile(times, .99) * 1000:8.2f} ms")
    print(f"{'p99 beside of at rest (goal: at most 2)':44} {percentile(busy, .99) / percentile(rest, .99):16.2f}   refused {refused}")
    service.stop()
    shutil.rmtree(data)
