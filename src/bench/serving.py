"""Predictions as a caller sees them, each beside its peer: `run serving` starts it.

The peers: a route of the same server that returns the body (io.trainyard.bench.EchoService, so target/classes and
target/test-classes must be there), and FastAPI + uvicorn + torch in the interpreter of PEER_PYTHON. Needs wrk.
"""
import atexit, json, os, random, re, shutil, socket, statistics, struct, subprocess, sys, tempfile, threading, time

from service import ROOT, Caller, Service, paced, percentile, run_job

COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]
ROW = json.dumps({"instances": [dict(zip(COLUMNS, [5.1, 3.5, 1.4, 0.2]))]})
IRIS = {"model": {"name": "iris", "inputs": {"x": {"columns": COLUMNS, "scale": "standard"}},
                  "targets": {"species": {"column": "species", "type": "class"}},
                  "network": {"layers": [{"type": "dense", "units": 16, "activation": "relu"},
                                         {"type": "dense", "units": 3, "activation": "softmax"}]}},
        "dataset": {"name": "iris"},
        "training": {"loss": "categorical_crossentropy", "epochs": 100, "batch_size": 16, "seed": 1,
                     "optimizer": {"type": "adam", "learning_rate": 0.01}}}
PEER = os.environ.get("PEER_PYTHON", "/usr/bin/python3")
PREDICT = "/v1/models/iris/predict"
ECHO = "/bench/echo"


def class_path():
    """The classes with the echo, and the libraries of the jar."""
    listed = os.environ.get("BENCH_CLASSPATH")
    if not listed:
        file = os.path.join(ROOT, "target", "bench-classpath")
        subprocess.run(["mvn", "-q", "-o", "dependency:build-classpath", f"-Dmdep.outputFile={file}"], cwd=ROOT, check=True)
        listed = open(file).read().strip()
    return os.pathsep.join([os.path.join(ROOT, "target", "test-classes"), os.path.join(ROOT, "target", "classes"), listed])


class Wrk:
    """A run of wrk: requests a second, latencies in milliseconds, and answers other than 2xx."""

    def __init__(self, port, path, body, seconds=8, connections=32, headers=None, folder="/tmp"):
        script = os.path.join(folder, f"wrk-{time.monotonic_ns()}.lua")
        given = os.path.join(folder, f"body-{time.monotonic_ns()}")
        with open(given, "wb") as f:
            f.write(body if isinstance(body, bytes) else body.encode())
        lines = ['wrk.method = "POST"', f'wrk.body = io.open({json.dumps(given)}, "rb"):read("*a")']
        lines += [f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in (headers or {"Content-Type": "application/json"}).items()]
        with open(script, "w") as f:
            f.write("\n".join(lines) + "\n")
        self.process = subprocess.Popen(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", script,
                                         f"http://127.0.0.1:{port}{path}"], stdout=subprocess.PIPE, text=True)

    def result(self):
        out = self.process.communicate()[0]
        self.rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
        self.p50, self.p99 = (self.milliseconds(re.search(rf"{p}%\s+([\d.]+)(us|ms|s)", out)) for p in (50, 99))
        self.refused = int((re.search(r"Non-2xx or 3xx responses: (\d+)", out) or [0, 0])[1])
        return self

    @staticmethod
    def milliseconds(found):
        return float(found.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[found.group(2)]


def line(what, run, also=""):
    print(f"{what:52} {run.rate:10.0f} requests/s   p50 {run.p50:7.2f} ms   p99 {run.p99:7.2f} ms"
          + (f"   {run.refused} refused" if run.refused else "") + also, flush=True)


def goal(what, value, goal_text):
    print(f"{f'{what} (goal: {goal_text})':64} {value:10.2f}", flush=True)


def fast_api():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    process = subprocess.Popen([PEER, os.path.join(os.path.dirname(os.path.abspath(__file__)), "fast.py"), str(port)])
    atexit.register(process.kill)
    for _ in range(300):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return process, port
        time.sleep(0.1)
    sys.exit("FastAPI does not start with " + PEER)


def start(data):
    """The service with the echo, and the iris net."""
    service = Service(data, program=["--enable-native-access=ALL-UNNAMED", "-cp", class_path(), "io.trainyard.bench.EchoService"])
    assert service.call("POST", "/v1/samples/iris", "")[0] in (200, 201)
    run_job(Caller(service), IRIS)
    return service


def warm(service, paths, body=ROW, rounds=3):
    for _ in range(rounds):
        for path in paths:
            Wrk(service.port, path, body, seconds=4).result()


def one_row(service, rounds=3):
    """One iris row through 4-16-3 beside the echo and FastAPI."""
    warm(service, (ECHO, PREDICT))
    echoes, ours = [], []
    for _ in range(rounds):
        echoes.append(Wrk(service.port, ECHO, ROW).result())
        line("echo of one iris row", echoes[-1])
        ours.append(Wrk(service.port, PREDICT, ROW).result())
        line("predict of one iris row, 4-16-3", ours[-1])
    of = lambda runs, name: statistics.median(getattr(run, name) for run in runs)
    goal("predict of echo, requests/s", of(ours, "rate") / of(echoes, "rate"), "at least 0.75")
    goal("predict of echo, p99", of(ours, "p99") / of(echoes, "p99"), "at most 2")
    process, port = fast_api()
    peer = [Wrk(port, "/predict", ROW).result() for _ in range(2)][-1]
    line("FastAPI + uvicorn + torch", peer)
    process.kill()
    goal("predict of FastAPI, requests/s", of(ours, "rate") / peer.rate, "at least 5")
    alone = Wrk(service.port, PREDICT, ROW, connections=1, seconds=5).result()
    line("predict of one row, one caller", alone)
    return of(ours, "p99"), alone


def under_training(service):
    """Latencies at rest and while a job trains on the cores that serving leaves it."""
    # A caller that leaves room: at full load p99 is the queue of its own requests.
    rest = Wrk(service.port, PREDICT, ROW, connections=2, seconds=8).result()
    line("predict at rest, two callers", rest)
    job = json.loads(json.dumps(IRIS))
    job["model"]["name"] = "busy"
    job["model"]["network"]["layers"][0]["units"] = 512
    job["training"]["epochs"] = 1_000_000
    training = json.loads(service.call("POST", "/v1/jobs", json.dumps(job))[2])["id"]
    while json.loads(service.call("GET", "/v1/jobs/" + training)[2])["state"] != "running":
        time.sleep(0.1)
    time.sleep(2)
    busy = Wrk(service.port, PREDICT, ROW, connections=2, seconds=8).result()
    line("predict while a job trains, two callers", busy)
    service.call("POST", f"/v1/jobs/{training}/cancel")
    goal("p99 under training of at rest", busy.p99 / rest.p99, "at most 3")


def steady(service):
    """Latencies at 200 predictions/s while something else happens again and again, and of the first one behind a switch."""
    run_job(Caller(service), IRIS)  # the second version
    alias = "/v1/models/iris/aliases/production"
    through = "/v1/models/iris/versions/production/predict"
    file = os.path.join(tempfile.mkdtemp(), "numbers.csv")
    with open(file, "w") as out:
        out.write(",".join(f"x{i}" for i in range(20)) + "\n")
        for row in range(100_000):
            out.write(",".join(str((row * 31 + i * 17) % 1000 / 8) for i in range(20)) + "\n")
    call = service.call
    first, turn = [], [0]

    def switches():
        turn[0] += 1
        assert call("PUT", alias, json.dumps({"version": 1 + turn[0] % 2}))[0] == 200
        begin = time.monotonic()
        assert call("POST", through, ROW)[0] == 200
        first.append(time.monotonic() - begin)
        time.sleep(0.2)

    def loads():
        assert call("POST", "/v1/models/iris/versions/1:unload")[0] in (200, 204)
        assert call("POST", "/v1/models/iris/versions/1:load")[0] in (200, 202)
        time.sleep(0.2)

    def job_starts():
        run_job(Caller(service), {**IRIS, "model": {**IRIS["model"], "name": "beside"}})

    def dataset_goes_up():
        turn[0] += 1
        service.upload(f"up-{turn[0]}", file)

    switches()  # to the second version
    paced(service, 10, 200, through, ROW)
    rest = percentile(paced(service, 15, 200, through, ROW)[0], 0.99)
    print(f"at rest{'':30} p99 {rest * 1000:8.2f} ms", flush=True)
    for what, action in {"another version loads": loads, "an alias switches": switches, "a job starts": job_starts,
                         "a dataset goes up": dataset_goes_up}.items():
        stop = threading.Event()

        def again():
            while not stop.is_set():
                action()

        thread = threading.Thread(target=again)
        thread.start()
        times = paced(service, 15, 200, through, ROW)[0]
        stop.set()
        thread.join()
        print(f"{what:37} p99 {percentile(times, 0.99) * 1000:8.2f} ms   p50 {percentile(times, 0.5) * 1000:8.2f} ms", flush=True)
        goal(f"p99 while {what} of at rest", percentile(times, 0.99) / rest, "at most 2")
    print(f"the first prediction behind a switch: {percentile(first, 0.5) * 1000:.2f} ms, the slowest of {len(first)} {max(first) * 1000:.2f} ms", flush=True)
    shutil.rmtree(os.path.dirname(file))


def digits(service):
    """784 → 10: JSON numbers a second, and the binary tensors of the inference protocol beside them."""
    layers = [{"type": "dense", "name": "o", "units": 10}]
    spec = {"name": "digits", "network": {"inputs": {"x": {"shape": [784]}}, "layers": layers}}
    numbers = random.Random(1)
    weights = struct.pack("<7850f", *(numbers.gauss(0, 0.05) for _ in range(7850)))
    head = json.dumps({"o.weight": {"dtype": "F32", "shape": [10, 784], "data_offsets": [0, 31360]},
                       "o.bias": {"dtype": "F32", "shape": [10], "data_offsets": [31360, 31400]}}).encode()
    stored = struct.pack("<Q", len(head)) + head + weights
    body = (b'--p\r\nContent-Disposition: form-data; name="spec"\r\nContent-Type: application/json\r\n\r\n' + json.dumps(spec).encode()
            + b'\r\n--p\r\nContent-Disposition: form-data; name="weights"; filename="w"\r\nContent-Type: application/octet-stream\r\n\r\n'
            + stored + b"\r\n--p--\r\n")
    status, _, answer = service.call("POST", "/v1/models/digits/versions", body, "multipart/form-data; boundary=p")
    assert status == 201, answer
    rows = [[numbers.random() for _ in range(784)] for _ in range(1000)]
    flat = [x for row in rows for x in row]
    rates = {}
    texts = {"four digits": "%.4f", "eight digits": "%.8f"}
    for name, form in texts.items():
        text = '{"instances":[' + ",".join("[" + ",".join(form % x for x in row) + "]" for row in rows) + "]}"
        for connections in (1, 2):
            for seconds in (6, 8):
                run = Wrk(service.port, "/v1/models/digits/predict", text, seconds, connections).result()
            megabytes = run.rate * len(text) / 1e6
            line(f"1000 x 784 as JSON, {name}, {connections} callers", run,
                 f"   {megabytes:6.0f} MB/s   {run.rate * 784_000 / 1e6:6.1f} M numbers/s")
            rates[name] = max(rates.get(name, 0), megabytes)
            rates["json rows"] = max(rates.get("json rows", 0), run.rate * 1000)
    for name in texts:
        goal(f"MB/s of JSON, {name}", rates[name], "at least 250")
    text = '{"inputs":[{"name":"x","shape":[1000,784],"datatype":"FP32","data":[' + ",".join("%.4f" % x for x in flat) + "]}]}"
    for seconds in (6, 8):
        run = Wrk(service.port, "/v2/models/digits/infer", text, seconds, 2).result()
    line("1000 x 784, inference protocol, JSON", run, f"   {run.rate * len(text) / 1e6:6.0f} MB/s")
    rates["json rows"] = max(rates["json rows"], run.rate * 1000)
    header = json.dumps({"inputs": [{"name": "x", "shape": [1000, 784], "datatype": "FP32", "parameters": {"binary_data_size": 3_136_000}}],
                         "parameters": {"binary_data_output": True}}).encode()
    binary = header + struct.pack("<784000f", *flat)
    headers = {"Content-Type": "application/octet-stream", "Inference-Header-Content-Length": str(len(header))}
    for seconds in (6, 8):
        run = Wrk(service.port, "/v2/models/digits/infer", binary, seconds, 2, headers).result()
    line("1000 x 784, inference protocol, binary", run, f"   {run.rate * len(binary) / 1e6:6.0f} MB/s   {run.rate * 1000:10.0f} rows/s")
    for seconds in (6, 8):
        echo = Wrk(service.port, ECHO, binary, seconds, 2, {"Content-Type": "application/octet-stream"}).result()
    line("the same body through the echo", echo, f"   {echo.rate * len(binary) / 1e6:6.0f} MB/s")
    goal("binary of the echo, requests/s", run.rate / echo.rate, "near 1: the wire is the limit")
    goal("binary of JSON, rows/s", run.rate * 1000 / rates["json rows"], "at least 4")
    # The same requests beside single rows.
    text = '{"instances":[' + ",".join("[" + ",".join("%.4f" % x for x in row) + "]" for row in rows) + "]}"
    single = Wrk(service.port, PREDICT, ROW, connections=2, seconds=8).result()
    line("single rows, two callers", single)
    large = Wrk(service.port, "/v1/models/digits/predict", text, 10, 1)
    time.sleep(1)
    beside = Wrk(service.port, PREDICT, ROW, connections=2, seconds=8).result()
    line("single rows beside requests of 1,000 rows", beside)
    line("  those requests", large.result())
    goal("p99 of single rows beside 1,000-row requests, ms", beside.p99, "a few")


def memory(service, predicts=100_000):
    """Resident memory over 100,000 predicts, after a warm-up."""
    pid = service.process.pid
    resident = lambda: int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024
    # A collection leaves what is in use.
    settle = lambda: (subprocess.run([os.path.join(os.environ.get("JAVA_HOME", ""), "bin", "jcmd"), str(pid), "GC.run"],
                                     stdout=subprocess.DEVNULL), time.sleep(2))
    for _ in range(2):
        settle()
        before, done = resident(), 0
        while done < predicts:
            done += 8 * Wrk(service.port, PREDICT, ROW).result().rate
        settle()
        after = resident()
        print(f"{f'resident after {done:.0f} predicts':52} {before:8.0f} MB before {after:8.0f} MB after", flush=True)
    goal("change of resident memory in %", 100 * (after / before - 1), "within 3")


def bench(*parts):
    data = tempfile.mkdtemp()
    service = start(data)
    known = {"row": one_row, "training": under_training, "steady": steady, "digits": digits, "memory": memory}
    for part in parts or known:
        known[part](service)
    service.stop()
    shutil.rmtree(data)
