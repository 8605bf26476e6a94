# SPDX-License-Identifier: Apache-2.0
"""The node agents that are compared: how each is started, where it answers, when it is ready."""

import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url, timeout=5):
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        return answer.read()


class Agent:
    """One agent under test. `start` waits for its first answer and keeps the seconds it took."""

    name = ""
    patience = 30  # seconds it may take until it answers

    def __init__(self, work):
        self.work = pathlib.Path(work) / self.name
        self.port = free_port()
        self.process = None
        self.start_seconds = None

    def command(self):
        raise NotImplementedError

    def metrics_url(self):
        return f"http://127.0.0.1:{self.port}/metrics"

    def ready_url(self):
        return self.metrics_url()

    @classmethod
    def missing(cls):
        """Why it cannot run here, or None."""
        return None if shutil.which(cls.program) else f"{cls.program} is not installed"

    def start(self):
        self.work.mkdir(parents=True, exist_ok=True)
        began = time.monotonic()
        with open(self.work / "output", "wb") as log:
            self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.work)
        while time.monotonic() - began < self.patience:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: see {self.work}/output")
            try:
                get(self.ready_url(), timeout=1)
                self.start_seconds = time.monotonic() - began
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.005)
        raise RuntimeError(f"{self.name} did not answer within {self.patience} s")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def scrape(self):
        return get(self.metrics_url())

    def series(self):
        """How many series it shows now."""
        return sum(1 for line in self.scrape().splitlines() if line and not line.startswith(b"#"))


class Backend:
    """An OTLP/HTTP receiver that takes everything and counts it."""

    def __init__(self):
        counted = self
        self.requests = self.received_bytes = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = int(self.headers["Content-Length"])
                self.rfile.read(length)
                counted.requests += 1
                counted.received_bytes += length
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Plumbline(Agent):
    """With an OTLP destination, as it is meant to run."""

    name = "plumbline"
    program = os.environ.get("PLUMBLINE", "build/release/plumbline")

    def __init__(self, work):
        super().__init__(work)
        self.backend = Backend()

    def stop(self):
        super().stop()
        self.backend.close()

    @classmethod
    def missing(cls):
        return None if os.access(cls.program, os.X_OK) else f"{cls.program} is not built"

    def command(self):
        return [os.path.abspath(self.program), "run", "--listen", f"127.0.0.1:{self.port}",
                "--state-dir", str(self.work), "--otlp", self.backend.url]

    def ready_url(self):
        return f"http://127.0.0.1:{self.port}/readyz"


class PlumblinePart(Plumbline):
    """Some of the collectors alone."""

    collectors = frozenset()

    def command(self):
        catalog = subprocess.run([self.program, "catalog", "-o", "json"], capture_output=True, check=True)
        names = {metric["collector"] for metric in json.loads(catalog.stdout)["metrics"]}
        off = sorted(names - self.collectors - {"agent", "identity"})  # parts of the agent, no collectors
        sets = [word for name in off for word in ("--set", f"collectors.{name}.enabled=false")]
        return super().command() + sets


class PlumblineNodeOnly(PlumblinePart):
    """What node_exporter does, no more: no eBPF."""

    name = "plumbline, node collectors only"
    collectors = frozenset({"node", "filesystem", "hardware"})


class PlumblineSchedOnly(PlumblinePart):
    """What runqlat does, by cgroup."""

    name = "plumbline, sched alone"
    collectors = frozenset({"sched"})


class NodeExporter(Agent):
    name = "node_exporter"
    program = "prometheus-node-exporter"

    def command(self):
        return [self.program, f"--web.listen-address=127.0.0.1:{self.port}"]


class Netdata(Agent):
    name = "netdata"
    program = "netdata"

    @classmethod
    def missing(cls):
        return None if os.access("/usr/sbin/netdata", os.X_OK) else "netdata is not installed"

    def command(self):
        for folder in ("cache", "lib", "log", "etc"):
            (self.work / folder).mkdir(exist_ok=True)
        (self.work / "etc/.opt-out-from-anonymous-statistics").touch()
        (self.work / "etc/netdata.conf").write_text(f"""
[global]
  run as user = root
[directories]
  config = {self.work}/etc
  cache = {self.work}/cache
  lib = {self.work}/lib
  log = {self.work}/log
[web]
  bind to = 127.0.0.1:{self.port}
[cloud]
  enabled = no
[registry]
  enabled = no
[statsd]
  enabled = no
""")
        return ["/usr/sbin/netdata", "-D", "-c", str(self.work / "etc/netdata.conf")]

    def metrics_url(self):
        return f"http://127.0.0.1:{self.port}/api/v1/allmetrics?format=prometheus"


ALL = (Plumbline, PlumblineNodeOnly, NodeExporter, Netdata)
