"""How long a start takes and where the time goes, and how fast the first predictions are."""
import collections, json, os, re, shutil, statistics, subprocess, tempfile, time
from concurrent.futures import ThreadPoolExecutor

from service import JAVA, ROOT, XOR, Caller, Postgres, Service, report, run_job, upload_xor

LAUNCHER = os.path.join(ROOT, "target", "trainyard", "bin", "trainyard")
ROW = '{"instances": [{"a": 0, "b": 1}]}'

# What a sample of the main thread is part of: the first kind that one of its frames names.
KINDS = {"classes": ("java.lang.ClassLoader.", "jdk.internal.loader."),
         "natives": ("io.trainyard.engine.natives.", "org.bytedeco."),
         "database": ("org.h2.", "org.flywaydb.", "com.zaxxer.", "org.postgresql.", "io.trainyard.store.database."),
         "configuration": ("ConfigurationClassPostProcessor", "ConfigDataEnvironment", "ConfigurationPropertiesBind",
                           "io.trainyard.settings.MemorySettings", "io.trainyard.settings.SettingsCheck"),
         "web": ("createWebServer", "org.apache.catalina.", "org.apache.coyote.", "org.springframework.web.", "io.grpc.")}


def ways():
    """The ways to start that there are here, by name: options of a service."""
    baked = os.path.exists(os.path.join(os.path.dirname(LAUNCHER), "..", "lib", "service.aot"))
    found = {"java -jar": {}, "distribution, baked" if baked else "distribution, not baked": {"launcher": LAUNCHER}}
    if os.environ.get("OLD_JAR"):
        found["OLD_JAR"] = {"program": ["-jar", os.environ["OLD_JAR"]]}
    if os.environ.get("OLD_LAUNCHER"):
        found["OLD_LAUNCHER"] = {"launcher": os.environ["OLD_LAUNCHER"]}
    only = os.environ.get("WAYS")
    return {way: options for way, options in found.items() if not only or re.search(only, way)}


def old(way):
    """An older program may not know the setting."""
    return way.startswith("OLD")


def folder(*options):
    """A data folder with one version under an alias."""
    data = tempfile.mkdtemp()
    service = Service(data, *options)
    upload_xor(service)
    run_job(Caller(service), XOR)
    assert service.call("PUT", "/v1/models/xor/aliases/production", '{"version": 1}')[0] == 200
    service.stop()
    return data


def ready(data, way, options, *settings, **more):
    """A service that has predicted and takes jobs; and the seconds until then."""
    begin = time.monotonic()
    service = Service(data, *([] if old(way) else settings), **options, **more)
    while service.call("POST", "/v1/models/xor/predict", ROW)[0] != 200:
        time.sleep(0.02)
    while b"UP" not in service.call("GET", "/actuator/health/workers")[2]:
        time.sleep(0.1)  # each question costs processor time
    return service, time.monotonic() - begin


def start(rounds=7):
    """From launch until a version under an alias predicts and a job is taken, over all processes, in turns."""
    data = folder()
    seconds, cpu = collections.defaultdict(list), collections.defaultdict(list)
    threads = collections.defaultdict(lambda: collections.defaultdict(list))
    for turn in range(rounds + 1):
        for way, options in ways().items():
            service, took = ready(data, way, options, "--trainyard.predict.warm-up=0s")
            if turn:
                seconds[way].append(took)
                cpu[way].append(service.cpu())
                for kind, used in by_thread(service).items():
                    threads[way][kind].append(used)
            service.stop()
    print("load average", *os.getloadavg())
    for way in ways():
        report(f"start to ready, {way}", seconds[way], "s", 1)
        report(f"processor time to ready, {way}", cpu[way], "s", 1)
        print("    " + ", ".join(f"{kind} {statistics.median(used):.1f}" for kind, used in sorted(
            threads[way].items(), key=lambda item: -statistics.median(item[1])) if statistics.median(used) >= 0.05))
    for way, options in ways().items():
        if not old(way):
            where(data, way, options)
    shutil.rmtree(data)
    times = []
    for _ in range(rounds):
        begin = time.monotonic()
        subprocess.run([LAUNCHER, "--help"], check=True, stdout=subprocess.DEVNULL)
        times.append(time.monotonic() - begin)
    report("bin/trainyard --help", times)


def by_thread(service):
    """Seconds of processor time by process, and of the service by kind of thread."""
    used = collections.Counter()
    for pid in service.tree():
        own = pid == service.process.pid
        for task in os.listdir(f"/proc/{pid}/task"):
            try:
                name = open(f"/proc/{pid}/task/{task}/comm").read().strip()
                times = open(f"/proc/{pid}/task/{task}/stat").read().rpartition(")")[2].split()[11:13]
            except OSError:
                continue  # it has ended
            kind = "compilers" if "CompilerThre" in name else "collector" if name.startswith(("GC", "G1")) else "Java"
            used[f"service: {kind}" if own else "workers and checkers"] += sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    return used


def where(data, way, options):
    """The classes that a start loads, and the shares of its Java code. Looking costs time of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        classes, recording, events = (os.path.join(temporary, name) for name in ("classes", "recording.jfr", "events.jfc"))
        with open(events, "w") as file:
            file.write('<configuration version="2.0"><event name="jdk.CPUTimeSample"><setting name="enabled">true</setting>'
                       '<setting name="throttle">5 ms</setting></event></configuration>')
        java = [f"-Xlog:class+load:file={classes}", "-XX:FlightRecorderOptions:stackdepth=400",
                f"-XX:StartFlightRecording:settings={events},filename={recording}"]
        before = os.environ.get("TRAINYARD_JAVA_OPTS")
        if "launcher" in options:
            os.environ["TRAINYARD_JAVA_OPTS"] = " ".join(java)
            java = []
        service, _ = ready(data, way, options, "--trainyard.predict.warm-up=0s", java=java)
        if before is None:
            os.environ.pop("TRAINYARD_JAVA_OPTS", None)
        service.stop()
        loaded = [line for line in open(classes) if "source:" in line]
        cached = sum("shared objects file" in line for line in loaded)
        jfr = os.path.join(os.path.dirname(JAVA), "jfr")
        text = subprocess.run([jfr, "print", "--json", "--stack-depth", "400", "--events", "jdk.CPUTimeSample", recording],
                              check=True, capture_output=True, text=True).stdout
    print(f"{way}: {len(loaded)} classes, {cached} of them from a cache")
    kinds = collections.Counter()
    for event in json.loads(text)["recording"]["events"]:
        thread, stack = event["values"].get("eventThread"), event["values"].get("stackTrace")
        if not stack or not thread:
            continue
        frames = [(frame["method"]["type"]["name"] + "." + frame["method"]["name"]).replace("/", ".") for frame in stack["frames"]]
        if thread["javaName"] == "engine-start":
            kinds["natives"] += 1
        elif thread["javaName"] == "main":
            kinds[next((kind for kind, names in KINDS.items() if any(name in frame for frame in frames for name in names)),
                       "other beans")] += 1
    print("    of the Java code: " + ", ".join(f"{kind} {100 * count / kinds.total():.0f} %" for kind, count in kinds.most_common()))


class Load:
    """A run of wrk: answers a second, and the 99th percentile in milliseconds. Each connection asks again after a pause, on average."""

    def __init__(self, service, seconds, most=None, connections=32, pause_ms=0):
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            if pause_ms:
                script.write(f"function delay() return math.random(0, {2 * pause_ms}) end\n")
            script.write(f'wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = {json.dumps(ROW)}\n')
            if most:
                script.write(f"local n = 0\nfunction response() n = n + 1 if n == {most} then wrk.thread:stop() end end\n")
            # For the summary: wrk's own counts only the thresholds that it prints.
            script.write("function done(summary, latency) io.write('p99 ' .. latency:percentile(99) / 1000 .. '\\n') end\n")
            script.flush()
            begin = time.monotonic()
            out = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script.name,
                                  f"http://127.0.0.1:{service.port}/v1/models/xor/predict"], capture_output=True, text=True).stdout
        assert "Non-2xx" not in out, out
        self.count = int(re.search(r"(\d+) requests in", out)[1])
        self.rate = self.count / (time.monotonic() - begin)
        self.p99 = float(re.search(r"p99 ([\d.]+)", out)[1])


def warm(rounds=3):
    """The rate in the first seconds after ready, as a share of the peak, and the first 1,000 predictions."""
    data = folder()
    found = collections.defaultdict(lambda: collections.defaultdict(list))
    for _ in range(rounds):
        for way, options in ways().items():
            service, _ = ready(data, way, options)
            found[way]["p99 of the first 1,000"].append(Load(service, 20, 1000).p99)
            service.stop()
            service, _ = ready(data, way, options)
            rates = [Load(service, seconds).rate for seconds in (3, 6, 2, 20, 5, 5)]
            service.stop()
            peak = max(rates[3:])
            found[way]["peak"].append(peak)
            found[way]["seconds 0-3"].append(100 * rates[0] / peak)
            found[way]["after 10 s"].append(100 * rates[2] / peak)
    shutil.rmtree(data)
    print("load average", *os.getloadavg())
    for way, results in found.items():
        report(f"{way}: peak, 32 callers", results["peak"], "/s", 1)
        report("  share of it in seconds 0-3", results["seconds 0-3"], "%", 1)
        report("  share of it after 10 s of load", results["after 10 s"], "%", 1)
        report("  p99 of the first 1,000 predictions", results["p99 of the first 1,000"], "ms", 1)


def rolling(rounds=3, pause_ms=10):
    """
    Restarts of two processes that predict, over PostgreSQL, each on a core of its own, in turns. The load is half of what both can
    answer, then a quarter; while one restarts, the other gets all of it, and from ready on the new one gets its half.
    """
    database, cores = Postgres(), sorted(os.sched_getaffinity(0))
    data = folder(*database.options)
    way, options = list(ways().items())[-1]

    def begin(core):
        os.sched_setaffinity(0, {core})
        try:
            service = Service(data, *database.options, "--trainyard.roles=api", **options)
        finally:
            os.sched_setaffinity(0, cores)
        return service

    def slowest(seconds, connections, *called):
        """Seconds: the largest p99 of some services, with so many connections to each."""
        with ThreadPoolExecutor(len(called)) as threads:
            return max(threads.map(lambda service: Load(service, seconds, None, connections, pause_ms).p99, called)) / 1000

    services = [begin(core) for core in cores[:2]]
    # Both at once, with what calls them.
    with ThreadPoolExecutor(2) as threads:
        most = sum(threads.map(lambda service: max(Load(service, seconds).rate for seconds in (20, 5)), services))
    print(f"{way}: two processes answer {most:.0f}/s")
    for share in (0.5, 0.25):
        half = max(1, round(share * most / 2 * pause_ms / 1000))
        rest, alone, fresh, took = [], [], [], []
        for _ in range(rounds):
            for at in (0, 1):
                rest.append(slowest(5, half, *services))
                with ThreadPoolExecutor(1) as threads:
                    load = threads.submit(slowest, 12, 2 * half, services[1 - at])
                    start = time.monotonic()
                    services[at].stop()
                    services[at] = begin(cores[at])
                    took.append(time.monotonic() - start)
                    alone.append(load.result())
                fresh.append(slowest(5, half, *services))
        print(f"{share:.0%} load, {2 * half} connections that ask every {pause_ms} ms on average")
        report("  p99 at rest", rest)
        report("  p99 of the other during a restart", alone)
        report("  p99 of both in the first 5 s after it", fresh)
        report("  from the end of one to ready", took, "s", 1)
        worst = max(statistics.median(alone), statistics.median(fresh)) / statistics.median(rest)
        print(f"  a restart beside rest: {worst:.1f} times (goal: at most 3)")
    for each in [*services, database]:
        each.stop()
    shutil.rmtree(data)
