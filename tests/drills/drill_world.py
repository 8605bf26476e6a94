# SPDX-License-Identifier: Apache-2.0
"""What a fault drill watches: the agent, a Prometheus with the rules that `plumbline generate` wrote of
the drills' manifests, and an Alertmanager with its routes. Their windows are sixty times shorter, as the
head of each rule file says: a rule that waits ten minutes waits ten seconds."""

import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from kafka_server import JAVA
from servers import PROGRAM, Server, free_port, http_get, wait_until

SCALE = 60
# What the rules' windows remember: three days in which nothing was wrong, five minutes by five minutes.
HISTORY_STEPS = 3 * 24 * 12 + 2
EVENTS_A_STEP = 5
# The names of Kafka's tools as its distribution has them.
KAFKA_TOOLS = {"kafka-consumer-groups.sh": "groups", "kafka-topics.sh": "topics", "kafka-configs.sh": "configs",
               "kafka-transactions.sh": "transactions", "kafka-get-offsets.sh": "offsets"}


class Prometheus(Server):
    """Debian's, with rules; it scrapes `agents`, {instance: host:port}, every second."""

    def __init__(self, agents, rules, alertmanager, history, scale):
        super().__init__()
        self.port = free_port()
        (self.path / "prometheus.yaml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [f"{rules}/*.yml"],
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
            "scrape_configs": [{"job_name": "plumbline", "static_configs": [
                {"targets": [address], "labels": {"instance": name}} for name, address in agents.items()]}]}))
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


def history(rules, scale, spent):
    """What the recording rules of every objective would have recorded before now; `spent`: of an objective
    the bad events two days ago, when anything was bad at all."""
    slos = sorted({slo for path in rules.glob("*.yml") for slo in re.findall(r'slo: "(\S+)"', path.read_text())})
    step = 300 // scale
    end = int(time.time()) // step * step - step
    times = range(end - HISTORY_STEPS * step, end, step)
    # The newest at the pace at which rules are evaluated now: they blink once before the first scrape.
    dense = [*times[:-10], *range(times[-10], end)]
    lines = []
    for name, value in (("slo:events_all:sum5m", EVENTS_A_STEP), ("slo:events_bad:sum5m", 0), ("slo:seen:bool", 1)):
        lines.append(f"# TYPE {name} gauge")
        for slo in slos:
            bad = spent.get(slo, 0) if "bad" in name else 0
            lines += [f'{name}{{slo="{slo}"}} {bad if at == times[len(times) // 3] and bad else value} {at}'
                      for at in (dense if "seen" in name else times)]
    return "\n".join([*lines, "# EOF", ""])


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

    def __init__(self, case, agent, manifests, kafka=None, clickhouse=None, scale=SCALE, spent=None):
        self.scale = scale
        self.folder = Path(case.enterClassContext(tempfile.TemporaryDirectory(prefix="plumbline-drill-")))
        self.agent = agent
        out = generate(self.folder, manifests, scale)
        self.alertmanager = case.enterClassContext(Alertmanager(out / "alertmanager/alertmanager.yml"))
        agent.wait_collecting()
        address = agent.url("").removeprefix("http://")
        self.prometheus = case.enterClassContext(Prometheus(
            {"node-1": address}, out / "prometheus/rules", self.alertmanager.address,
            history(out / "prometheus/rules", scale, spent or {}), scale))
        write_tools(self.folder / "bin", kafka)
        self.environment = {
            **os.environ, "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "PROMETHEUS": self.prometheus.url, "ALERTMANAGER": self.alertmanager.url, "AGENT": agent.url(""),
            "BROKERS": kafka.address() if kafka else "", "CLICKHOUSE": clickhouse.url if clickhouse else ""}
        wait_until("no alert is near", lambda: self.prometheus.query("up == 1") and not self.prometheus.query("ALERTS"))
        self.results = Path(os.environ["PLUMBLINE_DRILLS"]) if "PLUMBLINE_DRILLS" in os.environ else None

    def calm(self):
        wait_until("no alert is active", lambda: not self.alertmanager.active(), 90)

    def wait_alert(self, alert, service, within, before):
        """Until it is active, and nothing else but what may come before it."""
        def told():
            active = self.alertmanager.active()
            others = {found for found in active - {(alert, service)} if found[0] not in before}
            if others:
                raise AssertionError(f"{others} are told, and only {alert} should be")
            return (alert, service) in active
        wait_until(f"{alert} of {service} is told", told, within)

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
        fault rightly has, and sooner."""
        self.calm()
        begun = time.monotonic()
        inject()
        try:
            self.wait_alert(alert, service, promise, before)
            seen = time.monotonic() - begun
            steps = self.follow(alert)
            if not steps:
                raise AssertionError(f"the runbook {runbook} has nothing that a drill runs")
        finally:
            heal()
        healed = time.monotonic()
        self.calm()
        result = {"runbook": runbook, "fault": fault, "promise": promise, "scale": self.scale,
                  "seen": round(seen, 1), "steps": steps,
                  "resolved": round(time.monotonic() - healed, 1)}
        print(result)
        if self.results:
            with open(self.results, "a") as file:
                file.write(json.dumps(result) + "\n")
