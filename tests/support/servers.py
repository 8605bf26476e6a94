# SPDX-License-Identifier: Apache-2.0
"""The agent and the real servers it talks to, started on free ports of the loopback and ended by
their pid. Each is a context manager; what a server said is shown when a test that used it fails."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("PLUMBLINE", ROOT / "build/dev/plumbline"))
# Long enough for a loaded machine; a test that passes does not wait for it.
PATIENCE_SECONDS = 60


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(what, probe, seconds=PATIENCE_SECONDS):
    """Asks `probe` until it returns something true, and returns that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def http_get(url, timeout=10):
    """(status, body as text); status 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError:
        return 0, ""


def peer(name):
    """The path of a real server's program; builds it the first time, which takes minutes."""
    return subprocess.run([ROOT / "tests/support/peers/get", name], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.strip()


class Server:
    """A process with a folder of its own for its files; `log()` is what it wrote."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="plumbline-test-")
        self.path = Path(self.folder.name)
        self.process = None

    def start(self, arguments, **options):
        with open(self.path / "log", "ab") as log:
            self.process = subprocess.Popen([str(word) for word in arguments], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=subprocess.STDOUT, **options)

    def log(self):
        path = self.path / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def running(self):
        return self.process is not None and self.process.poll() is None

    def wait_ready(self, probe, seconds=PATIENCE_SECONDS):
        def ready_or_dead():
            if not self.running():
                raise AssertionError(f"{type(self).__name__} ended:\n{self.log()[-4000:]}")
            return probe()
        return wait_until(f"{type(self).__name__} is ready", ready_or_dead, seconds)

    def stop(self, number=signal.SIGTERM, seconds=30):
        """The exit status; negative when it had to be killed."""
        if self.running():
            self.process.send_signal(number)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait() if self.process else None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.stop()
        if kind is not None:
            print(f"--- the last words of {type(self).__name__} ---\n{self.log()[-3000:]}")
        self.folder.cleanup()


class Agent(Server):
    """`plumbline run` with `settings` as its file. JSON is YAML, so settings are plain values."""

    def __init__(self, settings=None, arguments=(), environment=None):
        super().__init__()
        self.file = self.path / "plumbline.yaml"
        self.configure(settings or {})
        # The environment of the test run must not configure the agent.
        clean = {key: value for key, value in os.environ.items() if not key.startswith("OTEL_")}
        self.start([PROGRAM, "run", "--config", self.file, *arguments],
                   env={**clean, **(environment or {})})

    def configure(self, settings):
        defaults = {"listen": "127.0.0.1:0", "state_dir": str(self.path), "export": {"interval": "1s"}}
        self.file.write_text(json.dumps({**defaults, **settings}, indent=1))

    def url(self, path):
        address = self.wait_ready(lambda: re.search(r"serves http://(\S+?)/", self.log()))
        return f"http://{address.group(1)}{path}"

    def get(self, path):
        status, body = http_get(self.url(path))
        if status != 200:
            raise AssertionError(f"{path} answers {status}: {body}")
        return body

    def get_json(self, path):
        return json.loads(self.get(path))

    def wait_collecting(self):
        ready = self.url("/readyz")
        self.wait_ready(lambda: http_get(ready)[0] == 200)
        return self


class Collector(Server):
    """An OpenTelemetry Collector with a pair of receivers, gRPC and HTTP, and a file, for each of
    `names`: what came in there can be told from the rest. `kafka`: settings of a Kafka receiver,
    with a file too, by name. `signals`: what it takes; the rest it refuses. What `unread` names gets
    is thrown away."""

    def __init__(self, names=("only",), receiver=None, kafka=None, signals=("metrics",), unread=()):
        super().__init__()
        self.signals = signals
        self.unread = unread
        self.ports = {name: {"grpc": free_port(), "http": free_port()} for name in names}
        config = {"receivers": {}, "exporters": {}, "service": {
            "pipelines": {}, "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "info"}}}}
        for name, ports in self.ports.items():
            config["receivers"][f"otlp/{name}"] = {"protocols": {
                protocol: {"endpoint": f"127.0.0.1:{port}", **(receiver or {}).get(protocol, {})}
                for protocol, port in ports.items()}}
            self._add_pipeline(config, name, f"otlp/{name}")
        for name, settings in (kafka or {}).items():
            config["receivers"][f"kafka/{name}"] = settings
            self._add_pipeline(config, name, f"kafka/{name}")
        (self.path / "collector.yaml").write_text(json.dumps(config, indent=1))
        self.program = peer("collector")
        self.begin()

    def _add_pipeline(self, config, name, receiver):
        config["exporters"][f"file/{name}"] = {
            "path": "/dev/null" if name in self.unread else str(self.path / f"{name}.jsonl"),
            "flush_interval": "100ms"}
        for signal in self.signals:
            config["service"]["pipelines"][f"{signal}/{name}"] = {
                "receivers": [receiver], "exporters": [f"file/{name}"]}

    def begin(self):
        self.start([self.program, "--config", self.path / "collector.yaml"])
        self.wait_ready(lambda: "Everything is ready" in self.log())

    def endpoint(self, protocol, name="only"):
        scheme = {"grpc": "grpc", "http": "http"}[protocol]
        return f"{scheme}://127.0.0.1:{self.ports[name][protocol]}"

    def requests(self, name="only"):
        """The export requests that came in so far, as OTLP JSON."""
        path = self.path / f"{name}.jsonl"
        lines = path.read_text().split("\n") if path.exists() else []
        return [json.loads(line) for line in lines[:-1]]

    def wait_requests(self, count, name="only"):
        def enough():
            found = self.requests(name)
            return found if len(found) >= count else None
        return self.wait_ready(enough)


class Prometheus(Server):
    """A Prometheus that scrapes `targets` ({job: host:port}) every second and takes OTLP; `rules` are files."""

    def __init__(self, targets=None, rules=()):
        super().__init__()
        self.port = free_port()
        config = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                  "rule_files": [str(path) for path in rules], "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": [target]}]}
            for job, target in (targets or {}).items()]}
        (self.path / "prometheus.yaml").write_text(json.dumps(config))
        self.start([peer("prometheus"), f"--config.file={self.path / 'prometheus.yaml'}",
                    f"--storage.tsdb.path={self.path / 'data'}", "--web.enable-otlp-receiver",
                    f"--web.listen-address=127.0.0.1:{self.port}"])
        self.wait_ready(lambda: http_get(self.url("/-/ready"))[0] == 200)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def query(self, path, **parameters):
        from urllib.parse import urlencode
        status, body = http_get(self.url(f"/api/v1/{path}?{urlencode(parameters)}"))
        answer = json.loads(body) if body else {}
        if status != 200:
            raise AssertionError(f"{path} {parameters} answers {status}: {body}")
        return answer["data"]
