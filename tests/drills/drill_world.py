# SPDX-License-Identifier: Apache-2.0
"""What a fault drill watches: the agent, a Prometheus with the rules that `plumbline generate` wrote of
the drills' manifests, and an Alertmanager with its routes. Their windows are sixty times shorter, as the
head of each rule file says: a rule that waits ten minutes waits ten seconds."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from kafka_server import JAVA
from servers import PROGRAM, Server, free_port, http_get, wait_until

SCALE = 60
# What the rules' windows remember: three days in which nothing was wrong, five minutes by five minutes.
HISTORY_STEPS = 3 * 24 * 12 + 2
# The half hour of the second tier, and some looks and evaluations, which are not shorter in drills.
OVER_SECONDS = 90 * 60
# What every recording rule of an objective says of itself.
RECORDED = ("slo", "service", "team", "namespace")
RECORDED_LABELS = re.compile(r"labels:\n +" + r"\n +".join(f'{name}: "(.*)"' for name in RECORDED))
# The names of Kafka's tools as its distribution has them.
KAFKA_TOOLS = {"kafka-consumer-groups.sh": "groups", "kafka-topics.sh": "topics", "kafka-configs.sh": "configs",
               "kafka-transactions.sh": "transactions", "kafka-get-offsets.sh": "offsets"}
MEMORY = "/dev/shm"
# Where windows are sixty times shorter, a disk that other work holds up for five seconds is an agent that has
# been silent for five minutes.
if os.path.isdir(MEMORY) and shutil.disk_usage(MEMORY).free > 8 << 30:
    tempfile.tempdir = MEMORY


class Prometheus(Server):
    """Debian's, with rules; it scrapes `agents`, {instance: host:port}, every second. Of file systems it
    takes `mounts` alone: others of this machine may be full in truth."""

    def __init__(self, agents, rules, alertmanager, history, scale, mounts):
        super().__init__()
        self.port = free_port()
        (self.path / "prometheus.yaml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [f"{rules}/*.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
            "scrape_configs": [{
                "job_name": "plumbline",
                "static_configs": [{"targets": [address], "labels": {"instance": name}}
                                   for name, address in agents.items()],
                "metric_relabel_configs": [{"source_labels": ["system_filesystem_mountpoint"], "action": "keep",
                                            "regex": "|".join(["", *map(re.escape, mounts)])}]}]}))
        (self.path / "history").write_text(history)
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", self.path / "history",
                        self.path / "data"], check=True, stdout=subprocess.DEVNULL)
        self.start(["prometheus", f"--config.file={self.path / 'prometheus.yaml'}",
                    f"--storage.tsdb.path={self.path / 'data'}", f"--query.lookback-delta={600 // scale}s",
                    "--rules.alert.resend-delay=2s", f"--web.listen-address=127.0.0.1:{self.port}"])
        self.wait_ready(lambda: http_get(f"{self.url}/-/ready")[0] == 200)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def query(self, expression):
        from urllib.parse import urlencode
        status, body = http_get(f"{self.url}/api/v1/query?{urlencode({'query': expression})}")
        if status != 200:
            raise AssertionError(f"{expression} answers {status}: {body}")
        return json.loads(body)["data"]["result"]


class Alertmanager(Server):
    def __init__(self, config):
        super().__init__()
        self.address = f"127.0.0.1:{free_port()}"
        self.start(["prometheus-alertmanager", f"--config.file={config}", f"--storage.path={self.path / 'data'}",
                    f"--web.listen-address={self.address}", "--cluster.listen-address="])
        self.wait_ready(lambda: http_get(f"{self.url}/-/ready")[0] == 200)

    @property
    def url(self):
        return f"http://{self.address}"

    def active(self):
        """{(alertname, service)} of what would be told: neither inhibited nor silenced."""
        alerts = json.loads(http_get(f"{self.url}/api/v2/alerts?silenced=false&inhibited=false")[1])
        return {(alert["labels"]["alertname"], alert["labels"]["service"]) for alert in alerts}


def generate(folder, manifests, scale):
    """The drills' rules and routes: the folder they are in."""
    source = folder / "manifests.yaml"
    source.write_text("---\n".join(json.dumps({"apiVersion": "platform.sivaro.io/v1", **manifest}) + "\n"
                                   for manifest in manifests))
    done = subprocess.run([PROGRAM, "generate", source, "--out", folder / "out", "--drill-scale", str(scale)],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return folder / "out"


def history(rules, scale, events, spent):
    """What the recording rules of every objective would have recorded before now. `events`: of objectives
    how many there were in five minutes, where it was not ten a second; `spent`: how many were bad two days ago,
    where anything was bad at all."""
    slos = {labels[0]: ",".join(f'{name}="{value}"' for name, value in zip(RECORDED, labels, strict=True))
            for path in rules.glob("*.yml") for labels in RECORDED_LABELS.findall(path.read_text())}
    step = 300 // scale
    end = int(time.time()) // step * step - step
    times = range(end - HISTORY_STEPS * step, end, step)
    # The newest at the pace at which rules are evaluated now: they blink once before the first scrape.
    dense = [*times[:-10], *range(times[-10], end)]
    long_ago = times[len(times) // 3]

    def samples(name, value, at_times):
        yield f"# TYPE {name} gauge"
        for slo in slos:
            yield from (f"{name}{{{slos[slo]}}} {value(slo, at)} {at}" for at in at_times)
    return "\n".join([
        *samples("slo:events_all:sum5m", lambda slo, at: events.get(slo, 10 * step), times),
        *samples("slo:events_bad:sum5m", lambda slo, at: spent.get(slo, 0) if at == long_ago else 0, times),
        *samples("slo:seen:bool", lambda slo, at: 1, dense), "# EOF", ""])


def write_tools(folder, kafka):
    """Commands of a runbook as an operator has them in the path."""
    folder.mkdir()
    tools = {"plumbline": str(PROGRAM)}
    if kafka:
        tools |= {name: " ".join([*JAVA, "-Xmx128m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                                  "-cp", f"'{kafka.environment['CLASSPATH']}'", kafka.tools[tool]])
                  for name, tool in KAFKA_TOOLS.items()}
    for name, command in tools.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (folder / name).chmod(0o755)


BLOCK = re.compile(r"^```(sh|promql) drill\n(.*?)^```\n+(?:Expect: `(.*?)`)?", re.MULTILINE | re.DOTALL)


class World:
    """Everything that drills share; the test `case` ends it. `agent` has to be seen as node-1."""

    def __init__(self, case, agent, manifests, kafka=None, clickhouse=None, scale=SCALE, events=None, spent=None,
                 mounts=()):
        self.scale = scale
        self.folder = Path(case.enterClassContext(tempfile.TemporaryDirectory(prefix="plumbline-drill-")))
        self.agent = agent
        out = generate(self.folder, manifests, scale)
        self.alertmanager = case.enterClassContext(Alertmanager(out / "alertmanager/alertmanager.yml"))
        agent.wait_collecting()
        address = agent.url("").removeprefix("http://")
        self.prometheus = case.enterClassContext(Prometheus(
            {"node-1": address}, out / "prometheus/rules", self.alertmanager.address,
            history(out / "prometheus/rules", scale, events or {}, spent or {}), scale, mounts))
        write_tools(self.folder / "bin", kafka)
        self.environment = {
            **os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PROMETHEUS": self.prometheus.url, "ALERTMANAGER": self.alertmanager.url, "AGENT": agent.url(""),
            "BROKERS": kafka.address() if kafka else "", "CLICKHOUSE": clickhouse.url if clickhouse else ""}
        wait_until("no alert is near", lambda: self.prometheus.query("up == 1") and not self.prometheus.query("ALERTS"),
                   60 * SCALE / scale)
        self.results = Path(os.environ["PLUMBLINE_DRILLS"]) if "PLUMBLINE_DRILLS" in os.environ else None

    def calm(self):
        wait_until("no alert is active", lambda: not self.alertmanager.active(), OVER_SECONDS / self.scale)

    def told(self, alert, service, before):
        """What is told: the alert, or what the same fault may have beside it, or nothing."""
        active = self.alertmanager.active()
        others = {found for found in active - {(alert, service)} if found[0] not in before}
        if others:
            raise AssertionError(f"{others} are told, and only {alert} should be")
        return active

    def runbook(self, alert):
        """As it is rendered for the alert that fires now."""
        return subprocess.run([PROGRAM, "runbook", alert, "--alertmanager", self.alertmanager.url,
                               "-o", "markdown"], check=True, stdout=subprocess.PIPE, text=True).stdout

    def follow(self, alert):
        """Runs what its runbook says to run, and looks for what it says to expect; how many."""
        blocks = BLOCK.findall(self.runbook(alert))
        for kind, text, expected in blocks:
            if re.search(r"<[a-z_]+>", text):
                raise AssertionError(f"the runbook of {alert} lacks a value: {text}")
            if kind == "promql":
                rows = self.prometheus.query(text)
                if not rows:
                    raise AssertionError(f"the runbook of {alert}: this has no answer: {text}")
                continue
            done = subprocess.run(["bash", "-c", text], env=self.environment, cwd=self.folder, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
            if not expected or not re.search(expected, done.stdout):
                raise AssertionError(f"the runbook of {alert}: {text}says {done.stdout!r}, not {expected!r}")
        return len(blocks)

    def look_at(self, engine):
        """The ClickHouse that the next runbook speaks of."""
        self.environment["CLICKHOUSE"] = engine.url
        return self

    def drill(self, runbook, alert, service, fault, promise, inject, heal, before=()):
        """`promise`: seconds in which it must be told, as windows are here; `before`: alerts that the same
        fault rightly has too, and sooner."""
        self.calm()
        begun = time.monotonic()
        try:
            inject()
            wait_until(f"{alert} of {service} is told",
                       lambda: (alert, service) in self.told(alert, service, before), promise)
            seen = time.monotonic() - begun
            steps = self.follow(alert)
            if not steps:
                raise AssertionError(f"the runbook {runbook} has nothing that a drill runs")
        finally:
            heal()
        healed = time.monotonic()
        wait_until(f"{alert} of {service} is over", lambda: not self.told(alert, service, before),
                   OVER_SECONDS / self.scale)
        result = {"runbook": runbook, "fault": fault, "promise": promise, "scale": self.scale,
                  "seen": round(seen, 1), "steps": steps,
                  "resolved": round(time.monotonic() - healed, 1)}
        print(result)
        if self.results:
            with open(self.results, "a") as file:
                file.write(json.dumps(result) + "\n")
