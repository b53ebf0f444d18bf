"""From a clone to the first prediction, as README tells it to somebody with a warm Maven repository."""
import os, re, shutil, signal, socket, subprocess, sys, tempfile, time

from service import ROOT

QUIET = 10
LONGEST = 180


def bench():
    folder = tempfile.mkdtemp()
    clone = os.path.join(folder, "trainyard")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{s.getsockname()[1]}"
    begin = time.monotonic()
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    # The native libraries are unpacked as on a machine that never had them.
    settings = (f"--server.port={address.rpartition(':')[2]} --spring.grpc.server.port=0"
                f" --trainyard.engine.cache-dir={folder}/natives")
    service = subprocess.Popen(["mvn", "spring-boot:run", f"-Dspring-boot.run.arguments={settings}"], cwd=clone,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        silence, before = follow(service, begin)
        ready = time.monotonic() - begin
        predict(clone, address)
        seconds = time.monotonic() - begin
    finally:
        os.killpg(service.pid, signal.SIGTERM)
        service.wait(60)
        shutil.rmtree(folder, ignore_errors=True)
    print("load average", *os.getloadavg())
    print(f"clone to ready: {ready:.0f} s")
    print(f"clone to the first prediction: {seconds:.0f} s (at most {LONGEST} s on a quiet machine)")
    print(f"longest silence: {silence:.1f} s (at most {QUIET} s on a quiet machine), after: {before}")


def follow(service, begin):
    """Reads the output up to the line of readiness; gives the longest silence, and the line before it."""
    longest, before, last, line = 0, "", begin, "the clone"
    for following in service.stdout:
        now = time.monotonic()
        if now - last > longest:
            longest, before = now - last, line
        last, line = now, following.strip()
        if " is ready after " in line:
            return longest, before
    sys.exit("the service ended at start: " + line)


def predict(clone, address):
    """The quick start, as it stands in the README."""
    readme = open(os.path.join(clone, "README.md"), encoding="utf-8").read()
    section = readme[readme.index("## Quick start"):readme.index("## Read on")]
    commands = "".join(re.findall(r"```sh\n(.*?)```", section, re.S)).replace("http://127.0.0.1:8080", address)
    printed = subprocess.run(["bash", "-c", "set -eo pipefail\n" + commands], cwd=os.path.dirname(clone), check=True,
                             capture_output=True, text=True).stdout
    assert '"predictions":[{"species":"setosa"' in printed, printed
