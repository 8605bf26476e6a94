# SPDX-License-Identifier: Apache-2.0
"""No panel says No data: a real agent with eBPF looks at this machine, a ClickHouse and a Kafka; a real
Prometheus scrapes it and evaluates the generated rules; then every query of every panel is asked, for
"All" and for every value of every variable."""

import re
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

from boards import everything, expand, load, panels, quoted_pattern, variables
from clickhouse_server import OldClickHouse, QueryError
from kafka_server import Kafka
from servers import PROGRAM, ROOT, Agent, Collector, Prometheus, free_port, wait_until

TOPIC, GROUP = "user.events.v2", "ingest-prod"  # of the manifest
# Panels that need what no machine of a test has for certain, and what that is.
NEEDS = {
    "Temperature": "a sensor",
    "Disks used": "ClickHouse 19.15",
    "Disk used": "a right that a broker may refuse",
    "Time requests take": "a disk of its own",
    "Time disk requests take": "a disk of its own",
    "Bytes read and written": "a disk of its own",
    "Disks with something to do": "a disk of its own",
    "Restarts of containers": "a kubelet",
    "Time in which a task waited for a CPU": "PSI, of groups too",
    "Time in which a task waited for memory": "PSI",
    "Time in which a task waited for a disk": "PSI",
    "Longest wait": "PSI",
    "Memory": "ClickHouse that tracks it",
    "Dearest queries": "ClickHouse that tells the shape of a query",
    "Rows inserted": "ClickHouse that tells the table of an insert",
    "Data waits for the application": "a probe that is off unless it is asked for",
}
# Choices that only pods give.
OF_PODS = {"namespace", "team"}
# Lists the groups whose CPU time is measured; the kernel's probes tell of others too, under All only.
LISTS_FEWER = {"group"}
VALUES_MAX = 20  # of a variable


class Traffic(threading.Thread):
    """Writes and reads until it is told to stop."""

    def __init__(self, clickhouse, kafka):
        super().__init__(daemon=True)
        self.clickhouse, self.kafka = clickhouse, kafka
        self.stopped = threading.Event()
        self.consumer = subprocess.Popen(["kcat", "-q", "-b", kafka.address(), "-G", GROUP, TOPIC],
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run(self):
        while not self.stopped.wait(0.2):
            self.clickhouse.query("INSERT INTO default.events VALUES (1, 1), (2, 2)")
            self.clickhouse.query("SELECT sum(a) FROM default.events")
            try:
                self.clickhouse.query("SELECT nothing FROM default.events")
            except QueryError:
                pass
            self.kafka.produce(TOPIC, range(50))

    def end(self):
        self.stopped.set()
        self.join()
        self.consumer.kill()
        self.consumer.wait()


def rules_of_minutes(folder):
    """The generated rules with the windows of weeks cut to a minute, for a test does not last weeks."""
    subprocess.run([PROGRAM, "generate", ROOT / "tests/golden/manifest/platform.yaml", "--out", folder],
                   check=True, stdout=subprocess.DEVNULL)
    rules = sorted((Path(folder) / "prometheus/rules").iterdir())
    for path in rules:
        text = re.sub(r"interval: \w+", "interval: 1s", path.read_text())
        path.write_text(re.sub(r"\[\w+:5m\]", "[1m:1s]", text))
    return rules


class NoData(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        clickhouse = cls.enterClassContext(OldClickHouse())
        clickhouse.query("CREATE TABLE default.events (p UInt8, a UInt64) ENGINE = MergeTree ORDER BY a")
        kafka = cls.enterClassContext(Kafka())
        kafka.create_topic(TOPIC, 3)
        kafka.create_topic("user.events.v2.dlq")
        kafka.produce("user.events.v2.dlq", range(3))
        traffic = Traffic(clickhouse, kafka)
        traffic.start()
        cls.addClassCleanup(traffic.end)
        collector = cls.enterClassContext(Collector(signals=("metrics", "logs", "traces"), unread=("only",)))
        port = free_port()
        agent = cls.enterClassContext(Agent({
            "listen": f"127.0.0.1:{port}",
            "otlp": [{"endpoint": collector.endpoint("grpc")}],
            "clickhouse": [{"url": clickhouse.url}],
            "kafka_clusters": [{"name": "main", "brokers": [kafka.address()]}],
            "collectors": {"clickhouse": {"period": "1s"}, "kafka": {"period": "1s"}}}))
        cls.prometheus = cls.enterClassContext(
            Prometheus({"plumbline": f"127.0.0.1:{port}"}, rules_of_minutes(folder)))
        agent.wait_collecting()
        cls.boards = load()

    def has_data(self, expression):
        result = self.prometheus.query("query", query=expression)["result"]
        return any(sample["value"][1] != "NaN" for sample in result)

    def queries(self, board):
        for panel in panels(board):
            for target in panel["targets"]:
                yield panel, target["expr"]

    def values(self, board, variable):
        series, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["query"]).groups()
        found = self.prometheus.query(f"label/{label}/values", **{"match[]": expand(series, everything(board))})
        return [value for value in found if value][:VALUES_MAX]

    def empty(self):
        """Queries for "All" that have no data though nothing says why."""
        return [(board["title"], panel["title"], expression) for board in self.boards
                for panel, expression in self.queries(board)
                if not panel["fieldConfig"]["defaults"]["noValue"].startswith("None")
                and panel["title"] not in NEEDS
                and not self.has_data(expand(expression, everything(board)))]

    def test_every_query_has_data_for_all_and_for_some_value_of_each_variable(self):
        empty = []

        def none_is_empty():
            empty[:] = self.empty()
            return not empty
        try:
            wait_until("every query has data", none_is_empty)
        except AssertionError:
            self.fail("no data:\n" + "\n".join(map(str, empty)))
        asked = 0
        for board in self.boards:
            full = everything(board)
            with_data = [expression for _, expression in self.queries(board) if self.has_data(expand(expression, full))]
            for variable in variables(board):
                name = variable["name"]
                values = self.values(board, variable)
                if name not in OF_PODS:
                    self.assertTrue(values, f"{board['title']}: {name} has no values")
                found = set()
                for value in values:
                    chosen = full | {name: quoted_pattern(value)}
                    some = {expression for expression in with_data
                            if f"${name}" in expression and self.has_data(expand(expression, chosen))}
                    asked += len(with_data)
                    self.assertTrue(some, f"{board['title']}: nothing is known of {name}={value}")
                    found |= some
                if 0 < len(values) < VALUES_MAX and name not in LISTS_FEWER:
                    self.assertEqual([one for one in with_data if f"${name}" in one and one not in found], [],
                                     f"{board['title']}: no value of {name} has what All has")
        print(f"{len(self.boards)} boards, {sum(1 for board in self.boards for _ in self.queries(board))} queries "
              f"for All, {asked} for single values")

    def test_few_panels_rest_on_good_news(self):
        """Else "None" would excuse a query that can never have data."""
        every = [(board, expression) for board in self.boards for _, expression in self.queries(board)]

        def most_have_data():
            there = sum(self.has_data(expand(expression, everything(board))) for board, expression in every)
            return there / len(every) > 0.75
        wait_until("three of four queries have data", most_have_data)

    def test_marks_and_choices_are_understood(self):
        for board in self.boards:
            for mark in board["annotations"]["list"]:
                self.prometheus.query("query", query=expand(mark["expr"], everything(board)))


if __name__ == "__main__":
    unittest.main()
